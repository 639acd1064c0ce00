//! Changes of record sets: all of a batch, or none.

use super::error::{RecordFault, Result, ZoneError};
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
        let mut wrong: Vec<RecordFault> = cidrs.collect();
        let written: Vec<String> = written().map(RecordSet::key).collect();
        wrong.extend(changes.into_iter().filter_map(|(action, set)| apply(&mut after, action, set).err()));
        if wrong.is_empty() {
            wrong.extend(contradictions(&after));
            wrong.extend(written.iter().filter_map(|key| dangling(&after, after.records.get(key)?)));
        }
        if wrong.is_empty() && after.records.len() > MOST_RECORDS {
            wrong.push(RecordFault::TooManySets { most: MOST_RECORDS });
        }
        if !wrong.is_empty() {
            return Err(ZoneError::in_batch(wrong));
        }
        self.hosted_zones.insert(after);
        Ok(())
    }
}

/// Makes one change, or returns the reason why it is refused.
fn apply(zone: &mut HostedZone, action: RecordAction, set: RecordSet) -> std::result::Result<(), RecordFault> {
    if !is_inside(zone, &set.name) {
        return Err(RecordFault::OutsideZone { name: set.name, zone: zone.name.clone() });
    }
    let there = zone.records.get(&set.key());
    match (action, there) {
        (RecordAction::Create, Some(_)) => return Err(RecordFault::Exists { set: set.called() }),
        (RecordAction::Delete, None) => return Err(RecordFault::NotFound { set: set.called() }),
        (RecordAction::Delete, Some(there)) if *there != set => {
            return Err(RecordFault::OtherValues { set: set.called() });
        }
        (RecordAction::Delete, Some(_)) if is_own(&zone.name, &set) => {
            return Err(RecordFault::Own { set: set.called() });
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
fn check(zone: &HostedZone, set: &RecordSet) -> std::result::Result<(), RecordFault> {
    let (name, kind) = (|| set.name.clone(), || set.kind.clone());
    // "Using an asterisk in the names of hosted zones and records", Route 53 developer guide.
    if starred_label(&set.name).is_some_and(|label| label != "*") {
        return Err(RecordFault::Asterisk { set: set.called() });
    }
    if set.kind == "CNAME" && set.name == zone.name {
        return Err(RecordFault::CnameAtApex { name: name(), zone: zone.name.clone() });
    }
    if set.kind == "SOA" && set.name != zone.name {
        return Err(RecordFault::SoaBelowApex { name: name() });
    }
    if set.kind == "DS" && zone.private {
        return Err(RecordFault::PrivateDs { name: name() });
    }
    if set.cidr.is_some() && zone.private {
        return Err(RecordFault::PrivateCidr { set: set.called() });
    }
    if set.multivalue && (set.alias.is_some() || matches!(set.kind.as_str(), "CNAME" | "NS")) {
        return Err(RecordFault::Multivalue { set: set.called() });
    }
    if set.alias.is_some() {
        return Ok(());
    }
    if set.values.len() > VALUES {
        return Err(RecordFault::TooManyValues { set: set.called(), most: VALUES });
    }
    let mut seen = BTreeSet::new();
    if let Some(value) = set.values.iter().find(|value| !seen.insert(*value)) {
        return Err(RecordFault::DuplicateValue { value: value.clone() });
    }
    if matches!(set.kind.as_str(), "CNAME" | "SOA") && set.values.len() > 1 {
        return Err(RecordFault::SeveralValues { name: name(), kind: kind() });
    }
    let fault = |value: &String| Some(RecordFault::BadText { fault: text_fault(value)?, value: value.clone() });
    if matches!(set.kind.as_str(), "TXT" | "SPF")
        && let Some(fault) = set.values.iter().find_map(fault)
    {
        return Err(fault);
    }
    match set.values.iter().find(|value| !is_value(&set.kind, value)) {
        Some(value) => Err(RecordFault::BadValue { value: value.clone(), kind: kind(), set: set.called() }),
        None => Ok(()),
    }
}

/// The fault of an alias whose target should be in its own zone and is not.
fn dangling(zone: &HostedZone, set: &RecordSet) -> Option<RecordFault> {
    let alias = set.alias.as_ref().filter(|alias| alias.zone == zone.id)?;
    let first = format!("{} {} ", reversed(&alias.name), set.kind);
    let is_there = zone.records.range(first.clone()..).next().is_some_and(|(key, _)| key.starts_with(&first));
    let (name, kind, id) = (alias.name.clone(), set.kind.clone(), zone.id.clone());
    match is_inside(zone, &name) {
        true if is_there => None,
        true => Some(RecordFault::NoAliasTarget { name, kind, zone: id }),
        false => Some(RecordFault::AliasOutsideZone { name, kind, zone: id }),
    }
}

fn is_inside(zone: &HostedZone, name: &str) -> bool {
    name == zone.name || name.strip_suffix(&zone.name).is_some_and(|rest| rest.ends_with('.'))
}

/// Record sets that cannot be beside each other: a CNAME beside anything, one without an identifier beside one with.
fn contradictions(zone: &HostedZone) -> Vec<RecordFault> {
    let sets: Vec<&RecordSet> = zone.records.values().collect();
    let names = sets.chunk_by(|one, next| one.name == next.name);
    names
        .filter_map(|sets| {
            let of = |set: &RecordSet| (set.name.clone(), set.kind.clone());
            let kinds: Vec<_> = sets.chunk_by(|one, next| one.kind == next.kind).collect();
            let cname = sets.iter().find(|set| set.kind == "CNAME");
            if let Some(set) = cname.filter(|_| kinds.len() > 1) {
                return Some(RecordFault::CnameBesideOthers { name: set.name.clone(), zone: zone.name.clone() });
            }
            if let Some(sets) = kinds.iter().find(|sets| sets.len() > SETS) {
                let (name, kind) = of(sets[0]);
                return Some(RecordFault::TooManySetsOfName { name, kind, most: SETS });
            }
            if let Some(set) = kinds.iter().find_map(|sets| rival(sets)) {
                return Some(RecordFault::SameRouting { set: set.called() });
            }
            let mixed = kinds.into_iter().find(|sets| sets.iter().any(|set| set.routing() != sets[0].routing()));
            mixed.map(|sets| of(sets[0])).map(|(name, kind)| RecordFault::OtherRouting { name, kind })
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
