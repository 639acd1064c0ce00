//! Termination policies, which choose the instance that is terminated when a group scales in.

use crate::words::words;

words! {
    /// A termination policy.
    TerminationPolicy {
        Default "Default",
        OldestInstance "OldestInstance",
        NewestInstance "NewestInstance",
        OldestLaunchConfiguration "OldestLaunchConfiguration",
        OldestLaunchTemplate "OldestLaunchTemplate",
        ClosestToNextInstanceHour "ClosestToNextInstanceHour",
        AllocationStrategy "AllocationStrategy",
    }
}

impl TerminationPolicy {
    /// Every policy.
    pub const ALL: [TerminationPolicy; 7] = [
        TerminationPolicy::AllocationStrategy,
        TerminationPolicy::ClosestToNextInstanceHour,
        TerminationPolicy::Default,
        TerminationPolicy::NewestInstance,
        TerminationPolicy::OldestInstance,
        TerminationPolicy::OldestLaunchConfiguration,
        TerminationPolicy::OldestLaunchTemplate,
    ];
}
