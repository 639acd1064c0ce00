//! The pipeline against a slow, obvious reference, on random networks, packets, rule changes and pauses.
//!
//! `PROPTEST_CASES=10000 cargo test -p dataplane --release --test reference` runs ten thousand networks of a hundred packets each.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod model;
mod network;
mod recorded;

use dataplane::environment::Environment;
use dataplane::packet::{View, tcp};
use dataplane::pipeline::{Engine, Outcome, Packet};
use etherparse::PacketBuilder;
use model::Reference;
use network::*;
use proptest::prelude::*;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;
use wire::*;

/// The next step.
#[derive(Clone, Debug)]
enum Step {
    Send {
        from: usize,
        to: usize,
        public: bool,
        /// The indices of the sender's and the receiver's address, if they have several.
        which: [usize; 2],
        protocol: u8,
        ports: (u16, u16),
        flags: u8,
        spoof: Option<usize>,
    },
    /// Answers the nth delivered packet, or sends it once more.
    Again {
        nth: usize,
        reply: bool,
        flags: u8,
    },
    Filter(u32, Filter),
    Acl(u32, Acl),
    DefaultRoute(usize, Default),
    Wait(u64),
}

fn steps() -> impl Strategy<Value = Step> {
    let flags =
        || prop::sample::select(vec![tcp::SYN, tcp::SYN | tcp::ACK, tcp::ACK, tcp::ACK, tcp::FIN | tcp::ACK, tcp::RST]);
    let protocol = prop::sample::select(vec![TCP, TCP, UDP, ICMP, 47]);
    let send = (
        0usize..9,
        0usize..12,
        (any::<bool>(), [0usize..2, 0usize..2]),
        protocol,
        (1000u16..1003, 1u16..4),
        flags(),
        prop::option::weighted(0.1, 0usize..9),
    );
    prop_oneof![
        8 => send.prop_map(|(from, to, (public, which), protocol, ports, flags, spoof)| {
            Step::Send { from, to, public, which, protocol, ports, flags, spoof }
        }),
        12 => (any::<usize>(), prop::bool::weighted(0.7), flags()).prop_map(|(nth, reply, flags)| Step::Again { nth, reply, flags }),
        1 => (0..FILTERS, filters()).prop_map(|(id, filter)| Step::Filter(id, filter)),
        1 => (0u32..2, acls()).prop_map(|(id, acl)| Step::Acl(id, acl)),
        1 => (0usize..2, defaults()).prop_map(|(space, default)| Step::DefaultRoute(space, default)),
        1 => prop::sample::select(vec![20_000, 31_000, 130_000, 700_000]).prop_map(Step::Wait),
    ]
}

/// Both implementations.
struct Pair {
    network: Network,
    engine: Engine,
    reference: Reference,
    version: u64,
    /// The delivered packets: receiving port and 5-tuple, sending port and 5-tuple.
    delivered: Vec<(PortId, FiveTuple, PortId, FiveTuple)>,
}

impl Pair {
    fn new(network: Network) -> Self {
        let mut pair = Self {
            engine: Engine::new(100_000, Environment::fixed()).unwrap(),
            reference: Reference::default(),
            version: 0,
            delivered: vec![],
            network,
        };
        pair.apply(pair.network.changes());
        pair
    }

    fn apply(&mut self, changes: Vec<Change>) {
        self.version += 1;
        changes.iter().for_each(|change| self.reference.change(change));
        let update = Update { version: self.version, whole: false, changes };
        let next = self.engine.snapshot().apply(&update).unwrap();
        self.engine.publish(Arc::new(next));
    }

    fn destination(&self, to: usize, public: bool, which: usize) -> Ipv4Addr {
        match to.checked_sub(self.network.hosts.len()) {
            None if public => pick(&self.network.public(to), which).map_or(TRANSLATED, |(_, public)| public),
            None => self.own(to, which),
            Some(0) => Ipv4Addr::new(192, 168, 0, 77),
            Some(1) => Ipv4Addr::new(224, 0, 0, 1),
            Some(_) => Ipv4Addr::new(8, 8, 8, 8),
        }
    }

    fn own(&self, host: usize, which: usize) -> Ipv4Addr {
        pick(&self.network.own(host), which).unwrap_or_else(|| self.network.address(host))
    }

