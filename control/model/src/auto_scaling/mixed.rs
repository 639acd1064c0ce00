//! Mixed instances policies: a launch template with several instance types, some of them as Spot Instances.

use super::TemplateUse;
use serde::{Deserialize, Serialize};

/// An override: an instance type in place of the template's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeOverride {
    /// The type. Without one it is the template's.
    pub instance_type: Option<String>,
    /// The weight of such an instance in the group's capacity.
    pub weight: u32,
    /// The template. Without one it is the policy's.
    pub template: Option<TemplateUse>,
}

/// A mixed instances policy. The first available type in the order of the overrides is launched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MixedInstances {
    /// The overrides.
    pub overrides: Vec<TypeOverride>,
    /// The part of the capacity that is always On-Demand.
    pub on_demand_base: u32,
    /// The On-Demand part of the rest, in per cent.
    pub on_demand_percent: u32,
    /// The maximum price of Spot Instances. Empty if there is none.
    pub spot_price: String,
    /// The policy as it was sent, as JSON of the API's structure.
    pub told: String,
}

impl MixedInstances {
    /// The On-Demand part of a capacity.
    pub(super) fn on_demand_of(&self, capacity: u32) -> u32 {
        let above = capacity.saturating_sub(self.on_demand_base);
        // AWS rounds up.
        let share = (u64::from(above) * u64::from(self.on_demand_percent)).div_ceil(100);
        self.on_demand_base.min(capacity) + u32::try_from(share).unwrap_or(above)
    }
}
