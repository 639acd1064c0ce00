//! Which instance goes when a group has too many: one of the fullest zone, and there the one that the termination policies choose.

use super::{AutoScalingGroup, Member, TerminationPolicy};
use crate::{Instance, Model, Time};

/// An hour of an instance's run, in milliseconds.
const HOUR: u64 = 3_600_000;

type Candidate<'a> = (&'a Instance, &'a Member);

impl Model {
    /// The instance that goes next, unless all are protected.
    pub(super) fn choose_victim(&self, group: &AutoScalingGroup, now: Time) -> Option<String> {
        let spread = self.spread(group);
        // Instances in zones that the group has left go first.
        let fullness = |instance: &Instance| match group.settings.zones.contains(&instance.zone) {
            true => spread.get(instance.zone.as_str()).copied().unwrap_or_default(),
            false => usize::MAX,
        };
        // One that weighs so much that too little would be left stays.
        let spare = group.capacity().saturating_sub(group.desired);
        let may_go = |member: &Member| !member.protected && (member.weight <= spare.max(1));
        let mut left: Vec<Candidate<'_>> =
            self.counting_instances(group).filter(|(_, member)| may_go(member)).collect();
        keep_least(&mut left, |(instance, _)| std::cmp::Reverse(fullness(instance)));
        for policy in &group.settings.termination_policies {
            self.narrow(&mut left, *policy, group, now);
        }
        left.first().map(|(instance, _)| instance.id.clone())
    }

    /// Leaves those that a policy prefers.
    fn narrow(&self, left: &mut Vec<Candidate<'_>>, policy: TerminationPolicy, group: &AutoScalingGroup, now: Time) {
        match policy {
            TerminationPolicy::Default => {
                self.narrow(left, TerminationPolicy::OldestLaunchConfiguration, group, now);
                self.narrow(left, TerminationPolicy::OldestLaunchTemplate, group, now);
                self.narrow(left, TerminationPolicy::ClosestToNextInstanceHour, group, now);
            }
            TerminationPolicy::OldestInstance => keep_least(left, |(instance, _)| instance.launched),
            TerminationPolicy::NewestInstance => keep_least(left, |(instance, _)| std::cmp::Reverse(instance.launched)),
            TerminationPolicy::OldestLaunchConfiguration => keep_least(left, |(_, member)| {
                let name = member.configuration.as_deref();
                // One that is not there any more is older than those that are.
                name.and_then(|name| self.launch_configuration(&group.scope, name).ok()).map(|found| found.created)
            }),
            TerminationPolicy::OldestLaunchTemplate => keep_least(left, |(_, member)| {
                member.template.as_ref().and_then(|used| used.version.parse::<u64>().ok())
            }),
            // The types of a group are taken in order, so that any goes as well as another.
            TerminationPolicy::AllocationStrategy => {}
            TerminationPolicy::ClosestToNextInstanceHour => keep_least(left, |(instance, _)| {
                let into_hour = now.0.saturating_sub(instance.launched.0) % HOUR;
                HOUR - into_hour
            }),
        }
    }
}

fn keep_least<T: Ord>(left: &mut Vec<Candidate<'_>>, rank: impl Fn(&Candidate<'_>) -> T) {
    if let Some(least) = left.iter().map(&rank).min() {
        left.retain(|candidate| rank(candidate) == least);
    }
}
