//! Mixed instances policies.

use super::group::template;
use super::{Error, Result, number};
use crate::api::deployment::{said, said_over};
use model::auto_scaling::{Error as Refusal, MixedInstances, TemplateUse, TypeOverride};
use model::{Caller, Model};
use shapes::autoscaling;

/// A policy as a request says it: its launch template, and the rest.
pub fn read(
    model: &Model,
    caller: &Caller,
    sent: autoscaling::MixedInstancesPolicy,
) -> Result<(TemplateUse, MixedInstances)> {
    let needed = |member| Error::from(Refusal::MixIncomplete { member });
    let told = said_over("", &sent);
    let launch = sent.launch_template.ok_or_else(|| needed("LaunchTemplate"))?;
    let base = launch.launch_template_specification.ok_or_else(|| needed("LaunchTemplateSpecification"))?;
    let one = |sent: autoscaling::LaunchTemplateOverrides| {
        let weight =
            sent.weighted_capacity.map(|word| word.parse::<u32>().ok().filter(|weight| (1..=999).contains(weight)));
        Ok(TypeOverride {
            instance_type: sent.instance_type,
            weight: weight.unwrap_or(Some(1)).ok_or(Refusal::MixWeight {})?,
            template: sent.launch_template_specification.map(|sent| template(model, caller, sent)).transpose()?,
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
    Ok((template(model, caller, base)?, mixed))
}

/// A policy as replies show it, with the defaults filled in.
pub fn shown(mixed: &MixedInstances, base: Option<&TemplateUse>) -> autoscaling::MixedInstancesPolicy {
    let told: autoscaling::MixedInstancesPolicy = said(&mixed.told);
    let launch = told.launch_template.unwrap_or_default();
    let distribution = told.instances_distribution.unwrap_or_default();
    let usual = |word: &str| Some(word.to_owned());
    autoscaling::MixedInstancesPolicy {
        launch_template: Some(autoscaling::LaunchTemplate {
            launch_template_specification: base.map(super::group::shown_template),
            overrides: launch.overrides.to_vec().into(),
        }),
        instances_distribution: Some(autoscaling::InstancesDistribution {
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
