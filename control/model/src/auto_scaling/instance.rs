//! Single instances of groups.

use super::activity::NewActivity;
use super::{Ailment, AutoScalingGroup, Error, GROUP_TAG, Lifecycle, Member, Result, moment};
use crate::{Caller, Model, Scope};
use std::time::Duration;

/// How instances leave a group's capacity.
pub(super) struct Leave {
    /// The states from which they can.
    pub from: &'static [Lifecycle],
    /// These states, in words.
    pub wanted: &'static str,
    /// The beginning of the activity's description.
    pub description: &'static str,
    /// What is done to them, in the activity's cause.
    pub what: &'static str,
}

impl AutoScalingGroup {
    /// Lowers the desired capacity by the weight of removed instances, if `decrements`.
    pub(super) fn shrink(&mut self, by: u32, decrements: bool) -> Result<()> {
        // Later launches have another cause.
        (self.progress.because, self.progress.rebalancing) = (None, false);
        if decrements {
            let left = self.desired.checked_sub(by).filter(|left| *left >= self.settings.min);
            self.desired = left.ok_or(Error::BelowMin { min: self.settings.min })?;
        }
        Ok(())
    }

    /// The instance with that id.
    pub(super) fn member(&self, id: &str) -> Result<&Member> {
        let none = || Error::NotOfGroup { instance: id.to_owned(), group: self.name.clone() };
        self.members.get(id).ok_or_else(none)
    }
}

impl Model {
    /// TerminateInstanceInAutoScalingGroup. Returns the activity's id.
    pub fn terminate_member(&mut self, caller: &Caller, id: &str, decrements: bool) -> Result<String> {
        let name = self.scaling_group_of(&caller.scope, id)?.name.clone();
        let group = self.scaling_group_mut(&caller.scope, &name)?;
        let member = group.member(id)?;
        if let (Lifecycle::Terminating, Some(activity)) = (member.state, &member.activity) {
            return Ok(activity.clone());
        }
        let (before, weight) = (group.capacity(), group.counted(id));
        group.shrink(weight, decrements)?;
        let shrinking = match decrements {
            true => format!(", shrinking the capacity from {before} to {}", before.saturating_sub(weight)),
            false => String::new(),
        };
        let at = moment(caller.now);
        let cause = format!("At {at} instance {id} was taken out of service in response to a user request{shrinking}.");
        let row = group.id.clone();
        self.take_out(&row, id, cause, caller.now)
    }

    /// AttachInstances: adds instances, which raise the desired capacity.
    pub fn attach_instances(&mut self, caller: &Caller, name: &str, ids: &[String]) -> Result<()> {
        let group = self.scaling_group_mut(&caller.scope, name)?.clone();
        if ids.is_empty() {
            return Err(Error::NoInstancesNamed {});
        }
        for id in ids {
            self.check_attachable(&caller.scope, &group, id)?;
        }
        let before = group.capacity();
        let desired = group.desired.saturating_add(u32::try_from(ids.len()).unwrap_or(u32::MAX));
        let max = group.settings.max;
        if desired > max {
            return Err(Error::AboveMax { desired, max });
        }
        self.scaling_group_mut(&caller.scope, name)?.desired = desired;
        for (index, id) in (0..).zip(ids) {
            let (from, to, at) = (before + index, before + index + 1, moment(caller.now));
            let cause = format!(
                "At {at} an instance was attached in response to user request, increasing the capacity from {from} to {to}."
            );
            let description = format!("Attaching an existing EC2 instance: {id}");
            self.log(&group, caller.now, NewActivity { description, cause, ..self.details_of(id) });
            let member = Member {
                state: Lifecycle::InService,
                since: caller.now,
                ailment: None,
                protected: group.settings.protects_new,
                configuration: None,
                template: None,
                activity: None,
                weight: 1,
                waiting: None,
            };
            self.scaling_group_mut(&caller.scope, name)?.members.insert(id.clone(), member);
            self.tag_member(id, Some(&group.name));
            self.join_load_balancers(&group, id, caller.now);
        }
        Ok(())
    }

    fn check_attachable(&self, scope: &Scope, group: &AutoScalingGroup, id: &str) -> Result<()> {
        let instance = self.instances.find(scope, id)?;
        if let Ok(other) = self.scaling_group_of(scope, id) {
            return Err(Error::ManagedAlready { instance: id.to_owned(), group: other.name.clone() });
        }
        if !instance.is_running() {
            return Err(Error::NotRunning { instance: id.to_owned() });
        }
        if !group.settings.zones.contains(&instance.zone) {
            return Err(Error::OtherZone { instance: id.to_owned(), zone: instance.zone.clone() });
        }
        let vpc = match group.settings.subnets.first() {
            Some(subnet) => Some(self.subnets.find(scope, subnet)?.vpc.clone()),
            None => self.default_network(scope)?,
        };
        match instance.vpc().map(|place| &place.vpc) == vpc.as_ref() {
            true => Ok(()),
            false => Err(Error::OtherNetwork { instance: id.to_owned() }),
        }
    }

