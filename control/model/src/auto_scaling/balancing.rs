//! The load balancers of a group. An instance is registered when it enters service, and deregistered when it leaves.

use super::activity::{ActivityStatus, NewActivity};
use super::{AutoScalingGroup, Error, HealthCheckType, Lifecycle, Process, Result, moment};
use crate::{Caller, Model, Scope, Time};

impl Model {
    /// AttachLoadBalancers: registers the instances in service.
    pub fn attach_load_balancers(&mut self, caller: &Caller, name: &str, names: &[String]) -> Result<()> {
        self.check_load_balancers(&caller.scope, names)?;
        let group = self.scaling_group_mut(&caller.scope, name)?;
        group.load_balancers.extend(names.iter().cloned());
        let group = group.clone();
        for id in group.in_service() {
            self.register_with(&group, id, names, caller.now);
        }
        Ok(())
    }

    /// DetachLoadBalancers: deregisters the instances. Load balancers that are not attached are ignored.
    pub fn detach_load_balancers(&mut self, caller: &Caller, name: &str, names: &[String]) -> Result<()> {
        let group = self.scaling_group_mut(&caller.scope, name)?;
        group.load_balancers.retain(|known| !names.contains(known));
        let group = group.clone();
        for id in group.members.keys() {
            self.take_out_of(&group.scope, id, names);
        }
        Ok(())
    }

    /// Checks that load balancers exist.
    fn check_load_balancers(&self, scope: &Scope, names: &[String]) -> Result<()> {
        match names.iter().find(|name| self.load_balancer(scope, name).is_err()) {
            Some(name) => Err(Error::NoLoadBalancer { name: name.clone() }),
            None => Ok(()),
        }
    }

    /// Registers an instance that enters service with its group's load balancers.
    pub(super) fn join_load_balancers(&mut self, group: &AutoScalingGroup, id: &str, now: Time) {
        if group.does(Process::AddToLoadBalancer) {
            let names: Vec<String> = group.load_balancers.iter().cloned().collect();
            self.register_with(group, id, &names, now);
        }
    }

    /// Deregisters an instance that leaves its group or enters standby.
    pub(super) fn leave_load_balancers(&mut self, group: &AutoScalingGroup, id: &str) {
        let names: Vec<String> = group.load_balancers.iter().cloned().collect();
        self.take_out_of(&group.scope, id, &names);
    }

    /// Registers an instance. If a load balancer refuses it (M38), that is a failed activity, and the instance is in service all the same.
    fn register_with(&mut self, group: &AutoScalingGroup, id: &str, names: &[String], now: Time) {
        for name in names {
            if let Err(why) = self.register_instances(&group.scope, name, &[id.to_owned()]) {
                let description = format!("Registering EC2 instance {id} with load balancer {name}");
                let cause = format!("At {} the instance came into service.", moment(now));
                let status = ActivityStatus::Failed(why.to_string());
                self.log(group, now, NewActivity { description, cause, status, ..self.details_of(id) });
            }
        }
    }

    /// A load balancer that was deleted needs no deregistration.
    fn take_out_of(&mut self, scope: &Scope, id: &str, names: &[String]) {
        for name in names {
            let _ = self.deregister_instances(scope, name, &[id.to_owned()]);
        }
    }

    /// Whether an instance fails the health check of one of the group's load balancers, if the group uses these checks.
    pub(super) fn fails_at_balancer(&self, group: &AutoScalingGroup, id: &str) -> bool {
        let mut balancers = group.load_balancers.iter().filter_map(|name| self.load_balancer(&group.scope, name).ok());
        group.settings.health_checks.has(HealthCheckType::Elb)
            && balancers.any(|balancer| balancer.health_of(self, id).is_failing())
    }

    /// Whether an instance of the group is in service behind a load balancer.
    pub fn is_served_by(&self, group: &AutoScalingGroup, balancer: &str) -> bool {
        let found = self.load_balancer(&group.scope, balancer).ok();
        found.is_some_and(|balancer| group.in_service().any(|id| balancer.health_of(self, id).is_in_service()))
    }
}

impl AutoScalingGroup {
    /// The ids of its instances in service.
    pub fn in_service(&self) -> impl Iterator<Item = &String> {
        self.members.iter().filter(|(_, member)| member.state == Lifecycle::InService).map(|(id, _)| id)
    }
}
