//! Changes of record sets: all of a batch, or none.

use super::error::{Result, ZoneError};
use super::hosted_zone::{HostedZone, starred_label};
use super::record_data::{is_value, reversed, text_fault};
use super::record_set::{RecordAction, RecordSet, is_own};
use crate::{Caller, Model};
use std::collections::BTreeSet;

/// The most records of a zone.
pub const MOST_RECORDS: usize = 10_000;
/// The most values of a record set (a quota of Route 53). A resolver reads all of them to answer.
const VALUES: usize = 400;
/// The most record sets of one name and type (a quota of Route 53).
const SETS: usize = 100;

impl Model {
    /// ChangeResourceRecordSets: all changes or none, as the zone is after all of them.
    pub fn change_records(&mut self, caller: &Caller, id: &str, changes: Vec<(RecordAction, RecordSet)>) -> Result<()> {
        let account = &caller.scope.account;
        let checks = changes.iter().filter(|(action, _)| *action != RecordAction::Delete);
        for check in checks.filter_map(|(_, set)| set.health_check.as_ref()) {
            self.health_check(account, check)?;
        }
        let mut after = self.zone_of(account, id)?.clone();
        let written = || changes.iter().filter(|(action, _)| *action != RecordAction::Delete).map(|(_, set)| set);
        let cidrs = written().filter_map(|set| self.fault_of_cidr(account, set.cidr.as_ref()?));
        let mut wrong: Vec<String> = cidrs.collect();
        let written: Vec<String> = written().map(RecordSet::key).collect();
        wrong.extend(changes.into_iter().filter_map(|(action, set)| apply(&mut after, action, set).err()));
        if wrong.is_empty() {
            wrong.extend(contradictions(&after));
            wrong.extend(written.iter().filter_map(|key| dangling(&after, after.records.get(key)?)));
        }
        if wrong.is_empty() && after.records.len() > MOST_RECORDS {
            wrong.push(format!("A hosted zone has at most {MOST_RECORDS} resource record sets"));
        }
        if !wrong.is_empty() {
            return Err(ZoneError::in_batch(&wrong));
        }
        self.hosted_zones.insert(after);
        Ok(())
    }
}

/// Makes one change, or returns the reason why it is refused.
fn apply(zone: &mut HostedZone, action: RecordAction, set: RecordSet) -> std::result::Result<(), String> {
    let words = set.words();
    if !is_inside(zone, &set.name) {
        return Err(format!("RRSet with DNS name {} is not permitted in zone {}", set.name, zone.name));
    }
    let there = zone.records.get(&set.key());
    match (action, there) {
        (RecordAction::Create, Some(_)) => {
            return Err(format!("Tried to create resource record set {words} but it already exists"));
        }
        (RecordAction::Delete, None) => {
            return Err(format!("Tried to delete resource record set {words} but it was not found"));
        }
        (RecordAction::Delete, Some(there)) if *there != set => {
            return Err(format!(
                "Tried to delete resource record set {words} but the values provided do not match the current values"
            ));
        }
        (RecordAction::Delete, Some(_)) if is_own(&zone.name, &set) => {
            return Err(format!(
                "A HostedZone must contain at least one NS record for the zone itself, and a SOA record: {words}"
            ));
        }
        (RecordAction::Delete, Some(_)) => {
            zone.records.remove(&set.key());
            return Ok(());
        }
        (RecordAction::Create | RecordAction::Upsert, _) => {}
    }
    check(zone, &set)?;
    zone.records.insert(set.key(), set);
    Ok(())
}

/// Checks a record set by itself.
fn check(zone: &HostedZone, set: &RecordSet) -> std::result::Result<(), String> {
    let words = set.words();
    // "Using an asterisk in the names of hosted zones and records", Route 53 developer guide.
    if starred_label(&set.name).is_some_and(|label| label != "*") {
        return Err(format!("An asterisk in the first label of a DNS name must be the whole label: {words}"));
    }
    if set.kind == "CNAME" && set.name == zone.name {
        return Err(format!(
            "RRSet of type CNAME with DNS name {} is not permitted at apex in zone {}",
            set.name, zone.name
        ));
    }
    if set.kind == "SOA" && set.name != zone.name {
        return Err(format!("RRSet of type SOA with DNS name {} is permitted at apex only", set.name));
    }
    if set.kind == "DS" && zone.private {
        return Err(format!("RRSet of type DS with DNS name {} is not permitted in a private zone", set.name));
    }
    if set.cidr.is_some() && zone.private {
        return Err(format!("IP-based routing is not permitted in a private zone: {words}"));
    }
    if set.multivalue && (set.alias.is_some() || matches!(set.kind.as_str(), "CNAME" | "NS")) {
        return Err(format!(
            "Multivalue answer routing is not permitted for aliases and for types CNAME and NS: {words}"
        ));
    }
    if set.alias.is_some() {
        return Ok(());
    }
    if set.values.len() > VALUES {
        return Err(format!("Number of records in RRSet exceeds the limit of {VALUES}: {words}"));
    }
    let mut seen = BTreeSet::new();
    if let Some(value) = set.values.iter().find(|value| !seen.insert(*value)) {
        return Err(format!("Duplicate Resource Record: '{value}'"));
    }
    if matches!(set.kind.as_str(), "CNAME" | "SOA") && set.values.len() > 1 {
        return Err(format!("RRSet of type {} with DNS name {} has more than one value", set.kind, set.name));
    }
    let fault = |value: &String| Some((text_fault(value)?, value.clone()));
    if matches!(set.kind.as_str(), "TXT" | "SPF")
        && let Some((fault, value)) = set.values.iter().find_map(fault)
    {
        return Err(format!("Invalid Resource Record: FATAL problem: {fault} encountered with '{value}'"));
    }
    match set.values.iter().find(|value| !is_value(&set.kind, value)) {
        Some(value) => Err(format!("Invalid Resource Record: \"{value}\" is no value of type {} in {words}", set.kind)),
        None => Ok(()),
    }
}

