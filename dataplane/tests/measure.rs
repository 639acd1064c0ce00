//! Measurements for whoever works on hosts or the path; not tests.
//!
//! `cargo test --release -p dataplane --test measure -- --ignored --nocapture`

#![allow(clippy::unwrap_used)] // A test that cannot go on should stop here.

mod support;

use dataplane::agent::Agent;
use dataplane::wire::{PortStatus, Reply, Request, Update};
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};
use support::{Sandbox, changes, port};

const A: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const B: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

/// CPU time that the workers have used, in seconds: fair even on a busy machine.
fn worker_seconds() -> f64 {
    let tasks = fs::read_dir("/proc/self/task").unwrap().filter_map(|task| {
        let path = task.ok()?.path();
        Some((fs::read_to_string(path.join("schedstat")).ok()?, fs::read_to_string(path.join("comm")).ok()?))
    });
    tasks
        .filter(|(_, name)| name.starts_with("worker"))
        .map(|(stat, _)| stat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9)
        .sum()
}

fn received(agent: &mut Agent) -> (u64, u64) {
    let Reply::Status(status) = agent.answer(Request::Status) else { panic!("no status") };
    let sum = |of: fn(&PortStatus) -> u64| status.ports.iter().map(of).sum();
    (sum(|port| port.received_packets), sum(|port| port.received_bytes))
}

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
    let cases = env::var("CASES").unwrap_or("-P1;-P4;-P16;-P1 --bidir;-u -b0 -l64;-u -b0 -l1400".into());
    for arguments in cases.split(';') {
        let mut command = Command::new("iperf3");
        command.args(["-c", "10.0.0.2", "-fm", "-t", &seconds]).args(arguments.split(' '));
        let (packets_before, bytes_before) = received(&mut agent);
        let before = worker_seconds();
        let output = sandbox.inside("a", || command.output()).unwrap();
        let used = worker_seconds() - before;
        let (packets, bytes) = received(&mut agent);
        let text = String::from_utf8_lossy(&output.stdout);
        let lines: Vec<_> = text.lines().filter(|line| line.contains("receiver") || line.contains("sender")).collect();
        let last = if arguments.contains("bidir") { 4 } else { 2 };
        println!(
            "{arguments}: workers used {:.3} s a gigabyte, {:.0} ns a packet",
            used * 1e9 / (bytes - bytes_before) as f64,
            used * 1e9 / (packets - packets_before) as f64,
        );
        lines.iter().skip(lines.len().saturating_sub(last)).for_each(|line| println!("    {line}"));
    }
    let ping = sandbox.inside("a", || Command::new("ping").args(["-fqc", "20000", "10.0.0.2"]).output()).unwrap();
    println!("{}", String::from_utf8_lossy(&ping.stdout));
    server.kill().unwrap();
    server.wait().unwrap();
}

/// This process's memory, in KiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
#[ignore = "a measurement: time and memory for a thousand hosts"]
fn a_thousand_hosts() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[]);
    let count: u16 = env::var("HOSTS").map_or(1000, |count| count.parse().unwrap());
    let ports: Vec<_> =
        (0..count).map(|i| port(&format!("h{i}"), Ipv4Addr::from(0x0a00_0001 + u32::from(i)))).collect();
    let before = resident();
    let apply = |agent: &mut Agent, version, changes| {
        let start = Instant::now();
        let update = Update { version, whole: true, changes };
        assert_eq!(agent.answer(Request::Apply(update)), Reply::Applied { version });
        start.elapsed()
    };
    println!("made in {:?}", apply(&mut agent, 2, changes(&ports)));
    println!("{} KiB for each", (resident() - before) / u64::from(count));
    println!("said again in {:?}", apply(&mut agent, 3, changes(&ports)));
    let used = worker_seconds();
    thread::sleep(Duration::from_secs(3));
    println!("idle workers use {:.3} % of a core", (worker_seconds() - used) / 3.0 * 100.0);
    let start = Instant::now();
    drop(agent);
    println!("let go in {:?}", start.elapsed());
    let mut agent = Agent::start(&sandbox.config()).unwrap();
    println!("taken over in {:?}", apply(&mut agent, 2, changes(&ports)));
    println!("taken away in {:?}", apply(&mut agent, 4, Vec::new()));
}
