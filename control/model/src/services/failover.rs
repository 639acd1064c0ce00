//! Failover: the endpoint name moves to another host. Addresses and private names stay where they are (M35).

use super::deployment::busy;
use super::{Clash, Deployment, Error, Layout, Obstacle, Phase, Result, Thing};
use crate::{Caller, Model, Power, Time};

impl Model {
    /// Restarts the programs of a deployment. With a failover, the endpoint name moves to another host.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`]; [`Error::Combination`] where there is nothing to fail over to.
    pub fn reboot_deployment(
        &mut self,
        caller: &Caller,
        thing: Thing,
        name: &str,
        failover: bool,
    ) -> Result<&Deployment> {
        let deployment = self.deployment(&caller.scope, thing, name)?.clone();
        if deployment.phase != Phase::Settled {
            return Err(busy(&deployment));
        }
        if failover && deployment.layout != Layout::Standby {
            return Err(Clash::FailoverNeedsStandby {}.into());
        }
        let failed_over = failover && self.fail_over(&deployment.id, caller.now);
        if failover && !failed_over {
            return Err(Error::State { thing, name: deployment.name, why: Obstacle::NoStandby {} });
        }
        // With a failover the former primary restarts, otherwise the primary.
        self.reboot_node(&deployment.id, deployment.primary)?;
        self.deployment(&caller.scope, thing, name)
    }

    /// Restarts the program of one of a deployment's hosts, counted from 0.
    ///
    /// # Errors
    /// [`Error::State`]
    pub fn reboot_node(&mut self, id: &str, index: usize) -> Result<()> {
        let Some(deployment) = self.deployments.get(id).cloned() else { return Ok(()) };
        if deployment.phase != Phase::Settled {
            return Err(busy(&deployment));
        }
        if let Some(host) = deployment.hosts.get(index) {
            self.restart_managed_host(host);
        }
        self.change(id, |row| row.phase = Phase::Rebooting);
        Ok(())
    }

    /// Fails over from a host that is down.
    pub(super) fn fail_over_if_down(&mut self, id: &str, now: Time) {
        let Some(deployment) = self.deployments.get(id) else { return };
        let is_replicated = matches!(deployment.layout, Layout::Standby | Layout::Replicas(_));
        let is_down = self.primary_of(deployment).is_some_and(|host| host.power == Power::Down);
        if is_replicated && is_down {
            self.fail_over(id, now);
        }
    }

    /// Makes another host that is up the primary. Returns whether there is one.
    fn fail_over(&mut self, id: &str, now: Time) -> bool {
        let Some(deployment) = self.deployments.get(id).cloned() else { return false };
        let is_up = |host: &String| self.managed_hosts.get(host).is_some_and(|host| host.is_up());
        let others = deployment.hosts.iter().enumerate().filter(|(index, _)| *index != deployment.primary);
        let Some(next) = others.filter(|(_, host)| is_up(host)).map(|(index, _)| index).next() else { return false };
        let kind = if deployment.layout == Layout::Standby { "Multi-AZ instance failover" } else { "Failover" };
        self.add_event(&deployment, now, "failover", &format!("{kind} started"));
        self.change(id, |row| row.primary = next);
        self.point_names(id);
        self.add_event(&deployment, now, "failover", &format!("{kind} completed"));
        true
    }

    /// Fails a deployment over to one of its replicas; the primary restarts.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`] if it is not available or has no replica that is up.
    pub fn test_failover(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<()> {
        let deployment = self.deployment(&caller.scope, thing, name)?.clone();
        if deployment.phase != Phase::Settled {
            return Err(busy(&deployment));
        }
        if !self.fail_over(&deployment.id, caller.now) {
            return Err(Error::State { thing, name: deployment.name, why: Obstacle::NoStandby {} });
        }
        if let Some(host) = deployment.hosts.get(deployment.primary) {
            self.restart_managed_host(host);
        }
        self.change(&deployment.id, |row| row.phase = Phase::Modifying);
        Ok(())
    }

    /// Makes a host of a deployment, counted from 0, the primary.
    ///
    /// # Errors
    /// [`Error::State`] if that host is not up.
    pub fn promote(&mut self, id: &str, index: usize, now: Time) -> Result<()> {
        let Some(deployment) = self.deployments.get(id).cloned() else { return Ok(()) };
        let host = deployment.hosts.get(index).and_then(|host| self.managed_hosts.get(host));
        if !host.is_some_and(|host| host.is_up()) {
            let why = Obstacle::NoSuchNode {};
            return Err(Error::State { thing: deployment.thing, name: deployment.name, why });
        }
        self.change(id, |row| row.primary = index);
        self.point_names(id);
        self.add_event(&deployment, now, "failover", "Failover completed");
        Ok(())
    }
}