/// The fault of an alias whose target should be in its own zone and is not.
fn dangling(zone: &HostedZone, set: &RecordSet) -> Option<String> {
    let alias = set.alias.as_ref().filter(|alias| alias.zone == zone.id)?;
    let first = format!("{} {} ", reversed(&alias.name), set.kind);
    let is_there = zone.records.range(first.clone()..).next().is_some_and(|(key, _)| key.starts_with(&first));
    let why = match is_inside(zone, &alias.name) {
        true if is_there => return None,
        true => "that target was not found",
        false => "the alias target name does not lie within the target zone",
    };
    let (name, kind, id) = (&alias.name, &set.kind, &zone.id);
    Some(format!("Tried to create an alias that targets {name}, type {kind} in zone {id}, but {why}"))
}

fn is_inside(zone: &HostedZone, name: &str) -> bool {
    name == zone.name || name.strip_suffix(&zone.name).is_some_and(|rest| rest.ends_with('.'))
}

/// Record sets that cannot be beside each other: a CNAME beside anything, one without an identifier beside one with.
fn contradictions(zone: &HostedZone) -> Vec<String> {
    let sets: Vec<&RecordSet> = zone.records.values().collect();
    let names = sets.chunk_by(|one, next| one.name == next.name);
    names
        .filter_map(|sets| {
            let kinds: Vec<_> = sets.chunk_by(|one, next| one.kind == next.kind).collect();
            let cname = sets.iter().find(|set| set.kind == "CNAME");
            if let Some(set) = cname.filter(|_| kinds.len() > 1) {
                return Some(format!(
                    "RRSet of type CNAME with DNS name {} is not permitted because a conflicting RRSet with the same DNS name \
                     already exists in zone {}", set.name, zone.name
                ));
            }
            if let Some(sets) = kinds.iter().find(|sets| sets.len() > SETS) {
                return Some(format!(
                    "Number of RRSets with DNS name {}, type {} exceeds the limit of {SETS}", sets[0].name, sets[0].kind
                ));
            }
            if let Some(set) = kinds.iter().find_map(|sets| rival(sets)) {
                let words = set.words();
                return Some(format!("RRSet {words} cannot be created because another one already has the same routing"));
            }
            let mixed = kinds.into_iter().find(|sets| sets.iter().any(|set| set.routing() != sets[0].routing()));
            mixed.map(|sets| {
                format!("RRSet with DNS name {}, type {} cannot be created as other RRSets exist with the same name and type and another routing policy", sets[0].name, sets[0].kind)
            })
        })
        .collect()
}

/// A record set with the same routing as one before it.
fn rival<'s>(sets: &[&'s RecordSet]) -> Option<&'s RecordSet> {
    let mut later = sets.iter().enumerate();
    later.find(|(at, set)| sets[..*at].iter().any(|other| set.is_rival(other))).map(|(_, set)| *set)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RecordSet, Scope, Time, empty_set};

    fn address(name: &str) -> RecordSet {
        RecordSet { ttl: Some(60), values: vec!["192.0.2.1".into()], ..empty_set(name, "A") }
    }

    #[test]
    fn a_record_that_could_not_be_created_today_can_be_deleted() {
        let scope = Scope { account: "111122223333".into(), region: "us-east-1".into() };
        let (caller, mut model) = (Caller::of_account(scope, Time(1)), Model::new(1));
        let id = model.create_hosted_zone(&caller, "corp.example", "1".into(), (None, None), None).unwrap();
        let old = address("*x.corp.example.");
        let create = model.change_records(&caller, &id, vec![(RecordAction::Create, old.clone())]);
        assert!(matches!(create, Err(ZoneError::InvalidChangeBatch { .. })));
        model.zone_mut(&caller.scope.account, &id).unwrap().records.insert(old.key(), old.clone());
        model.change_records(&caller, &id, vec![(RecordAction::Delete, old)]).unwrap();
        for name in ["*.corp.example.", "a.*.corp.example."] {
            model.change_records(&caller, &id, vec![(RecordAction::Create, address(name))]).unwrap();
        }
    }
}
