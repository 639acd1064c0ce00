//! Mixed instances policies.

use super::{Error, Result, launch_template, number};
use crate::api::deployment::{said, said_over};
use crate::api::ec2::instance_requirements::smallest;
use crate::api::said::same_members;
use model::auto_scaling::{Error as Refusal, MixedInstances, TemplateUse, TypeOverride};
use model::{Caller, Model};
use shapes::autoscaling as api;

/// The launch template that a request names, by itself or in a mixed instances policy.
pub fn source(
    model: &Model,
    caller: &Caller,
    named: Option<api::LaunchTemplateSpecification>,
    policy: Option<api::MixedInstancesPolicy>,
) -> Result<Option<(TemplateUse, Option<MixedInstances>)>> {
    match (named, policy) {
        (Some(_), Some(_)) => Err(Refusal::OneSource {}.into()),
        (Some(sent), None) => Ok(Some((launch_template::read(model, caller, sent)?, None))),
        (None, Some(sent)) => read(model, caller, sent).map(|(base, policy)| Some((base, Some(policy)))),
        (None, None) => Ok(None),
    }
}

/// A policy as a request says it: its launch template, and the rest.
fn read(model: &Model, caller: &Caller, sent: api::MixedInstancesPolicy) -> Result<(TemplateUse, MixedInstances)> {
    let needed = |member| Error::from(Refusal::MixIncomplete { member });
    let told = said_over("", &sent);
    let launch = sent.launch_template.ok_or_else(|| needed("LaunchTemplate"))?;
    let base = launch.launch_template_specification.ok_or_else(|| needed("LaunchTemplateSpecification"))?;
    let base = launch_template::read(model, caller, base)?;
    let chosen = |required: &api::InstanceRequirements, used: &TemplateUse| {
        let version = model.launch_template(&caller.scope, Some(&used.id), None)?.version(&used.version)?;
        let found = smallest(model, &same_members(required), Some(&version.specification.image))?;
        Ok::<_, Error>(found.name.clone())
    };
    let one = |sent: api::LaunchTemplateOverrides| {
        if sent.instance_type.is_some() && sent.instance_requirements.is_some() {
            return Err(Refusal::MixTypeTwice {}.into());
        }
        let weight =
            sent.weighted_capacity.map(|word| word.parse::<u32>().ok().filter(|weight| (1..=999).contains(weight)));
        let own =
            sent.launch_template_specification.map(|sent| launch_template::read(model, caller, sent)).transpose()?;
        let used = own.as_ref().unwrap_or(&base);
        let chosen = sent.instance_requirements.as_ref().map(|required| chosen(required, used)).transpose()?;
        Ok(TypeOverride {
            instance_type: chosen.or(sent.instance_type),
            weight: weight.unwrap_or(Some(1)).ok_or(Refusal::MixWeight {})?,
            template: own,
        })
    };
    let overrides: Vec<TypeOverride> = launch.overrides.into_iter().map(one).collect::<Result<_>>()?;
    let distribution = sent.instances_distribution.unwrap_or_default();
    let percent = number("OnDemandPercentageAboveBaseCapacity", distribution.on_demand_percentage_above_base_capacity)?;
    let percent = percent.unwrap_or(100);
    if percent > 100 {
        return Err(Refusal::MixPercentage {}.into());
    }
    let mixed = MixedInstances {
        overrides,
        on_demand_base: number("OnDemandBaseCapacity", distribution.on_demand_base_capacity)?.unwrap_or(0),
        on_demand_percent: percent,
        spot_price: distribution.spot_max_price.unwrap_or_default(),
        told,
    };
    Ok((base, mixed))
}

/// A policy as replies show it, with the defaults filled in.
pub fn shown(mixed: &MixedInstances, base: Option<&TemplateUse>) -> api::MixedInstancesPolicy {
    let told: api::MixedInstancesPolicy = said(&mixed.told);
    let launch = told.launch_template.unwrap_or_default();
    let distribution = told.instances_distribution.unwrap_or_default();
    let usual = |word: &str| Some(word.to_owned());
    api::MixedInstancesPolicy {
        launch_template: Some(api::LaunchTemplate {
            launch_template_specification: base.map(launch_template::shown),
            overrides: launch.overrides.to_vec().into(),
        }),
        instances_distribution: Some(api::InstancesDistribution {
            on_demand_allocation_strategy: distribution.on_demand_allocation_strategy.or(usual("prioritized")),
            on_demand_base_capacity: distribution.on_demand_base_capacity.or(Some(0)),
            on_demand_percentage_above_base_capacity: distribution
                .on_demand_percentage_above_base_capacity
                .or(Some(100)),
            spot_allocation_strategy: distribution.spot_allocation_strategy.or(usual("lowest-price")),
            spot_instance_pools: distribution.spot_instance_pools.or(Some(2)),
            spot_max_price: distribution.spot_max_price,
            ..Default::default()
        }),
    }
}
