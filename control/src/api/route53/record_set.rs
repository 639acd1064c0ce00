//! Records of hosted zones.

use super::{Result, bare, change, size};
use crate::api::action::Actions;
use model::reversed;
use model::{AliasTarget, Caller, Model, RECORD_TYPES, RecordAction, RecordSet, ZoneError, domain_name};
use shapes::route53;

/// The most record sets of a page, and the most changes of a batch.
const PAGE: usize = 300;
const BATCH: usize = 1000;

pub fn actions(all: Actions) -> Actions {
    all.write(change_records).read(list)
}

fn change_records(
    model: &mut Model,
    caller: &Caller,
    input: route53::ChangeResourceRecordSetsRequest,
) -> Result<route53::ChangeResourceRecordSetsResponse> {
    let route53::ChangeResourceRecordSetsRequest { hosted_zone_id, change_batch } = input;
    if change_batch.changes.len() > BATCH {
        let wrong = format!("Number of records limit of {BATCH} exceeded.");
        return Err(ZoneError::InvalidChangeBatch(vec![wrong]).into());
    }
    let changes = change_batch.changes.iter().map(|change| {
        let action = match change.action.as_str() {
            "CREATE" => RecordAction::Create,
            "DELETE" => RecordAction::Delete,
            "UPSERT" => RecordAction::Upsert,
            other => return Err(ZoneError::InvalidInput(format!("{other} is no action"))),
        };
        Ok((action, record_set(&change.resource_record_set)?))
    });
    let changes = changes.collect::<std::result::Result<Vec<_>, _>>()?;
    model.change_records(caller, bare(&hosted_zone_id), changes)?;
    let change_info = change(model, caller, change_batch.comment);
    Ok(route53::ChangeResourceRecordSetsResponse { change_info })
}

/// In the order of their names, label by label from the last, then by type and identifier.
fn list(
    model: &Model,
    caller: &Caller,
    input: route53::ListResourceRecordSetsRequest,
) -> Result<route53::ListResourceRecordSetsResponse> {
    let route53::ListResourceRecordSetsRequest {
        hosted_zone_id,
        start_record_name,
        start_record_type,
        start_record_identifier,
        max_items,
    } = input;
    let zone = model.zone_of(&caller.scope.account, bare(&hosted_zone_id))?;
    let size = size(max_items.as_deref(), PAGE)?;
    let from = match (start_record_name, start_record_type) {
        (None, None) => String::new(),
        (None, Some(_)) => {
            return Err(ZoneError::InvalidInput("A type to begin with needs a name to begin with".into()).into());
        }
        (Some(name), kind) => {
            let first = reversed(&name_of(&name)?) + " ";
            kind.map_or(first.clone(), |kind| format!("{first}{kind} {}", start_record_identifier.unwrap_or_default()))
        }
    };
    let mut sets: Vec<&RecordSet> = zone.records.range(from..).map(|(_, set)| set).take(size + 1).collect();
    let next = if sets.len() > size { sets.pop() } else { None };
    Ok(route53::ListResourceRecordSetsResponse {
        resource_record_sets: sets.into_iter().map(shown).collect(),
        is_truncated: next.is_some(),
        next_record_name: next.map(|set| set.name.clone()),
        next_record_type: next.map(|set| set.kind.clone()),
        next_record_identifier: next.and_then(|set| set.identifier.clone()),
        max_items: size.to_string(),
    })
}

pub(super) fn name_of(text: &str) -> std::result::Result<String, ZoneError> {
    domain_name(text).ok_or_else(|| ZoneError::InvalidDomainName { name: text.into() })
}

fn record_set(set: &route53::ResourceRecordSet) -> std::result::Result<RecordSet, ZoneError> {
    if !RECORD_TYPES.contains(&set.r#type.as_str()) {
        return Err(ZoneError::InvalidInput(format!("{} is no type of records that is kept here", set.r#type)));
    }
    let alias = |alias: &route53::AliasTarget| {
        Ok(AliasTarget {
            zone: alias.hosted_zone_id.clone(),
            name: name_of(&alias.dns_name)?,
            evaluate_health: alias.evaluate_target_health,
        })
    };
    let number = |name: &str, value: i64, most: i64| match (0..=most).contains(&value) {
        true => Ok(value),
        false => Err(ZoneError::InvalidInput(format!("{name} is from 0 to {most}, not {value}"))),
    };
    let weight = set.weight.map(|weight| number("Weight", weight, 255)).transpose()?;
    let ttl = set.ttl.map(|ttl| number("TTL", ttl, i64::from(i32::MAX))).transpose()?;
    Ok(RecordSet {
        name: name_of(&set.name)?,
        kind: set.r#type.clone(),
        identifier: set.set_identifier.clone(),
        weight: weight.and_then(|weight| u8::try_from(weight).ok()),
        multivalue: set.multi_value_answer.unwrap_or(false),
        ttl: ttl.and_then(|ttl| u32::try_from(ttl).ok()),
        values: set.resource_records.iter().map(|record| record.value.clone()).collect(),
        alias: set.alias_target.as_ref().map(alias).transpose()?,
    })
}

fn shown(set: &RecordSet) -> route53::ResourceRecordSet {
    let values = set.values.iter().map(|value| route53::ResourceRecord { value: value.clone() });
    let values: shapes::List<_> = values.collect();
    route53::ResourceRecordSet {
        name: set.name.replace('*', "\\052"),
        r#type: set.kind.clone(),
        set_identifier: set.identifier.clone(),
        weight: set.weight.map(i64::from),
        multi_value_answer: set.multivalue.then_some(true),
        ttl: set.ttl.map(i64::from),
        resource_records: values.unless_empty(),
        alias_target: set.alias.as_ref().map(|alias| route53::AliasTarget {
            hosted_zone_id: alias.zone.clone(),
            dns_name: alias.name.clone(),
            evaluate_target_health: alias.evaluate_health,
        }),
        ..Default::default()
    }
}
