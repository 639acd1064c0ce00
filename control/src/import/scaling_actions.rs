//! Scaling policies, scheduled actions, lifecycle hooks and notifications of Auto Scaling groups.

use super::Importer;
use super::form::{Form, parameters, text};
use super::scaling::uuid_of;
use model::auto_scaling::{ScalingPolicy, ScheduledAction};
use model::{Scope, Time};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// The lists that describe them.
pub const LISTS: [&str; 4] = [POLICIES, ACTIONS, HOOKS, NOTIFICATIONS];
const POLICIES: &str = "ScalingPolicies";
const ACTIONS: &str = "ScheduledUpdateGroupActions";
const HOOKS: &str = "LifecycleHooks";
const NOTIFICATIONS: &str = "NotificationConfigurations";

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
    /// Makes policies, scheduled actions, lifecycle hooks and notifications, whose groups exist.
    pub(super) fn scaling_actions(&mut self, items: &[(Scope, &'static str, Json)]) {
        for (scope, list, item) in items {
            let made = match *list {
                POLICIES => self.scaling_policy(scope, item),
                ACTIONS => self.scheduled_action(scope, item),
                HOOKS => self.call(scope, "autoscaling", "PutLifecycleHook", &parameters(item, &OF_HOOK)).map(drop),
                NOTIFICATIONS => self.notification(scope, item),
                _ => continue,
            };
            let names = ["/PolicyName", "/ScheduledActionName", "/LifecycleHookName", "/TopicARN"];
            self.unless_made(made, names.iter().find_map(|name| text(item, name)), list);
        }
    }

    /// Each item has one kind of event, while the call replaces all that a topic is told.
    fn notification(&mut self, scope: &Scope, item: &Json) -> Result<(), String> {
        let mut form = parameters(item, &["AutoScalingGroupName", "TopicARN"]);
        let kind = text(item, "/NotificationType").ok_or("it names no kind of event")?;
        let (group, topic) = (text(item, "/AutoScalingGroupName"), text(item, "/TopicARN"));
        let group = self.model.scaling_group(scope, &group.unwrap_or_default()).map_err(|why| why.to_string())?;
        let told = group.notifications.iter().filter(|(known, _)| Some(known) == topic.as_ref());
        let kinds: BTreeSet<&String> = told.map(|(_, kind)| kind).chain([&kind]).collect();
        let kinds = kinds.into_iter().enumerate();
        form.extend(kinds.map(|(at, kind)| (format!("NotificationTypes.member.{}", at + 1), kind.clone())));
        self.call(scope, "autoscaling", "PutNotificationConfiguration", &form).map(drop)
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
