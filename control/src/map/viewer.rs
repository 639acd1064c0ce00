//! Viewers of the map. Where requests need no signature, everybody sees everything, as with the API. Where they do, the
//! page signs its requests, and a viewer sees resources of the own account that policies allow to describe.

use super::Map;
use super::described::described_by;
use super::refusal::Refusal;
use crate::api::{Sender, Signed, Visitor};
use crate::explain::owners::{names_others, scope_of, scope_of_host};
use crate::operator::{Drop, Why};
use crate::recent_changes::ChangeRow;
use crate::server::Peer;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use model::{Kind, Model, Scope, Time};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

/// The action that a viewer must be allowed to see packets' paths and live data: that of Reachability Analyzer.
const ANALYSE: &str = "StartNetworkInsightsAnalysis";
/// The action that a viewer must be allowed to capture packets: that of traffic mirroring.
const MIRROR: &str = "CreateTrafficMirrorSession";

/// A viewer.
#[derive(Clone, Debug)]
pub enum Viewer {
    /// Requests are not signed.
    Everybody,
    /// The owner of a key.
    One(Box<Visitor>),
}

impl Viewer {
    /// The account, if the viewer sees only that one.
    pub fn account(&self) -> Option<&str> {
        match self {
            Viewer::Everybody => None,
            Viewer::One(visitor) => Some(visitor.account()),
        }
    }

    /// Whether the viewer sees resources of this account and Region.
    pub fn sees(&self, scope: &Scope) -> bool {
        self.account().is_none_or(|account| scope.account == account)
    }

    /// Whether the viewer sees a host, given by an instance's id or a name. Hosts outside the cloud belong to nobody.
    pub fn sees_host(&self, model: &Model, host: &str) -> bool {
        match scope_of_host(model, host) {
            Some(scope) => self.sees(scope),
            None => self.account().is_none() || model.hosts.get(host).is_some(),
        }
    }

    /// Whether a host belongs to the viewer's account. Where nobody has one, all do.
    pub fn owns_host(&self, model: &Model, host: &str) -> bool {
        self.account().is_none() || scope_of_host(model, host).is_some_and(|scope| self.sees(scope))
    }

    /// Whether a text names resources of another account.
    pub fn is_about_others(&self, model: &Model, words: &str) -> bool {
        self.account().is_some_and(|account| names_others(model, account, words))
    }

    /// The drops of packets that the viewer's own hosts sent. If another account's resource is to blame, only the
    /// reason is shown.
    pub fn drops(&self, model: &Model, mut drops: Vec<Drop>) -> Vec<Drop> {
        if self.account().is_none() {
            return drops;
        }
        drops.retain(|drop| self.owns_host(model, &drop.host));
        // Many drops have the same text, so the check is remembered.
        let mut known: HashMap<String, bool> = HashMap::new();
        for drop in &mut drops {
            let is_others = known.entry(drop.text.clone()).or_insert_with(|| self.is_about_others(model, &drop.text));
            if *is_others {
                drop.text = drop.reason.to_string();
            }
        }
        drops
    }

    /// An answer to `why`. If it names resources of others, it only has the result and the reason.
    pub fn why(&self, model: &Model, why: Why) -> Why {
        let steps = why.there.iter().chain(why.back.iter().flatten()).map(|step| &step.text);
        let blamed = why.stopped_by.iter().flat_map(|drop| [&drop.host, &drop.text]);
        if !steps.chain(blamed).chain([&why.summary]).any(|words| self.is_about_others(model, words)) {
            return why;
        }
        let stopped_by = why.stopped_by.map(|drop| {
            let (host, name) = match self.owns_host(model, &drop.host) {
                true => (drop.host, drop.name),
                false => (String::new(), None),
            };
            Drop { text: drop.reason.to_string(), host, name, ..drop }
        });
        let summary = match &stopped_by {
            None if why.works => "The packet arrives, and so does the reply.".to_owned(),
            None => "The packet arrives, the reply does not: it arrives at another host.".to_owned(),
            Some(Drop { reason, .. }) if why.back.is_some() => {
                format!("The packet arrives, the reply does not: {reason}")
            }
            Some(Drop { reason, .. }) => format!("The packet does not arrive: {reason}"),
        };
        Why { works: why.works, summary, stopped_by, there: Vec::new(), back: None }
    }

