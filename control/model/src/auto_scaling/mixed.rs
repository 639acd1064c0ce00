//! Mixed instances: a launch template with other types in the place of its own, some of them Spot instances.

use super::{AutoScalingGroup, GroupSettings, Result, TemplateUse};
use crate::{LaunchSpecification, Model, Scope};
use serde::{Deserialize, Serialize};

/// A type that is launched in the place of the template's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeOverride {
    /// The type; without it the template's.
    pub instance_type: Option<String>,
    /// For how much of the group's capacity one of them counts.
    pub weight: u32,
    /// Another template for it.
    pub template: Option<TemplateUse>,
}

/// A mixed instances policy. Types are taken in the order in which they stand: the first that can be had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MixedInstances {
    /// The types.
    pub overrides: Vec<TypeOverride>,
    /// How much of the capacity are never Spot instances.
    pub on_demand_base: u32,
    /// How many percent of the rest are none.
    pub on_demand_percent: u32,
    /// The most that is paid for a Spot instance, empty if that was not said.
    pub spot_price: String,
    /// The policy as it was said: JSON of the API's structure.
    pub told: String,
}

impl MixedInstances {
    /// How much of a capacity shall be no Spot instances.
    fn on_demand_of(&self, capacity: u32) -> u32 {
        let above = capacity.saturating_sub(self.on_demand_base);
        // AWS rounds up.
        let share = (u64::from(above) * u64::from(self.on_demand_percent)).div_ceil(100);
        self.on_demand_base.min(capacity) + u32::try_from(share).unwrap_or(above)
    }
}

impl Model {
    /// What a group with these settings launches, the preferred first, each with its weight: its template or configuration, or its
    /// template with each of the overrides.
    pub(super) fn variants_of(
        &self,
        scope: &Scope,
        settings: &GroupSettings,
    ) -> Result<Vec<(LaunchSpecification, u32)>> {
        let base = self.specification_of(scope, settings)?;
        let variant = |one: &TypeOverride| {
            let specification = match &one.template {
                Some(used) => {
                    self.launch_template(scope, Some(&used.id), None)?.version(&used.version)?.specification.clone()
                }
                None => base.clone(),
            };
            let instance_type = one.instance_type.clone().unwrap_or(specification.instance_type);
            Ok((LaunchSpecification { instance_type, ..specification }, one.weight))
        };
        let overrides = settings.mixed.iter().flat_map(|mixed| &mixed.overrides);
        let variants = overrides.map(variant).collect::<Result<Vec<_>>>()?;
        Ok(if variants.is_empty() { vec![(base, 1)] } else { variants })
    }

    /// What a group could launch now, the preferred first, each with its weight.
    pub(super) fn specifications_of(&self, group: &AutoScalingGroup) -> Result<Vec<(LaunchSpecification, u32)>> {
        let variants = self.variants_of(&group.scope, &group.settings)?;
        let Some(mixed) = &group.settings.mixed else { return Ok(variants) };
        let on_demand: u32 =
            self.counting_instances(group).filter(|(one, _)| !one.spot).map(|(_, member)| member.weight).sum();
        let spot = on_demand >= mixed.on_demand_of(group.capacity().saturating_add(1));
        let spot_price = spot.then(|| mixed.spot_price.clone());
        let priced =
            |(specification, weight)| (LaunchSpecification { spot_price: spot_price.clone(), ..specification }, weight);
        Ok(variants.into_iter().map(priced).collect())
    }
}
