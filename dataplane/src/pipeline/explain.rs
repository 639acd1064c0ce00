//! What the dataplane would do with a packet, and why: `decide` with an observer.

use super::context::FlowContext;
use super::decide::{Decision, decide};
use super::engine::Engine;
use super::lookup::no_room;
use crate::flow::{Flow, Side, State};
use crate::packet::{Header, tcp};
use wire::{Explanation, FiveTuple, PortId, Step, TCP};

impl Engine {
    /// The path of a first packet and of its reply. Changes nothing.
    pub fn explain(&self, port: PortId, tuple: FiveTuple) -> Explanation {
        let snapshot = self.snapshot();
        let (mut there, mut back) = (Vec::new(), Vec::new());
        let header = Header::first_of(tuple);
        let mut choose = |to: PortId, tuple: FiveTuple| self.flows.free_port(to, tuple);
        let decided = decide(&snapshot, port, &header, FlowContext::New, &mut choose, &mut |step| there.push(step));
        let Ok(Decision { path, tracked }) = decided else { return Explanation { there, back: None } };
        if let Err(drop) = self.flows.has_room_for(port).map_err(|error| no_room(error, port)) {
            there.pop_if(|last| matches!(last, Step::Delivered { .. }));
            there.push(Step::Dropped(drop));
            return Explanation { there, back: None };
        }
        let flow = Flow::new(port, &header, path, tracked, 0);
        let reply = Header::reply_of(path.delivered.reversed());
        if let Some(nat) = path.nat {
            let state = State::first(&header).next(Side::Reply, reply.tcp_flags).next(Side::Forward, tcp::ACK);
            let idle = state.nat_timeout(&self.timeouts.load().0);
            let resets = tuple.protocol == TCP;
            let translated = there.iter().position(|step| matches!(step, Step::Translated { .. }));
            there.insert(translated.map_or(there.len(), |at| at + 1), Step::Remembered { nat, idle, resets });
        }
        let context = FlowContext::Flow(&flow, Side::Reply);
        // The steps are the answer, whether the reply is forwarded or dropped.
        let _ = decide(&snapshot, path.port, &reply, context, &mut choose, &mut |step| back.push(step));
        Explanation { there, back: Some(back) }
    }
}
