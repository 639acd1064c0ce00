//! Routing policies of Route 53: which of several record sets with one name and type is answered.

use super::{LONGEST_CHAIN, location};
use model::{AliasTarget, CidrRouting, Failover, HostedZone, RecordSet, reversed};
use std::collections::BTreeSet;

/// The conditions outside a zone that its answers depend on.
#[derive(Clone, Copy)]
pub(super) struct Circumstances<'c> {
    /// A random number.
    pub(super) chance: u64,
    /// The client's Region.
    pub(super) region: &'c str,
    /// The client's location in a CIDR collection, if one of its blocks has the client's address.
    pub(super) cidr_location: &'c dyn Fn(&str) -> Option<&'c str>,
    /// Whether the target of an alias outside the zone is healthy.
    pub(super) is_healthy: &'c dyn Fn(&AliasTarget) -> bool,
    /// Whether a health check is passed.
    pub(super) is_passed: &'c dyn Fn(&str) -> bool,
}

/// The record sets that may be answered: those for the client's place that are healthy, or all of these if none is.
/// Records for other places do not replace unhealthy ones for this place.
pub(super) fn candidates<'z>(
    zone: &'z HostedZone,
    sets: Vec<&'z RecordSet>,
    now: Circumstances<'_>,
) -> Vec<&'z RecordSet> {
    let fits = |set: &&RecordSet| {
        set.location.as_ref().is_none_or(|place| location::fit(place, now.region).is_some())
            && set.cidr.as_ref().is_none_or(|cidr| cidr_fit(cidr, now).is_some())
    };
    let fitting: Vec<_> = sets.into_iter().filter(fits).collect();
    let healthy: Vec<_> = fitting.iter().copied().filter(|set| is_healthy(zone, set, now)).collect();
    if healthy.is_empty() { fitting } else { healthy }
}

/// The record sets of exactly this name, which is reversed.
pub(super) fn sets<'z>(zone: &'z HostedZone, path: &str) -> Vec<&'z RecordSet> {
    let first = format!("{path} ");
    let found = zone.records.range(first.clone()..).take_while(|(key, _)| key.starts_with(&first));
    found.map(|(_, set)| set).collect()
}

/// The record set that the routing policy of several sets chooses for the client.
pub(super) fn routed<'s>(sets: &[&'s RecordSet], now: Circumstances<'_>) -> Option<&'s RecordSet> {
    let first = sets.first()?;
    if first.failover.is_some() {
        return sets.iter().find(|set| set.failover == Some(Failover::Primary)).or(sets.first()).copied();
    }
    if first.region.is_some() {
        return best(sets, |set| Some(-location::distance(set.region.as_ref()?, now.region)));
    }
    if first.geoproximity.is_some() {
        return best(sets, |set| Some(-location::biased_distance(set.geoproximity.as_ref()?, now.region)));
    }
    if first.location.is_some() {
        return best(sets, |set| location::fit(set.location.as_ref()?, now.region));
    }
    if first.cidr.is_some() {
        return best(sets, |set| cidr_fit(set.cidr.as_ref()?, now));
    }
    weighted(sets, now.chance)
}

/// The first of the record sets that fit best.
fn best<'s, F: PartialOrd>(sets: &[&'s RecordSet], fit: impl Fn(&RecordSet) -> Option<F>) -> Option<&'s RecordSet> {
    let fitting = sets.iter().filter_map(|set| Some((fit(set)?, *set)));
    fitting.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, set)| set)
}

/// How exactly a location of IP-based routing fits the client: 1 if it is the client's, 0 by default. `None` if it does
/// not fit ("IP-based routing", Route 53 developer guide).
fn cidr_fit(cidr: &CidrRouting, now: Circumstances<'_>) -> Option<usize> {
    let is_own = (now.cidr_location)(&cidr.collection) == Some(cidr.location.as_str());
    if is_own { Some(1) } else { cidr.is_default().then_some(0) }
}

/// Whether a record set is healthy: it passes its health check, and an alias that evaluates its target leads to
/// something healthy. In its own zone that is any record set of the target's name and the same type ("How Amazon Route
/// 53 chooses records when health checking is configured", developer guide).
fn is_healthy(zone: &HostedZone, set: &RecordSet, now: Circumstances<'_>) -> bool {
    let (mut waiting, mut seen) = (vec![set], BTreeSet::new());
    while let Some(set) = waiting.pop() {
        if !set.health_check.as_ref().is_none_or(|check| (now.is_passed)(check)) {
            continue;
        }
        match set.alias.as_ref().filter(|alias| alias.evaluate_health) {
            Some(alias) if alias.zone == zone.id => {
                if seen.len() < LONGEST_CHAIN && seen.insert(alias.name.as_str()) {
                    let targets = sets(zone, &reversed(&alias.name)).into_iter();
                    waiting.extend(targets.filter(|target| target.kind == set.kind));
                }
            }
            Some(alias) if !(now.is_healthy)(alias) => {}
            _ => return true,
        }
    }
    false
}

/// One of several record sets, with a probability by weight; with equal probability if all weights are zero.
fn weighted<'s>(sets: &[&'s RecordSet], chance: u64) -> Option<&'s RecordSet> {
    let weight = |set: &RecordSet| u64::from(set.weight.unwrap_or(1));
    let total: u64 = sets.iter().map(|set| weight(set)).sum();
    if total == 0 {
        return sets.get(usize::try_from(chance).unwrap_or(0) % sets.len()).copied();
    }
    let mut left = chance % total;
    sets.iter().copied().find(|set| match left.checked_sub(weight(set)) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    })
}
