//! Scheduled actions.

use super::{Result, number, paged, shown_number, wanted};
use crate::api::action::Actions;
use model::auto_scaling::{Recurrence, Schedule, ScheduledAction};
use model::{Caller, Model, Time};
use shapes::{Timestamp, autoscaling};

pub fn actions(all: Actions) -> Actions {
    all.write(put).write(batch_put).write(delete).write(batch_delete).read(describe)
}

fn time(sent: Option<Timestamp>) -> Option<Time> {
    sent.map(|time| Time(time.0))
}

fn put(model: &mut Model, caller: &Caller, input: autoscaling::PutScheduledUpdateGroupActionType) -> Result<()> {
    let autoscaling::PutScheduledUpdateGroupActionType {
        auto_scaling_group_name,
        scheduled_action_name,
        // What a start time was called at first.
        time,
        start_time,
        end_time,
        recurrence,
        min_size,
        max_size,
        desired_capacity,
        time_zone,
    } = input;
    let request = autoscaling::ScheduledUpdateGroupActionRequest {
        scheduled_action_name: scheduled_action_name.clone(),
        start_time: start_time.or(time),
        end_time,
        recurrence,
        min_size,
        max_size,
        desired_capacity,
        time_zone,
    };
    Ok(model.schedule(caller, &auto_scaling_group_name, &scheduled_action_name, schedule(request)?)?)
}

fn schedule(sent: autoscaling::ScheduledUpdateGroupActionRequest) -> Result<Schedule> {
    let autoscaling::ScheduledUpdateGroupActionRequest {
        scheduled_action_name: _,
        start_time,
        end_time,
        recurrence,
        min_size,
        max_size,
        desired_capacity,
        time_zone,
    } = sent;
    Ok(Schedule {
        start: time(start_time),
        end: time(end_time),
        recurrence: recurrence.map(Recurrence::try_from).transpose()?,
        min: number("MinSize", min_size)?,
        max: number("MaxSize", max_size)?,
        desired: number("DesiredCapacity", desired_capacity)?,
        time_zone,
    })
}

/// An action of a batch that failed.
fn failed(name: String, error: &super::Error) -> autoscaling::FailedScheduledUpdateGroupActionRequest {
    use crate::api::protocol::ApiError;
    autoscaling::FailedScheduledUpdateGroupActionRequest {
        scheduled_action_name: name,
        error_code: Some(error.code().to_owned()),
        error_message: Some(error.to_string()),
    }
}

fn batch_put(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::BatchPutScheduledUpdateGroupActionType,
) -> Result<autoscaling::BatchPutScheduledUpdateGroupActionAnswer> {
    let autoscaling::BatchPutScheduledUpdateGroupActionType {
        auto_scaling_group_name: group,
        scheduled_update_group_actions: actions,
    } = input;
    model.scaling_group(&caller.scope, &group)?;
    let mut put = |request: autoscaling::ScheduledUpdateGroupActionRequest| {
        let name = request.scheduled_action_name.clone();
        let put = schedule(request).and_then(|schedule| Ok(model.schedule(caller, &group, &name, schedule)?));
        put.err().map(|error| failed(name, &error))
    };
    let failures = actions.into_iter().filter_map(&mut put).collect();
    Ok(autoscaling::BatchPutScheduledUpdateGroupActionAnswer { failed_scheduled_update_group_actions: failures })
}

fn delete(model: &mut Model, caller: &Caller, input: autoscaling::DeleteScheduledActionType) -> Result<()> {
    let autoscaling::DeleteScheduledActionType { auto_scaling_group_name, scheduled_action_name } = input;
    Ok(model.unschedule(caller, &auto_scaling_group_name, &scheduled_action_name)?)
}

fn batch_delete(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::BatchDeleteScheduledActionType,
) -> Result<autoscaling::BatchDeleteScheduledActionAnswer> {
    let autoscaling::BatchDeleteScheduledActionType { auto_scaling_group_name: group, scheduled_action_names: names } =
        input;
    model.scaling_group(&caller.scope, &group)?;
    let mut delete = |name: String| {
        let deleted = model.unschedule(caller, &group, &name);
        deleted.err().map(|error| failed(name, &error.into()))
    };
    Ok(autoscaling::BatchDeleteScheduledActionAnswer {
        failed_scheduled_actions: names.into_iter().filter_map(&mut delete).collect(),
    })
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: autoscaling::DescribeScheduledActionsType,
) -> Result<autoscaling::ScheduledActionsType> {
    let autoscaling::DescribeScheduledActionsType {
        auto_scaling_group_name: group,
        scheduled_action_names: names,
        start_time,
        end_time,
        page,
    } = input;
    // Times choose only where no names do.
    let (from, to) = (time(start_time).filter(|_| names.is_empty()), time(end_time).filter(|_| names.is_empty()));
    let chosen = |row: &&ScheduledAction| {
        row.scope == caller.scope
            && group.as_ref().is_none_or(|group| *group == row.group_name)
            && wanted(&names, &row.name)
            && from.is_none_or(|from| row.next.is_some_and(|next| next >= from))
            && to.is_none_or(|to| row.next.is_some_and(|next| next <= to))
    };
    let rows = model.scheduled_actions.iter().filter(chosen).collect();
    let (rows, next_token) = paged(page, rows, |row: &&ScheduledAction| &row.id)?;
    Ok(autoscaling::ScheduledActionsType {
        scheduled_update_group_actions: rows.into_iter().map(shown).collect(),
        next_token,
    })
}

fn shown(row: &ScheduledAction) -> autoscaling::ScheduledUpdateGroupAction {
    let Schedule { end, recurrence, min, max, desired, time_zone, start: _ } = &row.schedule;
    let next = row.next.map(Timestamp::from);
    autoscaling::ScheduledUpdateGroupAction {
        auto_scaling_group_name: Some(row.group_name.clone()),
        scheduled_action_name: Some(row.name.clone()),
        scheduled_action_arn: Some(row.arn()),
        time: next,
        start_time: next,
        end_time: end.map(Into::into),
        recurrence: recurrence.as_ref().map(|recurrence| recurrence.text().to_owned()),
        min_size: min.map(shown_number),
        max_size: max.map(shown_number),
        desired_capacity: desired.map(shown_number),
        time_zone: time_zone.clone(),
    }
}
