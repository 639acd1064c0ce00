//! Packets that hosts of a [`network`](crate::network) send each other.

use crate::network::address;
use dataplane::packet::tcp;
use dataplane::pipeline::{Batch, Outcome, Packet};
use dataplane::policy::PortId;
use etherparse::PacketBuilder;

/// One host's packets to another: TCP without payload.
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
        Self { port: PortId(from), bytes }
    }

    /// Makes the packet one of the flow of this number: the ports are its two halves. Checksums of TCP are not looked at.
    pub fn flow(&mut self, number: u32) {
        self.bytes[20..24].copy_from_slice(&number.to_be_bytes());
    }

    /// Sends the packet through the pipeline; `true` if it was forwarded. What the pipeline changes is put back.
    pub fn send(&mut self, batch: &Batch<'_>) -> bool {
        let mut changed = [0; 4];
        changed.copy_from_slice(&self.bytes[8..12]);
        let mut packet = Packet { bytes: &mut self.bytes, partial_checksum: false, segment_size: 0 };
        let outcome = batch.process(self.port, &mut packet);
        self.bytes[8..12].copy_from_slice(&changed);
        matches!(outcome, Outcome::Forward { .. })
    }
}

/// Opens flows 0 to `count` from host 0 to host 1.
///
/// # Panics
/// If one is refused.
pub fn open_flows(batch: &Batch<'_>, count: u32) {
    let mut sender = Sender::tcp(0, 1, tcp::ACK);
    for number in 0..count {
        sender.flow(number);
        assert!(sender.send(batch), "flow {number} was refused");
    }
}
