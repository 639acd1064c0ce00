//! Fleets: launches by several templates at once.

use super::instance_requirements::required;
use super::launch_form::structure;
use super::listing::{Attributes, by_age, each, one};
use super::pool::{Outcome, Pool, check_limits, fill};
use super::spot_request::market;
use super::{count, each_of, int, maybe_count, tags, text, token};
use crate::api::Params;
use crate::api::action::{Actions, Change, View};
use crate::api::said::{said, said_over};
use model::{
    Caller, Error, Fleet, FleetConfig, FleetError, FleetInstance, FleetKind, FleetOverride, FleetTarget, FleetTemplate,
    IdKind, Instance, LaunchForm, Model, Result, Tags,
};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write_with_form(Params::all, create).read(describe).read(describe_instances).write(delete)
}

static ATTRIBUTES: Attributes<Fleet> = Attributes(&[
    ("activity-status", |_, fleet| one(activity(fleet))),
    ("excess-capacity-termination-policy", |_, fleet| one(fleet.excess == "termination")),
    ("fleet-state", |model, fleet| one(model.fleet_state(fleet))),
    ("replace-unhealthy-instances", |_, fleet| one(sent(fleet).replace_unhealthy_instances.unwrap_or(false))),
    ("type", |_, fleet| one(fleet.kind.word())),
]);

fn activity(fleet: &Fleet) -> &'static str {
    match (fleet.deleted, fleet.errors.is_empty()) {
        (Some(_), _) => "pending_termination",
        (None, true) => "fulfilled",
        (None, false) => "error",
    }
}

fn lifecycle(spot: bool) -> Option<String> {
    text(if spot { "spot" } else { "on-demand" })
}

/// The allocation strategy of a request that names none. A request may call it `lowest-price`, too.
const CHEAPEST: &str = "lowestPrice";

fn strategy(word: Option<String>) -> String {
    word.unwrap_or_else(|| CHEAPEST.to_owned())
}

fn template(sent: Option<ec2::FleetLaunchTemplateSpecificationRequest>) -> Result<FleetTemplate> {
    let sent = sent.ok_or_else(|| Error::missing("LaunchTemplateConfigs.LaunchTemplateSpecification"))?;
    let ec2::FleetLaunchTemplateSpecificationRequest { launch_template_id: id, launch_template_name: name, version } =
        sent;
    Ok(FleetTemplate { id, name, version })
}

/// The configurations of a fleet. Their templates must exist, and EC2 limits the number of overrides.
pub fn configs(
    model: &Model,
    caller: &Caller,
    kind: FleetKind,
    sent: List<ec2::FleetLaunchTemplateConfigRequest>,
) -> Result<Vec<FleetConfig>> {
    let configs = sent.into_iter().map(config).collect::<Result<Vec<_>>>()?;
    check_limits(&pools(&configs, false, &Tags::new()), kind == FleetKind::Instant)?;
    for config in &configs {
        resolved(model, caller, &config.template)?;
    }
    Ok(configs)
}

fn config(sent: ec2::FleetLaunchTemplateConfigRequest) -> Result<FleetConfig> {
    let ec2::FleetLaunchTemplateConfigRequest { launch_template_specification, overrides } = sent;
    let other = |sent: ec2::FleetLaunchTemplateOverridesRequest| {
        let ec2::FleetLaunchTemplateOverridesRequest {
            instance_type,
            max_price,
            subnet_id: subnet,
            availability_zone: zone,
            weighted_capacity: weight,
            priority,
            image_id: image,
            instance_requirements,
        } = sent;
        let required = required(instance_requirements.as_ref(), instance_type.as_ref())?;
        let required = required.map(|sent| said_over("", &sent)).unwrap_or_default();
        match weight.filter(|weight| !weight.is_finite() || *weight < 1.0) {
            Some(weight) => Err(Error::invalid("WeightedCapacity", weight)),
            None => Ok(FleetOverride { instance_type, required, max_price, subnet, zone, weight, priority, image }),
        }
    };
    let overrides = overrides.into_iter().map(other).collect::<Result<_>>()?;
    Ok(FleetConfig { template: template(launch_template_specification)?, overrides })
}

