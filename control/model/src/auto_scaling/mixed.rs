//! Mixed instances: a launch template with other types in the place of its own, some of them Spot instances.

use super::{AutoScalingGroup, Recipe, Result, TemplateUse};
use crate::Model;
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
    /// What a group could launch now, what it likes best first, each with its weight.
    pub(super) fn recipes_of(&self, group: &AutoScalingGroup) -> Result<Vec<(Recipe, u32)>> {
        let (scope, settings) = (&group.scope, &group.settings);
        let base = self.recipe_of(scope, settings)?;
        let Some(mixed) = &settings.mixed else { return Ok(vec![(base, 1)]) };
        let on_demand: u32 =
            self.counting_instances(group).filter(|(one, _)| !one.spot).map(|(_, member)| member.weight).sum();
        let spot = on_demand >= mixed.on_demand_of(group.capacity().saturating_add(1));
        let of = |one: &TypeOverride| {
            let recipe = match &one.template {
                Some(used) => self.launch_template(scope, Some(&used.id), None)?.version(&used.version)?.recipe.clone(),
                None => base.clone(),
            };
            let instance_type = one.instance_type.clone().unwrap_or(recipe.instance_type);
            let spot_price = spot.then(|| mixed.spot_price.clone());
            Ok((Recipe { instance_type, spot_price, ..recipe }, one.weight))
        };
        match mixed.overrides.is_empty() {
            true => {
                let spot_price = spot.then(|| mixed.spot_price.clone());
                Ok(vec![(Recipe { spot_price, ..base }, 1)])
            }
            false => mixed.overrides.iter().map(of).collect(),
        }
    }
}
