//! How a group chooses the instance that goes when it has too many.

use crate::words::words;

words! {
    /// How to choose the instance that goes.
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
