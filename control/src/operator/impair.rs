//! `classiclink impair`: impaired networks.

use super::{Failure, Operator, Question};
use crate::explain::names;
use model::{Error, Model, PathEnd, directions_text, impairments_of, parse_directions};
use serde::{Deserialize, Serialize};
use wire::{Direction, Impairments};

/// Impairs a host's network, or restores it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImpairHost {
    /// An id or name.
    pub host: String,
    /// Only the path to this peer: a prefix, an address, or another host's id or name.
    pub with: Option<String>,
    /// Only packets that the host sends, or only those that it receives.
    pub way: Option<Direction>,
    /// The impairment (`delay=50ms,loss=1%`). It names no direction if `way` does. `None` restores the network.
    pub what: Option<String>,
}

impl Question for ImpairHost {
    type Answer = ();

    async fn answer(self, operator: &Operator) -> Result<(), Failure> {
        let ImpairHost { host, with, way, what } = self;
        let end = |model: &Model, with: String| match PathEnd::of(&with) {
            PathEnd::Host(host) => names::host(model, &host).map(PathEnd::Host),
            net => Ok(net),
        };
        let (host, end) = operator.service.look(|model| {
            let end = with.map(|with| end(model, with)).transpose();
            names::host(model, &host).and_then(|host| Ok((host, end?)))
        })?;
        let what = what.as_deref().map(parse_directions).transpose().map_err(refusal)?.unwrap_or_default();
        if way.is_some() && what.from != what.to {
            return Err("--to and --from say the direction already: give loss=1% without from. or to.".into());
        }
        operator.change(move |model| model.impair(&host, |bad| bad.set(end, way, what))).await
    }
}

/// The refusal of an impairment, without the words of the API.
fn refusal(error: Error) -> String {
    match error {
        Error::ImpairmentWord { word, help, .. } => format!("{word} is no impairment. {help}"),
        other => other.to_string(),
    }
}

/// Lists impaired networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListImpairments {
    /// Only those of this host, by id or name.
    pub host: Option<String>,
}

impl Question for ListImpairments {
    type Answer = Vec<ImpairmentRow>;

    async fn answer(self, operator: &Operator) -> Result<Vec<ImpairmentRow>, Failure> {
        operator.service.look(|model| match self.host {
            Some(host) => impaired_of(model, &host),
            None => Ok(impaired(model)),
        })
    }
}

/// An impaired network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImpairmentRow {
    /// An instance's id, or a host's name.
    pub host: String,
    /// The instance's Name tag.
    pub name: Option<String>,
    /// The peer, if only the path to it is impaired: a prefix, an instance's id, or a host's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// The Name tag of the peer, if it is an instance.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with_name: Option<String>,
    /// The impairment in its textual form.
    pub impairment: String,
}

/// The impaired network of a host, which may have none.
fn impaired_of(model: &Model, host: &str) -> Result<Vec<ImpairmentRow>, Failure> {
    let is_meant = |row: &ImpairmentRow| row.host == host || row.name.as_deref() == Some(host);
    let rows: Vec<ImpairmentRow> = impaired(model).into_iter().filter(is_meant).collect();
    if rows.is_empty() {
        names::host(model, host)?;
    }
    Ok(rows)
}

/// All impaired networks.
pub(super) fn impaired(model: &Model) -> Vec<ImpairmentRow> {
    let name = |host: &str| model.instances.get(host).and_then(|instance| instance.tags.get("Name").cloned());
    let rows = |(host, words): (&str, String)| {
        let row = |with: Option<String>, there: &Impairments| ImpairmentRow {
            host: host.to_owned(),
            name: name(host),
            with_name: with.as_deref().and_then(name),
            with,
            impairment: directions_text(there),
        };
        let bad = impairments_of(Some(&words));
        let all = (bad.all != Impairments::default()).then(|| row(None, &bad.all));
        let paths = bad.paths.iter().map(|(end, there)| row(Some(end.to_string()), there)).collect::<Vec<_>>();
        all.into_iter().chain(paths)
    };
    model.impaired().flat_map(rows).collect()
}
