//! The keeper, which brings groups to their desired state. It determines the next step without a change, takes it, and repeats
//! this until nothing is left to do.

use super::activity::ActivityStatus;
use super::launching::Need;
use super::member::Held;
use super::warming::{PoolNeed, can_rest};
use super::{Ailment, AutoScalingGroup, Lifecycle, Member, Process, RefreshStatus, Transition, moment};
use crate::{Instance, InstanceState, Model, Result, Time};
use std::time::Duration;

/// The greatest number of steps for a group in one change, so that other groups have their turn.
const STEPS: usize = 100;
/// The greatest number of members examined for a group in one change. Each step examines all of them.
const LOOKS: usize = 50_000;

/// The greatest number of steps in one change for a group with this many members.
fn steps_at_once(members: usize) -> usize {
    (LOOKS / members.max(1)).clamp(1, STEPS)
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    /// A launched instance runs: it enters service.
    EnterService(String),
    /// A launched instance begins to wait for its hooks.
    Hold(String),
    /// The hook that an instance waits for has timed out.
    TimeOut(String, String),
    /// A launched instance was abandoned.
    Abandon(String),
    /// An instance has waited for its hooks and is terminated.
    Finish(String),
    /// An instance is found to be unhealthy.
    Diagnose(String, Ailment),
    /// A terminated instance is removed from the group.
    Forget(String),
    /// An unhealthy instance is replaced.
    Replace(String, Ailment),
    /// An instance is terminated, because there are too many or its group is deleted.
    Remove(String),
    /// An instance is launched.
    Launch(Need),
    /// An instance has reached the warm pool.
    EnterPool(String),
    /// An instance of the warm pool enters service.
    LeavePool(String),
    /// The warm pool is removed.
    RemovePool,
    /// An instance has reached its maximum lifetime, and is replaced.
    Expire(String),
    /// A refresh replaces an instance.
    Refresh(String),
    /// A refresh has replaced everything, or has waited too long.
    EndRefresh(RefreshStatus),
    /// The group is removed.
    RemoveGroup,
}

/// The next action for a group.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Next {
    Now(Step),
    /// An action at this time or later.
    At(Time),
    /// No action until something changes.
    Nothing,
}

impl Model {
    /// The time of the next action for any group. `None` if there is none until something changes.
    pub fn groups_due(&self, now: Time) -> Option<Time> {
        let of_group = |group: &AutoScalingGroup| match self.next_step(group, now) {
            Next::Now(_) => Some(now),
            Next::At(time) => Some(time),
            Next::Nothing => None,
        };
        let groups = self.auto_scaling_groups.iter().filter_map(of_group);
        let scheduled = self.scheduled_actions.iter().filter_map(|action| action.next);
        groups.chain(scheduled).min()
    }

    /// Carries out scheduled actions, and takes the steps of every group that are due.
    pub fn tend_groups(&mut self, now: Time) -> Result<()> {
        self.carry_out_schedules(now);
        let sizes: Vec<_> =
            self.auto_scaling_groups.iter().map(|group| (group.id.clone(), group.members.len())).collect();
        for (id, members) in sizes {
            for _ in 0..steps_at_once(members) {
                let next = self.auto_scaling_groups.get(&id).map(|group| self.next_step(group, now));
                let Some(Next::Now(step)) = next else { break };
                self.take_step(&id, step, now);
            }
        }
        Ok(())
    }

    fn next_step(&self, group: &AutoScalingGroup, now: Time) -> Next {
        let mut later = Next::Nothing;
        for (id, member) in &group.members {
            match self.next_for_member(group, id, member, now) {
                Next::Nothing => {}
                Next::At(time) => later = later.or_at(time),
                step => return step,
            }
        }
        match self.next_for_capacity(group, now) {
            Next::At(time) => later.or_at(time),
            Next::Nothing => match next_for_refresh(group, now) {
                Next::At(time) => later.or_at(time),
                Next::Nothing => later,
                step => step,
            },
            step => step,
        }
    }

