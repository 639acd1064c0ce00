//! `classiclink why`: the path that a packet and its reply would take.

use super::{Failure, Operator, Question};
use crate::explain::names::{NameError, Names};
use crate::explain::{Traffic, Why, answer, first_packets};
use crate::link::LinkError;
use model::Model;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use wire::{Reply, Request};

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
        let service = &operator.service;
        let packets = first_packets(&service.look(Model::clone), (&from, source), &to, traffic)?;
        // The first address that works. If none does, the first one's answer says what is missing.
        let mut first = None;
        for (port, packet) in packets {
            let reply = service.link().ask_when_up(Request::Why { port, packet }).await?;
            let Reply::Explained(explanation) = reply else { return Err(LinkError::unexpected(reply).into()) };
            let why = answer(&Names::of(&service.look(Model::clone)), port, packet, &explanation);
            if why.works {
                return Ok(why);
            }
            first.get_or_insert(why);
        }
        first.ok_or_else(|| NameError::NoAddress(to).into())
    }
}
