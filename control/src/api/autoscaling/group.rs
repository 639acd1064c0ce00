//! Auto Scaling groups.

use super::{
    Error, Result, fits, groups_of, instance, kept, launch_template, lifecycle_hook, load_balancer, mixed, number,
    paged, process, same_members, shown_number, tags, wanted,
};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::said;
use model::auto_scaling::{
    AutoScalingGroup, CapacityUnit, DeletionProtection, Error as Refusal, GroupSettings, HealthChecks,
    TerminationPolicy,
};
use model::{Caller, LaunchSpecification, Model};
use shapes::{Paged, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(update).write(set_desired).write(delete).read(describe)
}

/// The only status that a group is shown with.
const DELETING: &str = "Delete in progress";

fn create(cx: Change, input: api::CreateAutoScalingGroupType) -> Result<()> {
    let name = &input.auto_scaling_group_name;
    let mut sent: api::UpdateAutoScalingGroupType = same_members(&input);
    if sources(&sent) + usize::from(input.instance_id.is_some()) != 1 {
        return Err(Refusal::OneSource {}.into());
    }
    // A launch configuration with the group's name is created from the instance.
    if let Some(id) = &input.instance_id {
        let instance = cx.model.instances.find(&cx.caller.scope, id);
        let specification =
            LaunchSpecification::of(cx.model, instance.map_err(|_| Refusal::NoSuchInstance { instance: id.clone() })?);
        cx.model.create_launch_configuration(cx.caller, name, specification)?;
        sent.launch_configuration_name = Some(name.clone());
    }
    let mut settings = GroupSettings {
        cooldown: GroupSettings::COOLDOWN,
        termination_policies: vec![TerminationPolicy::Default],
        ..GroupSettings::default()
    };
    change(cx.model, cx.caller, "", sent)?(&mut settings);
    let desired = number("DesiredCapacity", input.desired_capacity)?;
    let tags = tags::of_new_group(name, input.tags)?;
    let balancers = [input.load_balancer_names.to_vec(), load_balancer::named(input.traffic_sources)?].concat();
    cx.model.create_scaling_group(cx.caller, name, settings, desired, tags)?;
    lifecycle_hook::put_with_group(cx.model, cx.caller, name, input.lifecycle_hook_specification_list)?;
    Ok(cx.model.attach_load_balancers(cx.caller, name, &balancers)?)
}

fn update(cx: Change, input: api::UpdateAutoScalingGroupType) -> Result<()> {
    let name = input.auto_scaling_group_name.clone();
    let before = cx.model.scaling_group(&cx.caller.scope, &name).map_err(|_| Refusal::NoGroupToUpdate {})?;
    let desired = number("DesiredCapacity", input.desired_capacity)?;
    let change = change(cx.model, cx.caller, &before.settings.told, input)?;
    Ok(cx.model.update_scaling_group(cx.caller, &name, change, desired)?)
}

/// The number of sources of instances in a request.
fn sources(sent: &api::UpdateAutoScalingGroupType) -> usize {
    let named = [
        sent.launch_configuration_name.is_some(),
        sent.launch_template.is_some(),
        sent.mixed_instances_policy.is_some(),
    ];
    named.into_iter().filter(|named| *named).count()
}

