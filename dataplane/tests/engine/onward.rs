//! Routes that lead to another table, as through a router with tables of its own.

use crate::network::*;
use dataplane::packet::View;
use dataplane::pipeline::Engine;
use std::sync::Arc;
use wire::*;

/// Routes all packets from inside through a second table, whose only route has this next hop.
fn led_to(engine: &Engine, next_hop: NextHop) {
    let row = |next_hop, hop| {
        let prefix = "0.0.0.0/0".parse().unwrap();
        vec![Route { prefix, from: INSIDE, next_hop, mtu: None, hop }]
    };
    let first = Entry::Table(TableId(1), row(NextHop::Forward(TableId(7)), Hop::Silent));
    let second = Entry::Table(TableId(7), row(next_hop, Hop::Invisible));
    let update = Update { version: 2, whole: false, changes: vec![Change::Set(first), Change::Set(second)] };
    engine.publish(Arc::new(engine.snapshot().apply(&update).unwrap()));
}

#[test]
fn a_packet_is_led_on_and_delivered() {
    let engine = engine(&[open(Traffic::Udp(53..=53))]);
    led_to(&engine, NextHop::Deliver(INSIDE));
    let (to, bytes) = send(&engine, A, udp(A, address(B), (1000, 53), 10)).unwrap();
    assert_eq!((to, View::parse(&bytes).unwrap().ttl), (B, 63), "the router decrements the time to live");
    led_to(&engine, NextHop::Translate(NatId(1)));
    let (to, bytes) = send(&engine, A, udp(A, address(SERVER), (1001, 53), 10)).unwrap();
    assert_eq!((to, View::parse(&bytes).unwrap().ttl), (SERVER, 61), "the NAT and the edge decrement it too");
    assert_eq!(tuple(&bytes).source, PUBLIC);
}

#[test]
fn routers_in_a_row_decrement_once_each_and_are_limited() {
    let engine = engine(&[open(Traffic::Udp(53..=53))]);
    let chain = |tables: u32| {
        led_to(&engine, NextHop::Forward(TableId(100)));
        let row = |next_hop| {
            let prefix = "0.0.0.0/0".parse().unwrap();
            vec![Route { prefix, from: INSIDE, next_hop, mtu: None, hop: Hop::Silent }]
        };
        let led_on = |table| Entry::Table(TableId(table), row(NextHop::Forward(TableId(table + 1))));
        let last = Entry::Table(TableId(99 + tables), row(NextHop::Deliver(INSIDE)));
        let changes = (100..99 + tables).map(led_on).chain([last]).map(Change::Set).collect();
        let update = Update { version: 3, whole: false, changes };
        engine.publish(Arc::new(engine.snapshot().apply(&update).unwrap()));
        send(&engine, A, udp(A, address(B), (1000 + tables as u16, 53), 10))
    };
    // `led_to` has one table of its own.
    let most = MOST_TABLES as u32 - 1;
    let (to, bytes) = chain(most).unwrap();
    assert_eq!((to, u32::from(View::parse(&bytes).unwrap().ttl)), (B, 64 - 1 - most));
    assert_eq!(chain(most + 1).map(|(to, _)| to), Err(DropReason::Blackhole));
}

#[test]
fn a_second_table_leads_over_no_edge_to_no_service_and_in_no_circle() {
    let engine = engine(&[open(Traffic::Any)]);
    for next_hop in [
        NextHop::Edge(OUTSIDE),
        NextHop::Service(OUTSIDE, None),
        NextHop::Forward(TableId(7)),
        NextHop::Forward(TableId(1)),
        NextHop::Blackhole,
    ] {
        led_to(&engine, next_hop);
        let sent = send(&engine, A, udp(A, address(SERVER), (1000, 53), 10));
        assert_eq!(sent.map(|(to, _)| to), Err(DropReason::Blackhole), "{next_hop:?}");
    }
    led_to(&engine, NextHop::Forward(TableId(8)));
    let sent = send(&engine, A, udp(A, address(B), (1000, 53), 10));
    assert_eq!(sent.map(|(to, _)| to), Err(DropReason::NoRoute), "there is no such table");
}