    /// The changes of resources that the viewer may describe. A removed resource has no owner to check.
    pub fn changes(&self, model: &Model, now: Time, mut changes: Vec<ChangeRow>) -> Vec<ChangeRow> {
        if self.account().is_some() {
            let mut known: HashMap<(&str, &str), bool> = HashMap::new();
            let mut may = |(service, action)| {
                *known.entry((service, action)).or_insert_with(|| self.may_ask(model, service, action, now))
            };
            changes.retain(|change| {
                let Some(kind) = Kind::ALL.iter().find(|kind| kind.name() == change.kind) else { return false };
                let is_own = || scope_of(model, *kind, &change.id).is_some_and(|scope| self.sees(&scope));
                let actions = described_by(model, *kind, &change.id);
                !actions.is_empty() && is_own() && actions.iter().copied().all(&mut may)
            });
        }
        changes
    }

    /// Whether an action of EC2 is allowed.
    pub fn may(&self, model: &Model, action: &str, now: Time) -> bool {
        self.may_ask(model, "ec2", action, now)
    }

    /// Whether an action of a service is allowed.
    pub fn may_ask(&self, model: &Model, service: &str, action: &str, now: Time) -> bool {
        match self {
            Viewer::Everybody => true,
            Viewer::One(visitor) => visitor.may(model, service, action, now),
        }
    }

    /// Whether the viewer sees packets' paths and live data.
    pub fn may_analyse(&self, model: &Model, now: Time) -> bool {
        self.may(model, ANALYSE, now)
    }
}

impl Map {
    /// Refuses viewers who may not see packets' paths.
    ///
    /// # Errors
    /// The refusal.
    pub(super) fn analyst(&self, viewer: &Viewer) -> Result<(), Refusal> {
        self.need(viewer, ANALYSE)
    }

    /// Refuses viewers who may not capture packets.
    ///
    /// # Errors
    /// The refusal.
    pub(super) fn mirror(&self, viewer: &Viewer) -> Result<(), Refusal> {
        self.need(viewer, MIRROR)
    }

    fn need(&self, viewer: &Viewer, action: &str) -> Result<(), Refusal> {
        let now = self.service.now();
        match self.service.look(|model| viewer.may(model, action, now)) {
            true => Ok(()),
            false => Err(Refusal::forbidden(format!("No policy of yours allows ec2:{action}."))),
        }
    }
}

/// Refuses what only the operator may do where accounts are separated.
///
/// # Errors
/// The refusal, which names the operator's command.
pub(super) fn operator_only(viewer: &Viewer, command: &str) -> Result<(), Refusal> {
    match viewer {
        Viewer::Everybody => Ok(()),
        Viewer::One(_) => {
            let why =
                format!("This concerns all accounts. The operator of the system can run `classiclink {command}`.");
            Err(Refusal::forbidden(why))
        }
    }
}

impl FromRequestParts<Arc<Map>> for Viewer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, map: &Arc<Map>) -> Result<Viewer, Refusal> {
        let headers: Vec<(&str, &str)> =
            parts.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
        let signed = Signed {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &headers,
            // A recording's rows are not signed requests, so there is no body.
            body: b"",
            received: SystemTime::now().into(),
        };
        let agent = parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).map(str::to_owned);
        let address = parts.extensions.get().map(|Peer(address)| *address);
        let sender = Sender { address, agent, ..Sender::default() };
        let now = map.service.now();
        map.service.look(|model| match model.platform.accounts_known {
            false => Ok(Viewer::Everybody),
            true => Visitor::of(model, &signed, sender, now)
                .map(|visitor| Viewer::One(Box::new(visitor)))
                .map_err(Refusal::unsigned),
        })
    }
}
