//! The source ports that NATs use towards each destination.

use super::path::FlowKey;
use crate::environment::Seed;
use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;
use wire::{FiveTuple, ICMP, PortId};

/// The source ports that a NAT chooses from, as AWS's NAT gateways do (VPC user guide, "NAT gateway basics").
pub const NAT_PORTS: RangeInclusive<u16> = 1024..=u16::MAX;

/// The ports in use.
#[derive(Debug, Default)]
pub struct PortsInUse {
    /// The ports by destination: the receiving port and the delivered 5-tuple without its source port.
    used: HashMap<Destination, BTreeSet<u16>, foldhash::fast::RandomState>,
    /// How many flows have begun. The search for a port starts at a hash of this number.
    begun: u64,
}

/// A flow's reply key, without the port that distinguishes flows to one destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Destination(FlowKey);

impl Destination {
    /// The destination of packets that are delivered to this port with this 5-tuple.
    pub fn of(to: PortId, delivered: FiveTuple) -> Self {
        Self(FlowKey { port: to, tuple: FiveTuple { source_port: 0, ..delivered }.reversed() })
    }

    /// The destination whose replies have this key, and the source port.
    pub fn of_replies(mut key: FlowKey) -> (Self, u16) {
        let port = std::mem::take(&mut key.tuple.destination_port);
        (Self(key), port)
    }
}

/// Whether a flow may keep its own source port if that is free. An ICMP query may keep any identifier.
pub fn may_keep_port(tuple: &FiveTuple) -> bool {
    tuple.protocol == ICMP || NAT_PORTS.contains(&tuple.source_port)
}

impl PortsInUse {
    /// The reply keys of the ports in use, in order, and the number of flows begun.
    pub fn image(&self) -> (Vec<FlowKey>, u64) {
        let keys = |(destination, ports): (&Destination, &BTreeSet<u16>)| {
            let key = destination.0;
            ports
                .iter()
                .map(move |port| FlowKey { tuple: FiveTuple { destination_port: *port, ..key.tuple }, ..key })
                .collect::<Vec<_>>()
        };
        let mut all: Vec<_> = self.used.iter().flat_map(keys).collect();
        all.sort_unstable_by_key(|key| (key.port, key.tuple));
        (all, self.begun)
    }

    /// Restores the ports in use.
    pub fn of_image(keys: Vec<FlowKey>, begun: u64) -> Self {
        let mut ports = Self::default();
        keys.into_iter().for_each(|key| ports.take(key));
        Self { begun: begun.min(u64::MAX / 2), ..ports }
    }

    /// Takes the port of a new flow, whose replies have this key.
    pub fn take(&mut self, replies: FlowKey) {
        let (destination, port) = Destination::of_replies(replies);
        self.begun += 1;
        if NAT_PORTS.contains(&port) {
            self.used.entry(destination).or_default().insert(port);
        }
    }

    /// Releases the port of a flow that ended.
    pub fn release(&mut self, replies: FlowKey) {
        let (destination, port) = Destination::of_replies(replies);
        if let Some(used) = self.used.get_mut(&destination) {
            used.remove(&port);
            if used.is_empty() {
                self.used.remove(&destination);
            }
        }
    }

    /// A source port that is not in use and `is_free`, for packets that are delivered to port `to` with this 5-tuple. `None`
    /// if there is none. It cannot be predicted without the seed.
    pub fn choose(&self, to: PortId, delivered: FiveTuple, seed: &Seed, is_free: impl Fn(u16) -> bool) -> Option<u16> {
        let start = seed.hash(&self.begun) as usize % NAT_PORTS.len();
        self.free_from(&Destination::of(to, delivered), NAT_PORTS.start() + start as u16, is_free)
    }

    /// The first free port from this one on, continuing from the start after the last.
    fn free_from(&self, destination: &Destination, from: u16, is_free: impl Fn(u16) -> bool) -> Option<u16> {
        let none = BTreeSet::new();
        let used = self.used.get(destination).unwrap_or(&none);
        if used.len() == NAT_PORTS.len() {
            return None;
        }
        let mut taken = used.range(from..).chain(used.range(..from)).peekable();
        (from..=*NAT_PORTS.end())
            .chain(*NAT_PORTS.start()..from)
            .find(|port| taken.next_if_eq(&port).is_none() && is_free(*port))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use wire::{Address, UDP};

    fn delivered(source_port: u16) -> FiveTuple {
        let source = Address::new(9, 9, 9, 9);
        FiveTuple { source, destination: Address::new(8, 8, 8, 8), protocol: UDP, source_port, destination_port: 53 }
    }

    fn replies(source_port: u16) -> FlowKey {
        FlowKey { port: PortId(1), tuple: delivered(source_port).reversed() }
    }

    #[test]
    fn every_port_is_chosen_once() {
        let (mut ports, destination) = (PortsInUse::default(), Destination::of(PortId(1), delivered(7)));
        let mut given = BTreeSet::new();
        for count in 0..NAT_PORTS.len() as u32 {
            let from = NAT_PORTS.start() + (count.wrapping_mul(40_503) % NAT_PORTS.len() as u32) as u16;
            let port = ports.free_from(&destination, from, |_| true).unwrap();
            ports.take(replies(port));
            assert!(given.insert(port) && NAT_PORTS.contains(&port), "{port}");
        }
        assert_eq!(ports.free_from(&destination, 2000, |_| true), None);
        assert!(
            ports.free_from(&Destination::of(PortId(2), delivered(7)), 2000, |_| true).is_some(),
            "another destination"
        );
        ports.release(replies(60_000));
        assert_eq!(ports.free_from(&destination, 60_001, |_| true), Some(60_000));
        NAT_PORTS.for_each(|port| ports.release(replies(port)));
        assert!(ports.used.is_empty());
    }

    proptest! {
        #[test]
        fn it_is_the_next_free_one(
            used in prop::collection::btree_set(prop_oneof![1024u16..1030, 65_530..=u16::MAX], 0..12),
            foreign in prop_oneof![1024u16..1030, 65_530..=u16::MAX],
            from in prop_oneof![1024u16..1030, 65_530..=u16::MAX],
        ) {
            let mut ports = PortsInUse::default();
            used.iter().for_each(|port| ports.take(replies(*port)));
            let all = (from..=u16::MAX).chain(1024..from);
            let expected = all.into_iter().find(|port| !used.contains(port) && *port != foreign);
            let found = ports.free_from(&Destination::of(PortId(1), delivered(0)), from, |port| port != foreign);
            prop_assert_eq!(found, expected);
        }
    }
}
