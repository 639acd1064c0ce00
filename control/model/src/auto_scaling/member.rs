//! Members: the instances of a group, with their state in it.

use super::{TemplateUse, Waiting};
use crate::Time;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long an instance's host must fail before the instance is impaired. EC2's status checks take as long.
pub const IMPAIRED: Duration = Duration::from_secs(120);

/// The lifecycle state of an instance of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Lifecycle {
    /// It was launched and does not run yet.
    Pending,
    /// It runs and counts towards the capacity.
    InService,
    /// It is being terminated.
    Terminating,
    /// It runs and does not count towards the capacity.
    Standby,
    /// It is stopped in the warm pool.
    WarmedStopped,
    /// It runs in the warm pool.
    WarmedRunning,
}

impl Lifecycle {
    /// The API's word.
    pub fn name(self) -> &'static str {
        match self {
            Lifecycle::Pending => "Pending",
            Lifecycle::InService => "InService",
            Lifecycle::Terminating => "Terminating",
            Lifecycle::Standby => "Standby",
            Lifecycle::WarmedStopped => "Warmed:Stopped",
            Lifecycle::WarmedRunning => "Warmed:Running",
        }
    }

    /// Whether it is in a warm pool.
    pub fn is_warm(self) -> bool {
        matches!(self, Lifecycle::WarmedStopped | Lifecycle::WarmedRunning)
    }
}

/// Why an instance is unhealthy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ailment {
    /// It was terminated or stopped.
    Gone,
    /// Its host fails.
    Impaired,
    /// It fails the health check of a load balancer.
    Unserved,
    /// A user reported it (SetInstanceHealth).
    User,
}

impl Ailment {
    /// The cause in the form of activities.
    pub(super) fn cause(self) -> &'static str {
        match self {
            Ailment::Gone => "an EC2 health check indicating it has been terminated or stopped",
            Ailment::Impaired => "an EC2 instance status checks failure",
            Ailment::Unserved => "an ELB system health check failure",
            Ailment::User => "a user health-check",
        }
    }
}

/// An instance of a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its lifecycle state.
    pub state: Lifecycle,
    /// When it entered the state.
    pub since: Time,
    /// Why it is unhealthy. `None` if it is healthy.
    pub ailment: Option<Ailment>,
    /// Whether it is protected from scaling in.
    pub protected: bool,
    /// The name of the launch configuration with which it was launched.
    pub configuration: Option<String>,
    /// The launch template with which it was launched, with the number of its version.
    #[serde(default)]
    pub template: Option<TemplateUse>,
    /// The activity that ends when it is in service or gone.
    pub activity: Option<String>,
    /// Its weight in the capacity.
    #[serde(default = "one")]
    pub weight: u32,
    /// The hooks that it waits for.
    #[serde(default)]
    pub waiting: Option<Waiting>,
}

/// The result of an instance's hooks at present.
pub(super) enum Held {
    /// It is not held.
    No,
    /// It waits until then.
    Until(Time),
    /// This hook has timed out.
    Lapsed(String),
    /// It may proceed.
    Free {
        /// Whether it was abandoned.
        abandoned: bool,
    },
}

/// The default weight.
fn one() -> u32 {
    1
}

impl Member {
    /// Whether it counts towards the group's capacity.
    pub fn counts(&self) -> bool {
        matches!(self.state, Lifecycle::Pending | Lifecycle::InService)
    }

    /// Its health, in the API's word.
    pub fn health(&self) -> &'static str {
        if self.ailment.is_none() { "Healthy" } else { "Unhealthy" }
    }

    /// The result of its hooks at present.
    pub(super) fn held(&self, now: Time) -> Held {
        let Some(waiting) = &self.waiting else { return Held::No };
        if waiting.is_over() {
            return Held::Free { abandoned: waiting.abandoned };
        }
        let lapsed = waiting.hooks.iter().find(|(_, until)| **until <= now);
        match (lapsed, waiting.hooks.values().min()) {
            (Some((name, _)), _) => Held::Lapsed(name.clone()),
            (None, Some(until)) => Held::Until(*until),
            (None, None) => Held::No,
        }
    }

    /// The API's word for the state.
    pub fn lifecycle(&self) -> String {
        let comes_warm = self.state.is_warm() && self.activity.is_some();
        let name = if comes_warm { "Warmed:Pending" } else { self.state.name() };
        match (self.state, &self.waiting) {
            (_, Some(waiting)) if comes_warm => {
                format!("{name}:{}", if waiting.is_over() { "Proceed" } else { "Wait" })
            }
            (Lifecycle::Pending | Lifecycle::Terminating, Some(waiting)) if waiting.is_over() => {
                format!("{name}:Proceed")
            }
            (Lifecycle::Pending | Lifecycle::Terminating, Some(_)) => format!("{name}:Wait"),
            _ => name.to_owned(),
        }
    }

    pub(super) fn enter(&mut self, state: Lifecycle, now: Time) {
        (self.state, self.since) = (state, now);
    }
}
