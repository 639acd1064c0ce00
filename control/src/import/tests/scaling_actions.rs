//! Scaling policies, scheduled actions and notifications.

use super::services::{exported_alike, scaling};
use super::*;

const UUID: &str = "930d940e-891e-4781-a11a-7b0acd480f03";

#[test]
fn policies_and_scheduled_actions_are_kept() {
    let arn = |kind: &str, name: &str| {
        format!("arn:aws:autoscaling:eu-west-1:123456789012:{kind}:{UUID}:autoScalingGroupName/workers:{name}")
    };
    let policy = |group: &str, name: &str| {
        json!({"AutoScalingGroupName": group, "PolicyName": name, "PolicyARN": arn("scalingPolicy", &format!("policyName/{name}")),
            "PolicyType": "TargetTrackingScaling", "EstimatedInstanceWarmup": 60, "Alarms": [], "Enabled": true, "StepAdjustments": [],
            "TargetTrackingConfiguration": {"TargetValue": 50.0, "DisableScaleIn": false,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}}})
    };
    let action = |name: &str, start: &str| {
        json!({"AutoScalingGroupName": "workers", "ScheduledActionName": name, "MinSize": 0, "MaxSize": 3, "DesiredCapacity": 1,
            "ScheduledActionARN": arn("scheduledUpdateGroupAction", &format!("scheduledActionName/{name}")),
            "Recurrence": "0 7 * * *", "StartTime": start, "Time": start})
    };
    let mut ended = action("ended", "2013-05-07T07:00:00Z");
    ended["EndTime"] = json!("2014-05-07T07:00:00Z");
    let mut files = scaling(1);
    files.extend([
        ("x/policies.json", json!({"ScalingPolicies": [policy("workers", "busy"), policy("nowhere", "lost")]})),
        (
            "x/actions.json",
            json!({"ScheduledUpdateGroupActions": [action("night", "2014-05-07T07:00:00Z"), action("later", "2025-05-07T07:00:00Z"), ended]}),
        ),
    ]);
    let (model, told) = imported(&files);
    assert!(told.left_out.iter().any(|line| line.starts_with("lost: ")), "{:?}", told.left_out);
    assert!(told.left_out.iter().any(|line| line == "ended: it has ended"), "{:?}", told.left_out);
    assert!(model.scaling_policies.iter().all(|policy| policy.unique == UUID) && model.scaling_policies.len() == 1);
    let starts: Vec<bool> = model.scheduled_actions.iter().map(|action| action.schedule.start.is_some()).collect();
    assert_eq!(starts.iter().filter(|starts| **starts).count(), 1, "the one that is yet to begin");
    assert!(model.scheduled_actions.iter().all(|action| action.unique == UUID) && starts.len() == 2);
    exported_alike(&model);
}

#[test]
fn a_topic_is_told_of_each_kind_of_event() {
    let notification = |kind: &str| {
        json!({"AutoScalingGroupName": "workers", "TopicARN": "arn:aws:sns:eu-west-1:123456789012:told",
        "NotificationType": kind})
    };
    let mut files = scaling(1);
    let all = ["autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE", "unknown"].map(notification);
    files.push(("x/notifications.json", json!({"NotificationConfigurations": all})));
    let (model, told) = imported(&files);
    let group = model.auto_scaling_groups.iter().find(|group| group.name == "workers").unwrap();
    assert_eq!(group.notifications.len(), 2);
    assert!(told.left_out.iter().any(|line| line.starts_with("arn:aws:sns:")), "{:?}", told.left_out);
    exported_alike(&model);
}
