//! Who looks. Where requests need no signature everybody sees everything, as with the API. Where they do, the page signs what it asks
//! for, and a viewer sees what is of the own account, as far as policies let it be described.

use super::Map;
use super::refusal::Refusal;
use crate::api::{Signed, Visitor};
use crate::model::{Kind, Model, Scope, Time};
use crate::recent::ChangeRow;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
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
        let of_instance = model.instances.get(host).map(|instance| &instance.scope);
        let scope = of_instance.or_else(|| model.managed_hosts.get(host).map(|host| &host.scope));
        match scope {
            Some(scope) => self.sees(scope),
            None => self.account().is_none() || model.hosts.get(host).is_some(),
        }
    }

    /// Those changes that concern what is shown. What is gone has no owner that could be asked for.
    pub fn changes(&self, model: &Model, mut changes: Vec<ChangeRow>) -> Vec<ChangeRow> {
        if self.account().is_some() {
            changes.retain(|change| scope_of(model, change).is_some_and(|scope| self.sees(&scope)));
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

/// Whose a changed row is.
fn scope_of(model: &Model, change: &ChangeRow) -> Option<Scope> {
    #[derive(Deserialize)]
    struct Scoped {
        scope: Scope,
    }
    let kind = Kind::ALL.iter().find(|kind| kind.name() == change.kind)?;
    let row = model.row(*kind, &change.id)?.ok()?;
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
        let now = map.service.now();
        map.service.look(|model| match model.platform.accounts_known {
            false => Ok(Viewer::Everybody),
            true => Visitor::of(model, &signed, now)
                .map(|visitor| Viewer::One(Box::new(visitor)))
                .map_err(Refusal::unsigned),
        })
    }
}
