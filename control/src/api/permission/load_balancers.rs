//! Which load balancers a request is about: those that it names; one that only looks is asked about on `*`.

use super::Asked;
use super::known::{Fact, tags_given};
use crate::model::{Caller, Model, Scope, load_balancer};

/// The ARNs, each with what is known about it.
pub fn of(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Vec<(String, Vec<Fact>)> {
    let is_name = |name: &str| name == "LoadBalancerName" || name.starts_with("LoadBalancerNames.");
    let named = asked.params.sent().filter(|(name, _)| is_name(name) && !asked.action.starts_with("Describe"));
    let given = tags_given(asked, "");
    let one = |name: &str| {
        let tags = tags(model, &caller.scope, name);
        (load_balancer::arn(&caller.scope, name), tags.into_iter().chain(given.iter().cloned()).collect())
    };
    let all: Vec<_> = named.map(|(_, name)| one(name)).collect();
    if all.is_empty() { vec![("*".to_owned(), given)] } else { all }
}

fn tags(model: &Model, scope: &Scope, name: &str) -> Vec<Fact> {
    let tags = model.load_balancer(scope, name).into_iter().flat_map(|balancer| &balancer.tags);
    let facts = tags.flat_map(|(key, value)| {
        ["aws", "elasticloadbalancing"].map(|prefix| (format!("{prefix}:ResourceTag/{key}"), value.clone()))
    });
    facts.collect()
}
