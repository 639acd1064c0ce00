//! Standby: instances of a group that run without counting towards its capacity, for maintenance.

use super::activity::NewActivity;
use super::instance::Leave;
use super::{Error, Lifecycle, Result, moment};
use crate::{Caller, Model};

impl Model {
    /// EnterStandby. The instances are replaced unless the desired capacity is lowered, too. Returns the activities' ids.
    pub fn enter_standby(
        &mut self,
        caller: &Caller,
        name: &str,
        ids: &[String],
        decrements: bool,
    ) -> Result<Vec<String>> {
        let leave = Leave {
            from: &[Lifecycle::InService],
            wanted: "InService",
            description: "Moving EC2 instance to Standby",
            what: "moved to standby",
        };
        let activities = self.leave_capacity(caller, (name, ids), decrements, &leave)?;
        ids.iter().try_for_each(|id| self.move_member(caller, name, id, Lifecycle::Standby))?;
        Ok(activities)
    }

    /// ExitStandby: raises the desired capacity by the instances' weights. Returns the activities' ids.
    pub fn exit_standby(&mut self, caller: &Caller, name: &str, ids: &[String]) -> Result<Vec<String>> {
        let group = self.scaling_group_mut(&caller.scope, name)?.clone();
        group.counting(ids, &[Lifecycle::Standby], "Standby")?;
        let weights: Vec<u32> = ids.iter().map(|id| Ok(group.member(id)?.weight)).collect::<Result<_>>()?;
        let desired = weights.iter().fold(group.desired, |sum, weight| sum.saturating_add(*weight));
        if desired > group.settings.max {
            return Err(Error::AboveMax { desired, max: group.settings.max });
        }
        self.scaling_group_mut(&caller.scope, name)?.desired = desired;
        let mut before = group.capacity();
        let mut activities = Vec::new();
        for (weight, id) in weights.into_iter().zip(ids) {
            let (from, to, at) = (before, before.saturating_add(weight), moment(caller.now));
            before = to;
            let cause = format!(
                "At {at} instance {id} was moved out of standby in response to a user request, increasing the capacity from {from} to {to}."
            );
            let description = format!("Moving EC2 instance out of Standby: {id}");
            let activity = NewActivity { description, cause, ..self.details_of(id) };
            activities.push(self.log(&group, caller.now, activity));
            self.move_member(caller, name, id, Lifecycle::InService)?;
            self.join_load_balancers(&group, id, caller.now);
        }
        Ok(activities)
    }

    fn move_member(&mut self, caller: &Caller, name: &str, id: &str, to: Lifecycle) -> Result<()> {
        if let Some(member) = self.scaling_group_mut(&caller.scope, name)?.members.get_mut(id) {
            member.enter(to, caller.now);
        }
        Ok(())
    }
}
