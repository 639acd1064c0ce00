//! Instance refreshes: the instances of a group are replaced, some at a time.

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
    /// Whether its template's version is always the same one, so that a group can return to it.
    pub(super) fn is_fixed(&self) -> bool {
        self.template.as_ref().is_none_or(|used| !used.version.starts_with('$'))
    }
}

/// A refresh.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceRefresh {
    /// A UUID.
    pub id: String,
    /// Its status.
    pub status: RefreshStatus,
    /// When it began.
    pub started: Time,
    /// When it ended.
    pub ended: Option<Time>,
    /// The instances that are to be replaced, also those that have been.
    pub instances: BTreeSet<String>,
    /// How much of the desired capacity is in service meanwhile, in per cent.
    pub healthy: u32,
    /// Whether instances that are protected from scaling in are replaced like others.
    pub protected_too: bool,
    /// What becomes of instances in standby.
    #[serde(default)]
    pub standby: Standby,
    /// How long a new instance is in service before the refresh goes on, in seconds.
    #[serde(default)]
    pub warmup: u32,
    /// What the group launched before, if the refresh changes that.
    #[serde(default)]
    pub before: Option<LaunchSource>,
    /// Its preferences and the configuration that is desired, as JSON of the API's structure; replies show them.
    pub told: String,
}

/// What a refresh shall be like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefreshRules {
    /// How much of the desired capacity is in service meanwhile, in per cent.
    pub healthy: u32,
    /// Whether instances that are as they shall be are left alone.
    pub skips_matching: bool,
    /// Whether instances that are protected from scaling in are left alone, replaced, or waited for.
    pub protected: Protected,
    /// Whether instances in standby are left alone, terminated, or waited for.
    pub standby: Standby,
    /// How long a new instance is in service before the refresh goes on, in seconds.
    pub warmup: u32,
}

words! {
    /// What becomes of instances that are protected from scaling in.
    Protected { Wait "Wait", Refresh "Refresh", Ignore "Ignore" }
}

words! {
    /// What becomes of instances in standby.
    Standby { Wait "Wait", Terminate "Terminate", Ignore "Ignore" }
}

impl InstanceRefresh {
    /// Whether an instance can be replaced as it is now.
    pub(super) fn may_take(&self, member: &Member) -> bool {
        match member.state {
            Lifecycle::Standby => self.standby == Standby::Terminate,
            _ => self.protected_too || !member.protected,
        }
    }

    /// When an instance that the refresh brought has been in service for long enough.
    pub(super) fn warm_at(&self, id: &str, member: &Member) -> Option<Time> {
        let is_new = !self.instances.contains(id) && member.since >= self.started;
        let serves = member.state == Lifecycle::InService;
        (is_new && serves).then(|| member.since.after(Duration::from_secs(self.warmup.into())))
    }
}
