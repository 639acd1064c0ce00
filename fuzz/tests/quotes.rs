//! ICMP errors about translated packets: truncated, changed, in fragments, about other errors.

use bolero::{TypeGenerator, check};
use dataplane::packet::{View, fragment};
use dataplane::pipeline::{Engine, Outcome, Packet as Moved};
use fuzz::packet::{Kind, Packet};
use fuzz::{Tally, reference};
use wire::PortId;

mod network;

/// An error about a forwarded packet.
#[derive(Clone, Debug, TypeGenerator)]
struct Error {
    error: Packet,
    /// How much of the packet is quoted, and how the quote is changed.
    quoted: u8,
    change: Option<(u8, u8)>,
    /// How many errors are nested around the quote.
    #[generator(0u8..4)]
    around: u8,
    /// Whether its checksum is wrong.
    has_wrong_checksum: bool,
    /// The payload of its fragments in units of eight bytes.
    #[generator(1u16..40)]
    piece: u16,
}

#[test]
fn errors_about_translated_packets_reach_the_sender() {
    let tally = Tally::new("quotes::errors_about_translated_packets_reach_the_sender", "packets");
    check!().with_type::<(Packet, Vec<Error>)>().for_each(|(sent, errors)| {
        let engine = network::translated();
        // The other host uses the port already, so the NAT chooses another.
        send(&engine, 3, sent.build_between([10, 0, 0, 3], [10, 0, 0, 2], &[]));
        let Some((2, arrived)) = send(&engine, 1, sent.build_between([10, 0, 0, 1], [10, 0, 0, 2], &[])) else {
            return;
        };
        for error in errors {
            let whole = build(error, &arrived);
            let mut pieces = Vec::new();
            fragment(&whole, 20 + 8 * error.piece, |header, payload| pieces.push([header, payload].concat()));
            tally.add(pieces.len());
            let moved: Vec<_> = pieces.into_iter().filter_map(|piece| send(&engine, 2, piece)).collect();
            assert!(moved.iter().all(|(to, piece)| *to == 1 && piece[16..20] == [10, 0, 0, 1]), "{error:?}");
            let carried: usize = moved.iter().map(|(_, piece)| piece.len() - 20).sum();
            if carried == whole.len() - 20 {
                let payload = moved.iter().flat_map(|(_, piece)| &piece[20..]).copied();
                let joined: Vec<u8> = moved[0].1[..20].iter().copied().chain(payload).collect();
                assert_eq!(reference::has_correct_checksum(&joined), !error.has_wrong_checksum, "{error:?}");
            }
        }
    });
}

fn build(error: &Error, arrived: &[u8]) -> Vec<u8> {
    let mut quote = arrived[..arrived.len().min(20 + usize::from(error.quoted))].to_vec();
    if let Some((at, by)) = error.change {
        let length = quote.len();
        quote[usize::from(at) % length] ^= by;
    }
    let packet = Packet { kind: Kind::Error, options: 0, dont_fragment: false, ..error.error.clone() };
    for _ in 0..error.around {
        quote = packet.unfragmented([10, 0, 0, 2], network::PUBLIC, &quote);
    }
    let mut whole = packet.unfragmented([10, 0, 0, 2], network::PUBLIC, &quote);
    whole[22] ^= if error.has_wrong_checksum { 0x55 } else { 0 };
    whole
}

/// Sends a packet. Returns the receiving port and the bytes.
fn send(engine: &Engine, from: u32, mut bytes: Vec<u8>) -> Option<(u32, Vec<u8>)> {
    let packet = &mut Moved { bytes: &mut bytes, partial_checksum: false, segment_size: 0 };
    match engine.batch().process(PortId(from), packet) {
        Outcome::Forward { port, .. } => {
            bytes.truncate(View::parse(&bytes).expect("a forwarded packet is valid").length);
            Some((port.0, bytes))
        }
        Outcome::Drop { .. } => None,
    }
}
