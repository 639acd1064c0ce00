//! The whole pipeline on the random networks of the reference test: no packet makes it panic, and what it forwards is
//! valid.
#![allow(clippy::unwrap_used, dead_code, reason = "a test may panic; the reference test uses more")]

#[path = "../../dataplane/tests/reference/network.rs"]
mod network;

use bolero::{TypeGenerator, check};
use dataplane::environment::Environment;
use dataplane::flow::Limits;
use dataplane::packet::View;
use dataplane::pipeline::{Engine, Outcome, Packet as Moved};
use fuzz::packet::Packet;
use fuzz::{Tally, reference};
use network::{Network, TRANSLATED};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::collections::VecDeque;
use std::sync::Arc;
use wire::{PortId, Update};

/// A step.
#[derive(Clone, Debug, TypeGenerator)]
enum Sent {
    /// A packet to another host. An ICMP error may be about a delivered packet.
    Packet { packet: Packet, from: u8, to: u8, about: Option<u8> },
    /// An answer to a delivered packet.
    Answer { packet: Packet, to: u8, about: bool },
    /// Any bytes.
    Bytes { from: u8, bytes: Vec<u8> },
    /// Time passes.
    Wait(u16),
}

#[test]
fn forwarded_packets_are_valid() {
    let tally = Tally::new("engine::forwarded_packets_are_valid", "packets");
    check!().with_type::<([u8; 32], Vec<Sent>, Vec<Sent>)>().for_each(|(seed, some, more)| {
        tally.add(some.len() + more.len());
        let random = TestRng::from_seed(RngAlgorithm::ChaCha, seed);
        let mut runner = TestRunner::new_with_rng(Config::default(), random);
        let network = network::networks().new_tree(&mut runner).unwrap().current();
        let engine = Engine::new(1000, Environment::fixed()).unwrap();
        let update = Update { version: 1, whole: true, changes: network.changes() };
        engine.publish(Arc::new(engine.snapshot().apply(&update).unwrap()));
        let mut delivered = VecDeque::new();
        for sent in some.iter().chain(more) {
            send(&engine, &network, sent, &mut delivered);
        }
    });
}

fn send(engine: &Engine, network: &Network, sent: &Sent, delivered: &mut VecDeque<(PortId, Vec<u8>)>) {
    let hosts = network.hosts.len() as u8;
    let recent = |nth: u8| delivered.get(usize::from(nth) % delivered.len().max(1));
    let (from, mut bytes) = match sent {
        Sent::Packet { packet, from, to, about } => {
            let source = network.address(usize::from(from % hosts)).octets();
            let destination = match to % (hosts + 1) {
                last if last == hosts => TRANSLATED,
                host if to & 0x80 != 0 => network.public(host.into()).first().map_or(TRANSLATED, |(_, public)| *public),
                host => network.address(host.into()),
            };
            let quote = about.and_then(recent).map(|(_, bytes)| &bytes[..]).unwrap_or_default();
            (Network::port(usize::from(from % hosts)), packet.build_between(source, destination.octets(), quote))
        }
        Sent::Answer { packet, to, about } => {
            let Some((port, original)) = recent(*to) else { return };
            let [source, destination] = [16, 12].map(|at| original[at..at + 4].try_into().unwrap());
            let quote = if *about { &original[..] } else { &[] };
            (*port, packet.build_between(source, destination, quote))
        }
        Sent::Bytes { from, bytes } => (Network::port(usize::from(from % hosts)), bytes.clone()),
        Sent::Wait(milliseconds) => {
            engine.advance_clock(std::time::Duration::from_millis(u64::from(*milliseconds) * 10));
            return engine.expire();
        }
    };
    let before = View::parse(&bytes).ok().map(|view| (view, reference::has_correct_checksum(&bytes[..view.length])));
    let packet = &mut Moved { bytes: &mut bytes, partial_checksum: false, segment_size: 0 };
    match engine.batch().process(from, packet) {
        Outcome::Forward { port, .. } => {
            let (view, was_correct) = before.expect("a forwarded packet was valid");
            let after = View::parse(&bytes).expect("a forwarded packet is valid");
            assert_eq!(after.length, view.length);
            assert!(view.ttl > 0 && after.ttl > 0 && view.ttl - after.ttl <= Limits::MOST_HOPS);
            bytes.truncate(view.length);
            let has_checksum = view.fragment.is_none() && matches!(view.header.tuple.protocol, 1 | 6 | 17);
            assert!(
                !has_checksum
                    || reference::has_correct_checksum(&bytes) == was_correct
                    || is_unchecked_udp(&bytes, &view),
                "{sent:?}"
            );
            delivered.push_front((port, bytes));
            delivered.truncate(16);
        }
        Outcome::Drop { answer, .. } => {
            assert!(answer.is_none_or(|error| View::parse(&error).is_ok() && reference::has_correct_checksum(&error)));
        }
    }
}

/// Whether it is a datagram without a checksum, or one whose UDP length is not the packet's.
fn is_unchecked_udp(bytes: &[u8], view: &View) -> bool {
    let udp = &bytes[view.header_length..];
    view.header.tuple.protocol == 17
        && (udp[6..8] == [0, 0] || usize::from(u16::from_be_bytes([udp[4], udp[5]])) != udp.len())
}
