//! Stopping and starting, and read replicas: DB instances that follow another one, and may be let go of it.

use super::deployment::busy;
use super::{Deployment, Error, NewDeployment, Phase, Result, Thing};
use crate::{Caller, Model};

impl Model {
    /// Stops a deployment: its hosts are switched off. Their addresses, and the endpoint name, stay its own.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`].
    pub fn stop_deployment(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<&Deployment> {
        let deployment = self.deployment(&caller.scope, thing, name)?.clone();
        if deployment.phase != Phase::Settled {
            return Err(busy(&deployment));
        }
        if deployment.source.is_some() || self.replicas_of(&deployment).next().is_some() {
            let why = "has read replicas, or is one, and cannot be stopped".to_owned();
            return Err(Error::State { thing, name: deployment.name, why });
        }
        self.change(&deployment.id, |row| row.phase = Phase::Stopped);
        deployment.hosts.iter().for_each(|host| self.switch_managed_host(host, false));
        let message = format!("{} stopped", super::deployment::capitalised(&deployment));
        self.happened(&deployment, caller.now, "notification", &message);
        self.deployment(&caller.scope, thing, name)
    }

    /// Starts a stopped deployment.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`].
    pub fn start_deployment(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<&Deployment> {
        let deployment = self.deployment(&caller.scope, thing, name)?.clone();
        if deployment.phase != Phase::Stopped {
            return Err(busy(&deployment));
        }
        self.change(&deployment.id, |row| row.phase = Phase::Starting);
        deployment.hosts.iter().for_each(|host| self.switch_managed_host(host, true));
        self.deployment(&caller.scope, thing, name)
    }

    /// Makes a deployment that follows another one. It is where that is: in its subnet group, or in EC2-Classic.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`] where backups are off, and what a new deployment is refused for.
    pub fn create_replica(&mut self, caller: &Caller, source: &str, new: NewDeployment) -> Result<&Deployment> {
        let thing = new.thing;
        let source = self.deployment(&caller.scope, thing, source)?.clone();
        if source.phase != Phase::Settled {
            return Err(busy(&source));
        }
        if source.settings.backups == Some(0) {
            let why = "has no automated backups, which read replicas need; modify its backup retention period first";
            return Err(Error::State { thing, name: source.name, why: why.to_owned() });
        }
        let id = self.create_deployment(caller, new)?.id.clone();
        self.change(&id, |row| row.source = Some(source.id));
        self.deployments.get(&id).ok_or(Error::NotFound { thing, name: id })
    }

    /// The deployments that follow another one.
    pub fn replicas_of<'a>(&'a self, source: &'a Deployment) -> impl Iterator<Item = &'a Deployment> {
        self.deployments.by(&source.id)
    }

    /// Lets a deployment go of the one that it follows.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`].
    pub fn promote_replica(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<&Deployment> {
        let deployment = self.deployment(&caller.scope, thing, name)?.clone();
        if deployment.phase != Phase::Settled {
            return Err(busy(&deployment));
        }
        if deployment.source.is_none() {
            return Err(Error::State { thing, name: deployment.name, why: "is not a read replica".to_owned() });
        }
        self.change(&deployment.id, |row| row.source = None);
        self.happened(&deployment, caller.now, "notification", "Promoted read replica to a stand-alone DB instance");
        self.deployment(&caller.scope, thing, name)
    }

    /// What follows a deployment that goes stands alone from now on.
    pub(super) fn let_replicas_go(&mut self, source: &Deployment) {
        let replicas: Vec<String> = self.replicas_of(source).map(|row| row.id.clone()).collect();
        replicas.iter().for_each(|id| self.change(id, |row| row.source = None));
    }
}
