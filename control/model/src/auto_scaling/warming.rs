//! The steps of warm pools: how instances enter a pool, and enter service from it.

use super::activity::{ActivityStatus, NewActivity};
use super::launching::{Need, cause_of_launch};
use super::{AutoScalingGroup, Lifecycle, Member, moment};
use crate::{Instance, InstanceState, Model, Time};

/// The next need of a pool.
pub(super) enum PoolNeed {
    /// One instance more.
    More,
    /// One instance fewer: this one.
    Fewer(String),
    /// Its own removal, because it is being deleted and is empty.
    Gone,
}

impl AutoScalingGroup {
    /// The instances of its warm pool.
    pub fn warmed(&self) -> impl DoubleEndedIterator<Item = (&String, &Member)> {
        self.members.iter().filter(|(_, member)| member.state.is_warm())
    }

    /// The desired number of instances in its warm pool.
    pub fn pool_size(&self) -> u32 {
        let Some(pool) = self.warm_pool.as_ref().filter(|pool| !pool.deleting && !self.deleting) else { return 0 };
        pool.prepared.unwrap_or(self.settings.max).saturating_sub(self.desired).max(pool.min)
    }

    /// The need of its pool, once the group itself has its desired capacity.
    pub(super) fn need_of_pool(&self) -> Option<PoolNeed> {
        let pool = self.warm_pool.as_ref()?;
        let (has, wanted) = (self.warmed().count(), usize::try_from(self.pool_size()).unwrap_or(usize::MAX));
        match has {
            0 if pool.deleting => Some(PoolNeed::Gone),
            has if has < wanted => Some(PoolNeed::More),
            has if has > wanted => self.warmed().next_back().map(|(id, _)| PoolNeed::Fewer(id.clone())),
            _ => None,
        }
    }

    /// Whether an instance that scaling in removes returns to the pool.
    pub(super) fn reuses(&self) -> bool {
        let has = self.warmed().count();
        self.warm_pool.as_ref().is_some_and(|pool| pool.reuses == Some(true))
            && u32::try_from(has).is_ok_and(|has| has < self.pool_size())
    }
}

/// Whether an instance is in a state in which it can be in a pool: running or stopped.
pub(super) fn can_rest(instance: &Instance) -> bool {
    matches!(instance.state, InstanceState::Stopped | InstanceState::Running)
}

impl Model {
    /// An instance of the pool that can enter service at once.
    pub(super) fn ready_in_pool(&self, group: &AutoScalingGroup) -> Option<String> {
        let mut warmed = group.warmed().filter(|(_, member)| member.activity.is_none() && member.ailment.is_none());
        warmed.find(|(id, _)| self.instances.get(id).is_some_and(can_rest)).map(|(id, _)| id.clone())
    }

    /// Notes that an instance has reached the pool.
    pub(super) fn move_to_pool(&mut self, id: &str, instance: &str, now: Time) {
        let Some(owner) = self.auto_scaling_groups.get(id).map(|group| group.owner(now)) else { return };
        let Some(member) = self.member_mut(id, instance) else { return };
        member.waiting = None;
        let (activity, stops) = (member.activity.take(), member.state == Lifecycle::WarmedStopped);
        self.end_activity(activity.as_deref(), ActivityStatus::Successful, now);
        if stops && let Err(error) = self.stop_instances(&owner, &[instance.to_owned()]) {
            tracing::warn!("{instance} of a warm pool cannot be stopped: {error}");
        }
    }

    /// Moves an instance from the pool into service.
    pub(super) fn move_from_pool(&mut self, id: &str, instance: &str, now: Time) {
        let Some(mut group) = self.auto_scaling_groups.get(id).cloned() else { return };
        let cause = cause_of_launch(&group, &Need::Capacity, now);
        let description = format!("Launching a new EC2 instance from warm pool: {instance}");
        let new = NewActivity { description, cause, status: ActivityStatus::PreInService, ..self.details_of(instance) };
        let activity = self.log(&group, now, new);
        if let Some(member) = group.members.get_mut(instance) {
            member.activity = Some(activity);
            member.enter(Lifecycle::Pending, now);
        }
        group.progress.replacing = group.progress.replacing.saturating_sub(1);
        group.progress.scaled = Some(now);
        self.auto_scaling_groups.insert(group.clone());
        let stopped = self.instances.get(instance).is_some_and(|one| one.state == InstanceState::Stopped);
        if stopped && let Err(error) = self.start_instances(&group.owner(now), &[instance.to_owned()]) {
            tracing::warn!("{instance} of a warm pool cannot be started: {error}");
        }
    }

    /// Returns an instance that scaling in removes to the pool.
    pub(super) fn return_member(&mut self, id: &str, instance: &str, now: Time) {
        let Some(mut group) = self.auto_scaling_groups.get(id).cloned() else { return };
        let Some(state) = group.warm_pool.as_ref().map(|pool| pool.state.lifecycle()) else { return };
        self.leave_load_balancers(&group, instance);
        let cause = format!("At {} an instance was returned to the warm pool.", moment(now));
        let description = format!("Returning EC2 instance to warm pool: {instance}");
        let status = ActivityStatus::InProgress;
        let activity = self.log(&group, now, NewActivity { description, cause, status, ..self.details_of(instance) });
        if let Some(member) = group.members.get_mut(instance) {
            self.end_activity(member.activity.as_deref(), ActivityStatus::Cancelled, now);
            (member.activity, member.waiting) = (Some(activity), None);
            member.enter(state, now);
        }
        group.progress.scaled = Some(now);
        self.auto_scaling_groups.insert(group);
    }

    /// Removes the empty pool.
    pub(super) fn remove_pool(&mut self, id: &str) {
        if let Some(group) = self.auto_scaling_groups.get_mut(id) {
            group.warm_pool = None;
        }
    }
}
