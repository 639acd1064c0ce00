//! The bare copy, with virtio headers or on plain TUN interfaces.

use super::Running;
use crate::process::Process;
use crate::setup::{Obstacle, Setup};
use measuring::Options;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

pub fn start(setup: &Setup, options: Options, name: &str, arguments: &[&str]) -> Result<Running, Obstacle> {
    let directory = setup.directory.path().join(name);
    let mut command = Command::new(setup.program("bare-copy"));
    command.arg(&directory).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = Process::start(&mut command)?;
    let mut line = String::new();
    if let Some(output) = process.0.stdout.take() {
        BufReader::new(output).read_line(&mut line)?;
    }
    if line.trim() != "ready" {
        return Err("bare-copy did not start".into());
    }
    let namespaces = directory.join("netns");
    Running::between(setup, &namespaces.join("copy-a"), &namespaces.join("copy-b"), options, process)
}
