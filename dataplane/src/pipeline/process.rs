//! A packet's stages, in order:
//!
//! 1. **Parse** it, and check what its sender says of it (`Batch::parse`).
//! 2. **Look up** where it goes (`lookup`): a fragment follows its datagram, an ICMP error is decided by itself,
//!    everything else follows its flow. Where no flow tells, `decide` does: resolve, then authorise.
//! 3. **Time to live**: each router on the path that hosts see takes one.
//! 4. **Size**: a packet that the path does not take and that may not be fragmented ends.
//! 5. **Rate**: a port asks services for so much a second (`meter`).
//! 6. **Rewrite** addresses and ports, those that an ICMP error quotes included.
//!
//! What ends on its way may be answered: by an ICMP error (`icmp_error`), or by a RST.

use super::batch::{Batch, Outcome, Packet, Parsed};
use crate::flow::Forwarding;
use crate::packet::{View, lower_ttl, quoted_tuple, reset, rewrite, rewrite_quote};
use wire::{Culprit, Drop, DropReason, FiveTuple, PortId, SERVICES};

impl Batch<'_> {
    /// Moves one packet through the pipeline: rewrites it for its way on, or tells why it ends here.
    #[inline]
    pub fn process(&self, port: PortId, packet: &mut Packet<'_>) -> Outcome {
        match self.parse(port, packet.bytes) {
            Ok(parsed) => self.process_parsed(port, &parsed, packet),
            Err(drop) => Outcome::Drop { drop, packet: None, answer: None },
        }
    }

    /// The stages behind the first.
    #[inline]
    pub fn process_parsed(&self, port: PortId, parsed: &Parsed, packet: &mut Packet<'_>) -> Outcome {
        let view = &parsed.view;
        let Forwarding { port: to, delivered, limits } = match self.look_up(port, parsed, packet.bytes) {
            Ok(forwarding) => forwarding,
            Err(drop) => return self.refuse(port, packet, view, drop),
        };
        if view.ttl <= limits.hops {
            return self.time_exceeded(port, packet, view);
        }
        if packet.largest(view) > usize::from(limits.mtu) && view.dont_fragment {
            return self.fragmentation_needed(port, packet, view, limits.mtu);
        }
        if to == SERVICES && !self.engine.meter.admits(port, packet.count(view), self.now) {
            return self.end(port, view, Drop::new(DropReason::ServiceRate, Culprit::Port(port)), None);
        }
        if limits.hops > 0 {
            lower_ttl(packet.bytes, limits.hops);
        }
        if delivered != view.header.tuple {
            self.translate(port, packet, view, delivered);
        }
        Outcome::Forward { port: to, mtu: limits.mtu }
    }

    /// Ends a packet that goes nowhere. Who goes on with a connection that a NAT does not know is told with a RST.
    #[inline(never)]
    fn refuse(&self, port: PortId, packet: &Packet<'_>, view: &View, drop: Drop) -> Outcome {
        let is_told = drop.reason == DropReason::UnknownConnection;
        let answer = is_told.then(|| reset(packet.bytes, view)).flatten();
        self.end(port, view, drop, answer)
    }

    #[inline(never)]
    fn translate(&self, port: PortId, packet: &mut Packet<'_>, view: &View, delivered: FiveTuple) {
        let header = view.header;
        if let Some(quoted) = view.quote(packet.bytes).and_then(quoted_tuple) {
            let to = match self.related(port, view, packet.bytes) {
                Some(delivered) => delivered.reversed(),
                None => quoted.renamed(header.tuple, delivered),
            };
            rewrite_quote(packet.bytes, view, to);
        }
        rewrite(packet.bytes, view, delivered, packet.partial_checksum);
    }
}
