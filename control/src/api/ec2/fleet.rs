//! Fleets: launches by several templates at once.

use super::launch::run_as_asked;
use super::listing::{Attributes, by_age, each, one};
use super::{int, tags, text, token};
use crate::api::action::Actions;
use model::{
    Caller, Error, Fleet, FleetConfig, FleetError, FleetInstance, FleetKind, FleetOverride, FleetTarget, FleetTemplate,
    IdKind, Instance, Model, Result, Tags,
};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).read(describe_instances).write(delete)
}

static ATTRIBUTES: Attributes<Fleet> = Attributes(&[
    ("activity-status", |_, fleet| one(activity(fleet))),
    ("excess-capacity-termination-policy", |_, fleet| one(fleet.excess == "termination")),
    ("fleet-state", |model, fleet| one(model.fleet_state(fleet))),
    ("replace-unhealthy-instances", |_, _| one(false)),
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

/// `lowestPrice`, as it was once written, is `lowest-price`.
fn strategy(word: Option<String>) -> String {
    let mut out = String::new();
    for c in word.unwrap_or_else(|| "lowest-price".to_owned()).chars() {
        if c.is_ascii_uppercase() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

fn template(sent: Option<ec2::FleetLaunchTemplateSpecificationRequest>) -> Result<FleetTemplate> {
    let sent = sent.ok_or_else(|| Error::missing("LaunchTemplateConfigs.LaunchTemplateSpecification"))?;
    let ec2::FleetLaunchTemplateSpecificationRequest { launch_template_id: id, launch_template_name: name, version } =
        sent;
    Ok(FleetTemplate { id, name, version })
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
        } = sent;
        match weight.filter(|weight| !weight.is_finite() || *weight < 1.0) {
            Some(weight) => Err(Error::invalid("WeightedCapacity", weight)),
            None => Ok(FleetOverride { instance_type, max_price, subnet, zone, weight, priority, image }),
        }
    };
    let overrides = overrides.into_iter().map(other).collect::<Result<_>>()?;
    Ok(FleetConfig { template: template(launch_template_specification)?, overrides })
}

fn target(sent: &ec2::TargetCapacitySpecificationRequest) -> Result<FleetTarget> {
    let number = |name, value: i32| u32::try_from(value).map_err(|_| Error::invalid(name, value));
    let part = |name, value: Option<i32>| value.map(|value| number(name, value)).transpose();
    let spot_by_default = match sent.default_target_capacity_type.as_deref() {
        None | Some("on-demand") => false,
        Some("spot") => true,
        Some(other) => return Err(Error::invalid("DefaultTargetCapacityType", other)),
    };
    FleetTarget::of(
        number("TotalTargetCapacity", sent.total_target_capacity)?,
        part("OnDemandTargetCapacity", sent.on_demand_target_capacity)?,
        part("SpotTargetCapacity", sent.spot_target_capacity)?,
        spot_by_default,
    )
}

/// What can be launched of: a template, and one way in which it is otherwise.
#[derive(Clone)]
struct Pool {
    template: FleetTemplate,
    other: Option<FleetOverride>,
}

impl Pool {
    fn weight(&self) -> f64 {
        self.other.as_ref().and_then(|other| other.weight).unwrap_or(1.0)
    }

    fn launch(&self, spot: bool, most: i32, tags: &Tags) -> ec2::RunInstancesRequest {
        let other = self.other.clone().unwrap_or_default();
        let FleetTemplate { id, name, version } = self.template.clone();
        let tag = |(key, value): (&String, &String)| ec2::Tag { key: text(key), value: text(value) };
        let specification = (!tags.is_empty())
            .then(|| ec2::TagSpecification { resource_type: text("instance"), tags: tags.iter().map(tag).collect() });
        let options = ec2::SpotMarketOptions { max_price: other.max_price, ..Default::default() };
        ec2::RunInstancesRequest {
            min_count: 1,
            max_count: most,
            launch_template: Some(ec2::LaunchTemplateSpecification {
                launch_template_id: id,
                launch_template_name: name,
                version,
            }),
            instance_type: other.instance_type,
            image_id: other.image,
            subnet_id: other.subnet,
            placement: other.zone.map(|zone| ec2::Placement { availability_zone: Some(zone), ..Default::default() }),
            instance_market_options: spot
                .then(|| ec2::InstanceMarketOptionsRequest { market_type: text("spot"), spot_options: Some(options) }),
            tag_specifications: specification.into_iter().collect(),
            ..Default::default()
        }
    }
}

fn pools(configs: &[FleetConfig]) -> Vec<Pool> {
    let pool = |template: &FleetTemplate, other| Pool { template: template.clone(), other };
    let of = |config: &FleetConfig| match config.overrides.is_empty() {
        true => vec![pool(&config.template, None)],
        false => config.overrides.iter().map(|other| pool(&config.template, Some(other.clone()))).collect(),
    };
    let mut pools: Vec<Pool> = configs.iter().flat_map(of).collect();
    let priority = |pool: &Pool| pool.other.as_ref().and_then(|other| other.priority).unwrap_or(f64::MAX);
    pools.sort_by(|one, other| priority(one).total_cmp(&priority(other)));
    pools
}

/// The template by its id and by the number of the version that is meant.
fn resolved(model: &Model, caller: &Caller, template: &FleetTemplate) -> Result<FleetTemplate> {
    let FleetTemplate { id, name, version } = template;
    let found = model.launch_template(&caller.scope, id.as_deref(), name.as_deref())?;
    let version = found.version(version.as_deref().unwrap_or("$Default"))?.number;
    Ok(FleetTemplate { id: Some(found.id.clone()), name: None, version: Some(version.to_string()) })
}

/// The most instances that are launched at once.
const BATCH: i32 = 1000;

/// How many instances of a weight are as much as is wanted, if they are not too many to be launched at once.
fn enough(wanted: f64, weight: f64) -> i32 {
    (1..BATCH).find(|count| f64::from(*count) * weight >= wanted).unwrap_or(BATCH)
}

/// How often all pools can launch one instance before there is too much; at least once.
fn rounds(wanted: f64, pools: &[Pool]) -> i32 {
    let all: f64 = pools.iter().map(Pool::weight).sum();
    (2..=BATCH).take_while(|count| f64::from(*count) * all <= wanted).last().unwrap_or(1)
}

/// Launches out of the pools, in turn or always out of the first that can, until there is as much as is wanted. Where not as many can
/// be launched at once as are wanted, half of them may.
fn fill(model: &mut Model, caller: &Caller, fleet: &mut Fleet, spot: bool, tags: &Tags) -> Result<()> {
    let wanted = f64::from(if spot { fleet.target.spot } else { fleet.target.on_demand });
    let strategy = if spot { &fleet.spot_strategy } else { &fleet.on_demand_strategy };
    let in_turn = strategy == "diversified";
    let mut open = pools(&fleet.configs);
    let (mut there, mut turn, mut share, mut most) = (0.0, 0, BATCH, BATCH);
    while there < wanted && !open.is_empty() {
        let place = if in_turn { turn % open.len() } else { 0 };
        let pool = open[place].clone();
        if in_turn && place == 0 {
            share = rounds(wanted - there, &open);
        }
        let count = enough(wanted - there, pool.weight()).min(share).min(most);
        let template = resolved(model, caller, &pool.template)?;
        let mut trial = model.clone();
        match run_as_asked(&mut trial, caller, pool.launch(spot, count, tags)) {
            Ok(reservation) => {
                *model = trial;
                turn += 1;
                let ids: Vec<String> = model.instances.by(&reservation).map(|instance| instance.id.clone()).collect();
                there += ids.iter().map(|_| pool.weight()).sum::<f64>();
                let launched = |id| FleetInstance { id, spot, template: template.clone(), other: pool.other.clone() };
                fleet.instances.extend(ids.into_iter().map(launched));
            }
            Err(_) if count > 1 => most = count / 2,
            Err(error) => {
                most = BATCH;
                let (code, message) = (error.code().to_owned(), error.to_string());
                fleet.errors.push(FleetError { code, message, spot, template, other: pool.other.clone() });
                open.remove(place);
            }
        }
    }
    Ok(())
}

fn create(model: &mut Model, caller: &Caller, input: ec2::CreateFleetRequest) -> Result<ec2::CreateFleetResult> {
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
    } = input;
    let kind = r#type.map(|word| FleetKind::read("Type", &word)).transpose()?.unwrap_or_default();
    let [own, of_instances] = tags::of_each(tag_specifications, ["fleet", "instance"])?;
    let configs = launch_template_configs.into_iter().map(config).collect::<Result<Vec<_>>>()?;
    for config in &configs {
        resolved(model, caller, &config.template)?;
    }
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
            from: valid_from,
            until: valid_until,
            instances: Vec::new(),
            errors: Vec::new(),
            deleted: None,
        };
        // Of other fleets only the template says what their instances are tagged with (API reference, CreateFleet).
        let of_instances = if kind == FleetKind::Instant { of_instances } else { Tags::new() };
        fill(model, caller, &mut fleet, false, &of_instances)?;
        fill(model, caller, &mut fleet, true, &of_instances)?;
        let id = fleet.id.clone();
        model.insert_fleet(fleet)?;
        Ok(id)
    })?;
    let fleet = model.fleets.find(&caller.scope, &id)?;
    let told = fleet.kind == FleetKind::Instant;
    let instances: List<_> = fleet.instances.iter().filter(|_| told).map(|own| created(model, own)).collect();
    let errors: List<_> = fleet.errors.iter().filter(|_| told).map(failed).collect();
    Ok(ec2::CreateFleetResult {
        fleet_id: text(&id),
        errors: if told { errors } else { List::default() },
        instances: if told { instances } else { List::default() },
    })
}

