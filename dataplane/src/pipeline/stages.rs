//! A packet's stages, in order:
//!
//! 1. **Parse** it, and check its virtio header (`Batch::parse`).
//! 2. **Look up** where it goes (`lookup`): a fragment follows its datagram, an ICMP error is decided on its own,
//!    and any other packet follows its flow. A packet without a flow is decided (`decide`): resolve, then
//!    authorise.
//! 3. **Time to live**: each visible router on the path decrements it, and drops the packet when it ends.
//! 4. **Size**: a packet that exceeds the path's MTU and must not be fragmented is dropped. A worker fragments others.
//! 5. **Rate**: a port's requests to services are limited (`meter`).
//! 6. **Rewrite** addresses and ports, including those that an ICMP error quotes.
//!
//! A dropped packet may be answered by an ICMP error (`icmp_error`) or a RST.

use super::batch::{Batch, Outcome, Packet, Parsed};
use crate::flow::Forwarding;
use crate::packet::{View, decrement_ttl, quoted_tuple, reset, rewrite, rewrite_quote};
use wire::{Culprit, Drop, DropReason, FiveTuple, PortId, SERVICES};

impl Batch<'_> {
    /// Moves one packet through the pipeline. It is rewritten in place, unless the outcome says that it is dropped.
    #[inline]
    pub fn process(&self, port: PortId, packet: &mut Packet<'_>) -> Outcome {
        match self.parse(port, packet.bytes) {
            Ok(parsed) => self.process_parsed(port, &parsed, packet),
            Err(drop) => Outcome::Drop { drop, packet: None, answer: None },
        }
    }

    /// The stages after parsing.
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
            return self.dropped(port, view, Drop::new(DropReason::ServiceRate, Culprit::Port(port)), None);
        }
        if limits.hops > 0 {
            decrement_ttl(packet.bytes, limits.hops);
        }
        if delivered != view.header.tuple {
            self.translate(port, packet, view, delivered);
        }
        Outcome::Forward { port: to, mtu: limits.mtu }
    }

    /// Drops a packet that look-up did not forward. A RST answers a packet of a connection that its NAT does not know.
    #[inline(never)]
    fn refuse(&self, port: PortId, packet: &Packet<'_>, view: &View, drop: Drop) -> Outcome {
        let is_answered = drop.reason == DropReason::UnknownConnection;
        let answer = is_answered.then(|| reset(packet.bytes, view)).flatten();
        self.dropped(port, view, drop, answer)
    }

    #[inline(never)]
    fn translate(&self, port: PortId, packet: &mut Packet<'_>, view: &View, delivered: FiveTuple) {
        let header = view.header;
        if let Some(quoted) = view.quote(packet.bytes).and_then(quoted_tuple) {
            let to = match self.related(port, view, packet.bytes) {
                Some(delivered) => delivered.reversed(),
                None => quoted.translated_in_error(header.tuple, delivered),
            };
            rewrite_quote(packet.bytes, view, to);
        }
        rewrite(packet.bytes, view, delivered, packet.partial_checksum);
    }
}
