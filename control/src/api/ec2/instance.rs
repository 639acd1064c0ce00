//! Instances: describing them, and their lives.

use super::instance_filters::{DESCRIBED, STATUS};
use super::instance_item::{shown, state, status_check};
use super::listing::{by_age, missing_is_error, paged};
use super::security_group::identifiers;
use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Caller, Error, IdKind, Instance, InstanceState, Model, Result, zone_id};
use shapes::{List, ec2};
use std::collections::HashMap;

pub fn actions(all: Actions) -> Actions {
    all.read(describe).read(describe_status).write(start).write(stop).write(reboot).write(terminate).write(report)
}

/// The caller's instances, without those terminated too long ago.
pub fn visible<'m>(model: &'m Model, caller: &'m Caller) -> impl Iterator<Item = &'m Instance> {
    model.instances.of(&caller.scope).filter(|instance| !instance.is_forgotten(caller.now))
}

fn describe(cx: View, input: ec2::DescribeInstancesRequest) -> Result<ec2::DescribeInstancesResult> {
    let ec2::DescribeInstancesRequest { instance_ids, filters, page } = input;
    if page.size.is_some() && !instance_ids.is_empty() {
        return Err(Error::IdsOrPages {});
    }
    let chosen = DESCRIBED.choose(cx.model, visible(cx.model, cx.caller), &instance_ids, &filters)?;
    let mut launches: HashMap<&str, Vec<&Instance>> = HashMap::new();
    for instance in chosen {
        launches.entry(&instance.reservation).or_default().push(instance);
    }
    // A page holds reservations, the first launched first; those of one stay together.
    let reservations: Vec<(String, Vec<&Instance>)> =
        launches.into_values().map(|all| in_order(cx.model, all)).collect();
    let (reservations, next_token) = paged(&page, reservations, |(place, _)| place)?;
    let reservations = reservations.into_iter().map(|(_, instances)| reservation(cx.model, &instances)).collect();
    Ok(ec2::DescribeInstancesResult { reservations, next_token })
}

/// The instances of a reservation, in the order of their launch, behind what puts the reservation into its place.
fn in_order<'m>(model: &Model, mut instances: Vec<&'m Instance>) -> (String, Vec<&'m Instance>) {
    instances.sort_by_key(|instance| instance.launch_index);
    let time = instances.iter().map(|instance| instance.launched.second().0).min().unwrap_or_default();
    let id = instances.first().map_or("", |instance| &instance.reservation);
    let made = model.place_of_id(id);
    (format!("{time:020} {made:020} {id}"), instances)
}

/// A reservation: what one call launched.
pub fn reservation(model: &Model, instances: &[&Instance]) -> ec2::Reservation {
    let first = instances.first();
    let classic = first.and_then(|instance| instance.classic());
    ec2::Reservation {
        reservation_id: first.map(|instance| instance.reservation.clone()),
        owner_id: first.map(|instance| instance.scope.account.clone()),
        groups: identifiers(model, classic.map(|classic| classic.groups.as_slice()).unwrap_or_default()),
        instances: instances.iter().map(|instance| shown(model, instance)).collect(),
        requester_id: None,
    }
}

fn describe_status(cx: View, input: ec2::DescribeInstanceStatusRequest) -> Result<ec2::DescribeInstanceStatusResult> {
    let ec2::DescribeInstanceStatusRequest { instance_ids, filters, include_all_instances, page } = input;
    let mut instances = STATUS.choose(cx.model, visible(cx.model, cx.caller), &instance_ids, &filters)?;
    instances.retain(|instance| include_all_instances == Some(true) || instance.is_running());
    let (instances, next_token) = by_age(cx.model, &page, instances, |instance| &instance.id)?;
    Ok(ec2::DescribeInstanceStatusResult { instance_statuses: instances.into_iter().map(status).collect(), next_token })
}

fn status(instance: &Instance) -> ec2::InstanceStatus {
    let (word, passed) = status_check(instance);
    let details = passed.map(|status| ec2::InstanceStatusDetails {
        name: text("reachability"),
        status: text(status),
        impaired_since: None,
    });
    let details: List<_> = details.into_iter().collect();
    let summary = || Some(ec2::InstanceStatusSummary { status: text(word), details: details.clone().unless_empty() });
    ec2::InstanceStatus {
        instance_id: text(&instance.id),
        availability_zone: text(&instance.zone),
        availability_zone_id: text(zone_id(&instance.zone)),
        instance_state: state(instance.state),
        system_status: summary(),
        instance_status: summary(),
        operator: Some(ec2::OperatorResponse { managed: Some(false), ..Default::default() }),
        ..Default::default()
    }
}

/// The instances that a request names; there must be one, and all must be there.
fn named(model: &Model, caller: &Caller, ids: List<String>) -> Result<List<String>> {
    if ids.is_empty() {
        return Err(Error::NoInstances {});
    }
    let missing = |id: &&String| model.instances.find(&caller.scope, id).is_err();
    missing_is_error(IdKind::Instance, ids.iter().filter(missing).cloned().collect())?;
    Ok(ids)
}

/// A change of state: what it is, and what it was.
type Changes = Result<List<ec2::InstanceStateChange>>;

/// Changes the state of the instances that a request names.
fn change(
    model: &mut Model,
    caller: &Caller,
    ids: List<String>,
    act: fn(&mut Model, &Caller, &[String]) -> Result<Vec<InstanceState>>,
) -> Changes {
    let ids = named(model, caller, ids)?;
    let before = act(model, caller, &ids)?;
    let one = |(id, before): (&String, &InstanceState)| ec2::InstanceStateChange {
        instance_id: text(id),
        current_state: state(model.instances.get(id).map_or(*before, |instance| instance.state)),
        previous_state: state(*before),
    };
    Ok(ids.iter().zip(&before).map(one).collect())
}

fn start(cx: Change, input: ec2::StartInstancesRequest) -> Changes {
    change(cx.model, cx.caller, input.instance_ids, Model::start_instances)
}

fn stop(cx: Change, input: ec2::StopInstancesRequest) -> Changes {
    change(cx.model, cx.caller, input.instance_ids, Model::stop_instances)
}

fn reboot(cx: Change, input: ec2::RebootInstancesRequest) -> Result<()> {
    let ids = named(cx.model, cx.caller, input.instance_ids)?;
    cx.model.reboot_instances(cx.caller, &ids)
}

fn terminate(cx: Change, input: ec2::TerminateInstancesRequest) -> Changes {
    change(cx.model, cx.caller, input.instance_ids, Model::terminate_instances)
}

/// A report about instances has no effect.
fn report(cx: Change, input: ec2::ReportInstanceStatusRequest) -> Result<()> {
    let ec2::ReportInstanceStatusRequest { instances, status } = input;
    named(cx.model, cx.caller, instances)?;
    match status.as_str() {
        "ok" | "impaired" => Ok(()),
        other => Err(Error::invalid("Status", other)),
    }
}
