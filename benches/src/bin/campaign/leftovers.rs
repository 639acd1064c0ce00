//! Leftovers: namespaces, processes and files that a system leaves on the machine after it has ended.

use scenarios::cloud::system::System;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Where `ip netns` looks for namespaces.
const NAMESPACES: &str = "/run/netns";
/// Files that stay in the state directory on purpose: the store and the files beside it, flow logs, the key of identity
/// documents, and the mark of the system's namespaces.
const KEPT: [&str; 4] = ["cloud", "flow-logs", "identity.pem", "mark"];
/// The time limit for a process to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// The machine before the system started.
pub struct Leftovers {
    namespaces: BTreeSet<String>,
}

impl Leftovers {
    /// Notes the namespaces that exist before the system starts.
    pub fn before() -> Self {
        Self { namespaces: namespaces() }
    }

    /// The namespaces of these hosts, the processes and the files that still exist after the system has ended.
    pub fn after(&self, system: &System, hosts: &[String]) -> Vec<String> {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = self.left(system.state(), hosts);
            if left.is_empty() || Instant::now() > until {
                return left;
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn left(&self, state: &Path, hosts: &[String]) -> Vec<String> {
        let new = namespaces().into_iter().filter(|name| !self.namespaces.contains(name));
        // Other systems may run on the machine.
        let own = new.filter(|name| hosts.iter().any(|host| name.contains(host.as_str())));
        let own = own.map(|name| format!("namespace {name}"));
        let processes = processes(state).into_iter().map(|line| format!("process {line}"));
        own.chain(processes).chain(files(state)).collect()
    }
}

/// The names of all namespaces that `ip netns` knows.
pub fn namespaces() -> BTreeSet<String> {
    names(Path::new(NAMESPACES)).into_iter().collect()
}

/// The hosts that a system has marked as its own, except the platform's, whose names begin with a dash.
pub fn marks(state: &Path) -> Vec<String> {
    names(&state.join("hosts")).into_iter().filter(|name| !name.starts_with('-')).collect()
}

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

/// The command lines that name the state directory.
fn processes(state: &Path) -> Vec<String> {
    let state = state.to_string_lossy();
    let line = |pid: String| {
        pid.parse::<u32>().ok()?;
        let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).ok()?.replace('\0', " ");
        line.contains(&*state).then(|| format!("{pid}: {}", line.trim()))
    };
    names(Path::new("/proc")).into_iter().filter_map(line).collect()
}

/// Files in the state directory that should not stay there, marks of hosts among them.
fn files(state: &Path) -> Vec<String> {
    let kept = |name: &String| KEPT.iter().any(|kept| name.starts_with(kept));
    let mut left = Vec::new();
    for name in names(state).into_iter().filter(|name| !kept(name)) {
        let path = state.join(&name);
        if path.is_dir() {
            left.extend(names(&path).into_iter().map(|inner| format!("file {name}/{inner}")));
        } else {
            left.push(format!("file {name}"));
        }
    }
    left
}
