//! Lifecycle hooks.

use super::{Result, number, shown_number, wanted};
use crate::api::action::Actions;
use model::auto_scaling::{LifecycleHook, Outcome, Transition};
use model::{Caller, Model};
use shapes::autoscaling;

pub fn actions(all: Actions) -> Actions {
    all.write(put).read(describe).read(describe_types).write(delete).write(complete).write(beat)
}

fn put(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::PutLifecycleHookType,
) -> Result<autoscaling::PutLifecycleHookAnswer> {
    let autoscaling::PutLifecycleHookType {
        lifecycle_hook_name: name,
        auto_scaling_group_name: group,
        lifecycle_transition,
        role_arn,
        notification_target_arn,
        notification_metadata,
        heartbeat_timeout,
        default_result,
    } = input;
    let transition = lifecycle_transition.map(|word| Transition::read("lifecycleTransition", &word)).transpose()?;
    let sent = Sent {
        default: default_result,
        timeout: heartbeat_timeout,
        target: notification_target_arn,
        role: role_arn,
        metadata: notification_metadata,
    };
    put_one(model, caller, &group, (&name, transition), sent)?;
    Ok(autoscaling::PutLifecycleHookAnswer {})
}

/// What a request says of a hook.
struct Sent {
    default: Option<String>,
    timeout: Option<i32>,
    target: Option<String>,
    role: Option<String>,
    metadata: Option<String>,
}

fn put_one(
    model: &mut Model,
    caller: &Caller,
    group: &str,
    named: (&str, Option<Transition>),
    sent: Sent,
) -> Result<()> {
    let default = sent.default.map(|word| Outcome::read("defaultResult", &word)).transpose()?;
    let timeout = number("HeartbeatTimeout", sent.timeout)?;
    let change = |hook: &mut LifecycleHook| {
        hook.default = default.unwrap_or(hook.default);
        hook.timeout = timeout.unwrap_or(hook.timeout);
        hook.target = sent.target.or(hook.target.take());
        hook.role = sent.role.or(hook.role.take());
        hook.metadata = sent.metadata.or(hook.metadata.take());
    };
    Ok(model.put_lifecycle_hook(caller, group, named, change)?)
}

/// The hooks that a new group has from the beginning.
pub fn put_with_group(
    model: &mut Model,
    caller: &Caller,
    group: &str,
    specifications: impl IntoIterator<Item = autoscaling::LifecycleHookSpecification>,
) -> Result<()> {
    for one in specifications {
        let autoscaling::LifecycleHookSpecification {
            lifecycle_hook_name: name,
            lifecycle_transition,
            notification_metadata: metadata,
            heartbeat_timeout: timeout,
            default_result: default,
            notification_target_arn: target,
            role_arn: role,
        } = one;
        let transition = Transition::read("lifecycleTransition", &lifecycle_transition)?;
        put_one(model, caller, group, (&name, Some(transition)), Sent { default, timeout, target, role, metadata })?;
    }
    Ok(())
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: autoscaling::DescribeLifecycleHooksType,
) -> Result<autoscaling::DescribeLifecycleHooksAnswer> {
    let autoscaling::DescribeLifecycleHooksType { auto_scaling_group_name: group, lifecycle_hook_names: names } = input;
    let row = model.scaling_group(&caller.scope, &group)?;
    let hooks = row.hooks.iter().filter(|(name, _)| wanted(&names, name));
    let one = |(name, hook): (&String, &LifecycleHook)| autoscaling::LifecycleHook {
        lifecycle_hook_name: Some(name.clone()),
        auto_scaling_group_name: Some(group.clone()),
        lifecycle_transition: Some(hook.transition.word().to_owned()),
        notification_target_arn: hook.target.clone(),
        role_arn: hook.role.clone(),
        notification_metadata: hook.metadata.clone(),
        heartbeat_timeout: Some(shown_number(hook.timeout)),
        global_timeout: Some(shown_number(hook.global_timeout())),
        default_result: Some(hook.default.word().to_owned()),
    };
    Ok(autoscaling::DescribeLifecycleHooksAnswer { lifecycle_hooks: hooks.map(one).collect() })
}

fn describe_types(
    _: &Model,
    _: &Caller,
    _: autoscaling::DescribeLifecycleHookTypesRequest,
) -> Result<autoscaling::DescribeLifecycleHookTypesAnswer> {
    let all = [Transition::Launching, Transition::Terminating].map(|transition| transition.word().to_owned());
    Ok(autoscaling::DescribeLifecycleHookTypesAnswer { lifecycle_hook_types: all.into_iter().collect() })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::DeleteLifecycleHookType,
) -> Result<autoscaling::DeleteLifecycleHookAnswer> {
    let autoscaling::DeleteLifecycleHookType { lifecycle_hook_name: name, auto_scaling_group_name: group } = input;
    model.delete_lifecycle_hook(caller, &group, &name)?;
    Ok(autoscaling::DeleteLifecycleHookAnswer {})
}

fn complete(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::CompleteLifecycleActionType,
) -> Result<autoscaling::CompleteLifecycleActionAnswer> {
    let autoscaling::CompleteLifecycleActionType {
        lifecycle_hook_name: name,
        auto_scaling_group_name: group,
        lifecycle_action_token: token,
        lifecycle_action_result: result,
        instance_id,
    } = input;
    let outcome = Outcome::read("lifecycleActionResult", &result)?;
    let of = (instance_id.as_deref(), token.as_deref());
    model.complete_lifecycle_action(caller, (&group, &name), of, outcome)?;
    Ok(autoscaling::CompleteLifecycleActionAnswer {})
}

fn beat(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::RecordLifecycleActionHeartbeatType,
) -> Result<autoscaling::RecordLifecycleActionHeartbeatAnswer> {
    let autoscaling::RecordLifecycleActionHeartbeatType {
        lifecycle_hook_name: name,
        auto_scaling_group_name: group,
        lifecycle_action_token: token,
        instance_id,
    } = input;
    model.beat_lifecycle_action(caller, (&group, &name), (instance_id.as_deref(), token.as_deref()))?;
    Ok(autoscaling::RecordLifecycleActionHeartbeatAnswer {})
}
