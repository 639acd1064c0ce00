//! The state that workers share without a lock, in every interleaving that loom finds with a few preemptions.

use super::*;
use crate::packet::Header;
use loom::sync::Arc;
use loom::thread;
use std::net::Ipv4Addr;
use wire::{AttachmentId, UDP};

fn limits(mtu: u16) -> Limits {
    Limits { mtu, hops: 1 }
}

fn flow(client: u16) -> Flow {
    let sent = FiveTuple {
        source: Ipv4Addr::new(10, 0, 0, client as u8),
        destination: Ipv4Addr::new(10, 0, 0, 9),
        protocol: UDP,
        source_port: client,
        destination_port: 80 + client,
    };
    let path = Path {
        by: AttachmentId(client.into()),
        to: AttachmentId(9),
        port: PortId(u32::from(client) + 100),
        limits: limits(client),
        sent,
        delivered: sent,
        nat: None,
        leaves_segment: false,
    };
    Flow::new(PortId(client.into()), &Header::first_of(sent), path, [true; 2], client.into())
}

fn model(with: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(with);
}

/// One worker looks a flow up while another removes it and puts a second one into its slot.
#[test]
fn a_hit_is_all_of_one_flow() {
    model(|| {
        let table = Arc::new(FlowTable::new(1, Seed::new(0)).unwrap());
        table.insert(&flow(1), 1, limits(1), false).unwrap();
        let other = Arc::clone(&table);
        let changing = thread::spawn(move || {
            // The table is full and nobody has answered the first flow, so it makes room.
            other.insert(&flow(2), 1, limits(2), false).unwrap();
        });
        for known in [flow(1), flow(2)] {
            let key = known.key(Side::Forward);
            if let Some(hit) = table.find(&key, table.hash(&key)) {
                let there = known.key(Side::Reply);
                let limits = limits(known.keys[0].tuple.source_port);
                let forwarding = Forwarding { port: there.port, delivered: there.tuple.reversed(), limits };
                assert_eq!(hit.allowed(1), Some(forwarding));
                assert_eq!(hit.activity().last, known.activity.last);
            }
        }
        changing.join().unwrap();
    });
}

/// A packet updates the flow it belongs to, or none.
#[test]
fn a_packet_updates_no_other_flow() {
    model(|| {
        let table = Arc::new(FlowTable::new(1, Seed::new(0)).unwrap());
        table.insert(&flow(1), 1, limits(1), false).unwrap();
        let key = flow(1).key(Side::Reply);
        let hit = table.find(&key, table.hash(&key)).unwrap();
        let other = Arc::clone(&table);
        let changing = thread::spawn(move || {
            other.remove(hit.entry());
            other.insert(&flow(2), 1, limits(2), false).unwrap();
        });
        table.touch(hit.entry(), hit.side, 0, 50);
        changing.join().unwrap();
        let (_, now, _) = table.get(&flow(2).keys[0]).unwrap();
        assert_eq!(now, flow(2));
    });
}

/// Two workers update a flow at once, and neither update is lost.
#[test]
fn updates_of_both_sides_are_kept() {
    model(|| {
        let table = Arc::new(FlowTable::new(1, Seed::new(0)).unwrap());
        table.insert(&flow(1), 1, limits(1), false).unwrap();
        let [forward, reply] = flow(1).keys;
        let hit = table.find(&reply, table.hash(&reply)).unwrap();
        let other = Arc::clone(&table);
        let answering = thread::spawn(move || other.touch(hit.entry(), hit.side, 0, 60));
        let hit = table.find(&forward, table.hash(&forward)).unwrap();
        table.touch(hit.entry(), hit.side, 0, 50);
        answering.join().unwrap();
        let state = table.get(&forward).unwrap().1.activity().state;
        assert!(matches!(state, super::super::State::UdpAnswered | super::super::State::UdpStream), "{state:?}");
    });
}

/// One worker sets the path of a flow's replies while another looks the flow up: it sees the whole path or none.
#[test]
fn a_path_is_seen_whole() {
    model(|| {
        let table = Arc::new(FlowTable::new(1, Seed::new(0)).unwrap());
        table.insert(&flow(1), 1, limits(1), false).unwrap();
        let [forward, reply] = flow(1).keys;
        let (entry, begun, _) = table.get(&reply).unwrap();
        let there = begun.path(Side::Forward).unwrap();
        let back = Path {
            by: there.to,
            to: there.by,
            port: forward.port,
            limits: limits(7),
            sent: reply.tuple,
            delivered: forward.tuple.reversed(),
            nat: Some(wire::NatId(3)),
            leaves_segment: true,
        };
        let other = Arc::clone(&table);
        let allowing = thread::spawn(move || other.allow(entry, Side::Reply, &back, 1));
        if let Some((_, seen, _)) = table.get(&reply) {
            assert!(seen.path(Side::Reply).is_none_or(|path| path == Path { limits: Limits::NONE, ..back }));
        }
        let hit = table.find(&reply, table.hash(&reply)).unwrap();
        assert!(hit.allowed(1).is_none_or(|forwarding| forwarding.limits == limits(7)));
        allowing.join().unwrap();
    });
}
