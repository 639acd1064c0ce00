//! Networks of any size as tables: hosts in one address space, every host under one rule set.

use dataplane::environment::{Environment, Seed};
use dataplane::flow::FlowTable;
use dataplane::pipeline::Engine;
use dataplane::policy::Snapshot;
use ipnet::Ipv4Net;
use std::net::Ipv4Addr;
use std::sync::Arc;
use wire::*;

/// The address space of all hosts.
pub const VRF: VrfId = VrfId(1);
/// The rule set of all hosts, and the group they are in.
pub const FILTER: FilterId = FilterId(1);
/// The route table of all hosts.
pub const TABLE: TableId = TableId(1);

/// How large a network is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    /// Hosts, at least 2.
    pub hosts: u32,
    /// Rules in the rule set, at least 1. The last one lets the members of the hosts' group in.
    pub rules: u32,
    /// Routes in the hosts' table, at least 1. One of them leads to the hosts.
    pub routes: u32,
    /// The capacity of the flow table.
    pub flows: u32,
}

impl Default for Size {
    fn default() -> Self {
        Self { hosts: 10, rules: 10, routes: 10, flows: 1 << 23 }
    }
}

/// The address of a host: from 10.0.0.1 on.
pub fn address(host: u32) -> Ipv4Addr {
    Ipv4Addr::from_bits(0x0a00_0001 + host)
}

/// The port of a host. The first number is the port of services.
pub fn port_of(host: u32) -> PortId {
    PortId(SERVICES.0 + 1 + host)
}

/// An engine with a network of this size in force.
///
/// # Panics
/// If the tables contradict each other, which they do not, or there is no memory.
pub fn engine(size: Size) -> Engine {
    // The same hash seed in every run, so that counts can be compared.
    let environment = Environment { seed: Seed::new(1), ..Environment::system() };
    match FlowTable::new(size.flows, environment.seed.clone()) {
        Ok(flows) => {
            // One host may begin all of them.
            let engine = Engine::with_flows(flows.with_share(size.flows), environment);
            engine.publish(Arc::new(snapshot(size)));
            engine
        }
        Err(error) => panic!("no memory for {} flows: {error}", size.flows),
    }
}

/// A network of this size, compiled.
///
/// # Panics
/// As [`engine`].
pub fn snapshot(size: Size) -> Snapshot {
    match Snapshot::empty().apply(&update(size)) {
        Ok(snapshot) => snapshot,
        Err(error) => panic!("the bench's network is wrong: {error}"),
    }
}

/// A network of this size, as a controller sends it.
pub fn update(size: Size) -> Update {
    let mut changes = vec![Change::Set(Entry::Table(TABLE, routes(size.routes))), set_rules(size.rules)];
    for host in 0..size.hosts {
        changes.push(Change::Set(Entry::Port(port_of(host), port(host))));
        changes.push(Change::Set(Entry::Attachment(AttachmentId(host), attachment(host))));
        changes.push(Change::Set(Entry::Address(VRF, address(host), Endpoint::Own(AttachmentId(host)))));
    }
    Update { version: 1, whole: true, changes }
}

/// The change that gives the rule set this many rules.
pub fn set_rules(count: u32) -> Change {
    Change::Set(Entry::Filter(FILTER, Filter { ingress: rules(count), egress: vec![everything(Ipv4Net::default())] }))
}

/// Rules of which only the last one concerns the hosts: it names their group. The others are for single addresses outside.
pub fn rules(count: u32) -> Vec<Rule> {
    let outside = (1..count).map(|number| Rule {
        id: RuleId(number.into()),
        traffic: Traffic::Tcp(443..=443),
        peer: Peer::Net(Ipv4Net::from(Ipv4Addr::from_bits(0xc000_0000 + number * 7))),
    });
    let inside = Rule { id: RuleId(0), traffic: Traffic::Any, peer: Peer::Group(GroupId(1)) };
    outside.chain([inside]).collect()
}

/// Routes of which only the last one leads to the hosts.
pub fn routes(count: u32) -> Vec<Route> {
    let outside = (1..count).map(|number| Route {
        // Lengths from 19 to 28, mixed; distinct because the first 19 bits have the number.
        prefix: Ipv4Net::new_assert(Ipv4Addr::from_bits(0x8000_0000 + (number << 13)), 19 + (number % 10) as u8)
            .trunc(),
        from: VRF,
        next_hop: NextHop::Blackhole,
        mtu: None,
        hop: Hop::Invisible,
    });
    let inside = Route {
        prefix: Ipv4Net::new_assert(Ipv4Addr::new(10, 0, 0, 0), 8),
        from: VRF,
        next_hop: NextHop::Deliver(VRF),
        mtu: None,
        hop: Hop::Invisible,
    };
    outside.chain([inside]).collect()
}

fn everything(net: Ipv4Net) -> Rule {
    Rule { id: RuleId(0), traffic: Traffic::Any, peer: Peer::Net(net) }
}

fn port(host: u32) -> Port {
    Port {
        host: format!("host-{host}"),
        interface: 0,
        boot: 0,
        kind: PortKind::Offload,
        mtu: 1500,
        addresses: vec![Ipv4Net::from(address(host))],
        table: TABLE,
        router: Ipv4Addr::new(169, 254, 1, 1),
    }
}

fn attachment(host: u32) -> Attachment {
    Attachment {
        port: port_of(host),
        vrf: VRF,
        addresses: Few::from_iter([address(host)]),
        public: Vec::new(),
        filters: Some(Few::from_iter([FILTER])),
        groups: Few::from_iter([GroupId(1)]),
        segment: None,
        source_check: true,
        accounted: false,
    }
}