fn shown_template(template: &FleetTemplate) -> ec2::FleetLaunchTemplateSpecification {
    let FleetTemplate { id, name, version } = template.clone();
    ec2::FleetLaunchTemplateSpecification { launch_template_id: id, launch_template_name: name, version }
}

fn shown_override(other: &FleetOverride) -> ec2::FleetLaunchTemplateOverrides {
    let FleetOverride { instance_type, max_price, subnet, zone, weight, priority, image } = other.clone();
    ec2::FleetLaunchTemplateOverrides {
        instance_type,
        max_price,
        subnet_id: subnet,
        availability_zone: zone,
        weighted_capacity: weight,
        priority,
        image_id: image,
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

fn shown(model: &Model, fleet: &Fleet) -> ec2::FleetData {
    let config = |config: &FleetConfig| ec2::FleetLaunchTemplateConfig {
        launch_template_specification: Some(shown_template(&config.template)),
        overrides: config.overrides.iter().map(shown_override).collect(),
    };
    let fulfilled = |spot_too: bool| {
        let own = model.instances_of_fleet(fleet).filter(|(own, _)| spot_too || !own.spot);
        own.map(|(own, _)| own.other.as_ref().and_then(|other| other.weight).unwrap_or(1.0)).sum::<f64>()
    };
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
        fulfilled_capacity: Some(fulfilled(true)),
        fulfilled_on_demand_capacity: Some(fulfilled(false)),
        launch_template_configs: fleet.configs.iter().map(config).collect(),
        target_capacity_specification: Some(ec2::TargetCapacitySpecification {
            total_target_capacity: int(total),
            on_demand_target_capacity: int(on_demand),
            spot_target_capacity: int(spot),
            default_target_capacity_type: lifecycle(spot_by_default),
            ..Default::default()
        }),
        terminate_instances_with_expiration: Some(false),
        r#type: text(fleet.kind.word()),
        valid_from: fleet.from,
        valid_until: fleet.until,
        replace_unhealthy_instances: Some(false),
        spot_options: Some(ec2::SpotOptions {
            allocation_strategy: text(&fleet.spot_strategy),
            instance_interruption_behavior: text("terminate"),
            instance_pools_to_use_count: (fleet.spot_strategy == "lowest-price").then_some(1),
            ..Default::default()
        }),
        on_demand_options: Some(ec2::OnDemandOptions {
            allocation_strategy: text(&fleet.on_demand_strategy),
            ..Default::default()
        }),
        tags: tags::shown(&fleet.tags),
        errors: if told { fleet.errors.iter().map(error).collect() } else { List::default() },
        instances: if told { fleet.instances.iter().map(instance).collect() } else { List::default() },
        ..Default::default()
    }
}

/// Instant fleets are told of only when they are named.
fn describe(model: &Model, caller: &Caller, input: ec2::DescribeFleetsRequest) -> Result<ec2::DescribeFleetsResult> {
    let ec2::DescribeFleetsRequest { page, fleet_ids, filters } = input;
    let mut fleets = ATTRIBUTES.choose(model, model.fleets.of(&caller.scope), &fleet_ids, &filters)?;
    fleets.retain(|fleet| fleet.kind != FleetKind::Instant || !fleet_ids.is_empty());
    let (fleets, next_token) = by_age(model, &page, fleets, |fleet| &fleet.id)?;
    Ok(ec2::DescribeFleetsResult { fleets: fleets.into_iter().map(|fleet| shown(model, fleet)).collect(), next_token })
}

static OF_INSTANCES: Attributes<Instance> =
    Attributes(&[("instance-type", |_, instance| each(Some(&instance.instance_type)))]);

fn describe_instances(
    model: &Model,
    caller: &Caller,
    input: ec2::DescribeFleetInstancesRequest,
) -> Result<ec2::DescribeFleetInstancesResult> {
    let ec2::DescribeFleetInstancesRequest { page, fleet_id, filters } = input;
    let fleet = model.fleets.find(&caller.scope, &fleet_id)?;
    let wanted = OF_INSTANCES.wanted(&filters)?;
    let living = model.instances_of_fleet(fleet).map(|(_, instance)| instance);
    let living = living.filter(|instance| wanted.pass(model, instance, &instance.tags)).collect();
    let (living, next_token) = by_age(model, &page, living, |instance| &instance.id)?;
    let shown = |instance: &Instance| ec2::ActiveInstance {
        instance_id: text(&instance.id),
        instance_type: text(&instance.instance_type),
        spot_instance_request_id: model.spot_request_of(instance).map(|request| request.id.clone()),
        instance_health: text("healthy"),
    };
    Ok(ec2::DescribeFleetInstancesResult {
        active_instances: living.into_iter().map(shown).collect(),
        next_token,
        fleet_id: Some(fleet_id),
    })
}

/// What can be deleted is deleted; the reply tells of the rest.
fn delete(model: &mut Model, caller: &Caller, input: ec2::DeleteFleetsRequest) -> Result<ec2::DeleteFleetsResult> {
    let ec2::DeleteFleetsRequest { fleet_ids, terminate_instances } = input;
    let (mut done, mut failed) = (Vec::new(), Vec::new());
    for id in fleet_ids {
        match model.delete_fleet(caller, &id, terminate_instances) {
            Ok((before, after)) => done.push(ec2::DeleteFleetSuccessItem {
                current_fleet_state: text(after),
                previous_fleet_state: text(before),
                fleet_id: Some(id),
            }),
            Err(error) => failed.push(ec2::DeleteFleetErrorItem {
                error: Some(ec2::DeleteFleetError { code: text(code(&error)), message: text(error) }),
                fleet_id: Some(id),
            }),
        }
    }
    Ok(ec2::DeleteFleetsResult { successful_fleet_deletions: done.into(), unsuccessful_fleet_deletions: failed.into() })
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
