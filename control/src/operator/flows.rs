//! `classiclink flows`: the connections that the dataplane knows, in the cloud's words.

use super::{Failure, Operator, nonsense};
use crate::explain::Packet;
use crate::explain::names::{self, Names};
use model::Model;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wire::{FilterId, FlowRecord, Reply, Request, RuleId};

/// How many are told of. A person reads fewer, a program asks for counters.
const MOST: usize = 1 << 16;

/// The connections that are known.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlowRows {
    /// In no order.
    pub flows: Vec<FlowRow>,
    /// How many more there are.
    pub others: usize,
    /// How long packets and bytes are counted: since this was first asked, unless nobody has asked for 30 s.
    pub counted: Duration,
}

/// A connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FlowRow {
    /// Who began it: an instance's id, or a host's name.
    pub from: String,
    /// That instance's Name tag.
    pub from_name: Option<String>,
    /// The other end.
    pub to: String,
    /// That instance's Name tag.
    pub to_name: Option<String>,
    /// Its first packet as it was sent.
    pub sent: Packet,
    /// And as it is delivered.
    pub delivered: Packet,
    /// `established`, say.
    pub state: String,
    /// Whether the group at the end that began it tracks it, and that at the other end.
    pub tracked: [bool; 2],
    /// How long nothing of it was heard.
    pub idle: Duration,
    /// How long ago it began, if that is known.
    pub age: Option<Duration>,
    /// Packets of both directions, since they are counted.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The group and the rule, of those in force now, that let it out.
    pub out_by: Option<String>,
    /// And in.
    pub in_by: Option<String>,
}

impl Operator {
    pub(crate) async fn flows(&self, host: Option<&str>, most: Option<usize>) -> Result<FlowRows, Failure> {
        let host = host.map(|word| self.service.look(|model| names::host(model, word))).transpose()?;
        let ports = host.map(|host| self.ports(&host));
        let reply =
            self.service.link().ask_when_up(Request::Flows { ports, most: most.unwrap_or(MOST).min(MOST) }).await?;
        let Reply::Flows { flows, others, counted } = reply else { return Err(nonsense(&reply)) };
        // Changes need not wait until a copy is searched.
        let model = self.service.look(Model::clone);
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
