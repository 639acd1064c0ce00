//! The settings of groups that are kept as they were given: replies show them.

use super::Result;
use crate::api::deployment::{said, said_over};
use model::auto_scaling::{AutoScalingGroup, Error as Refusal};
use serde_json::{Map, Value};
use shapes::{Fault, autoscaling as api};

const WARMUP: &str = "DefaultInstanceWarmup";
const MAINTENANCE: &str = "InstanceMaintenancePolicy";
const KEPT: [&str; 6] = [
    WARMUP,
    MAINTENANCE,
    "AvailabilityZoneDistribution",
    "AvailabilityZoneImpairmentPolicy",
    "CapacityRebalance",
    "CapacityReservationSpecification",
];

/// The settings of a request over those kept before, as JSON. A value of -1 removes a setting.
pub fn over(before: &str, new: &api::UpdateAutoScalingGroupType) -> Result<String> {
    check(new)?;
    let mut all = members(before);
    all.extend(members(&said_over("", new)).into_iter().filter(|(name, _)| KEPT.contains(&name.as_str())));
    if new.default_instance_warmup.is_some_and(|seconds| seconds < 0) {
        all.remove(WARMUP);
    }
    if new.instance_maintenance_policy.as_ref().is_some_and(is_cleared) {
        all.remove(MAINTENANCE);
    }
    Ok(Value::Object(all).to_string())
}

/// The least percentage of healthy instances that a group's maintenance policy has.
pub fn least_healthy(group: &AutoScalingGroup) -> Option<i32> {
    let kept: api::AutoScalingGroup = said(&group.settings.told);
    kept.instance_maintenance_policy?.min_healthy_percentage
}

fn members(json: &str) -> Map<String, Value> {
    serde_json::from_str(json).unwrap_or_default()
}

fn check(new: &api::UpdateAutoScalingGroupType) -> Result<()> {
    if new.capacity_reservation_specification.as_ref().is_some_and(|wanted| !is_default(wanted)) {
        return Err(Fault::Unsupported { name: "CapacityReservationSpecification".to_owned() }.into());
    }
    match &new.instance_maintenance_policy {
        Some(policy) if !is_cleared(policy) && !is_possible(policy) => Err(Refusal::Maintenance {}.into()),
        _ => Ok(()),
    }
}

fn is_default(wanted: &api::CapacityReservationSpecification) -> bool {
    let preference = wanted.capacity_reservation_preference.as_deref();
    wanted.capacity_reservation_target.is_none() && preference.is_none_or(|word| word == "default")
}

fn is_cleared(policy: &api::InstanceMaintenancePolicy) -> bool {
    (policy.min_healthy_percentage, policy.max_healthy_percentage) == (Some(-1), Some(-1))
}

fn is_possible(policy: &api::InstanceMaintenancePolicy) -> bool {
    let (Some(min), Some(max)) = (policy.min_healthy_percentage, policy.max_healthy_percentage) else { return false };
    (0..=100).contains(&min) && (100..=200).contains(&max) && max - min <= 100
}
