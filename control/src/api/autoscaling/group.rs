//! Auto Scaling groups.

use super::{Error, Result, fits, instance, kept, needed, number, paged, process, shown_number, tags, wanted};
use crate::api::action::Actions;
use crate::api::deployment::said;
use model::auto_scaling::Error as ScalingError;
use model::auto_scaling::{
    AutoScalingGroup, DeletionProtection, GroupSettings, HealthChecks, Recipe, TemplateUse, TerminationPolicy,
};
use model::{Caller, Model, Scope};
use shapes::{Fault, List, autoscaling};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(update).write(set_desired).write(delete).read(describe)
}

/// The only status that a group is shown with.
const DELETING: &str = "Delete in progress";

fn create(model: &mut Model, caller: &Caller, input: autoscaling::CreateAutoScalingGroupType) -> Result<()> {
    let autoscaling::CreateAutoScalingGroupType {
        auto_scaling_group_name: name,
        launch_configuration_name,
        launch_template,
        min_size,
        max_size,
        desired_capacity,
        default_cooldown,
        availability_zones,
        load_balancer_names,
        health_check_type,
        health_check_grace_period,
        placement_group,
        vpc_zone_identifier,
        termination_policies,
        new_instances_protected_from_scale_in,
        tags: sent_tags,
        service_linked_role_arn,
        mixed_instances_policy,
        instance_id,
        capacity_rebalance,
        lifecycle_hook_specification_list: hooks,
        desired_capacity_type,
        default_instance_warmup,
        traffic_sources,
        instance_maintenance_policy,
        availability_zone_distribution,
        availability_zone_impairment_policy,
        capacity_reservation_specification,
        deletion_protection: protection,
        max_instance_lifetime,
    } = input;
    let mut mixed = None;
    let (configuration, template) =
        match (launch_configuration_name, launch_template, mixed_instances_policy, instance_id) {
            (Some(name), None, None, None) => (name, None),
            (None, Some(sent), None, None) => (String::new(), Some(template(model, caller, sent)?)),
            (None, None, Some(sent), None) => {
                let (base, policy) = super::mixed::read(model, caller, sent)?;
                mixed = Some(policy);
                (String::new(), Some(base))
            }
            // A launch configuration of the group's name is made of the instance.
            (None, None, None, Some(id)) => {
                let found = model.instances.find(&caller.scope, &id);
                let instance = found.map_err(|_| ScalingError::NoSuchInstance { instance: id.clone() })?;
                let recipe = Recipe::of(model, instance);
                model.create_launch_configuration(caller, &name, recipe)?;
                (name.clone(), None)
            }
            _ => return Err(ScalingError::OneSource {}.into()),
        };
    let as_said = autoscaling::AutoScalingGroup {
        capacity_rebalance,
        desired_capacity_type,
        default_instance_warmup,
        instance_maintenance_policy,
        availability_zone_distribution,
        availability_zone_impairment_policy,
        capacity_reservation_specification,
        ..Default::default()
    };
    let mut balancers = load_balancer_names.to_vec();
    for source in traffic_sources {
        match source.r#type.as_deref() {
            Some("elb") => balancers.push(source.identifier),
            _ => return Err(Fault::Unsupported { name: "TrafficSources".to_owned() }.into()),
        }
    }
    let settings = GroupSettings {
        configuration,
        template,
        min: needed("MinSize", min_size)?,
        max: needed("MaxSize", max_size)?,
        zones: availability_zones.to_vec(),
        subnets: subnets(vpc_zone_identifier.as_deref()),
        cooldown: number("DefaultCooldown", default_cooldown)?.unwrap_or(GroupSettings::COOLDOWN),
        health_checks: health_checks(health_check_type)?.unwrap_or_default(),
        grace: number("HealthCheckGracePeriod", health_check_grace_period)?.unwrap_or(0),
        placement_group,
        termination_policies: policies(&termination_policies)?.unwrap_or_else(|| vec![TerminationPolicy::Default]),
        protects_new: new_instances_protected_from_scale_in.unwrap_or(false),
        role: service_linked_role_arn,
        mixed,
        lifetime: lifetime(max_instance_lifetime)?.flatten(),
        protection: read_protection(protection.as_deref())?.unwrap_or_default(),
        told: kept::over("", &as_said)?,
    };
    let desired = number("DesiredCapacity", desired_capacity)?;
    let tags = tags::of_new_group(&name, sent_tags)?;
    model.create_scaling_group(caller, &name, settings, desired, tags)?;
    super::lifecycle_hook::put_with_group(model, caller, &name, hooks)?;
    Ok(model.attach_load_balancers(caller, &name, &balancers)?)
}

