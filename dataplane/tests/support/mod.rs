//! A sandbox for tests on real namespaces.

#![allow(dead_code)] // Each test binary uses its own part.

use dataplane::agent::{Agent, Config, FLOW_LIMIT};
use dataplane::descriptors::{Keeper, serve};
use dataplane::environment::Environment;
use dataplane::flow::default_share;
use dataplane::host::{Hosts, Namespaces, clean_up, within};
use std::io;
use std::net::Ipv4Addr;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use tempfile::TempDir;
use wire::{
    Attachment, AttachmentId, Change, Endpoint, Entry, Few, Hop, NextHop, Port, PortId, PortKind, Reply, Request,
    Route, TableId, Update, VrfId,
};

/// Temporary directories for namespaces and markers. Dropping it removes everything.
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
        sandbox.hosts(1).remove("probe").expect("remove the probe");
        sandbox
    }

    pub fn hosts(&self, queues: usize) -> Hosts {
        Hosts::new(self.namespaces(), &self.hosts_dir(), queues).expect("the directories of hosts")
    }

    /// The same, with a keeper of their queues.
    pub fn kept_hosts(&self, queues: usize) -> Hosts {
        self.hosts(queues).kept_by(Some(self.keeper()))
    }

    /// A keeper, which goes on until the test's process ends.
    pub fn keeper(&self) -> Keeper {
        let socket = self.directory.path().join("keeper.sock");
        if !socket.exists() {
            serve(UnixListener::bind(&socket).expect("a socket")).expect("a keeper");
        }
        Keeper::at(socket)
    }

    pub fn namespaces(&self) -> Namespaces {
        Namespaces { directory: self.directory.path().join("netns"), mark: "test".to_owned() }
    }

    /// Where a host's namespace is pinned.
    pub fn namespace(&self, host: &str) -> PathBuf {
        self.namespaces().path_of(host)
    }

    pub fn hosts_dir(&self) -> PathBuf {
        self.directory.path().join("hosts")
    }

    pub fn config(&self) -> Config {
        Config {
            socket: self.directory.path().join("dataplane.sock"),
            namespaces: self.namespaces(),
            hosts_dir: self.hosts_dir(),
            keeper: Some(self.keeper()),
            workers: 2,
            timeouts: Default::default(),
            flow_share: default_share(FLOW_LIMIT),
            environment: Environment::system(),
        }
    }

    /// A dataplane with these ports in one VRF, in which all traffic is allowed.
    pub fn network(&self, ports: &[Port]) -> Agent {
        let mut agent = Agent::start(&self.config()).expect("a dataplane");
        let update = Update { version: 1, whole: true, changes: changes(ports) };
        carry_out(&mut agent, update);
        agent
    }

    /// Runs `work` inside a host.
    pub fn inside<T: Send>(&self, host: &str, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        within(&self.namespace(host), work)
    }
}

/// Applies an update that must be accepted, and waits until hosts are as it says.
pub fn carry_out(agent: &mut Agent, update: Update) {
    let version = update.version;
    assert_eq!(agent.answer(Request::Apply(update)), Reply::Applied { version });
    agent.settle();
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        if let Err(error) = clean_up(self.namespaces(), &self.hosts_dir()) {
            eprintln!("cannot clean up: {error}");
        }
    }
}

/// An offload port with one address.
pub fn port(host: &str, address: Ipv4Addr) -> Port {
    Port {
        host: host.to_owned(),
        interface: 0,
        boot: 0,
        kind: PortKind::Offload,
        mtu: 1500,
        addresses: vec![format!("{address}/32").parse().expect("an address")],
        table: TableId(1),
        router: Ipv4Addr::new(169, 254, 1, 1),
    }
}

/// Ports 1, 2, … in one VRF, without any rules.
pub fn changes(ports: &[Port]) -> Vec<Change> {
    let everywhere = Route {
        prefix: "0.0.0.0/0".parse().expect("a prefix"),
        from: VrfId(1),
        next_hop: NextHop::Deliver(VrfId(1)),
        mtu: None,
        hop: Hop::Invisible,
    };
    let mut changes = vec![Change::Set(Entry::Table(TableId(1), vec![everywhere]))];
    for (id, port) in (1..).zip(ports) {
        let addresses: Vec<_> = port.addresses.iter().map(|net| net.addr()).collect();
        let attachment = Attachment {
            port: PortId(id),
            vrf: VrfId(1),
            addresses: addresses.clone().into(),
            public: Vec::new(),
            filters: None,
            groups: Few::new(),
            segment: None,
            source_check: true,
            accounted: false,
        };
        changes.push(Change::Set(Entry::Port(PortId(id), port.clone())));
        changes.push(Change::Set(Entry::Attachment(AttachmentId(id), attachment)));
        let own = Endpoint::Own(AttachmentId(id));
        changes.extend(addresses.into_iter().map(|address| Change::Set(Entry::Address(VrfId(1), address, own))));
    }
    changes
}
