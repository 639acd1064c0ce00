//! `classiclink flows`: the dataplane's connections, in the cloud's terms.

use super::{Failure, Operator, Question};
use crate::explain::Packet;
use crate::explain::names::{self, Names};
use crate::link::LinkError;
use model::Model;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wire::{FilterId, FlowRecord, Reply, Request, RuleId};

/// The greatest number of connections listed. A person reads fewer, and a program uses counters.
const MOST: usize = 1 << 16;

/// Lists connections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListFlows {
    /// Only connections with this host at one end. `None`: all.
    pub host: Option<String>,
    /// The greatest number of connections. `None`: as many as are listed at once.
    pub most: Option<usize>,
}

/// Connections.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlowRows {
    /// In no order.
    pub flows: Vec<FlowRow>,
    /// How many more there are.
    pub others: usize,
    /// How long packets and bytes have been counted. Counting begins with the first request and ends 30 s
    /// after the last.
    pub counted: Duration,
}

/// A connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlowRow {
    /// The end that began it: an instance's id, or a host's name.
    pub from: String,
    /// The Name tag, if this end is an instance.
    pub from_name: Option<String>,
    /// The other end.
    pub to: String,
    /// The Name tag, if the other end is an instance.
    pub to_name: Option<String>,
    /// Its first packet as it was sent.
    pub sent: Packet,
    /// Its first packet as it is delivered.
    pub delivered: Packet,
    /// Its state: `established`, for example.
    pub state: String,
    /// Whether its group tracks it at the end that began it, and at the other end.
    pub tracked: [bool; 2],
    /// The time since its last packet.
    pub idle: Duration,
    /// The time since its first packet, if that is known.
    pub age: Option<Duration>,
    /// Packets of both directions since counting began.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The group and rule in force now that let it out.
    pub out_by: Option<String>,
    /// The group and rule in force now that let it in.
    pub in_by: Option<String>,
}

impl Question for ListFlows {
    type Answer = FlowRows;

    async fn answer(self, operator: &Operator) -> Result<FlowRows, Failure> {
        let service = &operator.service;
        let host = self.host.map(|word| service.look(|model| names::host(model, &word))).transpose()?;
        let ports = host.map(|host| operator.ports(&host));
        let most = self.most.unwrap_or(MOST).min(MOST);
        let reply = service.link().ask_when_up(Request::Flows { ports, most }).await?;
        let Reply::Flows { flows, others, counted } = reply else { return Err(LinkError::unexpected(reply).into()) };
        // Searching a copy of the model does not delay changes.
        let model = service.look(Model::clone);
        let names = Names::of(&model);
        let flows = flows.into_iter().map(|flow| row(&names, flow)).collect();
        Ok(FlowRows { flows, others, counted })
    }
}

fn row(names: &Names<'_>, flow: FlowRecord) -> FlowRow {
    let FlowRecord { from, by: _, to, sent, delivered, state, tracked, admitted: [out_by, in_by], idle, .. } = flow;
    let rule = |of: Option<(FilterId, RuleId)>| of.and_then(|(filter, rule)| names.admitting(filter, rule));
    let (from, from_name) = names.port(from);
    let (to_host, to_name) = names.at(to);
    FlowRow {
        from,
        from_name,
        to: to_host,
        to_name,
        sent: sent.into(),
        delivered: delivered.into(),
        state,
        tracked,
        idle,
        age: flow.age,
        packets: flow.packets,
        bytes: flow.bytes,
        out_by: rule(out_by),
        in_by: rule(in_by),
    }
}
