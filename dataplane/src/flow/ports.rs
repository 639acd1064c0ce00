//! Which source ports translators use towards each destination.

use super::path::FlowKey;
use crate::packet::{FiveTuple, ICMP};
use crate::policy::PortId;
use std::collections::{BTreeSet, HashMap};
use std::ops::RangeInclusive;

/// The ports that a translator gives out, as AWS's NAT gateways do.
pub const GIVEN: RangeInclusive<u16> = 1024..=u16::MAX;

/// The ports in use, by where the packets arrive and as what, but for their source port.
#[derive(Debug, Default)]
pub struct PortsInUse(HashMap<Destination, BTreeSet<u16>, foldhash::fast::RandomState>);

/// A flow's reply key without the port that tells flows to one destination apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Destination(FlowKey);

impl Destination {
    /// Where packets go that arrive at this port as this.
    pub fn of(to: PortId, delivered: FiveTuple) -> Self {
        Self(FlowKey { port: to, tuple: FiveTuple { source_port: 0, ..delivered }.reversed() })
    }

    /// Where the packets go whose replies have this key, and the source port they have.
    pub fn of_replies(mut key: FlowKey) -> (Self, u16) {
        let port = std::mem::take(&mut key.tuple.destination_port);
        (Self(key), port)
    }
}

/// Whether a flow keeps the source port it has, if that is free. An ICMP query keeps any identifier.
pub fn may_stay(tuple: &FiveTuple) -> bool {
    tuple.protocol == ICMP || GIVEN.contains(&tuple.source_port)
}

impl PortsInUse {
    /// A flow whose replies have this key begins.
    pub fn take(&mut self, replies: FlowKey) {
        let (destination, port) = Destination::of_replies(replies);
        if GIVEN.contains(&port) {
            self.0.entry(destination).or_default().insert(port);
        }
    }

    /// It ends.
    pub fn give_back(&mut self, replies: FlowKey) {
        let (destination, port) = Destination::of_replies(replies);
        if let Some(used) = self.0.get_mut(&destination) {
            used.remove(&port);
            if used.is_empty() {
                self.0.remove(&destination);
            }
        }
    }

    /// The first port from this one on, and from the first one after the last, that is not in use and `is_free`; `None` only if
    /// there is none.
    pub fn free(&self, destination: &Destination, from: u16, is_free: impl Fn(u16) -> bool) -> Option<u16> {
        let none = BTreeSet::new();
        let used = self.0.get(destination).unwrap_or(&none);
        if used.len() == GIVEN.len() {
            return None;
        }
        let mut taken = used.range(from..).chain(used.range(..from)).peekable();
        (from..=*GIVEN.end())
            .chain(*GIVEN.start()..from)
            .find(|port| taken.next_if_eq(&port).is_none() && is_free(*port))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::packet::UDP;
    use proptest::prelude::*;
    use std::net::Ipv4Addr;

    fn delivered(source_port: u16) -> FiveTuple {
        let source = Ipv4Addr::new(9, 9, 9, 9);
        FiveTuple { source, destination: Ipv4Addr::new(8, 8, 8, 8), protocol: UDP, source_port, destination_port: 53 }
    }

    fn replies(source_port: u16) -> FlowKey {
        FlowKey { port: PortId(1), tuple: delivered(source_port).reversed() }
    }

    #[test]
    fn every_port_is_given_out_once() {
        let (mut ports, destination) = (PortsInUse::default(), Destination::of(PortId(1), delivered(7)));
        let mut given = BTreeSet::new();
        for count in 0..GIVEN.len() as u32 {
            let from = GIVEN.start() + (count.wrapping_mul(40_503) % GIVEN.len() as u32) as u16;
            let port = ports.free(&destination, from, |_| true).unwrap();
            ports.take(replies(port));
            assert!(given.insert(port) && GIVEN.contains(&port), "{port}");
        }
        assert_eq!(ports.free(&destination, 2000, |_| true), None);
        assert!(ports.free(&Destination::of(PortId(2), delivered(7)), 2000, |_| true).is_some(), "another destination");
        ports.give_back(replies(60_000));
        assert_eq!(ports.free(&destination, 60_001, |_| true), Some(60_000));
        GIVEN.for_each(|port| ports.give_back(replies(port)));
        assert!(ports.0.is_empty());
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
            let found = ports.free(&Destination::of(PortId(1), delivered(0)), from, |port| port != foreign);
            prop_assert_eq!(found, expected);
        }
    }
}