    fn next_for_member(&self, group: &AutoScalingGroup, id: &str, member: &Member, now: Time) -> Next {
        let instance = self.instances.get(id);
        match member.state {
            Lifecycle::Terminating => match (instance.is_none_or(Instance::is_terminated), member.held(now)) {
                (true, _) => Next::Now(Step::Forget(id.to_owned())),
                // It is terminated, whether it was abandoned or not.
                (false, Held::Free { .. }) => Next::Now(Step::Finish(id.to_owned())),
                (false, held) => next_for_held(id, held),
            },
            _ if group.deleting => Next::Now(Step::Remove(id.to_owned())),
            Lifecycle::WarmedStopped | Lifecycle::WarmedRunning => match (instance, member.ailment) {
                (None, _) => Next::Now(Step::Forget(id.to_owned())),
                (Some(instance), _) if instance.is_gone() => Next::Now(Step::Forget(id.to_owned())),
                (Some(_), Some(ailment)) if group.replaces_unhealthy() => {
                    Next::Now(Step::Replace(id.to_owned(), ailment))
                }
                (Some(instance), _) if can_rest(instance) && member.activity.is_some() => match member.held(now) {
                    Held::No if group.has_hook(Transition::Launching) && self.is_launched(member) => {
                        Next::Now(Step::Hold(id.to_owned()))
                    }
                    Held::No | Held::Free { abandoned: false } => Next::Now(Step::EnterPool(id.to_owned())),
                    Held::Free { abandoned: true } => Next::Now(Step::Abandon(id.to_owned())),
                    held => next_for_held(id, held),
                },
                (Some(_), _) => Next::Nothing,
            },
            Lifecycle::Standby => match instance.is_none_or(Instance::is_gone) {
                true => Next::Now(Step::Replace(id.to_owned(), Ailment::Gone)),
                false => Next::Nothing,
            },
            Lifecycle::Pending if instance.is_some_and(is_well) => match member.held(now) {
                Held::No if group.has_hook(Transition::Launching) => Next::Now(Step::Hold(id.to_owned())),
                Held::No | Held::Free { abandoned: false } => Next::Now(Step::EnterService(id.to_owned())),
                Held::Free { abandoned: true } => Next::Now(Step::Abandon(id.to_owned())),
                held => next_for_held(id, held),
            },
            Lifecycle::Pending | Lifecycle::InService => match member.ailment {
                None => {
                    let served = member.state == Lifecycle::Pending || !self.fails_at_balancer(group, id);
                    match next_for_health(group, (id, member), (instance, served), now) {
                        Next::Nothing => next_for_age(group, (id, member), instance, now),
                        step => step,
                    }
                }
                Some(ailment) if group.replaces_unhealthy() => Next::Now(Step::Replace(id.to_owned(), ailment)),
                Some(_) => Next::Nothing,
            },
        }
    }

    /// Whether an instance on its way to the warm pool is new, rather than a returning one.
    fn is_launched(&self, member: &Member) -> bool {
        let activity = member.activity.as_ref().and_then(|id| self.scaling_activities.get(id));
        activity.is_some_and(|activity| activity.status == ActivityStatus::PreInService)
    }

    fn next_for_capacity(&self, group: &AutoScalingGroup, now: Time) -> Next {
        let capacity = group.capacity();
        if group.deleting {
            return if group.members.is_empty() { Next::Now(Step::RemoveGroup) } else { Next::Nothing };
        }
        if capacity > group.desired {
            // Before an instance of one zone is terminated, its replacement in another zone must be in service.
            let waits = group.progress.rebalancing && group.active().any(|(_, m)| m.state == Lifecycle::Pending);
            let victim = if group.does(Process::Terminate) && !waits { self.choose_victim(group, now) } else { None };
            return victim.map_or(Next::Nothing, |victim| Next::Now(Step::Remove(victim)));
        }
        let launches = group.does(Process::Launch);
        if launches
            && capacity < group.desired
            && let Some(ready) = self.ready_in_pool(group)
        {
            return Next::Now(Step::LeavePool(ready));
        }
        let of_pool = group.need_of_pool();
        match &of_pool {
            Some(PoolNeed::Gone) => return Next::Now(Step::RemovePool),
            Some(PoolNeed::Fewer(id)) if group.does(Process::Terminate) => {
                return Next::Now(Step::Remove(id.clone()));
            }
            _ => {}
        }
        if !launches {
            return Next::Nothing;
        }
        let need = match capacity < group.desired {
            true => Some(Need::Capacity),
            false if matches!(of_pool, Some(PoolNeed::More)) => Some(Need::Pool),
            false if group.does(Process::AzRebalance) && group.does(Process::Terminate) => {
                self.underused_zone(group).map(Need::Balance)
            }
            false => None,
        };
        match (need, group.progress.retry) {
            (None, _) => Next::Nothing,
            (Some(_), Some(retry)) if retry.at > now => Next::At(retry.at),
            (Some(need), _) => Next::Now(Step::Launch(need)),
        }
    }

