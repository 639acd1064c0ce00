//! Instance refreshes, which replace the instances of a group step by step.

use super::{Lifecycle, Member, MixedInstances, TemplateUse};
use crate::Time;
use crate::words::words;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::time::Duration;

words! {
    /// The status of a refresh.
    RefreshStatus {
        InProgress "InProgress",
        Successful "Successful",
        Cancelled "Cancelled",
        Failed "Failed",
        RollbackInProgress "RollbackInProgress",
        RollbackSuccessful "RollbackSuccessful",
        RollbackFailed "RollbackFailed",
    }
}

impl RefreshStatus {
    /// Whether instances are still replaced.
    pub(super) fn goes_on(self) -> bool {
        matches!(self, RefreshStatus::InProgress | RefreshStatus::RollbackInProgress)
    }

    /// The same end of a rollback.
    pub(super) fn of_rollback(self) -> RefreshStatus {
        match self {
            RefreshStatus::Successful => RefreshStatus::RollbackSuccessful,
            RefreshStatus::Failed => RefreshStatus::RollbackFailed,
            other => other,
        }
    }
}

/// What a group launches: a configuration, or a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchSource {
    /// The launch configuration, by name; empty if it has a template.
    pub configuration: String,
    /// The launch template.
    pub template: Option<TemplateUse>,
    /// Types in the place of the template's.
    pub mixed: Option<MixedInstances>,
}

impl LaunchSource {
    /// Whether its templates have numbered versions, which never change, so that a group can return to it.
    pub(super) fn is_fixed(&self) -> bool {
        let overrides = self.mixed.iter().flat_map(|mixed| &mixed.overrides);
        let mut templates = self.template.iter().chain(overrides.filter_map(|one| one.template.as_ref()));
        templates.all(|used| used.version.starts_with(|first: char| first.is_ascii_digit()))
    }
}

/// A refresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceRefresh {
    /// A UUID.
    pub id: String,
    /// Its status.
    pub status: RefreshStatus,
    /// Its start.
    pub started: Time,
    /// Its end.
    pub ended: Option<Time>,
    /// The instances to be replaced, including those that were replaced already.
    pub instances: BTreeSet<String>,
    /// The minimum healthy percentage: the part of the desired capacity that stays in service.
    pub healthy: u32,
    /// Whether instances that are protected from scaling in are replaced, too.
    pub protected_too: bool,
    /// The treatment of instances in standby.
    #[serde(default)]
    pub standby: Standby,
    /// The warm-up in seconds: how long a new instance is in service before the refresh continues.
    #[serde(default)]
    pub warmup: u32,
    /// What the group launched before, if the refresh changes that.
    #[serde(default)]
    pub before: Option<LaunchSource>,
    /// Its preferences and its desired configuration, as JSON of the API's structure.
    pub told: String,
}

/// The preferences of a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshRules {
    /// The minimum healthy percentage.
    pub healthy: u32,
    /// Whether instances that already have the desired configuration are skipped.
    pub skips_matching: bool,
    /// The treatment of instances that are protected from scaling in.
    pub protected: Protected,
    /// The treatment of instances in standby.
    pub standby: Standby,
    /// The warm-up, in seconds.
    pub warmup: u32,
}

words! {
    /// The treatment of instances that are protected from scaling in.
    Protected { Wait "Wait", Refresh "Refresh", Ignore "Ignore" }
}

words! {
    /// The treatment of instances in standby.
    Standby { Wait "Wait", Terminate "Terminate", Ignore "Ignore" }
}

impl InstanceRefresh {
    /// Whether an instance can be replaced in its present state.
    pub(super) fn may_take(&self, member: &Member) -> bool {
        match member.state {
            Lifecycle::Standby => self.standby == Standby::Terminate,
            _ => self.protected_too || !member.protected,
        }
    }

    /// The time at which an instance that the refresh launched has warmed up.
    pub(super) fn warm_at(&self, id: &str, member: &Member) -> Option<Time> {
        let is_new = !self.instances.contains(id) && member.since >= self.started;
        let serves = member.state == Lifecycle::InService;
        (is_new && serves).then(|| member.since.after(Duration::from_secs(self.warmup.into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_returns_to_numbered_versions_only() {
        let source = |version: &str| {
            let used = TemplateUse { id: "lt-1".to_owned(), name: "web".to_owned(), version: version.to_owned() };
            LaunchSource { configuration: String::new(), template: Some(used), mixed: None }
        };
        assert!(source("1").is_fixed());
        for version in ["$Latest", "$Default", ""] {
            assert!(!source(version).is_fixed(), "{version}");
        }
        assert!(LaunchSource { template: None, ..source("") }.is_fixed(), "a launch configuration does not change");
    }
}
