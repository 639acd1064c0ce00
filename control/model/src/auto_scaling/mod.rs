//! Auto Scaling: groups of instances that are kept at a size, spread over zones, and replaced when they fail.
//!
//! Requests set only the desired state of a group. The `keeper` does the rest: whenever the model, hosts or the clock change, it
//! compares each group with its instances, one step at a time.

mod activity;
mod balancing;
mod capacity_unit;
mod clock;
mod error;
mod group;
mod health_checks;
mod instance;
mod instance_refresh;
mod keeper;
mod launch_configuration;
mod launch_template;
mod launching;
mod lifecycle_hook;
mod member;
mod mixed;
mod placement;
mod process;
mod recurrence;
mod refreshing;
mod scale_in;
mod scaling_policy;
mod schedule;
mod standby;
mod tags;
mod termination_policy;
mod variants;
mod warm_pool;
mod warming;

pub use activity::{ActivityStatus, ScalingActivity};
pub use capacity_unit::CapacityUnit;
pub use error::Error;
pub use group::{AutoScalingGroup, DeletionProtection, GroupSettings};
pub use health_checks::{HealthCheckType, HealthChecks};
pub use instance_refresh::{InstanceRefresh, LaunchSource, Protected, RefreshRules, RefreshStatus, Standby};
pub use launch_configuration::LaunchConfiguration;
pub use launch_template::TemplateUse;
pub use lifecycle_hook::{LifecycleHook, Outcome, Transition, Waiting};
pub use member::{Ailment, Lifecycle, Member};
pub use mixed::{MixedInstances, TypeOverride};
pub use process::Process;
pub use recurrence::Recurrence;
pub use scaling_policy::{Adjustment, AdjustmentType, PolicyType, ScalingPolicy};
pub use schedule::{Schedule, ScheduledAction};
pub use tags::GroupTag;
pub use termination_policy::TerminationPolicy;
pub use warm_pool::{WarmPool, WarmState};

use super::{Model, Scope, Time, not_in_xml, random_uuid};

/// The result of a transition.
pub type Result<T> = std::result::Result<T, Error>;

/// The tag of every instance of a group. Its value is the group's name.
pub const GROUP_TAG: &str = "aws:autoscaling:groupName";

/// The longest name, in characters.
const LONGEST_NAME: usize = 255;

/// The id of the row with this name in a scope.
fn key(scope: &Scope, name: &str) -> String {
    format!("{}/{}/{name}", scope.account, scope.region)
}

/// The ARN of a resource with a UUID and a name.
fn arn(scope: &Scope, kind: &str, unique: &str, named: &str) -> String {
    format!("arn:{}:autoscaling:{}:{}:{kind}:{unique}:{named}", scope.partition(), scope.region, scope.account)
}

/// Checks a name.
fn check_name(field: &'static str, name: &str) -> Result<()> {
    let fits = (1..=LONGEST_NAME).contains(&name.chars().count()) && !name.contains(':') && not_in_xml(name).is_none();
    if fits { Ok(()) } else { Err(Error::BadName { field, name: name.to_owned() }) }
}

/// A time in the form of activities: `2015-01-07T12:00:00Z`.
fn moment(time: Time) -> String {
    Time(time.0 / 1000 * 1000).to_string().replace(".000Z", "Z")
}

impl Model {
    /// A UUID, which distinguishes resources of one name.
    pub(crate) fn new_uuid(&mut self) -> String {
        random_uuid(self.next_random(), self.next_random())
    }
}

#[cfg(test)]
mod tests;
