//! Stops and starts deployments, and creates and promotes read replicas.

use super::deployment::busy;
use super::{Clash, Deployment, Error, Layout, NewDeployment, Obstacle, Phase, Result, Thing};
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
        if deployment.layout == Layout::Standby && deployment.engine.starts_with("sqlserver") {
            return Err(Error::State { thing, name: deployment.name, why: Obstacle::MirroredSqlServer {} });
        }
        if deployment.cluster.is_some() {
            return Err(Clash::StopsWithCluster { engine: deployment.engine }.into());
        }
        if deployment.source.is_some() || self.replicas_of(&deployment).next().is_some() {
            return Err(Error::State { thing, name: deployment.name, why: Obstacle::Replicas {} });
        }
        self.change(&deployment.id, |row| row.phase = Phase::Stopped);
        deployment.hosts.iter().for_each(|host| self.switch_managed_host(host, false));
        let message = format!("{} stopped", super::deployment::capitalised(&deployment));
        self.add_event(&deployment, caller.now, "notification", &message);
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

    /// Creates a read replica. It is where its source is: in the same subnet group, or in EC2-Classic.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`] where backups are off, and what a new deployment is refused for.
    pub fn create_replica(&mut self, caller: &Caller, source: &str, new: NewDeployment) -> Result<&Deployment> {
        let thing = new.thing;
        let source = self.source_deployment(&caller.scope, thing, source)?.clone();
        if source.phase != Phase::Settled {
            return Err(busy(&source));
        }
        if source.settings.backups == Some(0) {
            return Err(Error::State { thing, name: source.name, why: Obstacle::NoBackups {} });
        }
        let id = self.create_deployment(caller, new)?.id.clone();
        self.change(&id, |row| row.source = Some(source.id));
        self.deployments.get(&id).ok_or(Error::NotFound { thing, name: id })
    }

    /// Makes a deployment a read replica of another one.
    pub fn follow(&mut self, id: &str, source: String) {
        self.change(id, |row| row.source = Some(source));
    }

    /// The read replicas of a deployment.
    pub fn replicas_of<'a>(&'a self, source: &'a Deployment) -> impl Iterator<Item = &'a Deployment> {
        self.deployments.by(&source.id)
    }

    /// Promotes a read replica: it no longer follows its source.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`].
    pub fn promote_replica(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<&Deployment> {
        let deployment = self.deployment(&caller.scope, thing, name)?.clone();
        if deployment.phase != Phase::Settled {
            return Err(busy(&deployment));
        }
        if deployment.source.is_none() {
            return Err(Error::State { thing, name: deployment.name, why: Obstacle::NoReplica {} });
        }
        self.change(&deployment.id, |row| row.source = None);
        self.add_event(&deployment, caller.now, "notification", "Promoted read replica to a stand-alone DB instance");
        self.deployment(&caller.scope, thing, name)
    }

    /// Promotes the read replicas of a deployment that is deleted.
    pub(super) fn promote_replicas_of(&mut self, source: &Deployment) {
        let replicas: Vec<String> = self.replicas_of(source).map(|row| row.id.clone()).collect();
        replicas.iter().for_each(|id| self.change(id, |row| row.source = None));
    }
}
