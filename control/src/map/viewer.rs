//! Who looks. Where requests need no signature everybody sees everything, as with the API. Where they do, the page signs what it asks
//! for, and a viewer sees what is of the own account, as far as policies let it be described.

use super::Map;
use super::refusal::Refusal;
use crate::api::{Sender, Signed, Visitor};
use crate::operator::{Drop, Why};
use crate::recent::ChangeRow;
use crate::server::Peer;
use axum::extract::FromRequestParts;
use axum::http::header;
use axum::http::request::Parts;
use model::{Kind, Model, Scope, Time};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

/// What a viewer must be allowed in order to see packets' ways and what moves: the action that asks Reachability Analyzer.
const ANALYSE: &str = "StartNetworkInsightsAnalysis";
/// And to have copies of packets: the action that has them mirrored.
const MIRROR: &str = "CreateTrafficMirrorSession";

/// Who looks.
#[derive(Clone, Debug)]
pub enum Viewer {
    /// Nobody has to say who they are.
    Everybody,
    /// Somebody with a key.
    One(Box<Visitor>),
}

impl Viewer {
    /// The account, if only that may be seen.
    pub fn account(&self) -> Option<&str> {
        match self {
            Viewer::Everybody => None,
            Viewer::One(visitor) => Some(visitor.account()),
        }
    }

    /// Whether something of this account and Region is shown.
    pub fn sees(&self, scope: &Scope) -> bool {
        self.account().is_none_or(|account| scope.account == account)
    }

    /// Whether a host is shown, by an instance's id or a name. Those outside the cloud are nobody's own.
    pub fn sees_host(&self, model: &Model, host: &str) -> bool {
        match scope_of_host(model, host) {
            Some(scope) => self.sees(scope),
            None => self.account().is_none() || model.hosts.get(host).is_some(),
        }
    }

    /// Whether a host is of the own account; where nobody has one, all are.
    pub fn owns_host(&self, model: &Model, host: &str) -> bool {
        self.account().is_none() || scope_of_host(model, host).is_some_and(|scope| self.sees(scope))
    }

    /// Whether words name something of another account. What has an owner is named by its id.
    pub fn is_about_others(&self, model: &Model, words: &str) -> bool {
        let is_of_id = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
        let is_others = |id: &str| {
            let mut scopes = Kind::ALL.iter().filter_map(|kind| scope_of(model, *kind, id));
            scopes.any(|scope| !self.sees(&scope))
        };
        self.account().is_some() && words.split(|letter: char| !is_of_id(letter)).any(is_others)
    }

    /// The drops of what the own hosts sent. Of those that others' things are to blame for the reason is told, and no more.
    pub fn drops(&self, model: &Model, mut drops: Vec<Drop>) -> Vec<Drop> {
        if self.account().is_none() {
            return drops;
        }
        drops.retain(|drop| self.owns_host(model, &drop.host));
        // Drops come in numbers for the same reason.
        let mut known: HashMap<String, bool> = HashMap::new();
        for drop in &mut drops {
            let is_others = known.entry(drop.text.clone()).or_insert_with(|| self.is_about_others(model, &drop.text));
            if *is_others {
                drop.text = drop.reason.to_string();
            }
        }
        drops
    }

    /// An answer to `why`. Where it names what is others' it tells whether it works, and the reason.
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
            None => "The packet arrives, and so does the reply.".to_owned(),
            Some(Drop { reason, .. }) if why.back.is_some() => {
                format!("The packet arrives, the reply does not: {reason}")
            }
            Some(Drop { reason, .. }) => format!("The packet does not arrive: {reason}"),
        };
        Why { works: why.works, summary, stopped_by, there: Vec::new(), back: None }
    }

    /// Those changes that concern what is shown. What is gone has no owner that could be asked for.
    pub fn changes(&self, model: &Model, mut changes: Vec<ChangeRow>) -> Vec<ChangeRow> {
        if self.account().is_some() {
            changes.retain(|change| scope_of_change(model, change).is_some_and(|scope| self.sees(&scope)));
        }
        changes
    }

    /// Whether an action of EC2 is allowed.
    pub fn may(&self, model: &Model, action: &str, now: Time) -> bool {
        match self {
            Viewer::Everybody => true,
            Viewer::One(visitor) => visitor.may(model, action, now),
        }
    }

    /// Whether packets' ways, and what moves, are shown.
    pub fn may_analyse(&self, model: &Model, now: Time) -> bool {
        self.may(model, ANALYSE, now)
    }
}

/// Whose a host in the cloud is.
fn scope_of_host<'m>(model: &'m Model, host: &str) -> Option<&'m Scope> {
    let of_instance = model.instances.get(host).map(|instance| &instance.scope);
    of_instance.or_else(|| model.managed_hosts.get(host).map(|host| &host.scope))
}

/// Whose a changed row is.
fn scope_of_change(model: &Model, change: &ChangeRow) -> Option<Scope> {
    let kind = Kind::ALL.iter().find(|kind| kind.name() == change.kind)?;
    scope_of(model, *kind, &change.id)
}

/// Whose a row is.
fn scope_of(model: &Model, kind: Kind, id: &str) -> Option<Scope> {
    #[derive(Deserialize)]
    struct Scoped {
        scope: Scope,
    }
    let row = model.row(kind, id)?.ok()?;
    serde_json::from_str::<Scoped>(&row).ok().map(|row| row.scope)
}

impl Map {
    /// Lets who may see packets' ways pass.
    ///
    /// # Errors
    /// The refusal.
    pub(super) fn analyst(&self, viewer: &Viewer) -> Result<(), Refusal> {
        self.need(viewer, ANALYSE)
    }

    /// Lets who may have copies of packets pass.
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

/// What belongs to whoever runs the system, where accounts are told apart.
///
/// # Errors
/// The refusal, which names the command.
pub(super) fn operator_only(viewer: &Viewer, command: &str) -> Result<(), Refusal> {
    match viewer {
        Viewer::Everybody => Ok(()),
        Viewer::One(_) => {
            let why = format!("This concerns all accounts. Who runs the system does it with `classiclink {command}`.");
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
            // A recording is not signed: it is nobody's word.
            body: "",
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
