//! The instances of groups, one by one.

use super::activity::{begun, of_id};
use super::{Result, groups_of, launch_template, paged, wanted};
use crate::api::action::{Actions, Change, View};
use model::auto_scaling::{ActivityStatus, Error as Refusal, Member};
use model::{Model, zone_id};
use shapes::{Fault, List, Paged, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.read(describe)
        .write(terminate)
        .write(attach)
        .write(detach)
        .write(set_health)
        .write(set_protection)
        .write(enter_standby)
        .write(exit_standby)
}

/// An instance as its group shows it.
pub fn shown(model: &Model, id: &str, member: &Member) -> api::Instance {
    let details = details(model, "", id, member);
    api::Instance {
        instance_id: details.instance_id,
        instance_type: details.instance_type,
        availability_zone: details.availability_zone,
        availability_zone_id: details.availability_zone_id,
        lifecycle_state: details.lifecycle_state,
        health_status: details.health_status,
        launch_configuration_name: details.launch_configuration_name,
        launch_template: details.launch_template,
        protected_from_scale_in: details.protected_from_scale_in,
        weighted_capacity: details.weighted_capacity,
        ..api::Instance::default()
    }
}

fn details(model: &Model, group: &str, id: &str, member: &Member) -> api::AutoScalingInstanceDetails {
    let instance = model.instances.get(id);
    let zone = instance.map(|instance| instance.zone.clone()).unwrap_or_default();
    api::AutoScalingInstanceDetails {
        instance_id: id.to_owned(),
        instance_type: instance.map(|instance| instance.instance_type.clone()),
        auto_scaling_group_name: group.to_owned(),
        availability_zone_id: Some(zone_id(&zone)).filter(|id| !id.is_empty()),
        availability_zone: zone,
        lifecycle_state: member.lifecycle(),
        weighted_capacity: model
            .scaling_group_of_instance(id)
            .and_then(|group| group.settings.mixed.as_ref())
            .map(|_| member.weight.to_string()),
        health_status: member.health().to_owned(),
        launch_configuration_name: member.configuration.clone(),
        launch_template: member.template.as_ref().map(launch_template::shown),
        protected_from_scale_in: member.protected,
        ..api::AutoScalingInstanceDetails::default()
    }
}

fn describe(cx: View, input: api::DescribeAutoScalingInstancesType) -> Result<Paged<api::AutoScalingInstanceDetails>> {
    let all = groups_of(cx.model, &cx.caller.scope).flat_map(|group| {
        let members = group.members.iter();
        members.map(move |(id, member)| (&group.name, id, member))
    });
    let all = all.filter(|(_, id, _)| wanted(&input.instance_ids, id)).collect();
    // Only here is it written in capitals.
    let one = |(group, id, member): (&String, &String, &Member)| {
        let details = details(cx.model, group, id, member);
        api::AutoScalingInstanceDetails { health_status: details.health_status.to_uppercase(), ..details }
    };
    Ok(paged(input.page, all, |(_, id, _)| id.as_str())?.map(one))
}

fn terminate(
    Change { model, caller }: Change,
    input: api::TerminateInstanceInAutoScalingGroupType,
) -> Result<api::ActivityType> {
    let id = input.instance_id.ok_or_else(|| Fault::Missing { name: "InstanceId".into() })?;
    let is_other = |group: &String| model.scaling_group_of(&caller.scope, &id).is_ok_and(|found| found.name != *group);
    if let Some(group) = input.auto_scaling_group_name.filter(is_other) {
        return Err(Refusal::NotOfGroup { instance: id, group }.into());
    }
    let activity = model.terminate_member(caller, &id, input.should_decrement_desired_capacity)?;
    Ok(api::ActivityType { activity: of_id(model, &activity), ..api::ActivityType::default() })
}

fn attach(cx: Change, input: api::AttachInstancesQuery) -> Result<()> {
    Ok(cx.model.attach_instances(cx.caller, &input.auto_scaling_group_name, &input.instance_ids)?)
}

fn detach(cx: Change, input: api::DetachInstancesQuery) -> Result<List<api::Activity>> {
    let (group, decrements) = (&input.auto_scaling_group_name, input.should_decrement_desired_capacity);
    let activities = cx.model.detach_instances(cx.caller, group, &input.instance_ids, decrements)?;
    Ok(begun(cx.model, &activities, &ActivityStatus::InProgress))
}

fn set_health(cx: Change, input: api::SetInstanceHealthQuery) -> Result<()> {
    let healthy = match input.health_status.as_str() {
        "Healthy" => true,
        "Unhealthy" => false,
        _ => return Err(Refusal::invalid("HealthStatus", input.health_status).into()),
    };
    let respects_grace = input.should_respect_grace_period.unwrap_or(true);
    Ok(cx.model.set_instance_health(cx.caller, &input.instance_id, healthy, respects_grace)?)
}

fn set_protection(cx: Change, input: api::SetInstanceProtectionQuery) -> Result<()> {
    let (group, protects) = (&input.auto_scaling_group_name, input.protected_from_scale_in);
    Ok(cx.model.set_instance_protection(cx.caller, group, &input.instance_ids, protects)?)
}

fn enter_standby(cx: Change, input: api::EnterStandbyQuery) -> Result<List<api::Activity>> {
    let (group, decrements) = (&input.auto_scaling_group_name, input.should_decrement_desired_capacity);
    let activities = cx.model.enter_standby(cx.caller, group, &input.instance_ids, decrements)?;
    Ok(begun(cx.model, &activities, &ActivityStatus::InProgress))
}

fn exit_standby(cx: Change, input: api::ExitStandbyQuery) -> Result<List<api::Activity>> {
    let activities = cx.model.exit_standby(cx.caller, &input.auto_scaling_group_name, &input.instance_ids)?;
    Ok(begun(cx.model, &activities, &ActivityStatus::PreInService))
}