    /// DetachInstances: the instances run on outside the group. Returns the activities' ids.
    pub fn detach_instances(
        &mut self,
        caller: &Caller,
        name: &str,
        ids: &[String],
        decrements: bool,
    ) -> Result<Vec<String>> {
        let leave = Leave {
            from: &[Lifecycle::InService, Lifecycle::Standby],
            wanted: "InService or Standby",
            description: "Detaching EC2 instance",
            what: "detached",
        };
        let activities = self.leave_capacity(caller, (name, ids), decrements, &leave)?;
        for id in ids {
            self.scaling_group_mut(&caller.scope, name)?.members.remove(id);
            self.tag_member(id, None);
        }
        Ok(activities)
    }

    /// Has instances no longer count, nor be behind the group's load balancers. Returns the activities' ids.
    pub(super) fn leave_capacity(
        &mut self,
        caller: &Caller,
        (name, ids): (&str, &[String]),
        decrements: bool,
        leave: &Leave,
    ) -> Result<Vec<String>> {
        let group = self.scaling_group_mut(&caller.scope, name)?.clone();
        let counting = group.counting(ids, leave.from, leave.wanted)?;
        self.scaling_group_mut(&caller.scope, name)?.shrink(counting, decrements)?;
        let mut before = group.capacity();
        let mut activities = Vec::new();
        for id in ids {
            let (at, what) = (moment(caller.now), leave.what);
            let mut cause = format!("At {at} instance {id} was {what} in response to a user request");
            if decrements {
                let after = before.saturating_sub(group.counted(id));
                cause += &format!(", shrinking the capacity from {before} to {after}");
                before = after;
            }
            let description = format!("{}: {id}", leave.description);
            let activity = NewActivity { description, cause: cause + ".", ..self.details_of(id) };
            activities.push(self.log(&group, caller.now, activity));
            self.leave_load_balancers(&group, id);
        }
        Ok(activities)
    }

    /// SetInstanceHealth. During the grace period a request that honours it has no effect.
    pub fn set_instance_health(
        &mut self,
        caller: &Caller,
        id: &str,
        healthy: bool,
        respects_grace: bool,
    ) -> Result<()> {
        let name = self.scaling_group_of(&caller.scope, id)?.name.clone();
        let group = self.scaling_group_mut(&caller.scope, &name)?;
        let grace = Duration::from_secs(group.settings.grace.into());
        let Some(member) = group.members.get_mut(id) else { return Ok(()) };
        let in_grace = respects_grace && member.since.after(grace) > caller.now;
        match (healthy, member.ailment) {
            (true, Some(Ailment::User)) => member.ailment = None,
            (false, None) if !in_grace => member.ailment = Some(Ailment::User),
            _ => {}
        }
        Ok(())
    }

    /// SetInstanceProtection.
    pub fn set_instance_protection(&mut self, caller: &Caller, name: &str, ids: &[String], on: bool) -> Result<()> {
        let group = self.scaling_group_mut(&caller.scope, name)?;
        for id in ids {
            group.member(id)?;
        }
        let named = group.members.iter_mut().filter(|(id, _)| ids.contains(id));
        named.for_each(|(_, member)| member.protected = on);
        Ok(())
    }

    /// Sets or removes the tag with an instance's group.
    pub(super) fn tag_member(&mut self, id: &str, group: Option<&str>) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        match group {
            Some(group) => instance.tags.insert(GROUP_TAG.to_owned(), group.to_owned()),
            None => instance.tags.shift_remove(GROUP_TAG),
        };
    }
}

impl AutoScalingGroup {
    /// The present weight of an instance in the group's capacity.
    pub(super) fn counted(&self, id: &str) -> u32 {
        self.members.get(id).filter(|member| member.counts()).map_or(0, |member| member.weight)
    }

    /// The weight of these instances. All must be in the group, and in one of these states.
    pub(super) fn counting(&self, ids: &[String], states: &[Lifecycle], wanted: &'static str) -> Result<u32> {
        let mut counting = 0_u32;
        if ids.is_empty() {
            return Err(Error::NoInstancesNamed {});
        }
        for id in ids {
            let member = self.member(id)?;
            if !states.contains(&member.state) {
                return Err(Error::WrongLifecycle { instance: id.clone(), wanted });
            }
            counting = counting.saturating_add(self.counted(id));
        }
        Ok(counting)
    }
}