    fn take_step(&mut self, group: &str, step: Step, now: Time) {
        match step {
            Step::EnterService(id) => self.put_in_service(group, &id, now),
            Step::Hold(id) => _ = self.hold(group, &id, Transition::Launching, now),
            Step::TimeOut(id, hook) => self.lapse(group, &id, &hook),
            Step::Abandon(id) => self.abandon_member(group, &id, now),
            Step::Finish(id) => self.finish_member(group, &id, now),
            Step::Diagnose(id, ailment) => {
                if let Some(member) = self.member_mut(group, &id) {
                    member.ailment = Some(ailment);
                }
            }
            Step::Forget(id) => {
                let activity = self.member_mut(group, &id).and_then(|member| member.activity.clone());
                self.end_activity(activity.as_deref(), ActivityStatus::Successful, now);
                if let Some(group) = self.auto_scaling_groups.get_mut(group) {
                    group.members.remove(&id);
                }
            }
            Step::Replace(id, ailment) => self.replace_member(group, &id, ailment.cause(), now),
            Step::Remove(id) => self.remove_member(group, &id, now),
            Step::Launch(need) => self.launch_for(group, &need, now),
            Step::EnterPool(id) => self.move_to_pool(group, &id, now),
            Step::LeavePool(id) => self.move_from_pool(group, &id, now),
            Step::Expire(id) => self.replace_member(group, &id, "its maximum lifetime", now),
            Step::Refresh(id) => self.replace_member(group, &id, "an instance refresh", now),
            Step::EndRefresh(status) => self.end_refresh(group, status, now),
            Step::RemovePool => self.remove_pool(group),
            Step::RemoveGroup => self.remove_scaling_group(group),
        }
    }

    pub(super) fn member_mut(&mut self, group: &str, id: &str) -> Option<&mut Member> {
        self.auto_scaling_groups.get_mut(group)?.members.get_mut(id)
    }

    fn put_in_service(&mut self, group: &str, id: &str, now: Time) {
        let Some(member) = self.member_mut(group, id) else { return };
        member.enter(Lifecycle::InService, now);
        member.waiting = None;
        let activity = member.activity.take();
        self.end_activity(activity.as_deref(), ActivityStatus::Successful, now);
        if let Some(group) = self.auto_scaling_groups.get(group).cloned() {
            self.join_load_balancers(&group, id, now);
        }
    }

    /// Abandons the launch of an instance. It waits for the hooks of a termination like any other, and is replaced.
    fn abandon_member(&mut self, group: &str, id: &str, now: Time) {
        let cause = format!(
            "At {} an instance was taken out of service in response to a Lifecycle Action being abandoned or timed out.",
            moment(now)
        );
        self.take_member_out(group, id, cause, now);
    }

    /// Terminates an instance that has waited for its hooks.
    fn finish_member(&mut self, group: &str, id: &str, now: Time) {
        if let Some(member) = self.member_mut(group, id) {
            member.waiting = None;
        }
        let Some(row) = self.auto_scaling_groups.get(group).cloned() else { return };
        if let Err(error) = self.terminate_for(&row, id, now) {
            tracing::warn!("{id} is left to itself: {error}");
            if let Some(group) = self.auto_scaling_groups.get_mut(group) {
                group.members.remove(id);
            }
        }
    }

    fn remove_member(&mut self, id: &str, instance: &str, now: Time) {
        let Some(group) = self.auto_scaling_groups.get_mut(id) else { return };
        group.progress.rebalancing = false;
        let member = group.members.get(instance);
        if member.is_some_and(|member| member.state.is_warm()) {
            let cause = format!("At {} an instance was taken out of the warm pool.", moment(now));
            return self.take_member_out(id, instance, cause, now);
        }
        // An unhealthy instance does not return to the pool.
        if member.is_some_and(|member| member.ailment.is_none()) && group.reuses() {
            return self.return_member(id, instance, now);
        }
        let (at, before) = (moment(now), group.capacity());
        let after = before.saturating_sub(1);
        let chosen = format!(
            "At {at} an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from {before} to {after}.  At {at} instance {instance} was selected for termination."
        );
        let because = group.progress.because.as_ref();
        let cause = because.map_or(chosen.clone(), |because| format!("{because}  {chosen}"));
        self.take_member_out(id, instance, cause, now);
    }

