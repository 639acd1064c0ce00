//! Scaling activities: the actions of a group, with their causes in AWS's words.

use super::AutoScalingGroup;
use crate::{Model, Row, Scope, Time};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::time::Duration;

/// How long an activity is described: six weeks.
const VISIBLE: Duration = Duration::from_secs(42 * 24 * 3600);

/// The status of an activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ActivityStatus {
    /// The instance was launched and does not run yet.
    PreInService,
    /// The instance is being terminated.
    InProgress,
    /// The activity has succeeded.
    Successful,
    /// The activity has failed, for this reason.
    Failed(String),
    /// The activity was cancelled.
    Cancelled,
}

impl ActivityStatus {
    /// The API's code.
    pub fn code(&self) -> &'static str {
        match self {
            ActivityStatus::PreInService => "PreInService",
            ActivityStatus::InProgress => "InProgress",
            ActivityStatus::Successful => "Successful",
            ActivityStatus::Failed(_) => "Failed",
            ActivityStatus::Cancelled => "Cancelled",
        }
    }

    /// The progress in per cent.
    pub fn progress(&self) -> i32 {
        match self {
            ActivityStatus::PreInService => 30,
            ActivityStatus::InProgress => 50,
            _ => 100,
        }
    }

    /// Why it failed.
    pub fn message(&self) -> Option<&str> {
        if let ActivityStatus::Failed(why) = self { Some(why) } else { None }
    }
}

/// A scaling activity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalingActivity {
    /// A UUID.
    pub id: String,
    /// The account and the Region.
    pub scope: Scope,
    /// The group's name.
    pub group: String,
    /// The group's ARN, because other groups may have had its name.
    pub group_arn: String,
    /// The description of the action.
    pub description: String,
    /// The cause.
    pub cause: String,
    /// The zone and the subnet, as JSON.
    pub details: String,
    /// The start.
    pub started: Time,
    /// The end.
    pub ended: Option<Time>,
    /// Its status.
    pub status: ActivityStatus,
}

/// An activity is found by the ARN of its group.
impl Row for ScalingActivity {
    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<String> {
        vec![self.group_arn.clone()]
    }
}

impl ScalingActivity {
    /// Whether the activity is no longer described.
    pub fn is_forgotten(&self, now: Time) -> bool {
        self.ended.is_some_and(|ended| now.since(ended) > VISIBLE)
    }
}

/// A new activity.
pub(super) struct NewActivity {
    pub description: String,
    pub cause: String,
    pub details: String,
    pub status: ActivityStatus,
}

impl Default for NewActivity {
    fn default() -> Self {
        let (description, cause) = (String::new(), String::new());
        NewActivity { description, cause, details: "{}".to_owned(), status: ActivityStatus::Successful }
    }
}

/// The details of an activity: its zone and subnet.
pub(super) fn details(zone: &str, subnet: Option<&str>) -> String {
    match subnet {
        Some(subnet) => json!({"Subnet ID": subnet, "Availability Zone": zone}),
        None => json!({"Availability Zone": zone}),
    }
    .to_string()
}

impl Model {
    /// Adds an activity of a group. Returns its id.
    pub(super) fn log(&mut self, group: &AutoScalingGroup, now: Time, new: NewActivity) -> String {
        let NewActivity { description, cause, details, status } = new;
        let id = self.new_uuid();
        let ongoing = matches!(status, ActivityStatus::PreInService | ActivityStatus::InProgress);
        self.scaling_activities.insert(ScalingActivity {
            id: id.clone(),
            scope: group.scope.clone(),
            group: group.name.clone(),
            group_arn: group.arn(),
            description,
            cause,
            details,
            started: now,
            ended: (!ongoing).then_some(now),
            status,
        });
        id
    }

    /// A new activity with the details of an instance.
    pub(super) fn details_of(&self, instance: &str) -> NewActivity {
        let instance = self.instances.get(instance);
        let details = instance.map(|one| details(&one.zone, one.vpc().map(|place| place.subnet.as_str())));
        NewActivity { details: details.unwrap_or_else(|| "{}".to_owned()), ..NewActivity::default() }
    }

    /// Ends an activity that is in progress.
    pub(super) fn end_activity(&mut self, id: Option<&str>, status: ActivityStatus, now: Time) {
        let Some(activity) = id.and_then(|id| self.scaling_activities.get_mut(id)) else { return };
        if activity.ended.is_none() {
            (activity.status, activity.ended) = (status, Some(now));
        }
    }
}
