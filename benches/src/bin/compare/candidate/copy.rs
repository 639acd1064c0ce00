//! The bare copy, with virtio headers or on plain TUN interfaces.

use super::{Obstacle, Process, Running, Workshop};
use measuring::Options;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

pub fn start(workshop: &Workshop, options: Options, name: &str, arguments: &[&str]) -> Result<Running, Obstacle> {
    let directory = workshop.directory.path().join(name);
    let mut command = Command::new(workshop.program("bare-copy"));
    command.arg(&directory).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = Process::start(&mut command)?;
    let mut said = String::new();
    if let Some(output) = process.0.stdout.take() {
        BufReader::new(output).read_line(&mut said)?;
    }
    if said.trim() != "ready" {
        return Err("bare-copy did not start".into());
    }
    let namespaces = directory.join("netns");
    workshop.between(&namespaces.join("copy-a"), &namespaces.join("copy-b"), options, process)
}
