//! Time and memory of a thousand hosts (`HOSTS` sets the number): made, updated, idle, released, taken over, removed.
//!
//! `cargo bench -p benches --bench hosts`

#![allow(clippy::unwrap_used)] // A measurement that cannot go on should stop here.

#[path = "../../dataplane/tests/support/mod.rs"]
mod support;

use dataplane::agent::Agent;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};
use std::{env, fs, thread};
use support::{Sandbox, carry_out, changes, port};
use wire::Update;

/// The workers' processor time in seconds, which is meaningful on a busy machine too.
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

/// This process's memory in KiB.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_ascii_whitespace().nth(1).unwrap().parse().unwrap()
}

fn main() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[]);
    let count: u16 = env::var("HOSTS").map_or(1000, |count| count.parse().unwrap());
    let ports: Vec<_> =
        (0..count).map(|i| port(&format!("h{i}"), Ipv4Addr::from(0x0a00_0001 + u32::from(i)))).collect();
    let before = resident();
    let apply = |agent: &mut Agent, version, changes| {
        let start = Instant::now();
        carry_out(agent, Update { version, whole: true, changes });
        start.elapsed()
    };
    println!("made in {:?}", apply(&mut agent, 2, changes(&ports)));
    println!("{} KiB for each", (resident() - before) / u64::from(count));
    println!("updated in {:?}", apply(&mut agent, 3, changes(&ports)));
    let used = worker_seconds();
    thread::sleep(Duration::from_secs(3));
    println!("idle workers use {:.3} % of a core", (worker_seconds() - used) / 3.0 * 100.0);
    let start = Instant::now();
    drop(agent);
    println!("released in {:?}", start.elapsed());
    let mut agent = Agent::start(&sandbox.config()).unwrap();
    println!("taken over in {:?}", apply(&mut agent, 2, changes(&ports)));
    println!("removed in {:?}", apply(&mut agent, 4, Vec::new()));
}
