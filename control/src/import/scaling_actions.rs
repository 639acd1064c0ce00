//! Scaling policies, scheduled actions and lifecycle hooks of Auto Scaling groups.

use super::Importer;
use super::form::{Form, parameters, text};
use super::scaling::uuid_of;
use model::auto_scaling::{ScalingPolicy, ScheduledAction};
use model::{Scope, Time};
use serde_json::Value as Json;

/// The lists that describe them.
pub const LISTS: [&str; 3] = ["ScalingPolicies", "ScheduledUpdateGroupActions", "LifecycleHooks"];

/// The members of a policy that are parameters with the same names.
const OF_POLICY: [&str; 13] = [
    "AutoScalingGroupName",
    "PolicyName",
    "PolicyType",
    "AdjustmentType",
    "MinAdjustmentStep",
    "MinAdjustmentMagnitude",
    "ScalingAdjustment",
    "Cooldown",
    "StepAdjustments",
    "MetricAggregationType",
    "EstimatedInstanceWarmup",
    "TargetTrackingConfiguration",
    "PredictiveScalingConfiguration",
];
/// The same of a scheduled action.
const OF_ACTION: [&str; 7] =
    ["AutoScalingGroupName", "ScheduledActionName", "Recurrence", "MinSize", "MaxSize", "DesiredCapacity", "TimeZone"];
/// The same of a lifecycle hook.
const OF_HOOK: [&str; 8] = [
    "AutoScalingGroupName",
    "LifecycleHookName",
    "LifecycleTransition",
    "NotificationTargetARN",
    "RoleARN",
    "NotificationMetadata",
    "HeartbeatTimeout",
    "DefaultResult",
];

impl Importer<'_> {
    /// Makes policies, scheduled actions and lifecycle hooks, whose groups exist.
    pub(super) fn scaling_actions(&mut self, items: &[(Scope, &'static str, Json)]) {
        let [policies, actions, hooks] = LISTS;
        for (scope, list, item) in items {
            let made = match *list {
                list if list == policies => self.scaling_policy(scope, item),
                list if list == actions => self.scheduled_action(scope, item),
                list if list == hooks => {
                    self.call(scope, "autoscaling", "PutLifecycleHook", &parameters(item, &OF_HOOK)).map(drop)
                }
                _ => continue,
            };
            let names = ["/PolicyName", "/ScheduledActionName", "/LifecycleHookName"];
            self.unless_made(made, names.iter().find_map(|name| text(item, name)), list);
        }
    }

    fn scaling_policy(&mut self, scope: &Scope, item: &Json) -> Result<(), String> {
        let mut form = parameters(item, &OF_POLICY);
        form.extend(text(item, "/Enabled").map(|on| ("Enabled".to_owned(), on)));
        self.call(scope, "autoscaling", "PutScalingPolicy", &form)?;
        let is_its = names(item, "/PolicyName");
        let row =
            self.model.scaling_policies.iter().find(|row| row.scope == *scope && is_its(&row.group_name, &row.name));
        if let (Some(row), Some(unique)) = (row.cloned(), text(item, "/PolicyARN").and_then(|arn| uuid_of(&arn))) {
            self.model.scaling_policies.adopt(ScalingPolicy { unique, ..row });
        }
        Ok(())
    }

    fn scheduled_action(&mut self, scope: &Scope, item: &Json) -> Result<(), String> {
        let mut form: Form = parameters(item, &OF_ACTION);
        let is_to_come = |time: &String| time.parse::<Time>().is_ok_and(|time| time > self.now);
        let (start, end) = (text(item, "/StartTime"), text(item, "/EndTime"));
        if end.as_ref().is_some_and(|end| !is_to_come(end)) {
            return Err("it has ended".to_owned());
        }
        // A recurring action may have begun long ago.
        form.extend(start.filter(is_to_come).map(|time| ("StartTime".to_owned(), time)));
        form.extend(end.map(|time| ("EndTime".to_owned(), time)));
        self.call(scope, "autoscaling", "PutScheduledUpdateGroupAction", &form)?;
        let is_its = names(item, "/ScheduledActionName");
        let row =
            self.model.scheduled_actions.iter().find(|row| row.scope == *scope && is_its(&row.group_name, &row.name));
        if let (Some(row), Some(unique)) =
            (row.cloned(), text(item, "/ScheduledActionARN").and_then(|arn| uuid_of(&arn)))
        {
            self.model.scheduled_actions.adopt(ScheduledAction { unique, ..row });
        }
        Ok(())
    }
}

/// Whether a group's name and a name are those that an item has.
fn names<'j>(item: &'j Json, pointer: &'static str) -> impl Fn(&str, &str) -> bool + 'j {
    move |group, name| {
        item.get("AutoScalingGroupName").is_some_and(|own| own == group)
            && item.pointer(pointer).is_some_and(|own| own == name)
    }
}
