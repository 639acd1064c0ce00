//! Fragments in any order, compared with a map of every forwarded byte.

use bolero::{TypeGenerator, check};
use dataplane::packet::View;
use dataplane::pipeline::{Engine, Outcome, Packet};
use fuzz::Tally;
use fuzz::reference::set_ip_checksum;
use std::collections::{BTreeMap, BTreeSet};
use wire::{DropReason, PortId};

mod network;

/// A fragment of a UDP datagram, in units of eight bytes.
#[derive(Clone, Debug, TypeGenerator)]
struct Piece {
    #[generator(0u16..3)]
    id: u16,
    #[generator(0u16..12)]
    at: u16,
    #[generator(1u16..4)]
    length: u16,
    more: bool,
    far: bool,
}

/// The fragments of a datagram that have been forwarded.
#[derive(Default)]
struct Datagram {
    seen: BTreeSet<u16>,
    end: Option<u16>,
    /// Whether a fragment overlapped others.
    overlapped: bool,
}

#[test]
fn no_byte_is_forwarded_twice() {
    let tally = Tally::new("fragments::no_byte_is_forwarded_twice", "packets");
    check!().with_type::<Vec<Piece>>().for_each(|pieces| {
        tally.add(pieces.len());
        let engine = network::open(2);
        let mut datagrams = BTreeMap::<u16, Datagram>::new();
        for piece in pieces {
            let at = if piece.far { piece.at * 600 } else { piece.at };
            let field = at | if piece.more { 0x2000 } else { 0 };
            let result = send(&engine, piece.id, field, usize::from(piece.length) * 8);
            assert_eq!(
                result,
                expected(&mut datagrams, piece.id, at, at + piece.length, piece.more),
                "{piece:?} of {pieces:?}"
            );
        }
    });
}

fn send(engine: &Engine, id: u16, field: u16, payload: usize) -> Result<(), DropReason> {
    let mut bytes = vec![0; 20 + payload];
    bytes[..4].copy_from_slice(&[0x45, 0, 0, 20 + payload as u8]);
    bytes[4..6].copy_from_slice(&id.to_be_bytes());
    bytes[6..8].copy_from_slice(&field.to_be_bytes());
    bytes[8..10].copy_from_slice(&[64, 17]);
    bytes[12..20].copy_from_slice(&[10, 0, 0, 1, 10, 0, 0, 2]);
    bytes[24..26].copy_from_slice(&(payload as u16).to_be_bytes());
    set_ip_checksum(&mut bytes);
    assert!(View::parse(&bytes).is_ok());
    let packet = &mut Packet { bytes: &mut bytes, partial_checksum: false, segment_size: 0 };
    match engine.batch().process(PortId(1), packet) {
        Outcome::Forward { .. } => Ok(()),
        Outcome::Drop { drop, .. } => Err(drop.reason),
    }
}

fn expected(all: &mut BTreeMap<u16, Datagram>, id: u16, at: u16, end: u16, more: bool) -> Result<(), DropReason> {
    if at == 0 && !more {
        // Not a fragment.
        return Ok(());
    }
    if usize::from(end) * 8 > 65_535 - 20 {
        return Err(DropReason::FragmentOverlap);
    }
    if at == 0 && !all.contains_key(&id) {
        all.insert(id, Datagram { seen: (0..end).collect(), ..Datagram::default() });
        return Ok(());
    }
    let Some(datagram) = all.get_mut(&id) else { return Err(DropReason::FragmentWithoutFirst) };
    let bytes: BTreeSet<u16> = (at..end).collect();
    let beyond = datagram.end.is_some_and(|last| end > last || !more);
    datagram.overlapped |= !datagram.seen.is_disjoint(&bytes) || beyond;
    if datagram.overlapped {
        return Err(DropReason::FragmentOverlap);
    }
    datagram.seen.extend(bytes);
    if !more {
        datagram.end = Some(end);
    }
    if datagram.end.is_some_and(|end| datagram.seen.iter().copied().eq(0..end)) {
        all.remove(&id);
    }
    Ok(())
}