pub fn target(sent: &ec2::TargetCapacitySpecificationRequest) -> Result<FleetTarget> {
    let spot_by_default = match sent.default_target_capacity_type.as_deref() {
        None | Some("on-demand") => false,
        Some("spot") => true,
        Some(other) => return Err(Error::invalid("DefaultTargetCapacityType", other)),
    };
    FleetTarget::of(
        count("TotalTargetCapacity", sent.total_target_capacity)?,
        maybe_count("OnDemandTargetCapacity", sent.on_demand_target_capacity)?,
        maybe_count("SpotTargetCapacity", sent.spot_target_capacity)?,
        spot_by_default,
    )
}

/// The pool of a template with one of its overrides.
type FleetPool = Pool<(FleetTemplate, Option<FleetOverride>)>;

fn pool(template: &FleetTemplate, other: Option<&FleetOverride>, spot: bool, tags: &Tags) -> FleetPool {
    let origin = (template.clone(), other.cloned());
    let FleetTemplate { id, name, version } = template.clone();
    let other = other.cloned().unwrap_or_default();
    let tagged =
        (!tags.is_empty()).then(|| ec2::TagSpecification { resource_type: text("instance"), tags: tags::shown(tags) });
    let launch = ec2::RunInstancesRequest {
        launch_template: Some(ec2::LaunchTemplateSpecification {
            launch_template_id: id,
            launch_template_name: name,
            version,
        }),
        instance_type: other.instance_type,
        image_id: other.image,
        subnet_id: other.subnet,
        placement: other.zone.map(|zone| ec2::Placement { availability_zone: Some(zone), ..Default::default() }),
        instance_market_options: if spot { market(other.max_price) } else { None },
        tag_specifications: tagged.into_iter().collect(),
        ..Default::default()
    };
    let required = (!other.required.is_empty()).then(|| said(&other.required));
    Pool { launch, required, weight: other.weight.unwrap_or(1.0), origin }
}

fn pools(configs: &[FleetConfig], spot: bool, tags: &Tags) -> Vec<FleetPool> {
    let of = |config: &FleetConfig| match config.overrides.is_empty() {
        true => vec![pool(&config.template, None, spot, tags)],
        false => config.overrides.iter().map(|other| pool(&config.template, Some(other), spot, tags)).collect(),
    };
    let mut pools: Vec<FleetPool> = configs.iter().flat_map(of).collect();
    let priority = |pool: &FleetPool| pool.origin.1.as_ref().and_then(|other| other.priority).unwrap_or(f64::MAX);
    pools.sort_by(|one, other| priority(one).total_cmp(&priority(other)));
    pools
}

/// The template by its id and the number of its version.
fn resolved(model: &Model, caller: &Caller, template: &FleetTemplate) -> Result<FleetTemplate> {
    let FleetTemplate { id, name, version } = template;
    let found = model.launch_template(&caller.scope, id.as_deref(), name.as_deref())?;
    let version = found.version(version.as_deref().unwrap_or("$Default"))?.number;
    Ok(FleetTemplate { id: Some(found.id.clone()), name: None, version: Some(version.to_string()) })
}

/// Launches what a fleet lacks, On-Demand and Spot.
pub fn launch(model: &mut Model, caller: &Caller, fleet: &mut Fleet, tags: &Tags) -> Result<()> {
    launch_of_kind(model, caller, fleet, false, tags)?;
    launch_of_kind(model, caller, fleet, true, tags)
}

