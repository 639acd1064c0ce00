//! `classiclink why`: the path that a packet and its reply would take.

use super::{Failure, Operator, Question};
use crate::explain::names::{NameError, Names};
use crate::explain::{Traffic, Why, answer, first_packets, from_ports, other_client_ports};
use crate::link::LinkError;
use model::Model;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use wire::{FiveTuple, PortId, Reply, Request};

/// Asks for the path of a packet and of its reply.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExplainPath {
    /// The sending host.
    pub from: String,
    /// The source address. By default the one that the sender's Linux would choose.
    pub source: Option<Ipv4Addr>,
    /// A host or an address.
    pub to: String,
    /// The protocol and port.
    pub traffic: Traffic,
}

impl Question for ExplainPath {
    type Answer = Why;

    async fn answer(self, operator: &Operator) -> Result<Why, Failure> {
        let ExplainPath { from, source, to, traffic } = self;
        let model = operator.service.look(Model::clone);
        let others = other_client_ports(&model);
        // The first address that works. If none does, the first one's answer says what is missing.
        let mut first = None;
        for (port, packet) in first_packets(&model, (&from, source), &to, traffic)? {
            let why = operator.path(port, packet, &others).await?;
            if why.works {
                return Ok(why);
            }
            first.get_or_insert(why);
        }
        first.ok_or_else(|| NameError::NoAddress(to).into())
    }
}

impl Operator {
    /// The path of a packet. It works only if it works from the client's `others` too.
    async fn path(&self, port: PortId, packet: FiveTuple, others: &[u16]) -> Result<Why, Failure> {
        let why = self.path_of(port, packet).await?;
        for packet in from_ports(packet, others).filter(|_| why.works) {
            let other = self.path_of(port, packet).await?;
            if !other.works {
                return Ok(other);
            }
        }
        Ok(why)
    }

    async fn path_of(&self, port: PortId, packet: FiveTuple) -> Result<Why, Failure> {
        let reply = self.service.link().ask_when_up(Request::Why { port, packet }).await?;
        let Reply::Explained(explanation) = reply else { return Err(LinkError::unexpected(reply).into()) };
        Ok(answer(&Names::of(&self.service.look(Model::clone)), port, packet, &explanation))
    }
}