/// The change of a group's settings that a request asks for. `told` has the settings kept before.
fn change(
    model: &Model,
    caller: &Caller,
    told: &str,
    sent: api::UpdateAutoScalingGroupType,
) -> Result<impl FnOnce(&mut GroupSettings) + use<>> {
    if sources(&sent) > 1 {
        return Err(Refusal::OneSource {}.into());
    }
    let told = kept::over(told, &sent)?;
    let min = number("MinSize", sent.min_size)?;
    let max = number("MaxSize", sent.max_size)?;
    let cooldown = number("DefaultCooldown", sent.default_cooldown)?;
    let grace = number("HealthCheckGracePeriod", sent.health_check_grace_period)?;
    let lifetime = number("MaxInstanceLifetime", sent.max_instance_lifetime)?;
    let lifetime = lifetime.map(GroupSettings::lifetime_of).transpose()?;
    let health_checks = sent.health_check_type.map(HealthChecks::try_from).transpose()?;
    let protection = sent.deletion_protection.map(|word| DeletionProtection::read("DeletionProtection", &word));
    let protection = protection.transpose()?;
    let unit = sent.desired_capacity_type.map(|word| CapacityUnit::read("DesiredCapacityType", &word)).transpose()?;
    let policies = sent.termination_policies.iter().map(|word| TerminationPolicy::read("TerminationPolicies", word));
    let policies = policies.collect::<std::result::Result<Vec<_>, _>>()?;
    let templates = mixed::source(model, caller, sent.launch_template, sent.mixed_instances_policy)?;
    let source = match (sent.launch_configuration_name, templates) {
        (Some(name), _) => Some((name, None, None)),
        (None, Some((template, mixed))) => Some((String::new(), Some(template), mixed)),
        (None, None) => None,
    };
    Ok(move |settings: &mut GroupSettings| {
        settings.told = told;
        if let Some(source) = source {
            (settings.configuration, settings.template, settings.mixed) = source;
        }
        replace(&mut settings.min, min);
        replace(&mut settings.max, max);
        replace(&mut settings.cooldown, cooldown);
        replace(&mut settings.grace, grace);
        replace(&mut settings.unit, unit.map(Some));
        replace(&mut settings.lifetime, lifetime);
        replace(&mut settings.health_checks, health_checks);
        replace(&mut settings.protection, protection);
        replace(&mut settings.termination_policies, Some(policies).filter(|policies| !policies.is_empty()));
        replace(&mut settings.protects_new, sent.new_instances_protected_from_scale_in);
        replace(&mut settings.role, sent.service_linked_role_arn.map(Some));
        // An empty name removes the placement group.
        let placement_group = sent.placement_group.map(|name| Some(name).filter(|name| !name.is_empty()));
        replace(&mut settings.placement_group, placement_group);
        if sent.vpc_zone_identifier.is_some() || !sent.availability_zones.is_empty() {
            settings.subnets = subnets(sent.vpc_zone_identifier.as_deref());
            settings.zones = sent.availability_zones.to_vec();
        }
    })
}

fn replace<T>(old: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *old = new;
    }
}

