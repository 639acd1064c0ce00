//! The steps of instance refreshes: which instances are replaced, and when.

use super::{
    AutoScalingGroup, Error, GroupSettings, InstanceRefresh, LaunchSource, Lifecycle, Member, Protected, RefreshRules,
    RefreshStatus, Result, Standby, moment,
};
use crate::{Caller, Model, Time};
use std::time::Duration;

/// The number of a group's refreshes that are kept.
const REMEMBERED: usize = 20;
/// How long a refresh waits for protected instances or those in standby before it fails.
const PATIENCE: Duration = Duration::from_secs(3600);

impl GroupSettings {
    /// What the group launches.
    fn source(&self) -> LaunchSource {
        let GroupSettings { configuration, template, mixed, .. } = self.clone();
        LaunchSource { configuration, template, mixed }
    }
}

impl AutoScalingGroup {
    /// The refresh in progress.
    pub fn refresh(&self) -> Option<&InstanceRefresh> {
        self.refreshes.last().filter(|last| last.status.goes_on())
    }

    /// The instances that a refresh has yet to replace.
    pub fn to_refresh<'g>(&'g self, refresh: &'g InstanceRefresh) -> impl Iterator<Item = (&'g String, &'g Member)> {
        let is_there = move |member: &Member| match member.state {
            Lifecycle::Standby => refresh.standby != Standby::Ignore,
            _ => member.counts(),
        };
        self.members.iter().filter(move |(id, member)| refresh.instances.contains(*id) && is_there(member))
    }

    /// The future times at which instances that a refresh launched have warmed up.
    pub fn warming<'g>(&'g self, refresh: &'g InstanceRefresh, now: Time) -> impl Iterator<Item = Time> + 'g {
        let warm_at = move |(id, member): (&'g String, &'g Member)| refresh.warm_at(id, member);
        self.members.iter().filter_map(warm_at).filter(move |time| *time > now)
    }

    /// The next time at which an instance that the refresh launched has warmed up.
    pub(super) fn next_warm(&self, now: Time) -> Option<Time> {
        self.warming(self.refresh()?, now).min()
    }

    /// The instance that a refresh replaces next. `None` while too few are in service and warm, or while the refresh waits for protected
    /// instances or those in standby.
    pub(super) fn next_to_refresh(&self, now: Time) -> Option<String> {
        let refresh = self.refresh()?;
        let (id, member) = self.to_refresh(refresh).find(|(_, member)| refresh.may_take(member))?;
        if member.state == Lifecycle::Standby {
            return Some(id.clone());
        }
        let is_warm = |id: &str, one: &Member| refresh.warm_at(id, one).is_none_or(|time| time <= now);
        let serves = |(id, one): &(&String, &Member)| one.state == Lifecycle::InService && is_warm(id, one);
        let serving: u32 = self.members.iter().filter(serves).map(|(_, one)| one.weight).sum();
        let absent = self.desired.saturating_sub(serving);
        let at_most = u64::from(self.desired) * u64::from(100 - refresh.healthy) / 100;
        (u64::from(absent) < at_most.max(1)).then(|| id.clone())
    }

    /// The time at which a refresh fails that waits for the rest of its instances. The wait begins with the last change of an instance.
    pub(super) fn refresh_gives_up(&self) -> Option<Time> {
        let refresh = self.refresh()?;
        let waits = self.is_whole() && !self.to_refresh(refresh).any(|(_, member)| refresh.may_take(member));
        let changed = self.members.values().map(|member| member.since).fold(refresh.started, Time::max);
        waits.then(|| changed.after(PATIENCE))
    }

    /// Whether a refresh is complete.
    pub(super) fn is_refreshed(&self, now: Time) -> bool {
        let is_done =
            |refresh| self.to_refresh(refresh).next().is_none() && self.warming(refresh, now).next().is_none();
        self.refresh().is_some_and(is_done) && self.is_whole()
    }

    /// Whether the whole desired capacity is in service.
    pub(super) fn is_whole(&self) -> bool {
        self.capacity() >= self.desired && self.active().all(|(_, member)| member.state == Lifecycle::InService)
    }
}

