//! The pipeline with whole packets: fragments, MTU, ICMP errors, translation.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod network;
mod onward;
mod repeat;
mod time_to_live;

use dataplane::packet::{quoted_tuple, tcp};
use dataplane::pipeline::{Engine, Outcome};
use network::*;
use std::sync::Arc;
use std::time::Duration;
use wire::*;

/// A fragment of a UDP datagram: bytes from `offset` to `end` of its payload, UDP header included.
fn fragment(id: u16, offset: usize, end: usize, more: bool) -> Vec<u8> {
    let whole = udp(A, address(B), (1000, 53), 1000);
    let mut bytes = whole[..20].to_vec();
    bytes.extend(&whole[20 + offset..20 + end]);
    let length = bytes.len() as u16;
    let fragmentation = (offset / 8) as u16 | if more { 0x2000 } else { 0 };
    let bytes = with_header(bytes, 2, &length.to_be_bytes());
    let bytes = with_header(bytes, 4, &id.to_be_bytes());
    with_header(bytes, 6, &fragmentation.to_be_bytes())
}

#[test]
fn fragments_follow_their_first_fragment() {
    let engine = engine(&[open(Traffic::Udp(53..=53))]);
    assert_eq!(send(&engine, A, fragment(1, 400, 800, true)), Err(DropReason::FragmentWithoutFirst));
    assert_eq!(send(&engine, A, fragment(2, 0, 400, true)).unwrap().0, B);
    assert_eq!(
        send(&engine, A, fragment(2, 800, 1008, false)).unwrap().0,
        B,
        "fragments may come in any order after the first"
    );
    assert_eq!(send(&engine, A, fragment(2, 400, 800, true)).unwrap().0, B);
    assert_eq!(
        send(&engine, A, fragment(3, 400, 800, true)),
        Err(DropReason::FragmentWithoutFirst),
        "another datagram"
    );
}

#[test]
fn fragments_of_a_dropped_datagram_are_dropped() {
    let engine = engine(&[]);
    assert_eq!(send(&engine, A, fragment(1, 0, 400, true)), Err(DropReason::IngressFilter));
    assert_eq!(send(&engine, A, fragment(1, 400, 1008, false)), Err(DropReason::FragmentOfDropped));
}

#[test]
fn an_overlapping_fragment_drops_the_rest_of_its_datagram() {
    let engine = engine(&[open(Traffic::Any)]);
    assert!(send(&engine, A, fragment(1, 0, 400, true)).is_ok());
    assert_eq!(send(&engine, A, fragment(1, 392, 800, true)), Err(DropReason::FragmentOverlap));
    assert_eq!(send(&engine, A, fragment(1, 800, 1008, false)), Err(DropReason::FragmentOverlap));
}

#[test]
fn an_identification_comes_again_as_soon_as_its_datagram_is_complete() {
    let engine = engine(&[open(Traffic::Any)]);
    for _ in 0..3 {
        assert!(send(&engine, A, fragment(1, 0, 400, true)).is_ok());
        assert!(send(&engine, A, fragment(1, 800, 1008, false)).is_ok());
        assert!(send(&engine, A, fragment(1, 400, 800, true)).is_ok());
    }
    assert!(send(&engine, A, fragment(1, 0, 400, true)).is_ok());
    assert!(send(&engine, A, fragment(1, 400, 800, false)).is_ok(), "complete, and shorter than before");
    assert_eq!(send(&engine, A, fragment(1, 800, 1008, false)), Err(DropReason::FragmentWithoutFirst));
}

#[test]
fn a_translated_packets_original_tuple_is_known() {
    let engine = engine(&[]);
    let sent = udp(A, address(SERVER), (1000, 53), 10);
    let (port, delivered) = send(&engine, A, sent.clone()).unwrap();
    assert_ne!(tuple(&delivered), tuple(&sent));
    assert_eq!(engine.as_sent(port, tuple(&delivered)), Some(tuple(&sent)));
    assert_eq!(engine.as_sent(B, tuple(&delivered)), None);
}