fn launch_of_kind(model: &mut Model, caller: &Caller, fleet: &mut Fleet, spot: bool, tags: &Tags) -> Result<()> {
    let target = f64::from(if spot { fleet.target.spot } else { fleet.target.on_demand });
    let wanted = target - model.capacity_of_fleet(fleet, spot);
    let strategy = if spot { &fleet.spot_strategy } else { &fleet.on_demand_strategy };
    let in_turn = strategy == "diversified";
    let pools = pools(&fleet.configs, spot, tags);
    for Outcome { pool, instances } in fill(model, caller, &pools, wanted, in_turn) {
        let (template, other) = &pool.origin;
        let (template, other) = (resolved(model, caller, template)?, other.clone());
        match instances {
            Ok(ids) => {
                let launched = |id| FleetInstance { id, spot, template: template.clone(), other: other.clone() };
                fleet.instances.extend(ids.into_iter().map(launched));
            }
            Err(error) => {
                let (code, message) = (error.code().to_owned(), error.to_string());
                fleet.errors.push(FleetError { code, message, spot, template, other });
            }
        }
    }
    Ok(())
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateFleetRequest,
    form: LaunchForm,
) -> Result<ec2::CreateFleetResult> {
    let ec2::CreateFleetRequest {
        client_token,
        spot_options,
        on_demand_options,
        excess_capacity_termination_policy,
        launch_template_configs,
        target_capacity_specification,
        r#type,
        valid_from,
        valid_until,
        tag_specifications,
        // The other members are only shown, and read from the form.
        ..
    } = input;
    let kind = r#type.map(|word| FleetKind::read("Type", &word)).transpose()?.unwrap_or_default();
    let [own, of_instances] = tags::of_each(tag_specifications, ["fleet", "instance"])?;
    let configs = configs(model, caller, kind, launch_template_configs)?;
    let target = target(&target_capacity_specification)?;
    let id = model.once(caller, "CreateFleet", token(&client_token), |model| {
        let mut fleet = Fleet {
            id: model.new_fleet_id(),
            scope: caller.scope.clone(),
            tags: own,
            created: caller.now,
            kind,
            configs,
            target,
            spot_strategy: strategy(spot_options.and_then(|options| options.allocation_strategy)),
            on_demand_strategy: strategy(on_demand_options.and_then(|options| options.allocation_strategy)),
            excess: excess_capacity_termination_policy.unwrap_or_else(|| "termination".to_owned()),
            form,
            from: valid_from,
            until: valid_until,
            instances: Vec::new(),
            errors: Vec::new(),
            deleted: None,
        };
        // The tags of other fleets' instances are in the launch template only (API reference, CreateFleet).
        let of_instances = if kind == FleetKind::Instant { of_instances } else { Tags::new() };
        launch(model, caller, &mut fleet, &of_instances)?;
        let id = fleet.id.clone();
        model.insert_fleet(fleet)?;
        Ok(id)
    })?;
    let fleet = model.fleets.find(&caller.scope, &id)?;
    let mut reply = ec2::CreateFleetResult { fleet_id: Some(id), ..Default::default() };
    if fleet.kind == FleetKind::Instant {
        reply.errors = fleet.errors.iter().map(failed).collect();
        reply.instances = fleet.instances.iter().map(|own| created(model, own)).collect();
    }
    Ok(reply)
}

fn shown_template(template: &FleetTemplate) -> ec2::FleetLaunchTemplateSpecification {
    let FleetTemplate { id, name, version } = template.clone();
    ec2::FleetLaunchTemplateSpecification { launch_template_id: id, launch_template_name: name, version }
}

fn shown_override(other: &FleetOverride) -> ec2::FleetLaunchTemplateOverrides {
    let FleetOverride { instance_type, required, max_price, subnet, zone, weight, priority, image } = other.clone();
    ec2::FleetLaunchTemplateOverrides {
        instance_type,
        max_price,
        subnet_id: subnet,
        availability_zone: zone,
        weighted_capacity: weight,
        priority,
        image_id: image,
        instance_requirements: (!required.is_empty()).then(|| said(&required)),
        ..Default::default()
    }
}

fn shown_pool(
    template: &FleetTemplate,
    other: Option<&FleetOverride>,
) -> Option<ec2::LaunchTemplateAndOverridesResponse> {
    Some(ec2::LaunchTemplateAndOverridesResponse {
        launch_template_specification: Some(shown_template(template)),
        overrides: other.map(shown_override),
    })
}

