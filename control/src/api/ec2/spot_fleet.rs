//! Spot Fleet requests.

use super::instance_requirements::required;
use super::launch_form::structure;
use super::listing::{by_age, missing_is_error};
use super::pool::{Outcome, Pool, check_limits, fill};
use super::spot_request::market;
use super::{count, each_of, int, maybe_count, tags, text};
use crate::api::Params;
use crate::api::action::{Actions, Change, View};
use model::{
    Caller, ClientToken, Error, IdKind, LaunchForm, Model, Result, SpotFleet, SpotFleetEvent, SpotFleetInstance,
};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write_with_form(Params::form, request)
        .read(describe)
        .read(describe_instances)
        .read(describe_history)
        .write(modify)
        .write(cancel)
}

/// The pool of a launch specification, or of a template with one of its overrides.
type SpotPool = Pool<()>;

fn weight(sent: Option<f64>) -> Result<f64> {
    match sent.unwrap_or(1.0) {
        weight if weight.is_finite() && weight > 0.0 => Ok(weight),
        weight => Err(Error::invalid("WeightedCapacity", weight)),
    }
}

fn placement(sent: ec2::SpotPlacement) -> ec2::Placement {
    let ec2::SpotPlacement { availability_zone, group_name, tenancy, availability_zone_id } = sent;
    ec2::Placement { availability_zone, group_name, tenancy, availability_zone_id, ..Default::default() }
}

fn of_specification(sent: ec2::SpotFleetLaunchSpecification, price: Option<String>) -> Result<SpotPool> {
    let tags = |sent: ec2::SpotFleetTagSpecification| ec2::TagSpecification {
        resource_type: sent.resource_type,
        tags: sent.tags,
    };
    let groups = sent.security_groups;
    let launch = ec2::RunInstancesRequest {
        block_device_mappings: sent.block_device_mappings,
        ebs_optimized: sent.ebs_optimized,
        iam_instance_profile: sent
            .iam_instance_profile
            .filter(|profile| profile.arn.is_some() || profile.name.is_some()),
        image_id: sent.image_id,
        instance_type: sent.instance_type,
        kernel_id: sent.kernel_id,
        ramdisk_id: sent.ramdisk_id,
        key_name: sent.key_name,
        monitoring: sent.monitoring.map(|monitoring| ec2::RunInstancesMonitoringEnabled {
            enabled: monitoring.enabled.unwrap_or(false),
            ..Default::default()
        }),
        network_interfaces: sent.network_interfaces,
        placement: sent.placement.map(placement),
        security_group_ids: groups.iter().filter_map(|group| group.group_id.clone()).collect(),
        security_groups: groups
            .iter()
            .filter(|group| group.group_id.is_none())
            .filter_map(|group| group.group_name.clone())
            .collect(),
        subnet_id: sent.subnet_id,
        user_data: sent.user_data,
        tag_specifications: sent.tag_specifications.into_iter().map(tags).collect(),
        instance_market_options: market(sent.spot_price.filter(|own| !own.is_empty()).or(price)),
        ..Default::default()
    };
    let required = required(sent.instance_requirements.as_ref(), launch.instance_type.as_ref())?;
    Ok(Pool { launch, required, weight: weight(sent.weighted_capacity)?, origin: () })
}

fn of_template(
    template: ec2::FleetLaunchTemplateSpecification,
    other: ec2::LaunchTemplateOverrides,
    (spot, price): (bool, Option<String>),
) -> Result<SpotPool> {
    let ec2::FleetLaunchTemplateSpecification { launch_template_id, launch_template_name, version } = template;
    let zone = (other.availability_zone, other.availability_zone_id);
    let launch = ec2::RunInstancesRequest {
        launch_template: Some(ec2::LaunchTemplateSpecification { launch_template_id, launch_template_name, version }),
        instance_type: other.instance_type,
        subnet_id: other.subnet_id,
        placement: (zone.0.is_some() || zone.1.is_some()).then(|| ec2::Placement {
            availability_zone: zone.0,
            availability_zone_id: zone.1,
            ..Default::default()
        }),
        instance_market_options: if spot { market(other.spot_price.or(price)) } else { None },
        ..Default::default()
    };
    let required = required(other.instance_requirements.as_ref(), launch.instance_type.as_ref())?;
    Ok(Pool { launch, required, weight: weight(other.weighted_capacity)?, origin: () })
}