#[test]
fn fragments_may_come_in_any_order_after_the_first_and_none_twice() {
    let engine = engine(&[open(Traffic::Any)]);
    let send = |offset: usize, end: usize, more: bool| send(&engine, A, fragment(1, offset, end, more)).map(|_| ());
    let pieces = [(0, 200), (600, 800), (200, 400), (1000, 1008), (800, 1000)];
    for (place, (offset, end)) in pieces.into_iter().enumerate() {
        assert_eq!(send(offset, end, end < 1008), Ok(()), "{offset}");
        if place == 4 {
            assert_eq!(send(400, 600, true), Ok(()), "the last gap");
        }
    }
    assert_eq!(send(0, 200, true), Ok(()), "the next datagram");
    assert_eq!(send(400, 600, true), Ok(()));
    assert_eq!(send(200, 400, true), Ok(()));
    assert_eq!(send(392, 408, true), Err(DropReason::FragmentOverlap), "across the border of two fragments");
}

#[test]
fn a_flood_of_incomplete_datagrams_does_not_stop_other_fragments() {
    let engine = engine(&[open(Traffic::Any)]);
    for id in 0..=u16::MAX {
        assert!(send(&engine, A, fragment(id, 0, 400, true)).is_ok());
    }
    // Fragments of another port, and of its own.
    let from_b = |id, offset, end, more| with_header(fragment(id, offset, end, more), 12, &address(B).octets());
    let to_a = |bytes| with_header(bytes, 16, &address(A).octets());
    assert!(send(&engine, B, to_a(from_b(1, 0, 400, true))).is_ok());
    assert!(send(&engine, B, to_a(from_b(1, 400, 1008, false))).is_ok());
    for id in [u16::MAX, u16::MAX - 20] {
        assert!(send(&engine, A, fragment(id, 400, 1008, false)).is_ok(), "the latest datagrams are still known");
    }
    assert_eq!(send(&engine, A, fragment(1, 400, 1008, false)), Err(DropReason::FragmentWithoutFirst));
}

#[test]
fn a_datagram_has_one_last_fragment() {
    let engine = engine(&[open(Traffic::Any)]);
    assert!(send(&engine, A, fragment(1, 0, 400, true)).is_ok());
    assert!(send(&engine, A, fragment(1, 600, 800, false)).is_ok());
    assert_eq!(send(&engine, A, fragment(1, 800, 1008, true)), Err(DropReason::FragmentOverlap));
    assert_eq!(send(&engine, A, fragment(1, 0, 400, true)), Err(DropReason::FragmentOverlap), "it stays dropped");
    assert_eq!(send(&engine, A, fragment(1, 0, 400, true)), Err(DropReason::FragmentOverlap));
}

#[test]
fn a_datagram_whose_first_fragment_was_dropped_may_begin_again() {
    let closed = engine(&[]);
    assert_eq!(send(&closed, A, fragment(1, 0, 400, true)), Err(DropReason::IngressFilter));
    assert_eq!(send(&closed, A, fragment(1, 0, 400, true)), Err(DropReason::IngressFilter));
    assert_eq!(send(&closed, A, fragment(1, 400, 1008, false)), Err(DropReason::FragmentOfDropped));
}

#[test]
fn a_large_packet_that_must_not_be_fragmented_is_answered() {
    let engine = engine(&[open(Traffic::Icmp(Some(3), Some(4)))]);
    let large = |length| dont_fragment(udp(A, address(SERVER), (1000, 53), length));
    assert!(send(&engine, A, large(1400 - 28)).is_ok());
    let (reason, error) = answer(&engine, A, large(1400 - 27), 0);
    assert_eq!(reason, DropReason::MtuExceeded);
    assert_eq!(error.unwrap()[26..28], 1400u16.to_be_bytes());
    // A coalesced packet is as large as its largest segment.
    assert!(matches!(send_as(&engine, A, large(8000), 1372).0, Outcome::Forward { mtu: 1400, .. }));
    assert_eq!(answer(&engine, A, large(8000), 1373).0, DropReason::MtuExceeded);
    let may_be_cut = with_header(large(8000), 6, &[0, 0]);
    assert!(matches!(send_as(&engine, A, may_be_cut, 0).0, Outcome::Forward { mtu: 1400, .. }));
}

