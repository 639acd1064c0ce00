//! `classiclink impair`: bad networks.

use super::{Failure, Operator, Question};
use crate::explain::names;
use model::{Model, PathEnd, impairments_of, parse_ways, ways_text};
use serde::{Deserialize, Serialize};
use wire::{Direction, Impairments};

/// Gives a host a bad network, or a good one again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImpairHost {
    /// What the user calls it.
    pub host: String,
    /// Only with this one: a prefix, an address, or what the user calls another host.
    pub with: Option<String>,
    /// Only to what it sends there, or to what it is given from there.
    pub way: Option<Direction>,
    /// The words for it (`delay=50ms,loss=1%`); `None`: a good one.
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
        let what = what.as_deref().map(parse_ways).transpose().map_err(|error| error.to_string())?;
        let what = what.unwrap_or_default();
        operator.change(move |model| model.impair(&host, |bad| bad.set(end, way, what))).await
    }
}

/// Lists who has a bad network.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListImpairments;

impl Question for ListImpairments {
    type Answer = Vec<ImpairmentRow>;

    async fn answer(self, operator: &Operator) -> Result<Vec<ImpairmentRow>, Failure> {
        Ok(operator.service.look(impaired))
    }
}

/// A host that has a bad network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImpairmentRow {
    /// An instance's id, or a host's name.
    pub host: String,
    /// The instance's Name tag.
    pub name: Option<String>,
    /// Only to those between it and this: a prefix, an instance's id, or a host's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// What happens to its packets, in the words that ask for it.
    pub impairment: String,
}

/// Who has a bad network.
pub(super) fn impaired(model: &Model) -> Vec<ImpairmentRow> {
    let rows = |(host, words): (&str, String)| {
        let name = model.instances.get(host).and_then(|instance| instance.tags.get("Name").cloned());
        let row = move |with: Option<String>, there: &Impairments| ImpairmentRow {
            host: host.to_owned(),
            name: name.clone(),
            with,
            impairment: ways_text(there),
        };
        let bad = impairments_of(Some(&words));
        let all = (bad.all != Impairments::default()).then(|| row(None, &bad.all));
        let paths = bad.paths.iter().map(|(end, there)| row(Some(end.to_string()), there)).collect::<Vec<_>>();
        all.into_iter().chain(paths)
    };
    model.impaired().flat_map(rows).collect()
}
