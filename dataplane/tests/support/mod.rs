//! What tests on real namespaces share.

#![allow(dead_code)] // Each test binary uses its own part.

use dataplane::host::{Hosts, clean_up, within};
use dataplane::policy::{Port, PortKind, TableId};
use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use tempfile::TempDir;

/// Directories of our own for namespaces and markers; everything goes when it is dropped.
pub struct Sandbox {
    directory: TempDir,
}

impl Sandbox {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let sandbox = Self { directory };
        let probe = port("probe", Ipv4Addr::new(10, 255, 255, 254));
        if let Err(error) = sandbox.hosts(1).open(&probe) {
            panic!("this test needs real network namespaces and TUN interfaces (run it as root): {error}");
        }
        sandbox.hosts(1).remove("probe").expect("take the probe away");
        sandbox
    }

    pub fn hosts(&self, queues: usize) -> Hosts {
        Hosts::new(&self.netns_dir(), &self.hosts_dir(), queues).expect("the directories of hosts")
    }

    pub fn netns_dir(&self) -> PathBuf {
        self.directory.path().join("netns")
    }

    pub fn hosts_dir(&self) -> PathBuf {
        self.directory.path().join("hosts")
    }

    pub fn socket(&self) -> PathBuf {
        self.directory.path().join("dataplane.sock")
    }

    /// Runs `work` inside a host.
    pub fn inside<T: Send>(&self, host: &str, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        within(&self.netns_dir().join(host), work)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Err(error) = clean_up(&self.netns_dir(), &self.hosts_dir()) {
            eprintln!("cannot clean up: {error}");
        }
    }
}

/// An offload port with one address.
pub fn port(host: &str, address: Ipv4Addr) -> Port {
    Port {
        host: host.to_owned(),
        kind: PortKind::Offload,
        mtu: 1500,
        addresses: vec![format!("{address}/32").parse().expect("an address")],
        table: TableId(1),
        router: Ipv4Addr::new(169, 254, 1, 1),
    }
}
