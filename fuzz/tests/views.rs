//! Parsing and rewriting packets: no bytes cause a panic, and a rewritten packet has the wanted addresses.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use bolero::check;
use dataplane::packet::{View, decrement_ttl, fragment, quoted_tuple, rewrite, rewrite_quote};
use fuzz::{Tally, packet::Packet, reference};

#[test]
fn any_bytes_are_parsed_without_panic() {
    let tally = Tally::new("views::any_bytes_are_parsed_without_panic", "packets");
    check!().for_each(|bytes: &[u8]| {
        tally.add(1);
        parse_and_rewrite(bytes);
    });
}

#[test]
fn nearly_valid_packets_are_rewritten_correctly() {
    let tally = Tally::new("views::nearly_valid_packets_are_rewritten_correctly", "packets");
    check!().with_type::<(Packet, Packet)>().for_each(|(packet, quoted)| {
        tally.add(1);
        parse_and_rewrite(&packet.build_between([10, 0, 0, 1], [10, 0, 0, 2], &quoted.build()));
    });
}

fn parse_and_rewrite(bytes: &[u8]) {
    let _ = quoted_tuple(bytes);
    let Ok(view) = View::parse(bytes) else { return };
    assert!(20 <= view.header_length && view.headers_length <= view.length && view.length <= bytes.len());
    let mut bytes = bytes[..view.length].to_vec();
    let tuple = view.header.tuple;
    if let Some(quoted) = view.quote(&bytes).and_then(quoted_tuple) {
        let was_correct = reference::has_correct_checksum(&bytes);
        rewrite_quote(&mut bytes, &view, quoted.reversed());
        assert_eq!(reference::has_correct_checksum(&bytes), was_correct, "the error's checksum");
        let quote = View::parse(&bytes).unwrap();
        assert_eq!(quote.quote(&bytes).and_then(quoted_tuple).unwrap().source, quoted.destination);
    }
    let to = if view.header.icmp.is_some() { tuple } else { tuple.reversed() };
    rewrite(&mut bytes, &view, to, false);
    decrement_ttl(&mut bytes, 1);
    assert_eq!(View::parse(&bytes).unwrap().header.tuple, to, "and the header's checksum is right");
    let mut length = view.header_length;
    fragment(&bytes, 576, |header, payload| {
        assert!(View::parse(&[header, payload].concat()).is_ok() || view.fragment.is_some() || payload.len() < 60);
        length += payload.len();
    });
    assert_eq!(length, view.length);
}
