//! Capacity Reservations.

use super::instance_options::take_tenancy;
use super::listing::{Attributes, each, one};
use super::subnet::zone;
use super::{int, tags, text, token};
use crate::api::action::{Actions, Change, View};
use crate::api::arn;
use model::{
    Caller, CapacityChange, CapacityReservation, CapacityTerms, Error, InstanceMatch, Model, Result, Tenancy, Time,
    zone_id,
};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(cancel).read(usage)
}

static ATTRIBUTES: Attributes<CapacityReservation> = Attributes(&[
    ("availability-zone", |_, row| one(&row.terms.zone)),
    ("end-date", |_, row| each(row.terms.until)),
    ("end-date-type", |_, row| one(end_type(row))),
    ("instance-match-criteria", |_, row| one(row.terms.matches.word())),
    ("instance-platform", |_, row| one(&row.terms.platform)),
    ("instance-type", |_, row| one(&row.terms.instance_type)),
    ("owner-id", |_, row| one(&row.scope.account)),
    ("start-date", |_, row| one(row.created)),
    ("state", |model, row| one(state(model, row))),
    ("tenancy", |_, row| one(tenancy(row))),
]);

fn state(model: &Model, row: &CapacityReservation) -> &'static str {
    let ended = model.departures.get(&row.id).map(|departure| departure.since);
    match (ended, row.terms.until) {
        (None, _) => "active",
        (Some(ended), Some(until)) if ended >= until => "expired",
        (Some(_), _) => "cancelled",
    }
}

fn end_type(row: &CapacityReservation) -> &'static str {
    if row.terms.until.is_some() { "limited" } else { "unlimited" }
}

fn tenancy(row: &CapacityReservation) -> &'static str {
    if row.terms.tenancy == Tenancy::Dedicated { "dedicated" } else { "default" }
}

/// The number of further instances for which there is capacity. 0 once it has ended.
fn available(model: &Model, row: &CapacityReservation) -> u32 {
    if state(model, row) == "active" { row.terms.count - model.capacity_used(row) } else { 0 }
}

fn shown(model: &Model, row: &CapacityReservation) -> ec2::CapacityReservation {
    ec2::CapacityReservation {
        capacity_reservation_id: text(&row.id),
        owner_id: text(&row.scope.account),
        capacity_reservation_arn: text(arn(&row.scope, "capacity-reservation", &row.id)),
        availability_zone_id: text(zone_id(&row.terms.zone)),
        instance_type: text(&row.terms.instance_type),
        instance_platform: text(&row.terms.platform),
        availability_zone: text(&row.terms.zone),
        tenancy: text(tenancy(row)),
        total_instance_count: int(row.terms.count),
        available_instance_count: int(available(model, row)),
        ebs_optimized: Some(row.terms.ebs_optimized),
        ephemeral_storage: Some(row.terms.ephemeral_storage),
        state: text(state(model, row)),
        start_date: Some(row.created),
        end_date: row.terms.until,
        end_date_type: text(end_type(row)),
        instance_match_criteria: text(row.terms.matches.word()),
        create_date: Some(row.created),
        tags: tags::shown(&row.tags),
        reservation_type: text("default"),
        ..Default::default()
    }
}

fn count(sent: i32) -> Result<u32> {
    u32::try_from(sent).ok().filter(|count| *count <= 1000).ok_or_else(|| Error::invalid("InstanceCount", sent))
}

