//! Fleets whose target is changed, and what has happened to them.

use super::fleet::{configs, launch, target};
use super::text;
use crate::api::action::{Actions, Change, View};
use model::{Error, Fleet, FleetError, FleetInstance, FleetKind, Result, Tags, Time};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(modify).read(describe_history)
}

/// Launches what is lacking then, or terminates what is too much if that is the fleet's way.
fn modify(cx: Change, input: ec2::ModifyFleetRequest) -> Result<()> {
    let ec2::ModifyFleetRequest {
        excess_capacity_termination_policy,
        launch_template_configs,
        fleet_id: id,
        target_capacity_specification,
    } = input;
    let mut fleet = cx.model.fleets.find(&cx.caller.scope, &id)?.clone();
    if fleet.kind != FleetKind::Maintain || fleet.deleted.is_some() {
        return Err(Error::FleetNotModifiable { id });
    }
    match excess_capacity_termination_policy.as_deref() {
        None => {}
        Some(word @ ("termination" | "no-termination")) => fleet.excess = word.to_owned(),
        Some(other) => return Err(Error::invalid("ExcessCapacityTerminationPolicy", other)),
    }
    if !launch_template_configs.is_empty() {
        fleet.configs = configs(cx.model, cx.caller, fleet.kind, launch_template_configs)?;
    }
    if let Some(sent) = target_capacity_specification {
        fleet.target = target(&sent)?;
    }
    launch(cx.model, cx.caller, &mut fleet, &Tags::new())?;
    let shrinks = fleet.excess == "termination";
    cx.model.insert_fleet(fleet)?;
    if shrinks { cx.model.shrink_fleet(cx.caller, &id) } else { Ok(()) }
}

/// The history of a fleet: its start, and its launches, which were at that time or failed.
fn history(fleet: &Fleet) -> Vec<ec2::HistoryRecordEntry> {
    let record =
        |kind: &str, what: &str, description: Option<String>, instance: Option<&String>| ec2::HistoryRecordEntry {
            event_information: Some(ec2::EventInformation {
                event_description: description,
                event_sub_type: text(what),
                instance_id: instance.cloned(),
            }),
            event_type: text(kind),
            timestamp: Some(fleet.created),
        };
    let begun = ["submitted", "active"].map(|what| record("fleet-change", what, None, None));
    let launched = |own: &FleetInstance| record("instance-change", "launched", None, Some(&own.id));
    let failed = |error: &FleetError| {
        let why = format!("{}: {}", error.code, error.message);
        record("service-error", "launchSpecUnusable", Some(why), None)
    };
    let launches = fleet.instances.iter().map(launched);
    begun.into_iter().chain(launches).chain(fleet.errors.iter().map(failed)).collect()
}

/// All of it at once: a fleet's past is short.
fn describe_history(cx: View, input: ec2::DescribeFleetHistoryRequest) -> Result<ec2::DescribeFleetHistoryResult> {
    let ec2::DescribeFleetHistoryRequest { event_type, page: _, fleet_id, start_time } = input;
    let fleet = cx.model.fleets.find(&cx.caller.scope, &fleet_id)?;
    let since: Time = start_time;
    let mut records = history(fleet);
    records.retain(|record| record.timestamp.is_some_and(|at| at >= since));
    records.retain(|record| event_type.is_none() || record.event_type == event_type);
    Ok(ec2::DescribeFleetHistoryResult {
        history_records: records.into(),
        last_evaluated_time: Some(cx.caller.now),
        next_token: None,
        fleet_id: Some(fleet_id),
        start_time: Some(start_time),
    })
}