/// The pools of a fleet. On-Demand capacity needs launch templates.
fn pools(config: &ec2::SpotFleetRequestConfigData, spot: bool) -> Result<Vec<SpotPool>> {
    let price = config.spot_price.clone();
    let mut pools = Vec::new();
    for specification in config.launch_specifications.iter().filter(|_| spot) {
        pools.push(of_specification(specification.clone(), price.clone())?);
    }
    for ec2::LaunchTemplateConfig { launch_template_specification, overrides } in config.launch_template_configs.iter()
    {
        let template = launch_template_specification.clone();
        let template = template.ok_or_else(|| Error::missing("LaunchTemplateConfigs.LaunchTemplateSpecification"))?;
        let usual = [ec2::LaunchTemplateOverrides::default()];
        for other in if overrides.is_empty() { &usual[..] } else { &overrides[..] } {
            pools.push(of_template(template.clone(), other.clone(), (spot, price.clone()))?);
        }
    }
    Ok(pools)
}

/// The stored request configuration.
fn config(form: &LaunchForm) -> Result<ec2::SpotFleetRequestConfigData> {
    structure(form.clone())
}

/// Launches what a fleet lacks, On-Demand and Spot.
fn launch(model: &mut Model, caller: &Caller, fleet: &mut SpotFleet) -> Result<()> {
    launch_of_kind(model, caller, fleet, false)?;
    launch_of_kind(model, caller, fleet, true)
}

fn launch_of_kind(model: &mut Model, caller: &Caller, fleet: &mut SpotFleet, spot: bool) -> Result<()> {
    let config = config(&fleet.config)?;
    let target = if spot { fleet.target.saturating_sub(fleet.on_demand) } else { fleet.on_demand };
    let wanted = f64::from(target) - model.capacity_of_spot_fleet(fleet, spot);
    let in_turn = config.allocation_strategy.as_deref() == Some("diversified");
    let pools = pools(&config, spot)?;
    for Outcome { pool, instances } in fill(model, caller, &pools, wanted, in_turn) {
        match instances {
            Ok(ids) => {
                for id in ids {
                    fleet.note(caller.now, "instanceChange", "launched", None, Some(id.clone()));
                    fleet.instances.push(SpotFleetInstance { id, weight: pool.weight, spot });
                }
            }
            Err(error) => {
                let why = format!("{}: {error}", error.code());
                fleet.note(caller.now, "error", "launchSpecUnusable", Some(why), None);
            }
        }
    }
    Ok(())
}

fn keeps_excess(policy: Option<&str>) -> Result<bool> {
    // Terraform writes `Default`.
    match policy.unwrap_or("default") {
        word if word.eq_ignore_ascii_case("default") => Ok(false),
        word if word.eq_ignore_ascii_case("noTermination") => Ok(true),
        other => Err(Error::invalid("ExcessCapacityTerminationPolicy", other)),
    }
}

fn request(Change { model, caller }: Change, input: ec2::RequestSpotFleetRequest, form: LaunchForm) -> Result<String> {
    let sent = input.spot_fleet_request_config;
    if sent.launch_specifications.is_empty() == sent.launch_template_configs.is_empty() {
        return Err(Error::SpotFleetLaunches {});
    }
    for template in sent.launch_template_configs.iter().filter_map(|one| one.launch_template_specification.as_ref()) {
        let (id, name) = (template.launch_template_id.as_deref(), template.launch_template_name.as_deref());
        model.launch_template(&caller.scope, id, name)?;
    }
    check_limits(&pools(&sent, true)?, false)?;
    let target = count("TargetCapacity", sent.target_capacity)?;
    let on_demand = count("OnDemandTargetCapacity", sent.on_demand_target_capacity.unwrap_or(0))?;
    if on_demand > target {
        return Err(Error::FleetCapacity {});
    }
    let keeps_excess = keeps_excess(sent.excess_capacity_termination_policy.as_deref())?;
    let tags = tags::of(sent.tag_specifications, "spot-fleet-request")?;
    let digest = Params::of_form(form.clone()).digest();
    let token = sent.client_token.map(|token| ClientToken { token, digest });
    model.once(caller, "RequestSpotFleet", token, |model| {
        let mut fleet = SpotFleet {
            id: model.new_spot_fleet_id(),
            scope: caller.scope.clone(),
            tags,
            created: caller.now,
            config: form,
            target,
            on_demand,
            keeps_excess,
            instances: Vec::new(),
            events: Vec::new(),
            cancelled: None,
        };
        fleet.note(caller.now, "fleetRequestChange", "submitted", None, None);
        fleet.note(caller.now, "fleetRequestChange", "active", None, None);
        launch(model, caller, &mut fleet)?;
        let id = fleet.id.clone();
        model.insert_spot_fleet(fleet)?;
        Ok(id)
    })
}