    /// Removes an instance from the group, even if it cannot be terminated.
    pub(super) fn take_member_out(&mut self, group: &str, id: &str, cause: String, now: Time) {
        if let Err(error) = self.take_out(group, id, cause, now) {
            tracing::warn!("{id} is left to itself: {error}");
            if let Some(group) = self.auto_scaling_groups.get_mut(group) {
                group.members.remove(id);
            }
        }
    }
}

/// The step for an instance at its maximum lifetime. One at a time is replaced, when all others are in service.
fn next_for_age(
    group: &AutoScalingGroup,
    (id, member): (&str, &Member),
    instance: Option<&Instance>,
    now: Time,
) -> Next {
    let lifetime = group.settings.lifetime.filter(|_| member.state == Lifecycle::InService);
    let (Some(lifetime), Some(instance)) = (lifetime, instance) else { return Next::Nothing };
    let over = instance.launched.after(Duration::from_secs(lifetime.into()));
    if over > now {
        return Next::At(over);
    }
    match group.replaces_unhealthy() && group.is_whole() {
        true => Next::Now(Step::Expire(id.to_owned())),
        false => Next::Nothing,
    }
}

/// The step of a refresh. The group must have its desired capacity.
fn next_for_refresh(group: &AutoScalingGroup, now: Time) -> Next {
    if group.deleting {
        return Next::Nothing;
    }
    if group.is_refreshed(now) {
        return Next::Now(Step::EndRefresh(RefreshStatus::Successful));
    }
    let works = group.does(Process::Terminate) && group.does(Process::Launch);
    if let Some(id) = group.next_to_refresh(now).filter(|_| works) {
        return Next::Now(Step::Refresh(id));
    }
    match (group.next_warm(now), group.refresh_gives_up()) {
        (Some(time), _) => Next::At(time),
        (None, Some(time)) if time > now => Next::At(time),
        (None, Some(_)) => Next::Now(Step::EndRefresh(RefreshStatus::Failed)),
        (None, None) => Next::Nothing,
    }
}

/// The step for an instance that waits.
fn next_for_held(id: &str, held: Held) -> Next {
    match held {
        Held::Until(time) => Next::At(time),
        Held::Lapsed(hook) => Next::Now(Step::TimeOut(id.to_owned(), hook)),
        Held::No | Held::Free { .. } => Next::Nothing,
    }
}

impl AutoScalingGroup {
    /// Whether an unhealthy instance is replaced.
    fn replaces_unhealthy(&self) -> bool {
        self.does(Process::ReplaceUnhealthy) && self.does(Process::Terminate)
    }
}

fn is_well(instance: &Instance) -> bool {
    instance.is_running() && instance.host_failure.is_none()
}

/// The step for the health of an instance in service.
fn next_for_health(
    group: &AutoScalingGroup,
    (id, member): (&str, &Member),
    (instance, served): (Option<&Instance>, bool),
    now: Time,
) -> Next {
    let ailment = match instance {
        Some(instance) if instance.is_on() && instance.host_failure.is_none() => match served {
            true => return Next::Nothing,
            false => Ailment::Unserved,
        },
        Some(Instance { state: InstanceState::Pending | InstanceState::Running, .. }) => Ailment::Impaired,
        Some(_) | None => Ailment::Gone,
    };
    let from = group.counts_at(member, ailment);
    match () {
        () if !group.does(Process::HealthCheck) => Next::Nothing,
        () if from > now => Next::At(from),
        () => Next::Now(Step::Diagnose(id.to_owned(), ailment)),
    }
}

impl Next {
    fn or_at(self, time: Time) -> Next {
        match self {
            Next::At(earlier) if earlier <= time => self,
            _ => Next::At(time),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::steps_at_once;

    #[test]
    fn a_large_group_leaves_others_their_turn_as_well() {
        assert_eq!([0, 500, 1000, 5000, 100_000].map(steps_at_once), [100, 100, 50, 10, 1]);
    }
}