/// The end that a request says: a date, which is yet to come, belongs to what is limited.
fn end(caller: &Caller, kind: Option<&str>, date: Option<Time>) -> Result<Option<Time>> {
    if let Some(past) = date.filter(|date| *date <= caller.now) {
        return Err(Error::invalid("EndDate", past));
    }
    match (kind, date) {
        (None | Some("unlimited"), None) => Ok(None),
        (None | Some("limited"), Some(date)) => Ok(Some(date)),
        (Some("limited"), None) => Err(Error::missing("EndDate")),
        (Some("unlimited"), Some(_)) => Err(Error::EndOfUnlimited {}),
        (Some(other), _) => Err(Error::invalid("EndDateType", other)),
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateCapacityReservationRequest,
) -> Result<ec2::CapacityReservation> {
    let ec2::CreateCapacityReservationRequest {
        client_token,
        instance_type,
        instance_platform: platform,
        availability_zone,
        availability_zone_id,
        tenancy,
        instance_count,
        ebs_optimized,
        ephemeral_storage,
        end_date,
        end_date_type,
        instance_match_criteria,
        tag_specifications,
    } = input;
    let zone = zone(caller, availability_zone, availability_zone_id, |zone| Error::NoSuchZone { zone })?;
    let matches = instance_match_criteria.map(|word| InstanceMatch::read("InstanceMatchCriteria", &word));
    let placement = ec2::Placement { tenancy, ..Default::default() };
    let terms = CapacityTerms {
        instance_type,
        platform,
        zone: zone.ok_or_else(|| Error::missing("AvailabilityZone"))?,
        tenancy: take_tenancy(&placement)?.unwrap_or(Tenancy::Default),
        count: count(instance_count).and_then(|count| match count {
            0 => Err(Error::invalid("InstanceCount", 0)),
            count => Ok(count),
        })?,
        ebs_optimized: ebs_optimized.unwrap_or(false),
        ephemeral_storage: ephemeral_storage.unwrap_or(false),
        until: end(caller, end_date_type.as_deref(), end_date)?,
        matches: matches.transpose()?.unwrap_or_default(),
    };
    let tags = tags::of(tag_specifications, "capacity-reservation")?;
    let id = model.once(caller, "CreateCapacityReservation", token(&client_token), |model| {
        model.reserve_capacity(caller, terms, tags)
    })?;
    Ok(shown(model, model.capacity_reservations.find(&caller.scope, &id)?))
}

fn describe(
    cx: View,
    input: ec2::DescribeCapacityReservationsRequest,
) -> Result<ec2::DescribeCapacityReservationsResult> {
    let all = cx.model.capacity_reservations.of(&cx.caller.scope).chain(cx.model.departed(cx.caller));
    ATTRIBUTES.list(cx.model, all, input, |row| shown(cx.model, row))
}

fn modify(cx: Change, input: ec2::ModifyCapacityReservationRequest) -> Result<ec2::ModifyCapacityReservationResult> {
    let ec2::ModifyCapacityReservationRequest {
        capacity_reservation_id,
        instance_count,
        end_date,
        end_date_type,
        instance_match_criteria,
    } = input;
    let says_end = end_date.is_some() || end_date_type.is_some();
    let matches = instance_match_criteria.map(|word| InstanceMatch::read("InstanceMatchCriteria", &word));
    let change = CapacityChange {
        count: instance_count.map(count).transpose()?,
        until: if says_end { Some(end(cx.caller, end_date_type.as_deref(), end_date)?) } else { None },
        matches: matches.transpose()?,
    };
    cx.model.modify_capacity(cx.caller, &capacity_reservation_id, &change)?;
    Ok(ec2::ModifyCapacityReservationResult { r#return: Some(true), ..Default::default() })
}

fn cancel(cx: Change, input: ec2::CancelCapacityReservationRequest) -> Result<()> {
    cx.model.cancel_capacity(cx.caller, &input.capacity_reservation_id)
}

fn usage(cx: View, input: ec2::GetCapacityReservationUsageRequest) -> Result<ec2::GetCapacityReservationUsageResult> {
    let row = cx.model.capacity_reservations.find(&cx.caller.scope, &input.capacity_reservation_id)?;
    let used = cx.model.capacity_used(row);
    let usage = ec2::InstanceUsage { account_id: text(&row.scope.account), used_instance_count: int(used) };
    Ok(ec2::GetCapacityReservationUsageResult {
        capacity_reservation_id: text(&row.id),
        instance_type: text(&row.terms.instance_type),
        total_instance_count: int(row.terms.count),
        available_instance_count: int(row.terms.count - used),
        state: text(state(cx.model, row)),
        instance_usages: (used > 0).then_some(usage).into_iter().collect(),
        ..Default::default()
    })
}