fn activity(model: &Model, fleet: &SpotFleet) -> &'static str {
    let there = model.capacity_of_spot_fleet(fleet, true) + model.capacity_of_spot_fleet(fleet, false);
    match fleet.cancelled {
        Some(_) => "pending_termination",
        None if there >= f64::from(fleet.target) => "fulfilled",
        None if fleet.events.iter().any(|event| event.kind == "error") => "error",
        None => "pending_fulfillment",
    }
}

fn shown(model: &Model, fleet: &SpotFleet) -> Result<ec2::SpotFleetRequestConfig> {
    let config = config(&fleet.config)?;
    let or = |said: Option<String>, usual: &str| said.or_else(|| text(usual));
    let spot_fleet_request_config = Some(ec2::SpotFleetRequestConfigData {
        allocation_strategy: or(config.allocation_strategy, "lowestPrice"),
        on_demand_allocation_strategy: or(config.on_demand_allocation_strategy, "lowestPrice"),
        excess_capacity_termination_policy: text(if fleet.keeps_excess { "noTermination" } else { "default" }),
        fulfilled_capacity: Some(model.capacity_of_spot_fleet(fleet, true)),
        on_demand_fulfilled_capacity: Some(model.capacity_of_spot_fleet(fleet, false)),
        target_capacity: int(fleet.target).unwrap_or(i32::MAX),
        on_demand_target_capacity: int(fleet.on_demand),
        terminate_instances_with_expiration: config.terminate_instances_with_expiration.or(Some(false)),
        r#type: or(config.r#type, "maintain"),
        replace_unhealthy_instances: config.replace_unhealthy_instances.or(Some(false)),
        instance_interruption_behavior: or(config.instance_interruption_behavior, "terminate"),
        ..config
    });
    Ok(ec2::SpotFleetRequestConfig {
        activity_status: text(activity(model, fleet)),
        create_time: Some(fleet.created),
        spot_fleet_request_config,
        spot_fleet_request_id: text(&fleet.id),
        spot_fleet_request_state: text(model.spot_fleet_state(fleet)),
        tags: tags::shown(&fleet.tags),
    })
}

fn describe(cx: View, input: ec2::DescribeSpotFleetRequestsRequest) -> Result<ec2::DescribeSpotFleetRequestsResponse> {
    let ec2::DescribeSpotFleetRequestsRequest { spot_fleet_request_ids: ids, page } = input;
    let mut fleets: Vec<&SpotFleet> = cx.model.spot_fleets.of(&cx.caller.scope).collect();
    let unknown = ids.iter().filter(|id| !fleets.iter().any(|fleet| fleet.id == **id)).cloned().collect();
    missing_is_error(IdKind::SpotFleetRequest, unknown)?;
    fleets.retain(|fleet| ids.is_empty() || ids.contains(&fleet.id));
    let (fleets, next_token) = by_age(cx.model, &page, fleets, |fleet| &fleet.id)?;
    let spot_fleet_request_configs = fleets.into_iter().map(|fleet| shown(cx.model, fleet)).collect::<Result<_>>()?;
    Ok(ec2::DescribeSpotFleetRequestsResponse { next_token, spot_fleet_request_configs })
}

fn describe_instances(
    cx: View,
    input: ec2::DescribeSpotFleetInstancesRequest,
) -> Result<ec2::DescribeSpotFleetInstancesResponse> {
    let ec2::DescribeSpotFleetInstancesRequest { spot_fleet_request_id, page } = input;
    let fleet = cx.model.spot_fleets.find(&cx.caller.scope, &spot_fleet_request_id)?;
    let living = cx.model.instances_of_spot_fleet(fleet).map(|(_, instance)| instance).collect();
    let (living, next_token) = by_age(cx.model, &page, living, |instance| &instance.id)?;
    Ok(ec2::DescribeSpotFleetInstancesResponse {
        active_instances: living.into_iter().map(|instance| super::fleet::active(cx.model, instance)).collect(),
        next_token,
        spot_fleet_request_id: Some(spot_fleet_request_id),
    })
}

