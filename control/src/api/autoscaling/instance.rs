//! The instances of groups, one by one.

use super::activity::{begun, of_id};
use super::{Error, Result, group, paged, wanted};
use crate::api::action::Actions;
use model::auto_scaling::{ActivityStatus, Error as Refusal, Member};
use model::{Caller, Model, zone_id};
use shapes::autoscaling;

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
pub fn shown(model: &Model, id: &str, member: &Member) -> autoscaling::Instance {
    let details = details(model, "", id, member);
    autoscaling::Instance {
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
        ..autoscaling::Instance::default()
    }
}

fn details(model: &Model, group: &str, id: &str, member: &Member) -> autoscaling::AutoScalingInstanceDetails {
    let instance = model.instances.get(id);
    let zone = instance.map(|instance| instance.zone.clone()).unwrap_or_default();
    autoscaling::AutoScalingInstanceDetails {
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
        launch_template: member.template.as_ref().map(group::shown_template),
        protected_from_scale_in: member.protected,
        ..autoscaling::AutoScalingInstanceDetails::default()
    }
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: autoscaling::DescribeAutoScalingInstancesType,
) -> Result<autoscaling::AutoScalingInstancesType> {
    let autoscaling::DescribeAutoScalingInstancesType { instance_ids, page } = input;
    let all = group::of(model, &caller.scope).flat_map(|group| {
        let members = group.members.iter();
        members.map(move |(id, member)| (&group.name, id, member))
    });
    let all = all.filter(|(_, id, _)| wanted(&instance_ids, id)).collect();
    let (rows, next_token) = paged(page, all, |(_, id, _)| id.as_str())?;
    // Only here is it written in capitals.
    let one = |(group, id, member): (&String, &String, &Member)| {
        let details = details(model, group, id, member);
        autoscaling::AutoScalingInstanceDetails { health_status: details.health_status.to_uppercase(), ..details }
    };
    Ok(autoscaling::AutoScalingInstancesType {
        auto_scaling_instances: rows.into_iter().map(one).collect(),
        next_token,
    })
}

fn terminate(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::TerminateInstanceInAutoScalingGroupType,
) -> Result<autoscaling::ActivityType> {
    let autoscaling::TerminateInstanceInAutoScalingGroupType {
        instance_id,
        auto_scaling_group_name: group,
        should_decrement_desired_capacity: decrements,
    } = input;
    let id = instance_id.ok_or_else(|| Error::from(shapes::Fault::Missing { name: "InstanceId".into() }))?;
    if let Some(group) =
        group.filter(|name| model.scaling_group_of(&caller.scope, &id).is_ok_and(|found| found.name != *name))
    {
        return Err(Refusal::NotOfGroup { instance: id, group }.into());
    }
    let activity = model.terminate_member(caller, &id, decrements)?;
    Ok(autoscaling::ActivityType { activity: of_id(model, &activity), ..autoscaling::ActivityType::default() })
}

fn attach(model: &mut Model, caller: &Caller, input: autoscaling::AttachInstancesQuery) -> Result<()> {
    let autoscaling::AttachInstancesQuery { instance_ids, auto_scaling_group_name } = input;
    Ok(model.attach_instances(caller, &auto_scaling_group_name, &instance_ids)?)
}

fn detach(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::DetachInstancesQuery,
) -> Result<autoscaling::DetachInstancesAnswer> {
    let autoscaling::DetachInstancesQuery { instance_ids, auto_scaling_group_name: name, .. } = &input;
    let decrements = input.should_decrement_desired_capacity;
    let activities = model.detach_instances(caller, name, instance_ids, decrements)?;
    Ok(autoscaling::DetachInstancesAnswer { activities: begun(model, &activities, &ActivityStatus::InProgress) })
}

fn set_health(model: &mut Model, caller: &Caller, input: autoscaling::SetInstanceHealthQuery) -> Result<()> {
    let autoscaling::SetInstanceHealthQuery { instance_id, health_status, should_respect_grace_period } = input;
    let healthy = match health_status.as_str() {
        "Healthy" => true,
        "Unhealthy" => false,
        _ => return Err(Refusal::invalid("HealthStatus", health_status).into()),
    };
    let respects_grace = should_respect_grace_period.unwrap_or(true);
    Ok(model.set_instance_health(caller, &instance_id, healthy, respects_grace)?)
}

fn set_protection(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::SetInstanceProtectionQuery,
) -> Result<autoscaling::SetInstanceProtectionAnswer> {
    let autoscaling::SetInstanceProtectionQuery { instance_ids, auto_scaling_group_name: name, .. } = &input;
    model.set_instance_protection(caller, name, instance_ids, input.protected_from_scale_in)?;
    Ok(autoscaling::SetInstanceProtectionAnswer {})
}

fn enter_standby(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::EnterStandbyQuery,
) -> Result<autoscaling::EnterStandbyAnswer> {
    let autoscaling::EnterStandbyQuery { instance_ids, auto_scaling_group_name: name, .. } = &input;
    let activities = model.enter_standby(caller, name, instance_ids, input.should_decrement_desired_capacity)?;
    Ok(autoscaling::EnterStandbyAnswer { activities: begun(model, &activities, &ActivityStatus::InProgress) })
}

fn exit_standby(
    model: &mut Model,
    caller: &Caller,
    input: autoscaling::ExitStandbyQuery,
) -> Result<autoscaling::ExitStandbyAnswer> {
    let autoscaling::ExitStandbyQuery { instance_ids, auto_scaling_group_name } = input;
    let activities = model.exit_standby(caller, &auto_scaling_group_name, &instance_ids)?;
    Ok(autoscaling::ExitStandbyAnswer { activities: begun(model, &activities, &ActivityStatus::PreInService) })
}