#[test]
fn a_nat_tells_hosts_of_one_port_apart() {
    let engine = engine(&[]);
    let translated = [A, B].map(|from| {
        let (to, bytes) = send(&engine, from, udp(from, address(SERVER), (1000, 53), 5)).unwrap();
        assert_eq!((to, tuple(&bytes).source), (SERVER, PUBLIC));
        tuple(&bytes).source_port
    });
    assert_ne!(translated[0], translated[1]);
    for (host, port) in [A, B].into_iter().zip(translated) {
        let (to, reply) = send(&engine, SERVER, udp(SERVER, PUBLIC, (53, port), 5)).unwrap();
        let expected = FiveTuple {
            source: address(SERVER),
            destination: address(host),
            protocol: UDP,
            source_port: 53,
            destination_port: 1000,
        };
        assert_eq!((to, tuple(&reply)), (host, expected));
    }
    let stray = udp(SERVER, PUBLIC, (54, translated[0]), 5);
    assert_eq!(send(&engine, SERVER, stray), Err(DropReason::NoTranslation));
}

/// A connects to the server through the NAT.
fn connect(engine: &Engine) {
    let syn = tcp_packet(A, address(SERVER), (5000, 80), tcp::SYN, &[]);
    assert_eq!(send(engine, A, syn).unwrap().0, SERVER);
    let answer = tcp_packet(SERVER, PUBLIC, (80, 5000), tcp::SYN | tcp::ACK, &[]);
    assert_eq!(send(engine, SERVER, answer).unwrap().0, A);
    assert!(send(engine, A, tcp_packet(A, address(SERVER), (5000, 80), tcp::ACK, b"hello")).is_ok());
}

#[test]
fn a_nat_resets_a_connection_that_was_idle_for_too_long() {
    let engine = engine(&[]);
    connect(&engine);
    let more = tcp_packet(A, address(SERVER), (5000, 80), tcp::ACK, b"more");
    engine.advance_clock(Duration::from_secs(340));
    assert!(send(&engine, A, more.clone()).is_ok());
    engine.advance_clock(Duration::from_secs(351));
    let (reason, reset) = answer(&engine, A, more.clone(), 0);
    assert_eq!(reason, DropReason::UnknownConnection);
    let reset = reset.unwrap();
    assert_eq!(tuple(&reset), tuple(&more).reversed(), "the RST comes from the server's address");
    let header = etherparse::TcpHeaderSlice::from_slice(&reset[20..]).unwrap().to_header();
    assert_eq!((header.rst, header.ack, header.sequence_number), (true, false, 700));
    // The same holds before and after a sweep. A RST is not answered, and nothing gets in from outside.
    engine.expire();
    assert_eq!(answer(&engine, A, more, 0).0, DropReason::UnknownConnection);
    let last = tcp_packet(A, address(SERVER), (5000, 80), tcp::RST, &[]);
    assert_eq!(answer(&engine, A, last, 0), (DropReason::UnknownConnection, None));
    let late = tcp_packet(SERVER, PUBLIC, (80, 5000), tcp::ACK, b"late");
    assert_eq!(answer(&engine, SERVER, late, 0), (DropReason::NoTranslation, None));
    connect(&engine);
}

#[test]
fn rules_are_asked_before_a_nat_resets() {
    let engine = engine(&[]);
    let denied = Filter::default();
    let update = Update { version: 2, whole: false, changes: vec![Change::Set(Entry::Filter(FilterId(1), denied))] };
    engine.publish(Arc::new(engine.snapshot().apply(&update).unwrap()));
    let stray = tcp_packet(A, address(SERVER), (5000, 80), tcp::ACK, &[]);
    assert_eq!(answer(&engine, A, stray, 0), (DropReason::EgressFilter, None));
}