/// All of it at once: a fleet has few events.
fn describe_history(
    cx: View,
    input: ec2::DescribeSpotFleetRequestHistoryRequest,
) -> Result<ec2::DescribeSpotFleetRequestHistoryResponse> {
    let ec2::DescribeSpotFleetRequestHistoryRequest { spot_fleet_request_id, event_type, start_time, page: _ } = input;
    let fleet = cx.model.spot_fleets.find(&cx.caller.scope, &spot_fleet_request_id)?;
    let is = |event: &&SpotFleetEvent| {
        event.at >= start_time && event_type.as_ref().is_none_or(|kind| event.kind.starts_with(kind.as_str()))
    };
    let record = |event: &SpotFleetEvent| ec2::HistoryRecord {
        event_information: Some(ec2::EventInformation {
            event_description: event.description.clone(),
            event_sub_type: text(&event.what),
            instance_id: event.instance.clone(),
        }),
        event_type: text(&event.kind),
        timestamp: Some(event.at),
    };
    Ok(ec2::DescribeSpotFleetRequestHistoryResponse {
        history_records: fleet.events.iter().filter(is).map(record).collect(),
        last_evaluated_time: Some(cx.caller.now),
        next_token: None,
        spot_fleet_request_id: Some(spot_fleet_request_id),
        start_time: Some(start_time),
    })
}

fn modify(cx: Change, input: ec2::ModifySpotFleetRequestRequest) -> Result<()> {
    let ec2::ModifySpotFleetRequestRequest {
        on_demand_target_capacity,
        spot_fleet_request_id: id,
        target_capacity,
        excess_capacity_termination_policy: policy,
    } = input;
    let mut fleet = cx.model.spot_fleets.find(&cx.caller.scope, &id)?.clone();
    if fleet.cancelled.is_some() {
        return Err(Error::SpotFleetNotCancellable { id });
    }
    fleet.target = maybe_count("TargetCapacity", target_capacity)?.unwrap_or(fleet.target);
    fleet.on_demand = maybe_count("OnDemandTargetCapacity", on_demand_target_capacity)?.unwrap_or(fleet.on_demand);
    if fleet.on_demand > fleet.target {
        return Err(Error::FleetCapacity {});
    }
    let keeps = keeps_excess(policy.as_deref())?;
    fleet.keeps_excess = if policy.is_some() { keeps } else { fleet.keeps_excess };
    fleet.note(cx.caller.now, "fleetRequestChange", "modify_in_progress", None, None);
    launch(cx.model, cx.caller, &mut fleet)?;
    fleet.note(cx.caller.now, "fleetRequestChange", "modify_successful", None, None);
    let shrinks = !fleet.keeps_excess;
    cx.model.insert_spot_fleet(fleet)?;
    if shrinks { cx.model.shrink_spot_fleet(cx.caller, &id) } else { Ok(()) }
}

/// Cancels the requests that can be cancelled. The reply names the others.
fn cancel(
    Change { model, caller }: Change,
    input: ec2::CancelSpotFleetRequestsRequest,
) -> Result<ec2::CancelSpotFleetRequestsResponse> {
    let ec2::CancelSpotFleetRequestsRequest { spot_fleet_request_ids, terminate_instances } = input;
    let (successful_fleet_requests, unsuccessful_fleet_requests) = each_of(
        spot_fleet_request_ids,
        |id| model.cancel_spot_fleet(caller, id, terminate_instances),
        |id, (before, after)| ec2::CancelSpotFleetRequestsSuccessItem {
            current_spot_fleet_request_state: text(after),
            previous_spot_fleet_request_state: text(before),
            spot_fleet_request_id: Some(id),
        },
        |id, error| ec2::CancelSpotFleetRequestsErrorItem {
            error: Some(ec2::CancelSpotFleetRequestsError { code: text(code(&error)), message: text(error) }),
            spot_fleet_request_id: Some(id),
        },
    );
    Ok(ec2::CancelSpotFleetRequestsResponse { successful_fleet_requests, unsuccessful_fleet_requests })
}

/// The few codes that this reply knows.
fn code(error: &Error) -> &'static str {
    match error {
        Error::NotFound { kind: IdKind::SpotFleetRequest, .. } => "fleetRequestIdDoesNotExist",
        Error::SpotFleetNotCancellable { .. } => "fleetRequestNotInCancellableState",
        _ => "unexpectedError",
    }
}
