//! The routers that decrement the time to live, and those that answer when it ends.

use crate::network::*;
use dataplane::packet::{View, quoted_tuple, tcp};
use dataplane::pipeline::Engine;
use std::net::Ipv4Addr;
use wire::*;

fn with_ttl(bytes: Vec<u8>, ttl: u8) -> Vec<u8> {
    with_header(bytes, 8, &[ttl])
}

fn ttl(bytes: &[u8]) -> u8 {
    View::parse(bytes).unwrap().ttl
}

/// Rules that let in UDP to port 53 and ICMP errors about an expired time to live.
fn admitting_errors() -> Engine {
    engine(&[open(Traffic::Udp(53..=53)), open(Traffic::Icmp(Some(11), None))])
}

/// The router that answers when a packet's time to live ends, if one does.
fn answering_router(engine: &Engine, from: PortId, packet: Vec<u8>) -> Option<Ipv4Addr> {
    let (reason, error) = answer(engine, from, packet.clone(), 0);
    assert_eq!(reason, DropReason::TtlExpired);
    let error = error?;
    let header = View::parse(&error).unwrap().header;
    assert_eq!(header.tuple.destination, tuple(&packet).source);
    assert_eq!(header.icmp.map(|icmp| (icmp.kind, icmp.code)), Some((11, 0)));
    assert_eq!(quoted_tuple(&error[28..]).unwrap(), tuple(&packet), "it quotes the packet as it was sent");
    Some(header.tuple.source)
}

#[test]
fn neighbours_see_no_router() {
    let engine = admitting_errors();
    let packet = udp(A, address(B), (1, 53), 10);
    for _ in 0..2 {
        let (to, delivered) = send(&engine, A, with_ttl(packet.clone(), 1)).unwrap();
        assert_eq!((to, ttl(&delivered)), (B, 1), "by a decision or by its flow");
    }
    assert_eq!(answering_router(&engine, A, with_ttl(packet, 0)), None);
}

#[test]
fn each_router_on_the_path_decrements_and_answers() {
    let engine = admitting_errors();
    let out = |length| udp(A, address(SERVER), (1000, 53), length);
    for _ in 0..2 {
        assert_eq!(answering_router(&engine, A, with_ttl(out(10), 1)), Some(NAT));
        assert_eq!(answering_router(&engine, A, with_ttl(out(10), 2)), Some(EDGE));
        assert_eq!(ttl(&send(&engine, A, with_ttl(out(10), 3)).unwrap().1), 1);
    }
    let (_, sent) = send(&engine, A, out(10)).unwrap();
    assert_eq!(ttl(&sent), 62);
    let back = || udp(SERVER, PUBLIC, (53, tuple(&sent).source_port), 5);
    for _ in 0..2 {
        assert_eq!(answering_router(&engine, SERVER, with_ttl(back(), 1)), None, "this router is silent");
        assert_eq!(answering_router(&engine, SERVER, with_ttl(back(), 2)), Some(PUBLIC), "a NAT's address outside");
        assert_eq!(ttl(&send(&engine, SERVER, with_ttl(back(), 3)).unwrap().1), 1);
    }
}

#[test]
fn a_sender_whose_rules_let_no_error_in_gets_none() {
    let silent = engine(&[open(Traffic::Udp(53..=53))]);
    assert_eq!(answering_router(&silent, A, with_ttl(udp(A, address(SERVER), (1000, 53), 10), 1)), None);
}

#[test]
fn an_error_is_not_answered() {
    let engine = engine(&[open(Traffic::Any)]);
    let about = udp(SERVER, address(A), (53, 1000), 5);
    let error = with_header(unreachable(address(SERVER), &about), 12, &address(A).octets());
    assert_eq!(answer(&engine, A, with_ttl(error, 1), 0), (DropReason::TtlExpired, None));
}

/// An explanation has the routers and the MTU.
#[test]
fn an_explanation_shows_routers_and_size() {
    let engine = admitting_errors();
    let syn = tcp_packet(A, address(SERVER), (5000, 80), tcp::SYN, &[]);
    assert_eq!(tuple(&syn).protocol, TCP);
    let explanation = engine.explain(A, tuple(&syn));
    let shown = |steps: &[Step]| -> Vec<Step> {
        let is_shown = |step: &&Step| matches!(step, Step::Hop { .. } | Step::Mtu { .. });
        steps.iter().filter(is_shown).cloned().collect()
    };
    let hop = |router| Step::Hop { router };
    assert_eq!(shown(&explanation.there), [hop(Some(NAT)), hop(Some(EDGE)), Step::Mtu { largest: 1400 }]);
    assert_eq!(shown(&explanation.back.unwrap()), [hop(None), hop(Some(PUBLIC)), Step::Mtu { largest: 9001 }]);
    let near = engine.explain(A, tuple(&udp(A, address(B), (1, 53), 10)));
    assert_eq!(shown(&near.there), [Step::Mtu { largest: 9001 }]);
}