/// How long an instance may be in service, if that is said.
fn lifetime(seconds: Option<i32>) -> Result<Option<Option<u32>>> {
    let seconds = number("MaxInstanceLifetime", seconds)?;
    Ok(seconds.map(GroupSettings::lifetime_of).transpose()?)
}

fn read_protection(word: Option<&str>) -> Result<Option<DeletionProtection>> {
    Ok(word.map(|word| DeletionProtection::read("DeletionProtection", word)).transpose()?)
}

fn update(model: &mut Model, caller: &Caller, input: autoscaling::UpdateAutoScalingGroupType) -> Result<()> {
    let autoscaling::UpdateAutoScalingGroupType {
        auto_scaling_group_name: name,
        launch_configuration_name,
        launch_template,
        min_size,
        max_size,
        desired_capacity,
        default_cooldown,
        availability_zones,
        health_check_type,
        health_check_grace_period,
        placement_group,
        vpc_zone_identifier,
        termination_policies,
        new_instances_protected_from_scale_in,
        service_linked_role_arn,
        mixed_instances_policy,
        capacity_rebalance,
        desired_capacity_type,
        default_instance_warmup,
        instance_maintenance_policy,
        availability_zone_distribution,
        availability_zone_impairment_policy,
        capacity_reservation_specification,
        deletion_protection: protection,
        max_instance_lifetime,
    } = input;
    let as_said = autoscaling::AutoScalingGroup {
        capacity_rebalance,
        desired_capacity_type,
        default_instance_warmup,
        instance_maintenance_policy,
        availability_zone_distribution,
        availability_zone_impairment_policy,
        capacity_reservation_specification,
        ..Default::default()
    };
    let before = model.scaling_group(&caller.scope, &name).map_err(|_| ScalingError::NoGroupToUpdate {})?;
    let told = kept::over(&before.settings.told, &as_said)?;
    let protection = read_protection(protection.as_deref())?;
    let min = number("MinSize", min_size)?;
    let max = number("MaxSize", max_size)?;
    let cooldown = number("DefaultCooldown", default_cooldown)?;
    let grace = number("HealthCheckGracePeriod", health_check_grace_period)?;
    let health_checks = health_checks(health_check_type)?;
    let termination_policies = policies(&termination_policies)?;
    let desired = number("DesiredCapacity", desired_capacity)?;
    let sources = [launch_configuration_name.is_some(), launch_template.is_some(), mixed_instances_policy.is_some()];
    if sources.into_iter().filter(|named| *named).count() > 1 {
        return Err(ScalingError::OneSource {}.into());
    }
    let template = launch_template.map(|sent| template(model, caller, sent)).transpose()?;
    let mixed = mixed_instances_policy.map(|sent| super::mixed::read(model, caller, sent)).transpose()?;
    let (template, mixed) = match mixed {
        Some((base, policy)) => (Some(base), Some(policy)),
        None => (template, None),
    };
    let lifetime = lifetime(max_instance_lifetime)?;
    let change = |settings: &mut GroupSettings| {
        settings.told = told;
        replace(&mut settings.lifetime, lifetime);
        replace(&mut settings.protection, protection);
        match (launch_configuration_name, template) {
            (Some(name), _) => (settings.configuration, settings.template, settings.mixed) = (name, None, None),
            (None, Some(used)) => {
                (settings.configuration, settings.template, settings.mixed) = (String::new(), Some(used), mixed);
            }
            (None, None) => {}
        }
        replace(&mut settings.min, min);
        replace(&mut settings.max, max);
        replace(&mut settings.cooldown, cooldown);
        replace(&mut settings.grace, grace);
        replace(&mut settings.health_checks, health_checks);
        replace(&mut settings.termination_policies, termination_policies);
        replace(&mut settings.protects_new, new_instances_protected_from_scale_in);
        if let Some(role) = service_linked_role_arn {
            settings.role = Some(role);
        }
        // An empty name takes the placement group off.
        if let Some(name) = placement_group {
            settings.placement_group = Some(name).filter(|name| !name.is_empty());
        }
        if vpc_zone_identifier.is_some() || !availability_zones.is_empty() {
            settings.subnets = subnets(vpc_zone_identifier.as_deref());
            settings.zones = availability_zones.to_vec();
        }
    };
    Ok(model.update_scaling_group(caller, &name, change, desired)?)
}

/// The launch template that is named one way or the other.
pub fn template(model: &Model, caller: &Caller, sent: autoscaling::LaunchTemplateSpecification) -> Result<TemplateUse> {
    let autoscaling::LaunchTemplateSpecification { launch_template_id, launch_template_name, version } = sent;
    let (id, name) = (launch_template_id.as_deref(), launch_template_name.as_deref());
    if id.is_some() == name.is_some() {
        return Err(ScalingError::OneTemplate {}.into());
    }
    let found = model.launch_template(&caller.scope, id, name)?;
    let version = version.unwrap_or_default();
    Ok(TemplateUse { id: found.id.clone(), name: found.name.clone(), version })
}

