//! Scheduled actions on clusters. They are stored and returned; nothing is carried out.

use super::cluster::THING as CLUSTER;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text};
use crate::api::entry::{self, found, retold};
use model::services::{Error, Obstacle, Result, ServiceEntry, Thing};
use model::{Caller, Model, Tags};
use shapes::redshift::{self, ScheduledAction, ScheduledActionType};

const THING: Thing = Thing::ScheduledAction;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

/// The name of a target action, and its cluster.
fn target(action: &ScheduledActionType) -> Option<(&'static str, &str)> {
    let ScheduledActionType { resize_cluster, pause_cluster, resume_cluster } = action;
    match (resize_cluster, pause_cluster, resume_cluster) {
        (Some(resize), None, None) => Some(("ResizeCluster", &resize.cluster_identifier)),
        (None, Some(pause), None) => Some(("PauseCluster", &pause.cluster_identifier)),
        (None, None, Some(resume)) => Some(("ResumeCluster", &resume.cluster_identifier)),
        _ => None,
    }
}

/// Refuses an invalid schedule, a cluster that does not exist, and any number of target actions but one.
fn check(model: &Model, caller: &Caller, name: &str, action: &ScheduledAction) -> Result<()> {
    let missing = || Error::State { thing: THING, name: name.to_owned(), why: Obstacle::OneTarget {} };
    let (_, cluster) = action.target_action.as_ref().and_then(target).ok_or_else(missing)?;
    model.deployment(&caller.scope, CLUSTER, cluster)?;
    let schedule = action.schedule.as_deref().unwrap_or_default();
    let is_of = |word: &str| schedule.strip_prefix(word).is_some_and(|rest| rest.ends_with(')'));
    match is_of("at(") || is_of("cron(") {
        true => Ok(()),
        false => Err(Error::Schedule { schedule: schedule.to_owned() }),
    }
}

fn state(is_on: bool) -> Option<String> {
    text(if is_on { "ACTIVE" } else { "DISABLED" })
}

fn create(cx: Change, input: redshift::CreateScheduledActionMessage) -> Result<ScheduledAction> {
    let name = input.scheduled_action_name;
    let action = ScheduledAction {
        target_action: Some(input.target_action),
        schedule: Some(input.schedule),
        iam_role: Some(input.iam_role),
        scheduled_action_description: input.scheduled_action_description,
        state: state(input.enable != Some(false)),
        start_time: input.start_time,
        end_time: input.end_time,
        ..Default::default()
    };
    check(cx.model, cx.caller, &name, &action)?;
    Ok(shown(&entry::create(cx.model, cx.caller, (THING, &name), &action, Tags::new())?))
}

fn describe(cx: View, input: redshift::DescribeScheduledActionsMessage) -> Result<Paged<ScheduledAction>> {
    let redshift::DescribeScheduledActionsMessage {
        scheduled_action_name: name,
        target_action_type,
        start_time,
        end_time,
        active,
        filters,
        page,
    } = input;
    // An action is asked for if it can be carried out between the two times.
    let is_asked = |entry: &ServiceEntry| {
        let action = shown(entry);
        let (kind, cluster) = action.target_action.as_ref().and_then(target).unwrap_or_default();
        let value = |filter: &str| match filter {
            "cluster-identifier" => cluster,
            "iam-role" => action.iam_role.as_deref().unwrap_or_default(),
            _ => "",
        };
        target_action_type.as_deref().is_none_or(|asked| asked.eq_ignore_ascii_case(kind))
            && start_time.is_none_or(|from| action.end_time.is_none_or(|end| end > from))
            && end_time.is_none_or(|to| action.start_time.is_none_or(|start| start < to))
            && active.is_none_or(|active| action.state == state(active))
            && filters.iter().all(|filter| filter.values.iter().any(|wanted| wanted == value(&filter.name)))
    };
    Ok(found(cx.model, &cx.caller.scope, (THING, name), page, is_asked)?.map(shown))
}

fn modify(Change { model, caller }: Change, input: redshift::ModifyScheduledActionMessage) -> Result<ScheduledAction> {
    let name = input.scheduled_action_name;
    let entry = retold(model, &caller.scope, (THING, &name), |model, told: &mut ScheduledAction| {
        told.target_action = input.target_action.or(told.target_action.take());
        told.schedule = input.schedule.or(told.schedule.take());
        told.iam_role = input.iam_role.or(told.iam_role.take());
        told.scheduled_action_description =
            input.scheduled_action_description.or(told.scheduled_action_description.take());
        told.state = input.enable.map_or(told.state.take(), state);
        told.start_time = input.start_time.or(told.start_time);
        told.end_time = input.end_time.or(told.end_time);
        check(model, caller, &name, told)
    })?;
    Ok(shown(&entry))
}

fn delete(cx: Change, input: redshift::DeleteScheduledActionMessage) -> Result<()> {
    cx.model.delete_service_entry(&cx.caller.scope, THING, &input.scheduled_action_name)?;
    Ok(())
}

fn shown(entry: &ServiceEntry) -> ScheduledAction {
    ScheduledAction { scheduled_action_name: text(&entry.name), ..entry::told(entry) }
}
