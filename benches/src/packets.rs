//! Packets that hosts of a [`network`](crate::network) send each other.

use crate::network::{address, port_of};
use dataplane::packet::coalesce::MAX_GATHERED;
use dataplane::packet::tcp;
use dataplane::pipeline::{Batch, Outcome, Packet};
use etherparse::PacketBuilder;
use std::slice;
use wire::PortId;

/// A sender of TCP segments without payload to one other host.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The sender's port.
    pub port: PortId,
    bytes: Vec<u8>,
}

impl Sender {
    /// A sender of segments with these flags.
    ///
    /// # Panics
    /// If a packet cannot be built, which it can.
    pub fn tcp(from: u32, to: u32, flags: u8) -> Self {
        let builder = PacketBuilder::ipv4(address(from).octets(), address(to).octets(), 64).tcp(1, 1, 1, 1000);
        let mut bytes = Vec::with_capacity(builder.size(0));
        if let Err(error) = builder.write(&mut bytes, &[]) {
            panic!("the bench's packet is wrong: {error}");
        }
        bytes[33] = flags;
        Self { port: port_of(from), bytes }
    }

    /// Makes the packet one of the flow of this number, whose halves are the ports. The TCP checksum, which nothing verifies, becomes
    /// wrong.
    pub fn flow(&mut self, number: u32) {
        self.bytes[20..24].copy_from_slice(&number.to_be_bytes());
    }
}

/// Sends a batch of packets through the pipeline, as a worker does: parses all of them first, then processes each. `true` if all were
/// forwarded. The time to live and the checksum, which the pipeline changes, are restored.
///
/// # Panics
/// If the packets are more than a worker's batch.
pub fn send(batch: &Batch<'_>, senders: &mut [Sender]) -> bool {
    let mut parsed = [None; MAX_GATHERED];
    for (sender, parsed) in senders.iter().zip(&mut parsed) {
        *parsed = batch.parse(sender.port, &sender.bytes).ok();
    }
    assert!(senders.len() <= parsed.len(), "a batch is of {} packets at most", parsed.len());
    let ports = senders.iter().map(|sender| sender.port);
    batch.prefetch(ports.zip(&parsed).filter_map(|(port, parsed)| Some((port, parsed.as_ref()?))));
    senders.iter_mut().zip(&parsed).all(|(sender, parsed)| {
        let mut changed = [0; 4];
        changed.copy_from_slice(&sender.bytes[8..12]);
        let mut packet = Packet { bytes: &mut sender.bytes, partial_checksum: false, segment_size: 0 };
        let outcome = parsed.as_ref().map(|parsed| batch.process_parsed(sender.port, parsed, &mut packet));
        sender.bytes[8..12].copy_from_slice(&changed);
        matches!(outcome, Some(Outcome::Forward { .. }))
    })
}

/// Opens flows 0 to `count` from host 0 to host 1.
///
/// # Panics
/// If one is refused.
pub fn open_flows(batch: &Batch<'_>, count: u32) {
    let mut sender = Sender::tcp(0, 1, tcp::ACK);
    for number in 0..count {
        sender.flow(number);
        assert!(send(batch, slice::from_mut(&mut sender)), "flow {number} was refused");
    }
}
