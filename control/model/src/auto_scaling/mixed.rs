//! Mixed instances: a launch template with other types in the place of its own, some of them Spot instances.

use super::TemplateUse;
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
    pub(super) fn on_demand_of(&self, capacity: u32) -> u32 {
        let above = capacity.saturating_sub(self.on_demand_base);
        // AWS rounds up.
        let share = (u64::from(above) * u64::from(self.on_demand_percent)).div_ceil(100);
        self.on_demand_base.min(capacity) + u32::try_from(share).unwrap_or(above)
    }
}
