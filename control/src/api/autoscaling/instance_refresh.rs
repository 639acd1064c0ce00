//! Instance refreshes.

use super::{Result, kept, mixed, number, paged, same_members, wanted};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{said, said_over};
use model::auto_scaling::{
    AutoScalingGroup, Error as Refusal, GroupSettings, InstanceRefresh, Protected, RefreshRules, RefreshStatus, Standby,
};
use model::{Caller, Model, Time};
use shapes::{Fault, Paged, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.write(start).write(cancel).write(roll_back).read(describe)
}

/// The default of MinHealthyPercentage for a group without a maintenance policy.
const HEALTHY: i32 = 90;
/// Why a refresh fails.
const WAITED: &str = "Instances that are in standby or protected from scaling in were waited for, for an hour in vain.";

fn start(cx: Change, input: api::StartInstanceRefreshType) -> Result<String> {
    if input.strategy.as_deref().is_some_and(|word| word != "Rolling") {
        return Err(Fault::Unsupported { name: "Strategy".to_owned() }.into());
    }
    let told = said_over("", &same_members::<_, api::InstanceRefresh>(&input));
    let (group, preferences) = (input.auto_scaling_group_name, input.preferences.unwrap_or_default());
    let of_policy = kept::least_healthy(cx.model.scaling_group(&cx.caller.scope, &group)?);
    let healthy = preferences.min_healthy_percentage.or(of_policy).unwrap_or(HEALTHY);
    let healthy = u32::try_from(healthy).ok().filter(|healthy| *healthy <= 100).ok_or(Refusal::RefreshPercentage {})?;
    let protected = preferences.scale_in_protected_instances.as_deref();
    let protected = protected.map(|word| Protected::read("ScaleInProtectedInstances", word)).transpose()?;
    let standby = preferences.standby_instances.as_deref();
    let standby = standby.map(|word| Standby::read("StandbyInstances", word)).transpose()?;
    let rules = RefreshRules {
        healthy,
        skips_matching: preferences.skip_matching.unwrap_or(false),
        protected: protected.unwrap_or_default(),
        standby: standby.unwrap_or_default(),
        warmup: warmup(cx.model, cx.caller, &group, preferences.instance_warmup)?,
    };
    let desired = input.desired_configuration.unwrap_or_default();
    let source = mixed::source(cx.model, cx.caller, desired.launch_template, desired.mixed_instances_policy)?;
    let change = |settings: &mut GroupSettings| {
        if let Some((used, mixed)) = source {
            (settings.configuration, settings.template, settings.mixed) = (String::new(), Some(used), mixed);
        }
    };
    Ok(cx.model.start_instance_refresh(cx.caller, &group, (rules, told), change)?)
}

/// How long a new instance is in service before the refresh goes on: as the request says, the group, or its health checks.
fn warmup(model: &Model, caller: &Caller, group: &str, asked: Option<i32>) -> Result<u32> {
    let settings = &model.scaling_group(&caller.scope, group)?.settings;
    let told: api::AutoScalingGroup = said(&settings.told);
    let seconds = asked.filter(|seconds| *seconds >= 0).or(told.default_instance_warmup);
    Ok(number("InstanceWarmup", seconds)?.unwrap_or(settings.grace))
}

fn cancel(cx: Change, input: api::CancelInstanceRefreshType) -> Result<String> {
    Ok(cx.model.cancel_instance_refresh(cx.caller, &input.auto_scaling_group_name)?)
}

fn roll_back(cx: Change, input: api::RollbackInstanceRefreshType) -> Result<String> {
    Ok(cx.model.roll_back_instance_refresh(cx.caller, &input.auto_scaling_group_name)?)
}

/// The latest first.
fn describe(cx: View, input: api::DescribeInstanceRefreshesType) -> Result<Paged<api::InstanceRefresh>> {
    let name = input.auto_scaling_group_name;
    let group = cx.model.scaling_group(&cx.caller.scope, &name).map_err(|_| Refusal::NoGroupToDescribe { name })?;
    let is_asked = |refresh: &&InstanceRefresh| wanted(&input.instance_refresh_ids, &refresh.id);
    let rows = group.refreshes.iter().rev().filter(is_asked).enumerate();
    let rows = rows.map(|(place, refresh)| (format!("{place:04}"), refresh)).collect();
    let rows = paged(input.page, rows, |(place, _)| place)?;
    Ok(rows.map(|(_, refresh)| shown(group, refresh, cx.caller.now)))
}

fn shown(group: &AutoScalingGroup, refresh: &InstanceRefresh, now: Time) -> api::InstanceRefresh {
    let all = refresh.instances.len();
    let warming = if refresh.ended.is_none() { group.warming(refresh, now).count() } else { 0 };
    let left = (group.to_refresh(refresh).count() + warming).min(all);
    let done = ((all - left) * 100).checked_div(all).unwrap_or(100);
    let number = |count: usize| i32::try_from(count).ok();
    let told: api::InstanceRefresh = said(&refresh.told);
    let has_failed = matches!(refresh.status, RefreshStatus::Failed | RefreshStatus::RollbackFailed);
    api::InstanceRefresh {
        instance_refresh_id: Some(refresh.id.clone()),
        auto_scaling_group_name: Some(group.name.clone()),
        status: Some(refresh.status.word().to_owned()),
        status_reason: has_failed.then(|| WAITED.to_owned()),
        start_time: Some(refresh.started),
        end_time: refresh.ended,
        percentage_complete: number(done),
        instances_to_update: number(left),
        strategy: Some("Rolling".to_owned()),
        ..told
    }
}