fn created(model: &Model, own: &FleetInstance) -> ec2::CreateFleetInstance {
    let instance = model.instances.get(&own.id);
    ec2::CreateFleetInstance {
        launch_template_and_overrides: shown_pool(&own.template, own.other.as_ref()),
        lifecycle: lifecycle(own.spot),
        instance_ids: vec![own.id.clone()].into(),
        instance_type: instance.map(|instance| instance.instance_type.clone()),
        ..Default::default()
    }
}

fn failed(error: &FleetError) -> ec2::CreateFleetError {
    ec2::CreateFleetError {
        launch_template_and_overrides: shown_pool(&error.template, error.other.as_ref()),
        lifecycle: lifecycle(error.spot),
        error_code: text(&error.code),
        error_message: text(&error.message),
    }
}

/// The request of a fleet, as it is shown.
fn sent(fleet: &Fleet) -> ec2::FleetData {
    structure(fleet.form.clone()).unwrap_or_default()
}

fn spot_options(fleet: &Fleet, sent: ec2::SpotOptions) -> ec2::SpotOptions {
    let is_cheapest = matches!(fleet.spot_strategy.as_str(), CHEAPEST | "lowest-price");
    ec2::SpotOptions {
        allocation_strategy: text(&fleet.spot_strategy),
        instance_interruption_behavior: sent.instance_interruption_behavior.or_else(|| text("terminate")),
        instance_pools_to_use_count: sent.instance_pools_to_use_count.or(is_cheapest.then_some(1)),
        ..sent
    }
}

fn shown(model: &Model, fleet: &Fleet) -> ec2::FleetData {
    let config = |config: &FleetConfig| ec2::FleetLaunchTemplateConfig {
        launch_template_specification: Some(shown_template(&config.template)),
        overrides: config.overrides.iter().map(shown_override).collect(),
    };
    let on_demand_there = model.capacity_of_fleet(fleet, false);
    let sent = sent(fleet);
    let FleetTarget { total, on_demand, spot, spot_by_default } = fleet.target;
    let told = fleet.kind == FleetKind::Instant;
    let instance = |own: &FleetInstance| {
        let ec2::CreateFleetInstance { launch_template_and_overrides, lifecycle, instance_ids, instance_type, .. } =
            created(model, own);
        ec2::DescribeFleetsInstances {
            launch_template_and_overrides,
            lifecycle,
            instance_ids,
            instance_type,
            ..Default::default()
        }
    };
    let error = |error: &FleetError| {
        let ec2::CreateFleetError { launch_template_and_overrides, lifecycle, error_code, error_message } =
            failed(error);
        ec2::DescribeFleetError { launch_template_and_overrides, lifecycle, error_code, error_message }
    };
    ec2::FleetData {
        activity_status: text(activity(fleet)),
        create_time: Some(fleet.created),
        fleet_id: text(&fleet.id),
        fleet_state: text(model.fleet_state(fleet)),
        excess_capacity_termination_policy: text(&fleet.excess),
        fulfilled_capacity: Some(model.capacity_of_fleet(fleet, true) + on_demand_there),
        fulfilled_on_demand_capacity: Some(on_demand_there),
        launch_template_configs: fleet.configs.iter().map(config).collect(),
        target_capacity_specification: Some(ec2::TargetCapacitySpecification {
            total_target_capacity: int(total),
            on_demand_target_capacity: int(on_demand),
            spot_target_capacity: int(spot),
            default_target_capacity_type: lifecycle(spot_by_default),
            target_capacity_unit_type: sent
                .target_capacity_specification
                .and_then(|sent| sent.target_capacity_unit_type),
        }),
        terminate_instances_with_expiration: sent.terminate_instances_with_expiration.or(Some(false)),
        r#type: text(fleet.kind.word()),
        valid_from: fleet.from,
        valid_until: fleet.until,
        replace_unhealthy_instances: sent.replace_unhealthy_instances.or(Some(false)),
        spot_options: Some(spot_options(fleet, sent.spot_options.unwrap_or_default())),
        on_demand_options: Some(ec2::OnDemandOptions {
            allocation_strategy: text(&fleet.on_demand_strategy),
            ..sent.on_demand_options.unwrap_or_default()
        }),
        context: sent.context,
        tags: tags::shown(&fleet.tags),
        errors: if told { fleet.errors.iter().map(error).collect() } else { List::default() },
        instances: if told { fleet.instances.iter().map(instance).collect() } else { List::default() },
        ..Default::default()
    }
}

