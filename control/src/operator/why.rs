//! `classiclink why`: asks the dataplane which path a packet and its reply would take.

use super::{Failure, Operator, nonsense};
use crate::explain::names::Names;
use crate::explain::{Traffic, Why, answer, first_packets};
use model::Model;
use std::net::Ipv4Addr;
use wire::{Reply, Request};

impl Operator {
    /// The path of a packet and of its reply.
    ///
    /// # Errors
    /// What to tell the operator.
    pub(crate) async fn why(
        &self,
        from: &str,
        source: Option<Ipv4Addr>,
        to: &str,
        traffic: Traffic,
    ) -> Result<Why, Failure> {
        let packets = first_packets(&self.service.look(Model::clone), (from, source), to, traffic)?;
        // The first address that works; if none does, the first one's answer says what is missing.
        let mut first = None;
        for (port, packet) in packets {
            let reply = self.service.link().ask_when_up(Request::Why { port, packet }).await?;
            let Reply::Explained(explanation) = reply else { return Err(nonsense(&reply)) };
            let why = answer(&Names::of(&self.service.look(Model::clone)), port, packet, &explanation);
            if why.works {
                return Ok(why);
            }
            first.get_or_insert(why);
        }
        first.ok_or_else(|| format!("{to} has no address").into())
    }
}