#[test]
fn a_nat_remembers_a_connection_while_its_route_is_gone() {
    let engine = engine(&[]);
    connect(&engine);
    let all = engine.snapshot();
    let update = Update { version: 2, whole: false, changes: vec![Change::Set(Entry::Table(TableId(2), vec![]))] };
    engine.publish(Arc::new(all.apply(&update).unwrap()));
    let more = || tcp_packet(A, address(SERVER), (5000, 80), tcp::ACK, b"more");
    assert_eq!(send(&engine, A, more()), Err(DropReason::NoRoute));
    engine.publish(all);
    assert!(send(&engine, A, more()).is_ok());
}

#[test]
fn datagrams_through_a_nat_time_out_silently() {
    let engine = engine(&[]);
    let question = || udp(A, address(SERVER), (5000, 53), 5);
    let answer = || udp(SERVER, PUBLIC, (53, 5000), 5);
    assert!(send(&engine, A, question()).is_ok());
    assert!(send(&engine, SERVER, answer()).is_ok());
    // The filter has forgotten the flow by now; the NAT has not.
    engine.advance_clock(Duration::from_secs(340));
    engine.expire();
    assert_eq!(send(&engine, SERVER, answer()), Err(DropReason::IngressFilter));
    assert!(send(&engine, A, question()).is_ok());
    assert!(send(&engine, SERVER, answer()).is_ok());
    engine.advance_clock(Duration::from_secs(351));
    assert_eq!(send(&engine, SERVER, answer()), Err(DropReason::NoTranslation));
    assert!(send(&engine, A, question()).is_ok(), "another flow");
}

#[test]
fn an_error_about_a_translated_packet_finds_its_sender() {
    let engine = engine(&[open(Traffic::Icmp(Some(3), None))]);
    send(&engine, B, udp(B, address(SERVER), (1000, 53), 5)).unwrap();
    let sent = udp(A, address(SERVER), (1000, 53), 5);
    let (_, arrived) = send(&engine, A, sent.clone()).unwrap();
    let (to, error) = send(&engine, SERVER, unreachable(PUBLIC, &arrived)).unwrap();
    assert_eq!((to, tuple(&error).destination), (A, address(A)));
    assert_eq!(quoted_tuple(&error[28..]).unwrap(), tuple(&sent), "it quotes the packet as it was sent");
    assert_eq!(dataplane::packet::checksum::sum(&error[20..]), 0xffff);
    let mut unrelated = arrived;
    unrelated[22..24].copy_from_slice(&54u16.to_be_bytes());
    assert_eq!(send(&engine, SERVER, unreachable(PUBLIC, &unrelated)), Err(DropReason::UnrelatedError));
}

/// A datagram may have a limited number of gaps.
#[test]
fn a_datagram_with_too_many_gaps_is_dropped() {
    let engine = engine(&[open(Traffic::Any)]);
    let send = |offset: usize| send(&engine, A, fragment(1, offset, offset + 8, true)).map(|_| ());
    let mut gaps = (0..60).map(|piece| send(16 * piece));
    assert!(gaps.all(|sent| sent.is_ok()), "half of the datagram came first");
    assert!((0..60).map(|piece| send(16 * piece + 8)).all(|sent| sent.is_ok()), "then the other half");
    let far = |number: usize| {
        let fragmentation = (number * 2) as u16 | 0x2000;
        with_header(fragment(2, 0, 8, true), 6, &fragmentation.to_be_bytes())
    };
    let sent: Vec<_> = (0..1000).map(|number| self::send(&engine, A, far(number)).map(|_| ())).collect();
    assert_eq!(sent[..64], [Ok(()); 64]);
    assert_eq!(sent[64..], [Err(DropReason::FragmentOverlap); 1000 - 64]);
}

/// A packet in fragments of at most `mtu` bytes.
fn in_fragments(packet: &[u8], mtu: u16) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    dataplane::packet::fragment(packet, mtu, |header, payload| all.push([header, payload].concat()));
    all
}

