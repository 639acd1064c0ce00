//! Lifecycle hooks.

use super::{Result, number, same_members, shown_number, wanted};
use crate::api::action::{Actions, Change, View};
use model::auto_scaling::{LifecycleHook, Outcome, Transition};
use model::{Caller, Model};
use shapes::{List, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.write(put).read(describe).read(describe_types).write(delete).write(complete).write(beat)
}

fn put(cx: Change, input: api::PutLifecycleHookType) -> Result<()> {
    let transition =
        input.lifecycle_transition.map(|word| Transition::read("lifecycleTransition", &word)).transpose()?;
    let default = input.default_result.map(|word| Outcome::read("defaultResult", &word)).transpose()?;
    let timeout = number("HeartbeatTimeout", input.heartbeat_timeout)?;
    let change = |hook: &mut LifecycleHook| {
        hook.default = default.unwrap_or(hook.default);
        hook.timeout = timeout.unwrap_or(hook.timeout);
        hook.target = input.notification_target_arn.or(hook.target.take());
        hook.role = input.role_arn.or(hook.role.take());
        hook.metadata = input.notification_metadata.or(hook.metadata.take());
    };
    let named = (input.lifecycle_hook_name.as_str(), transition);
    Ok(cx.model.put_lifecycle_hook(cx.caller, &input.auto_scaling_group_name, named, change)?)
}

/// The hooks that a new group has from the beginning.
pub fn put_with_group(
    model: &mut Model,
    caller: &Caller,
    group: &str,
    specifications: List<api::LifecycleHookSpecification>,
) -> Result<()> {
    specifications.iter().try_for_each(|one| {
        put(
            Change { model, caller },
            api::PutLifecycleHookType { auto_scaling_group_name: group.to_owned(), ..same_members(one) },
        )
    })
}

fn describe(cx: View, input: api::DescribeLifecycleHooksType) -> Result<List<api::LifecycleHook>> {
    let group = cx.model.scaling_group(&cx.caller.scope, &input.auto_scaling_group_name)?;
    let hooks = group.hooks.iter().filter(|(name, _)| wanted(&input.lifecycle_hook_names, name));
    let one = |(name, hook): (&String, &LifecycleHook)| api::LifecycleHook {
        lifecycle_hook_name: Some(name.clone()),
        auto_scaling_group_name: Some(group.name.clone()),
        lifecycle_transition: Some(hook.transition.word().to_owned()),
        notification_target_arn: hook.target.clone(),
        role_arn: hook.role.clone(),
        notification_metadata: hook.metadata.clone(),
        heartbeat_timeout: Some(shown_number(hook.timeout)),
        global_timeout: Some(shown_number(hook.global_timeout())),
        default_result: Some(hook.default.word().to_owned()),
    };
    Ok(hooks.map(one).collect())
}

fn describe_types(_: View, _: api::DescribeLifecycleHookTypesRequest) -> Result<List<String>> {
    Ok([Transition::Launching, Transition::Terminating]
        .map(|transition| transition.word().to_owned())
        .into_iter()
        .collect())
}

fn delete(cx: Change, input: api::DeleteLifecycleHookType) -> Result<()> {
    Ok(cx.model.delete_lifecycle_hook(cx.caller, &input.auto_scaling_group_name, &input.lifecycle_hook_name)?)
}

fn complete(cx: Change, input: api::CompleteLifecycleActionType) -> Result<()> {
    let outcome = Outcome::read("lifecycleActionResult", &input.lifecycle_action_result)?;
    let hook = (input.auto_scaling_group_name.as_str(), input.lifecycle_hook_name.as_str());
    let of = (input.instance_id.as_deref(), input.lifecycle_action_token.as_deref());
    Ok(cx.model.complete_lifecycle_action(cx.caller, hook, of, outcome)?)
}

fn beat(cx: Change, input: api::RecordLifecycleActionHeartbeatType) -> Result<()> {
    let hook = (input.auto_scaling_group_name.as_str(), input.lifecycle_hook_name.as_str());
    let of = (input.instance_id.as_deref(), input.lifecycle_action_token.as_deref());
    Ok(cx.model.beat_lifecycle_action(cx.caller, hook, of)?)
}