/// A launch template as groups and instances show it.
pub fn shown_template(used: &TemplateUse) -> autoscaling::LaunchTemplateSpecification {
    autoscaling::LaunchTemplateSpecification {
        launch_template_id: Some(used.id.clone()),
        launch_template_name: Some(used.name.clone()),
        version: Some(used.version.clone()).filter(|version| !version.is_empty()),
    }
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

fn health_checks(words: Option<String>) -> Result<Option<HealthChecks>> {
    Ok(words.map(HealthChecks::try_from).transpose()?)
}

fn policies(words: &List<String>) -> Result<Option<Vec<TerminationPolicy>>> {
    let read = |word: &String| Ok(TerminationPolicy::read("TerminationPolicies", word)?);
    let policies: Vec<TerminationPolicy> = words.iter().map(read).collect::<Result<_>>()?;
    Ok(Some(policies).filter(|policies| !policies.is_empty()))
}

fn set_desired(model: &mut Model, caller: &Caller, input: autoscaling::SetDesiredCapacityType) -> Result<()> {
    let autoscaling::SetDesiredCapacityType { auto_scaling_group_name, desired_capacity, honor_cooldown } = input;
    let desired = needed("DesiredCapacity", desired_capacity)?;
    Ok(model.set_desired_capacity(caller, &auto_scaling_group_name, desired, honor_cooldown.unwrap_or(false))?)
}

fn delete(model: &mut Model, caller: &Caller, input: autoscaling::DeleteAutoScalingGroupType) -> Result<()> {
    let autoscaling::DeleteAutoScalingGroupType { auto_scaling_group_name: name, force_delete } = input;
    if model.scaling_group(&caller.scope, &name).is_err() {
        return Err(ScalingError::NoGroupToDelete { name }.into());
    }
    Ok(model.delete_scaling_group(caller, &name, force_delete.unwrap_or(false))?)
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: autoscaling::AutoScalingGroupNamesType,
) -> Result<autoscaling::AutoScalingGroupsType> {
    let autoscaling::AutoScalingGroupNamesType { auto_scaling_group_names: names, include_instances, page, filters } =
        input;
    let mut rows: Vec<&AutoScalingGroup> =
        of(model, &caller.scope).filter(|group| wanted(&names, &group.name)).collect();
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
    let (rows, next_token) = paged(page, rows, |group: &&AutoScalingGroup| &group.name)?;
    let with_instances = include_instances.unwrap_or(true);
    let auto_scaling_groups = rows.into_iter().map(|group| shown(model, group, with_instances)).collect();
    Ok(autoscaling::AutoScalingGroupsType { auto_scaling_groups, next_token })
}

/// The groups of an account in a Region.
pub fn of<'m>(model: &'m Model, scope: &'m Scope) -> impl Iterator<Item = &'m AutoScalingGroup> {
    model.auto_scaling_groups.iter().filter(move |group| group.scope == *scope)
}

fn shown(model: &Model, group: &AutoScalingGroup, with_instances: bool) -> autoscaling::AutoScalingGroup {
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
        lifetime,
        protection,
        told,
    } = &group.settings;
    let told: autoscaling::AutoScalingGroup = said(told);
    let metric = |name: &String| autoscaling::EnabledMetric {
        metric: Some(name.clone()),
        granularity: Some(super::notice::GRANULARITY.to_owned()),
    };
    let source = |name: &String| autoscaling::TrafficSourceIdentifier {
        identifier: name.clone(),
        r#type: Some("elb".to_owned()),
    };
    let account = &group.scope.account;
    let usual = || {
        format!(
            "arn:{}:iam::{account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
            group.scope.partition()
        )
    };
    let members = group.members.iter().filter(|(_, member)| with_instances && !member.state.is_warm());
    autoscaling::AutoScalingGroup {
        auto_scaling_group_name: group.name.clone(),
        auto_scaling_group_arn: Some(group.arn()),
        launch_configuration_name: template.is_none().then(|| configuration.clone()),
        launch_template: template.as_ref().filter(|_| mixed.is_none()).map(shown_template),
        mixed_instances_policy: mixed.as_ref().map(|mixed| super::mixed::shown(mixed, template.as_ref())),
        min_size: shown_number(*min),
        max_size: shown_number(*max),
        desired_capacity: shown_number(group.desired),
        default_cooldown: shown_number(*cooldown),
        availability_zones: zones.iter().cloned().collect(),
        load_balancer_names: group.load_balancers.iter().cloned().collect(),
        target_group_ar_ns: List::from_iter([]),
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
        traffic_sources: group.load_balancers.iter().map(source).collect(),
        ..told
    }
}
