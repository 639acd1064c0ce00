//! Scaling in: the instance to be terminated is in the fullest zone, and the termination policies choose it there.

use super::{AutoScalingGroup, Member, TerminationPolicy};
use crate::{Instance, Model, Time};

/// An hour of an instance's run, in milliseconds.
const HOUR: u64 = 3_600_000;

type Candidate<'a> = (&'a Instance, &'a Member);

impl Model {
    /// The instance to be terminated next. `None` if all are protected.
    pub(super) fn choose_victim(&self, group: &AutoScalingGroup, now: Time) -> Option<String> {
        let spread = self.spread(group);
        // Instances in zones that are not the group's any more come first.
        let fullness = |instance: &Instance| match group.settings.zones.contains(&instance.zone) {
            true => spread.get(instance.zone.as_str()).copied().unwrap_or_default(),
            false => usize::MAX,
        };
        // An instance whose weight exceeds the surplus stays.
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

    /// Keeps the candidates that a policy prefers.
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
                // A deleted launch configuration counts as older than existing ones.
                name.and_then(|name| self.launch_configuration(&group.scope, name).ok()).map(|found| found.created)
            }),
            TerminationPolicy::OldestLaunchTemplate => keep_least(left, |(_, member)| {
                member.template.as_ref().and_then(|used| used.version.parse::<u64>().ok())
            }),
            // Types are launched in order, so no instance is preferred.
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
