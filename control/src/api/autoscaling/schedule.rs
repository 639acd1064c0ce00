//! Scheduled actions.

use super::{Error, Result, number, paged, same_members, shown_number, wanted};
use crate::api::action::{Actions, Change, View};
use crate::api::protocol::ApiError;
use model::auto_scaling::{Recurrence, Schedule, ScheduledAction};
use shapes::{List, Paged, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.write(put).write(batch_put).write(delete).write(batch_delete).read(describe)
}

fn put(cx: Change, input: api::PutScheduledUpdateGroupActionType) -> Result<()> {
    let mut sent: api::ScheduledUpdateGroupActionRequest = same_members(&input);
    // The start was called Time at first.
    sent.start_time = sent.start_time.or(input.time);
    Ok(cx.model.schedule(cx.caller, &input.auto_scaling_group_name, &input.scheduled_action_name, schedule(sent)?)?)
}

fn schedule(sent: api::ScheduledUpdateGroupActionRequest) -> Result<Schedule> {
    Ok(Schedule {
        start: sent.start_time,
        end: sent.end_time,
        recurrence: sent.recurrence.map(Recurrence::try_from).transpose()?,
        min: number("MinSize", sent.min_size)?,
        max: number("MaxSize", sent.max_size)?,
        desired: number("DesiredCapacity", sent.desired_capacity)?,
        time_zone: sent.time_zone,
    })
}

/// An action of a batch that failed.
fn failed(name: String, error: &Error) -> api::FailedScheduledUpdateGroupActionRequest {
    api::FailedScheduledUpdateGroupActionRequest {
        scheduled_action_name: name,
        error_code: Some(error.code().to_owned()),
        error_message: Some(error.to_string()),
    }
}

fn batch_put(
    cx: Change,
    input: api::BatchPutScheduledUpdateGroupActionType,
) -> Result<List<api::FailedScheduledUpdateGroupActionRequest>> {
    let group = input.auto_scaling_group_name;
    cx.model.scaling_group(&cx.caller.scope, &group)?;
    let put = |request: api::ScheduledUpdateGroupActionRequest| {
        let name = request.scheduled_action_name.clone();
        let put = schedule(request).and_then(|schedule| Ok(cx.model.schedule(cx.caller, &group, &name, schedule)?));
        put.err().map(|error| failed(name, &error))
    };
    Ok(input.scheduled_update_group_actions.into_iter().filter_map(put).collect())
}

fn delete(cx: Change, input: api::DeleteScheduledActionType) -> Result<()> {
    Ok(cx.model.unschedule(cx.caller, &input.auto_scaling_group_name, &input.scheduled_action_name)?)
}

fn batch_delete(
    cx: Change,
    input: api::BatchDeleteScheduledActionType,
) -> Result<List<api::FailedScheduledUpdateGroupActionRequest>> {
    let group = input.auto_scaling_group_name;
    cx.model.scaling_group(&cx.caller.scope, &group)?;
    let delete = |name: String| {
        let deleted = cx.model.unschedule(cx.caller, &group, &name);
        deleted.err().map(|error| failed(name, &error.into()))
    };
    Ok(input.scheduled_action_names.into_iter().filter_map(delete).collect())
}

fn describe(cx: View, input: api::DescribeScheduledActionsType) -> Result<Paged<api::ScheduledUpdateGroupAction>> {
    let api::DescribeScheduledActionsType {
        auto_scaling_group_name: group,
        scheduled_action_names: names,
        start_time,
        end_time,
        page,
    } = input;
    // Times choose only where no names do.
    let (from, to) = (start_time.filter(|_| names.is_empty()), end_time.filter(|_| names.is_empty()));
    let chosen = |row: &&ScheduledAction| {
        row.scope == cx.caller.scope
            && group.as_ref().is_none_or(|group| *group == row.group_name)
            && wanted(&names, &row.name)
            && from.is_none_or(|from| row.next.is_some_and(|next| next >= from))
            && to.is_none_or(|to| row.next.is_some_and(|next| next <= to))
    };
    let rows = cx.model.scheduled_actions.iter().filter(chosen).collect();
    Ok(paged(page, rows, |row: &&ScheduledAction| &row.id)?.map(shown))
}

fn shown(row: &ScheduledAction) -> api::ScheduledUpdateGroupAction {
    let Schedule { end, recurrence, min, max, desired, time_zone, start: _ } = &row.schedule;
    api::ScheduledUpdateGroupAction {
        auto_scaling_group_name: Some(row.group_name.clone()),
        scheduled_action_name: Some(row.name.clone()),
        scheduled_action_arn: Some(row.arn()),
        time: row.next,
        start_time: row.next,
        end_time: *end,
        recurrence: recurrence.as_ref().map(|recurrence| recurrence.text().to_owned()),
        min_size: min.map(shown_number),
        max_size: max.map(shown_number),
        desired_capacity: desired.map(shown_number),
        time_zone: time_zone.clone(),
    }
}