#[test]
fn an_error_in_fragments_of_any_size_is_harmless() {
    let engine = engine(&[open(Traffic::Any)]);
    let sent = udp(A, address(B), (1000, 53), 60);
    for quoted in 0..=sent.len() {
        let error = with_header(unreachable(address(B), &sent[..quoted]), 12, &address(A).octets());
        for payload in (8..=error.len() as u16 - 20).step_by(8) {
            for piece in in_fragments(&error, 20 + payload) {
                assert_eq!(
                    send(&engine, A, piece).map(|(to, _)| to),
                    Ok(B),
                    "{quoted} bytes quoted, {payload} a piece"
                );
            }
        }
    }
}

#[test]
fn an_error_in_fragments_finds_the_sender_of_a_translated_packet() {
    let engine = engine(&[open(Traffic::Icmp(Some(3), None))]);
    let sent = udp(A, address(SERVER), (1000, 53), 100);
    let (_, arrived) = send(&engine, A, sent.clone()).unwrap();
    let mut whole = vec![];
    for (index, piece) in in_fragments(&unreachable(PUBLIC, &arrived), 20 + 48).into_iter().enumerate() {
        let (to, piece) = send(&engine, SERVER, piece).unwrap();
        assert_eq!((to, tuple(&piece).destination), (A, address(A)), "piece {index}");
        whole.extend_from_slice(if index == 0 { &piece } else { &piece[20..] });
    }
    assert_eq!(quoted_tuple(&whole[28..]).unwrap(), tuple(&sent));
    assert_eq!(dataplane::packet::checksum::sum(&whole[20..]), 0xffff, "the checksum of the whole error is correct");
}

#[test]
fn an_error_with_an_incomplete_quote_is_about_no_flow() {
    let engine = engine(&[open(Traffic::Icmp(Some(3), None))]);
    let (_, arrived) = send(&engine, A, udp(A, address(SERVER), (1000, 53), 100)).unwrap();
    let pieces = in_fragments(&unreachable(PUBLIC, &arrived), 20 + 24);
    assert_eq!(send(&engine, SERVER, pieces[0].clone()), Err(DropReason::UnrelatedError));
    assert_eq!(send(&engine, SERVER, pieces[1].clone()), Err(DropReason::FragmentOfDropped));
}

#[test]
fn a_wrong_checksum_of_an_error_stays_wrong() {
    let engine = engine(&[open(Traffic::Icmp(Some(3), None))]);
    let (_, arrived) = send(&engine, A, udp(A, address(SERVER), (1000, 53), 5)).unwrap();
    let mut error = unreachable(PUBLIC, &arrived);
    error[22] ^= 0x55;
    let (_, error) = send(&engine, SERVER, error).unwrap();
    assert_eq!(quoted_tuple(&error[28..]).unwrap().source, address(A));
    assert_ne!(dataplane::packet::checksum::sum(&error[20..]), 0xffff);
}

/// Errors make no flows, so they replace no flows of others; and packets of others are not affected.
#[test]
fn a_storm_of_errors_takes_nothing_from_others() {
    let engine = engine(&[open(Traffic::Any)]);
    let (_, arrived) = send(&engine, A, udp(A, address(SERVER), (1000, 53), 5)).unwrap();
    let before = engine.flow_count();
    for port in 0..=u16::MAX {
        let about = udp(SERVER, address(SERVER), (port, 53), 5);
        let storm = with_header(unreachable(address(B), &about), 12, &address(A).octets());
        assert_eq!(send(&engine, A, storm).map(|(to, _)| to), Ok(B));
        assert_eq!(send(&engine, SERVER, unreachable(PUBLIC, &about)), Err(DropReason::UnrelatedError));
    }
    assert_eq!(engine.flow_count(), before);
    let reply = udp(SERVER, PUBLIC, (53, tuple(&arrived).source_port), 5);
    assert_eq!(send(&engine, SERVER, reply).map(|(to, _)| to), Ok(A));
}