/// Instant fleets are described only if they are named.
fn describe(cx: View, input: ec2::DescribeFleetsRequest) -> Result<ec2::DescribeFleetsResult> {
    let ec2::DescribeFleetsRequest { page, fleet_ids, filters } = input;
    let mut fleets = ATTRIBUTES.choose(cx.model, cx.model.fleets.of(&cx.caller.scope), &fleet_ids, &filters)?;
    fleets.retain(|fleet| fleet.kind != FleetKind::Instant || !fleet_ids.is_empty());
    let (fleets, next_token) = by_age(cx.model, &page, fleets, |fleet| &fleet.id)?;
    Ok(ec2::DescribeFleetsResult {
        fleets: fleets.into_iter().map(|fleet| shown(cx.model, fleet)).collect(),
        next_token,
    })
}

static OF_INSTANCES: Attributes<Instance> =
    Attributes(&[("instance-type", |_, instance| each(Some(&instance.instance_type)))]);

fn describe_instances(
    cx: View,
    input: ec2::DescribeFleetInstancesRequest,
) -> Result<ec2::DescribeFleetInstancesResult> {
    let ec2::DescribeFleetInstancesRequest { page, fleet_id, filters } = input;
    let fleet = cx.model.fleets.find(&cx.caller.scope, &fleet_id)?;
    let wanted = OF_INSTANCES.wanted(&filters)?;
    let living = cx.model.instances_of_fleet(fleet).map(|(_, instance)| instance);
    let living = living.filter(|instance| wanted.pass(cx.model, instance, &instance.tags)).collect();
    let (living, next_token) = by_age(cx.model, &page, living, |instance| &instance.id)?;
    Ok(ec2::DescribeFleetInstancesResult {
        active_instances: living.into_iter().map(|instance| active(cx.model, instance)).collect(),
        next_token,
        fleet_id: Some(fleet_id),
    })
}

/// An instance of a fleet that is there.
pub fn active(model: &Model, instance: &Instance) -> ec2::ActiveInstance {
    ec2::ActiveInstance {
        instance_id: text(&instance.id),
        instance_type: text(&instance.instance_type),
        spot_instance_request_id: model.spot_request_of(instance).map(|request| request.id.clone()),
        instance_health: text("healthy"),
    }
}

/// Deletes the fleets that can be deleted. The reply names the others.
fn delete(Change { model, caller }: Change, input: ec2::DeleteFleetsRequest) -> Result<ec2::DeleteFleetsResult> {
    let ec2::DeleteFleetsRequest { fleet_ids, terminate_instances } = input;
    let (successful_fleet_deletions, unsuccessful_fleet_deletions) = each_of(
        fleet_ids,
        |id| model.delete_fleet(caller, id, terminate_instances),
        |id, (before, after)| ec2::DeleteFleetSuccessItem {
            current_fleet_state: text(after),
            previous_fleet_state: text(before),
            fleet_id: Some(id),
        },
        |id, error| ec2::DeleteFleetErrorItem {
            error: Some(ec2::DeleteFleetError { code: text(code(&error)), message: text(error) }),
            fleet_id: Some(id),
        },
    );
    Ok(ec2::DeleteFleetsResult { successful_fleet_deletions, unsuccessful_fleet_deletions })
}

/// The few codes that this reply knows.
fn code(error: &Error) -> &'static str {
    match error {
        Error::NotFound { kind: IdKind::Fleet, .. } => "fleetIdDoesNotExist",
        Error::FleetNotDeletable { .. } => "fleetNotInDeletableState",
        Error::Malformed { .. } => "fleetIdMalformed",
        _ => "unexpectedError",
    }
}