/// The subnets of a VPCZoneIdentifier, which has commas between them.
fn subnets(identifier: Option<&str>) -> Vec<String> {
    let words = identifier.unwrap_or_default().split(',').map(str::trim);
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

fn set_desired(cx: Change, input: api::SetDesiredCapacityType) -> Result<()> {
    let api::SetDesiredCapacityType { auto_scaling_group_name, desired_capacity, honor_cooldown } = input;
    let desired = number("DesiredCapacity", Some(desired_capacity))?.unwrap_or_default();
    Ok(cx.model.set_desired_capacity(cx.caller, &auto_scaling_group_name, desired, honor_cooldown.unwrap_or(false))?)
}

fn delete(cx: Change, input: api::DeleteAutoScalingGroupType) -> Result<()> {
    let api::DeleteAutoScalingGroupType { auto_scaling_group_name: name, force_delete } = input;
    if cx.model.scaling_group(&cx.caller.scope, &name).is_err() {
        return Err(Refusal::NoGroupToDelete { name }.into());
    }
    Ok(cx.model.delete_scaling_group(cx.caller, &name, force_delete.unwrap_or(false))?)
}

fn describe(cx: View, input: api::AutoScalingGroupNamesType) -> Result<Paged<api::AutoScalingGroup>> {
    let api::AutoScalingGroupNamesType { auto_scaling_group_names: names, include_instances, page, filters } = input;
    let mut rows: Vec<&AutoScalingGroup> =
        groups_of(cx.model, &cx.caller.scope).filter(|group| wanted(&names, &group.name)).collect();
    for filter in filters.iter() {
        let name = filter.name.as_deref().unwrap_or_default();
        let passes: &dyn Fn(&AutoScalingGroup) -> bool = match name.strip_prefix("tag:") {
            Some(key) => {
                &|group: &AutoScalingGroup| group.tags.get(key).is_some_and(|tag| fits(&filter.values, &tag.value))
            }
            None if name == "tag-key" => {
                &|group: &AutoScalingGroup| group.tags.keys().any(|key| fits(&filter.values, key))
            }
            None if name == "tag-value" => {
                &|group: &AutoScalingGroup| group.tags.values().any(|tag| fits(&filter.values, &tag.value))
            }
            None => return Err(Error::Filter(name.to_owned())),
        };
        rows.retain(|group| passes(group));
    }
    let with_instances = include_instances.unwrap_or(true);
    let rows = paged(page, rows, |group: &&AutoScalingGroup| &group.name)?;
    Ok(rows.map(|group| shown(cx.model, group, with_instances)))
}

fn shown(model: &Model, group: &AutoScalingGroup, with_instances: bool) -> api::AutoScalingGroup {
    let GroupSettings {
        configuration,
        template,
        min,
        max,
        zones,
        subnets,
        cooldown,
        health_checks,
        grace,
        placement_group,
        termination_policies,
        protects_new,
        role,
        mixed,
        unit,
        lifetime,
        protection,
        told,
    } = &group.settings;
    let told: api::AutoScalingGroup = said(told);
    let metric = |name: &String| api::EnabledMetric {
        metric: Some(name.clone()),
        granularity: Some(super::notice::GRANULARITY.to_owned()),
    };
    let account = &group.scope.account;
    let usual = || {
        format!(
            "arn:{}:iam::{account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
            group.scope.partition()
        )
    };
    let members = group.members.iter().filter(|(_, member)| with_instances && !member.state.is_warm());
    api::AutoScalingGroup {
        auto_scaling_group_name: group.name.clone(),
        auto_scaling_group_arn: Some(group.arn()),
        launch_configuration_name: template.is_none().then(|| configuration.clone()),
        launch_template: template.as_ref().filter(|_| mixed.is_none()).map(launch_template::shown),
        mixed_instances_policy: mixed.as_ref().map(|mixed| mixed::shown(mixed, template.as_ref())),
        min_size: shown_number(*min),
        max_size: shown_number(*max),
        desired_capacity: shown_number(group.desired),
        // Groups of older versions have it among the stored members.
        desired_capacity_type: unit.map(|unit| unit.word().to_owned()).or(told.desired_capacity_type),
        default_cooldown: shown_number(*cooldown),
        availability_zones: zones.iter().cloned().collect(),
        load_balancer_names: group.load_balancers.iter().cloned().collect(),
        target_group_ar_ns: Vec::new().into(),
        health_check_type: health_checks.clone().into(),
        health_check_grace_period: Some(shown_number(*grace)),
        instances: members.map(|(id, member)| instance::shown(model, id, member)).collect(),
        created_time: group.created,
        suspended_processes: group.suspended.iter().map(process::shown).collect(),
        placement_group: placement_group.clone(),
        max_instance_lifetime: lifetime.map(shown_number),
        deletion_protection: Some(protection.word().to_owned()),
        vpc_zone_identifier: Some(subnets.join(",")),
        enabled_metrics: group.metrics.iter().map(metric).collect(),
        status: group.deleting.then(|| DELETING.to_owned()),
        tags: group.tags.iter().map(|(key, tag)| tags::shown(&group.name, key, tag)).collect(),
        termination_policies: termination_policies.iter().map(|policy| policy.word().to_owned()).collect(),
        new_instances_protected_from_scale_in: Some(*protects_new),
        service_linked_role_arn: Some(role.clone().unwrap_or_else(usual)),
        warm_pool_configuration: super::warm_pool::shown(group),
        warm_pool_size: group.warm_pool.as_ref().and_then(|_| i32::try_from(group.warmed().count()).ok()),
        traffic_sources: load_balancer::sources(group),
        ..told
    }
}
