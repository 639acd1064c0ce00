//! Throughput between two hosts by iperf3: a measurement for whoever works on the path, not a test.
//!
//! `cargo test --release -p dataplane --test measure -- --ignored --nocapture`

#![allow(clippy::unwrap_used)] // A test that cannot go on should stop here.

mod support;

use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::{env, thread, time::Duration};
use support::{Sandbox, port};

const A: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const B: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

#[test]
#[ignore = "a measurement: needs iperf3, ping and an idle machine"]
fn throughput() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A), port("b", B)]);
    let mut server = sandbox
        .inside("b", || Command::new("iperf3").arg("-s").stdout(Stdio::null()).stderr(Stdio::null()).spawn())
        .unwrap();
    thread::sleep(Duration::from_millis(500));
    let seconds = env::var("SECONDS_EACH").unwrap_or("4".into());
    for arguments in ["-P1", "-P4", "-P16", "-P1 --bidir", "-u -b0 -l64", "-u -b0 -l1400"] {
        let mut command = Command::new("iperf3");
        command.args(["-c", "10.0.0.2", "-fm", "-t", &seconds]).args(arguments.split(' '));
        let output = sandbox.inside("a", || command.output()).unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<_> = text.lines().filter(|line| line.contains("receiver") || line.contains("sender")).collect();
        let last = if arguments.contains("bidir") { 4 } else { 2 };
        println!("{arguments}");
        lines.iter().skip(lines.len().saturating_sub(last)).for_each(|line| println!("    {line}"));
    }
    let ping = sandbox.inside("a", || Command::new("ping").args(["-fqc", "20000", "10.0.0.2"]).output()).unwrap();
    println!("{}", String::from_utf8_lossy(&ping.stdout));
    println!("{:?}", agent.answer(dataplane::wire::Request::Status));
    server.kill().unwrap();
    server.wait().unwrap();
}