    fn step(&mut self, step: Step) {
        let hosts = self.network.hosts.len();
        match step {
            Step::Send { from, to, public, which, protocol, ports, flags, spoof } => {
                let from = from % hosts;
                let destination = self.destination(to, public, which[1]);
                let source = spoof.map_or(self.own(from, which[0]), |host| self.network.address(host % hosts));
                let (source_port, destination_port) = match protocol {
                    TCP | UDP => ports,
                    ICMP => (ports.0, 8 << 8),
                    _ => (0, 0),
                };
                let tuple = FiveTuple { source, destination, protocol, source_port, destination_port };
                self.send(Network::port(from), tuple, flags);
            }
            Step::Again { nth, reply, flags } if !self.delivered.is_empty() => {
                let (to, delivered, from, sent) = self.delivered[nth % self.delivered.len()];
                if reply { self.send(to, delivered.reversed(), flags) } else { self.send(from, sent, flags) }
            }
            Step::Again { .. } => {}
            Step::Filter(id, filter) => self.apply(vec![Change::Set(Entry::Filter(FilterId(id), filter))]),
            Step::Acl(id, acl) => self.apply(vec![Change::Set(Entry::Acl(AclId(id), acl))]),
            Step::DefaultRoute(space, default) => {
                self.network.defaults[space] = default;
                self.apply(vec![Change::Set(Entry::Table(TableId(10 + space as u32), self.network.table(space)))]);
            }
            Step::Wait(milliseconds) => {
                self.engine.advance_clock(Duration::from_millis(milliseconds));
                self.reference.now += milliseconds;
            }
        }
    }

    fn send(&mut self, port: PortId, tuple: FiveTuple, flags: u8) {
        let mut bytes = build(tuple, flags);
        let header = View::parse(&bytes).unwrap().header;
        assert_eq!(header.tuple, tuple);
        let outcome = self
            .engine
            .batch()
            .process(port, &mut Packet { bytes: &mut bytes, partial_checksum: false, segment_size: 0 });
        let engine = match outcome {
            Outcome::Forward { port, .. } => {
                let view = View::parse(&bytes).unwrap();
                Ok((port, view.header.tuple, 64 - view.ttl))
            }
            Outcome::Drop { drop, .. } => Err(drop.reason),
        };
        let chosen = engine.ok().map(|(_, tuple, _)| tuple.source_port);
        let reference = self.reference.packet(port, &header, chosen);
        assert_eq!(engine, reference, "{port} sent {tuple}, flags {flags:#x}");
        if let Ok((to, delivered, _)) = engine {
            self.delivered.push((to, delivered, port, tuple));
        }
    }
}

fn pick<T: Copy>(all: &[T], which: usize) -> Option<T> {
    all.get(which % all.len().max(1)).copied()
}

fn build(tuple: FiveTuple, flags: u8) -> Vec<u8> {
    let ip = PacketBuilder::ipv4(tuple.source.octets(), tuple.destination.octets(), 64);
    let mut bytes = Vec::new();
    match tuple.protocol {
        TCP => {
            let mut segment = ip.tcp(tuple.source_port, tuple.destination_port, 1, 1000);
            if flags & tcp::SYN != 0 {
                segment = segment.syn();
            }
            if flags & tcp::ACK != 0 {
                segment = segment.ack(1);
            }
            if flags & tcp::FIN != 0 {
                segment = segment.fin();
            }
            if flags & tcp::RST != 0 {
                segment = segment.rst();
            }
            segment.write(&mut bytes, &[])
        }
        UDP => ip.udp(tuple.source_port, tuple.destination_port).write(&mut bytes, &[]),
        ICMP if tuple.source_port == 8 << 8 => ip.icmpv4_echo_reply(tuple.destination_port, 1).write(&mut bytes, &[]),
        ICMP => ip.icmpv4_echo_request(tuple.source_port, 1).write(&mut bytes, &[]),
        other => ip.write(&mut bytes, etherparse::IpNumber(other), &[]),
    }
    .unwrap();
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn the_pipeline_decides_as_the_reference_does(network in networks(), steps in prop::collection::vec(steps(), 120)) {
        let mut pair = Pair::new(network);
        for step in steps {
            pair.step(step);
        }
    }
}