impl Model {
    /// StartInstanceRefresh: applies `change` to the group's settings. Returns the refresh's id.
    pub fn start_instance_refresh(
        &mut self,
        caller: &Caller,
        name: &str,
        (rules, told): (RefreshRules, String),
        change: impl FnOnce(&mut GroupSettings),
    ) -> Result<String> {
        if self.scaling_group(&caller.scope, name)?.refresh().is_some() {
            return Err(Error::RefreshInProgress {});
        }
        let before = self.scaling_group(&caller.scope, name)?.settings.source();
        self.update_scaling_group(caller, name, change, None)?;
        let id = self.new_uuid();
        let group = self.scaling_group(&caller.scope, name)?;
        let before = Some(before).filter(|before| *before != group.settings.source());
        let is_matching = |member: &Member| rules.skips_matching && self.is_as_wanted(group, member);
        let is_left = |member: &Member| member.protected && rules.protected == Protected::Ignore;
        let is_wanted = |member: &Member| {
            let is_there = member.counts() || member.state == Lifecycle::Standby;
            is_there && !is_matching(member) && !is_left(member)
        };
        let wanted = group.members.iter().filter(|(_, member)| is_wanted(member));
        let instances = wanted.map(|(id, _)| id.clone()).collect();
        let refresh = InstanceRefresh {
            id: id.clone(),
            status: RefreshStatus::InProgress,
            started: caller.now,
            ended: None,
            instances,
            healthy: rules.healthy,
            protected_too: rules.protected == Protected::Refresh,
            standby: rules.standby,
            warmup: rules.warmup,
            before,
            told,
        };
        let group = self.scaling_group_mut(&caller.scope, name)?;
        if group.refreshes.len() >= REMEMBERED {
            group.refreshes.remove(0);
        }
        group.refreshes.push(refresh);
        Ok(id)
    }

    /// Whether an instance was launched as the group would launch it now.
    fn is_as_wanted(&self, group: &AutoScalingGroup, member: &Member) -> bool {
        let Some(wanted) = &group.settings.template else {
            return member.configuration.as_ref() == Some(&group.settings.configuration);
        };
        let template = self.launch_template(&group.scope, Some(&wanted.id), None).ok();
        let number =
            template.and_then(|template| template.version(&wanted.version).ok()).map(|one| one.number.to_string());
        member.template.as_ref().is_some_and(|used| used.id == wanted.id && Some(&used.version) == number.as_ref())
    }

    /// CancelInstanceRefresh. Replaced instances stay. Returns the refresh's id.
    pub fn cancel_instance_refresh(&mut self, caller: &Caller, name: &str) -> Result<String> {
        let group = self.scaling_group_mut(&caller.scope, name)?;
        let none = Error::NoRefresh { name: name.to_owned() };
        let running = group.refreshes.last_mut().filter(|last| last.status.goes_on()).ok_or(none)?;
        (running.status, running.ended) = (RefreshStatus::Cancelled, Some(caller.now));
        Ok(running.id.clone())
    }

    /// RollbackInstanceRefresh: the group launches what it launched before, and what the refresh brought is replaced. Returns the refresh's id.
    pub fn roll_back_instance_refresh(&mut self, caller: &Caller, name: &str) -> Result<String> {
        let running = self.scaling_group(&caller.scope, name)?.refresh();
        let running = running.filter(|refresh| refresh.status == RefreshStatus::InProgress);
        let running = running.ok_or_else(|| Error::NoRefresh { name: name.to_owned() })?;
        let before = running.before.clone().filter(LaunchSource::is_fixed).ok_or(Error::Irreversible {})?;
        let return_to = |settings: &mut GroupSettings| {
            (settings.configuration, settings.template, settings.mixed) =
                (before.configuration, before.template, before.mixed);
        };
        self.update_scaling_group(caller, name, return_to, None)?;
        let group = self.scaling_group(&caller.scope, name)?;
        let brought = group.members.iter().filter(|(_, member)| member.counts() && !self.is_as_wanted(group, member));
        let brought = brought.map(|(id, _)| id.clone()).collect();
        let running = self.scaling_group_mut(&caller.scope, name)?.refreshes.last_mut();
        let running = running.ok_or_else(|| Error::NoRefresh { name: name.to_owned() })?;
        (running.status, running.instances) = (RefreshStatus::RollbackInProgress, brought);
        Ok(running.id.clone())
    }

    /// Terminates an instance. If it counts towards the capacity, it is replaced.
    pub(super) fn replace_member(&mut self, group: &str, id: &str, why: &str, now: Time) {
        let counts = self.member_mut(group, id).is_some_and(|member| member.counts());
        let cause = format!("At {} an instance was taken out of service in response to {why}.", moment(now));
        self.take_member_out(group, id, cause, now);
        if let Some(group) = self.auto_scaling_groups.get_mut(group) {
            group.progress.because = None;
            group.progress.replacing += u32::from(counts);
        }
    }

    pub(super) fn end_refresh(&mut self, group: &str, status: RefreshStatus, now: Time) {
        let refresh = self.auto_scaling_groups.get_mut(group).and_then(|group| group.refreshes.last_mut());
        if let Some(refresh) = refresh {
            let rolls_back = refresh.status == RefreshStatus::RollbackInProgress;
            let status = if rolls_back { status.of_rollback() } else { status };
            (refresh.status, refresh.ended) = (status, Some(now));
        }
    }
}
