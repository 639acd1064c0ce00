//! Scaling policies. The platform has no alarms and no metrics, so a simple policy or a step policy runs only by ExecutePolicy.

use super::group::changing;
use super::{AutoScalingGroup, Error, Process, Result, arn, check_name, moment};
use crate::words::words;
use crate::{Caller, Model, Row, Scope};
use serde::{Deserialize, Serialize};

words! {
    /// The kind of a policy.
    PolicyType {
        Simple "SimpleScaling",
        Step "StepScaling",
        TargetTracking "TargetTrackingScaling",
        Predictive "PredictiveScaling",
    }
}

words! {
    /// The unit in which a policy changes the capacity.
    AdjustmentType {
        ChangeInCapacity "ChangeInCapacity",
        ExactCapacity "ExactCapacity",
        PercentChangeInCapacity "PercentChangeInCapacity",
    }
}

/// How a policy changes the capacity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// The unit of the adjustment.
    pub kind: AdjustmentType,
    /// The adjustment of a simple policy. Step policies have one for each step.
    pub by: Option<i32>,
    /// The steps: the bounds of the distance between metric and threshold, in thousandths, and the adjustment.
    pub steps: Vec<(Option<i64>, Option<i64>, i32)>,
    /// The minimum adjustment in instances, for adjustments in per cent.
    pub least: u32,
}

/// A scaling policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalingPolicy {
    /// The id of its row: that of its group, and its name.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// The id of its group's row.
    pub group: String,
    /// Its group's name.
    pub group_name: String,
    /// Its name.
    pub name: String,
    /// The UUID in its ARN.
    pub unique: String,
    /// Its kind.
    pub kind: PolicyType,
    /// Whether it is enabled.
    pub enabled: bool,
    /// The adjustment. Target tracking policies have none.
    pub adjustment: Option<Adjustment>,
    /// The settings without an effect on the platform, as JSON of the API's structure.
    pub told: String,
}

impl Row for ScalingPolicy {
    fn id(&self) -> &str {
        &self.id
    }
}

impl ScalingPolicy {
    /// Its ARN.
    pub fn arn(&self) -> String {
        let named = format!("autoScalingGroupName/{}:policyName/{}", self.group_name, self.name);
        arn(&self.scope, "scalingPolicy", &self.unique, &named)
    }
}

impl Adjustment {
    /// The capacity after an adjustment. `breach` is the distance between metric and threshold, in thousandths.
    fn applied(&self, before: u32, breach: Option<i64>) -> Option<i64> {
        let by = match (self.by, breach) {
            (Some(by), _) => by,
            (None, Some(breach)) => {
                let fits = |(low, high, _): &&(Option<i64>, Option<i64>, i32)| {
                    low.is_none_or(|low| breach >= low) && high.is_none_or(|high| breach < high)
                };
                self.steps.iter().find(fits)?.2
            }
            (None, None) => return None,
        };
        let (before, by) = (i64::from(before), i64::from(by));
        Some(match self.kind {
            AdjustmentType::ExactCapacity => by,
            AdjustmentType::ChangeInCapacity => before + by,
            AdjustmentType::PercentChangeInCapacity => {
                // Rounded towards zero, but at least one instance and at least the minimum adjustment.
                let change = before * by / 100;
                let least = i64::from(self.least.max(1));
                before + if by == 0 { 0 } else { by.signum() * change.abs().max(least) }
            }
        })
    }
}

impl Model {
    /// PutScalingPolicy: creates a policy or replaces the one with its name. Returns it.
    pub fn put_scaling_policy(
        &mut self,
        caller: &Caller,
        group: &str,
        name: &str,
        (kind, enabled, adjustment, told): (PolicyType, bool, Option<Adjustment>, String),
    ) -> Result<&ScalingPolicy> {
        check_name("policyName", name)?;
        let group = self.scaling_group_mut(&caller.scope, group)?.clone();
        let id = format!("{}/{name}", group.id);
        let known = self.scaling_policies.get(&id).map(|policy| policy.unique.clone());
        let unique = known.unwrap_or_else(|| self.new_uuid());
        let (scope, name) = (caller.scope.clone(), name.to_owned());
        let (group, group_name) = (group.id, group.name);
        let row =
            ScalingPolicy { id: id.clone(), scope, group, group_name, name, unique, kind, enabled, adjustment, told };
        self.scaling_policies.insert(row);
        self.scaling_policies.get(&id).ok_or(Error::NoPolicy {})
    }

    /// The policy with that name or ARN. A name needs its group.
    pub fn scaling_policy(&self, scope: &Scope, group: Option<&str>, name: &str) -> Result<&ScalingPolicy> {
        if let Some(group) = group {
            self.scaling_group(scope, group)?;
        }
        let is_it = |policy: &&ScalingPolicy| {
            policy.scope == *scope
                && match group {
                    Some(group) => policy.group_name == group && (policy.name == name || policy.arn() == name),
                    // Without a group, the first policy with that name is used.
                    None => policy.name == name || policy.arn() == name,
                }
        };
        self.scaling_policies.iter().find(is_it).ok_or(Error::NoPolicy {})
    }

    /// DeletePolicy.
    pub fn delete_scaling_policy(&mut self, caller: &Caller, group: Option<&str>, name: &str) -> Result<()> {
        let id = self.scaling_policy(&caller.scope, group, name)?.id.clone();
        self.scaling_policies.remove(&id);
        Ok(())
    }

    /// ExecutePolicy: runs a policy as an alarm would.
    pub fn execute_scaling_policy(
        &mut self,
        caller: &Caller,
        (group, name): (Option<&str>, &str),
        honors_cooldown: bool,
        breach: Option<i64>,
    ) -> Result<()> {
        let policy = self.scaling_policy(&caller.scope, group, name)?.clone();
        let Some(adjustment) = policy.adjustment.filter(|_| policy.enabled) else {
            return Err(Error::PolicyNotExecutable { kind: policy.kind.word() });
        };
        let row = self.scaling_group_mut(&caller.scope, &policy.group_name)?;
        if let Some(left) = row.cools_down(caller.now).filter(|_| honors_cooldown) {
            let seconds = left.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX);
            return Err(Error::CoolingDown { name: row.name.clone(), seconds });
        }
        let after = adjustment.applied(row.desired, breach).ok_or(Error::NoStep {})?;
        scale(row, &policy.name, after, &moment(caller.now));
        Ok(())
    }
}

/// Sets a group's desired capacity, within its bounds.
fn scale(group: &mut AutoScalingGroup, policy: &str, wanted: i64, at: &str) {
    let (min, max, before) = (group.settings.min, group.settings.max, group.desired);
    let after = u32::try_from(wanted.clamp(min.into(), max.into())).unwrap_or(before);
    if after != before && group.does(Process::AlarmNotification) {
        let what = format!("At {at} a user request executed policy {policy}");
        group.want(after, changing(&what, before, after));
    }
}
