//! What scales Auto Scaling groups: policies, scheduled actions and lifecycle hooks.

use super::functions::Unknown;
use super::properties::Properties;
use super::resources::pair;
use super::{Builder, Make};
use crate::import::form::parameters;
use serde_json::json;

/// The maker of a type.
pub fn maker(kind: &str) -> Option<Make> {
    Some(match kind {
        "AWS::AutoScaling::ScalingPolicy" => policy,
        "AWS::AutoScaling::ScheduledAction" => {
            |b, p| named(b, p, "PutScheduledUpdateGroupAction", "ScheduledActionName", SCHEDULED)
        }
        "AWS::AutoScaling::LifecycleHook" => |b, p| named(b, p, "PutLifecycleHook", "LifecycleHookName", HOOK),
        _ => return None,
    })
}

const SCHEDULED: &[&str] = &[
    "AutoScalingGroupName",
    "DesiredCapacity",
    "EndTime",
    "MaxSize",
    "MinSize",
    "Recurrence",
    "StartTime",
    "TimeZone",
];
const HOOK: &[&str] =
    &["AutoScalingGroupName", "DefaultResult", "HeartbeatTimeout", "LifecycleTransition", "NotificationMetadata"];
const POLICY: &[&str] = &[
    "AdjustmentType",
    "AutoScalingGroupName",
    "Cooldown",
    "EstimatedInstanceWarmup",
    "MetricAggregationType",
    "MinAdjustmentMagnitude",
    "PolicyType",
    "ScalingAdjustment",
];
/// Properties of policies with parts, which the API calls the same.
const POLICY_PARTS: [&str; 3] = ["PredictiveScalingConfiguration", "StepAdjustments", "TargetTrackingConfiguration"];

/// Makes something with a name, which is the value of Ref.
fn named(
    b: &mut Builder<'_, '_, '_>,
    p: &Properties<'_>,
    action: &str,
    name: &str,
    properties: &[&str],
) -> Result<Option<String>, Unknown> {
    let called = p.text(name).unwrap_or_else(|| b.made_up_name());
    let mut parameters = p.named(properties);
    parameters.push(pair(name, &*called));
    b.call_of("autoscaling", action, &parameters, "return")?;
    Ok(Some(called))
}

/// A policy, whose ARN is the value of Ref.
fn policy(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut all = p.named(POLICY);
    all.push(pair("PolicyName", b.made_up_name()));
    for name in POLICY_PARTS {
        let part = p.whole(name, &[]).map(|part| json!({name: part}));
        all.extend(part.map(|part| parameters(&part, &[name])).unwrap_or_default());
    }
    b.call_of("autoscaling", "PutScalingPolicy", &all, "PolicyARN").map(Some)
}
