//! Deployments: DB instances, DB clusters, cache clusters, replication groups and Redshift clusters.

use super::{Clash, Error, Obstacle, Phase, Result, Status, SubnetGroup, Thing, Wanted, check_name};
use crate::{Caller, Condition, ManagedHost, ManagedService, Model, NetworkInterface, Power, Row, Scope, Tags, Time};
use serde::{Deserialize, Serialize};

/// The hosts of a deployment, and the names that resolve to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Layout {
    /// One host.
    Single,
    /// Two hosts in two zones, of which one is a standby (Multi-AZ).
    Standby,
    /// This many hosts, each with its own name. The endpoint name resolves to all.
    Nodes(u16),
    /// This many hosts, each with its own name. The endpoint name resolves to the primary.
    Replicas(u16),
    /// Shards of hosts, each with its own name. The endpoint name resolves to all.
    Shards {
        /// The number of shards.
        shards: u16,
        /// The number of hosts in a shard.
        each: u16,
    },
    /// No hosts. Its members are deployments with hosts.
    Members,
}

impl Layout {
    /// The number of hosts.
    pub fn hosts(self) -> u16 {
        match self {
            Layout::Single => 1,
            Layout::Standby => 2,
            Layout::Nodes(count) | Layout::Replicas(count) => count,
            Layout::Shards { shards, each } => shards.saturating_mul(each),
            Layout::Members => 0,
        }
    }

    /// The number of hosts of a part: of a shard, or one.
    pub fn each(self) -> usize {
        match self {
            Layout::Shards { each, .. } => usize::from(each.max(1)),
            _ => 1,
        }
    }

    /// Whether it has shards.
    pub fn has_shards(self) -> bool {
        matches!(self, Layout::Shards { .. })
    }
}

/// The settings without an effect on the network. They are returned as they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// The version of the engine.
    pub version: String,
    /// The class or type of its hosts.
    pub class: String,
    /// The name of the first database.
    pub database: Option<String>,
    /// The name of the first user.
    pub user: Option<String>,
    /// Its description.
    pub description: Option<String>,
    /// Storage, in GiB.
    pub storage: Option<i32>,
    /// The kind of storage.
    pub storage_type: Option<String>,
    /// Whether it is encrypted.
    pub encrypted: bool,
    /// Whether its hosts use TLS. Caches with TLS have other names.
    #[serde(default)]
    pub tls: bool,
    /// The licence.
    pub license: Option<String>,
    /// The retention period of backups, in days.
    pub backups: Option<i32>,
    /// The number of nodes in replies, if not every node has a host.
    pub nodes: Option<i32>,
    /// Whether it is protected from deletion.
    pub protected: bool,
    /// The parameter group, by name.
    #[serde(default)]
    pub parameters: Option<String>,
    /// The option group, by name.
    #[serde(default)]
    pub options: Option<String>,
    /// Its other settings, as JSON of the API's structure.
    #[serde(default)]
    pub told: String,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deployment {
    /// Its ARN.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The service.
    pub service: ManagedService,
    /// Its kind.
    pub thing: Thing,
    /// Its name, in lower case.
    pub name: String,
    /// The time of its creation.
    pub created: Time,
    /// Its phase.
    pub phase: Phase,
    /// The engine.
    pub engine: String,
    /// Its settings without an effect on the network.
    pub settings: Settings,
    /// The ARN of the subnet group. `None` in EC2-Classic.
    pub subnet_group: Option<String>,
    /// The ids of its groups: the VPC's, or the service's own in EC2-Classic.
    pub groups: Vec<String>,
    /// Whether it can be reached from the Internet.
    pub public: bool,
    /// The port.
    pub port: u16,
    /// Its layout.
    pub layout: Layout,
    /// Its hosts in the order of their creation.
    pub hosts: Vec<String>,
    /// The names of its nodes or shards, in the order of the hosts. A part without a name is numbered.
    #[serde(default)]
    pub parts: Vec<String>,
    /// The index of the host, or of the member, to which the endpoint name resolves.
    pub primary: usize,
    /// The deployment that it replicates.
    #[serde(default)]
    pub source: Option<String>,
    /// The ids of its members, in the order of their creation.
    #[serde(default)]
    pub members: Vec<String>,
    /// The id of its cluster.
    #[serde(default)]
    pub cluster: Option<String>,
    /// The ARN of its creation, if it was renamed since.
    #[serde(default)]
    pub first_id: Option<String>,
    /// The account's part of its endpoint names, if it was imported with one.
    #[serde(default)]
    pub account_part: Option<String>,
    /// Its resource id, if it was imported with one.
    #[serde(default)]
    pub resource_id: Option<String>,
}

impl Row for Deployment {
    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<String> {
        self.groups.iter().chain(&self.subnet_group).chain(&self.source).cloned().collect()
    }
}

impl Deployment {
    /// A member of the structure that its service returns for it.
    pub(super) fn told(&self, member: &str) -> Option<serde_json::Value> {
        let told: serde_json::Value = serde_json::from_str(&self.settings.told).ok()?;
        told.get(member).cloned()
    }

    /// The ARN of its creation, which a rename does not change.
    pub fn original_arn(&self) -> &str {
        self.first_id.as_deref().unwrap_or(&self.id)
    }

    /// The name of the node at this index.
    pub fn node_called(&self, index: usize) -> String {
        match self.layout {
            Layout::Nodes(_) | Layout::Replicas(_) => self.part_called(index),
            Layout::Shards { .. } => {
                let each = self.layout.each();
                format!("{}-{}-{:03}", self.name, self.part_called(index / each), index % each + 1)
            }
            Layout::Single | Layout::Standby | Layout::Members => self.name.clone(),
        }
    }

    /// The name of the node or shard at this index.
    pub fn part_called(&self, index: usize) -> String {
        self.parts.get(index).cloned().unwrap_or_else(|| self.numbered(index + 1))
    }

    /// The name of a part by its number.
    pub(super) fn numbered(&self, number: usize) -> String {
        match self.layout.has_shards() {
            true => format!("{number:04}"),
            false => format!("{}-{number:03}", self.name),
        }
    }

    /// Whether its tags are copied to its snapshots.
    pub fn copies_tags(&self) -> bool {
        self.told("CopyTagsToSnapshot").and_then(|copies| copies.as_bool()) == Some(true)
    }

    /// Whether its service manages the password of its first user.
    pub fn has_managed_password(&self) -> bool {
        self.told("MasterUserSecret").is_some()
    }

    /// The error for an action that its phase does not allow.
    pub fn busy(&self) -> Error {
        busy(self)
    }
}

/// A change of a deployment. Empty parts do not change.
#[derive(Clone, Debug, Default)]
pub struct DeploymentChange {
    /// The VPC's groups, by id.
    pub groups: Vec<String>,
    /// The service's own groups, by name.
    pub access_groups: Vec<String>,
    /// Whether it can be reached from the Internet.
    pub public: Option<bool>,
    /// Whether it has a standby.
    pub standby: Option<bool>,
    /// The port.
    pub port: Option<i32>,
}

impl Model {
    /// The deployment with that name, or ARN.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Identifier`]
    pub fn deployment(&self, scope: &Scope, thing: Thing, name: &str) -> Result<&Deployment> {
        let found = self.source_deployment(scope, thing, name).ok().filter(|row| row.scope == *scope);
        found.ok_or_else(|| unknown(scope, thing, name))
    }

    /// The deployment with that name or ARN that another one is to follow: of another Region, too.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn source_deployment(&self, scope: &Scope, thing: Thing, name: &str) -> Result<&Deployment> {
        let name = name.to_ascii_lowercase();
        let id = if name.starts_with("arn:") { name.clone() } else { thing.arn(scope, &name) };
        let found = self.deployments.get(&id).filter(|row| row.thing == thing && row.scope.account == scope.account);
        found.ok_or(Error::NotFound { thing, name })
    }

    /// All deployments of a kind, by name.
    pub fn deployments_of<'a>(&'a self, scope: &'a Scope, thing: Thing) -> impl Iterator<Item = &'a Deployment> {
        self.deployments.iter().filter(move |row| row.thing == thing && row.scope == *scope)
    }

    /// The hosts of a deployment that still exist.
    pub fn hosts_of<'a>(&'a self, deployment: &'a Deployment) -> impl Iterator<Item = &'a ManagedHost> {
        deployment.hosts.iter().filter_map(|host| self.managed_hosts.get(host))
    }

    /// The subnet group of a deployment, which has none in EC2-Classic.
    pub fn subnet_group_of(&self, deployment: &Deployment) -> Option<&SubnetGroup> {
        self.subnet_groups.get(deployment.subnet_group.as_ref()?)
    }

    /// The network interfaces of a deployment.
    pub fn interfaces_of<'a>(&'a self, deployment: &'a Deployment) -> impl Iterator<Item = &'a NetworkInterface> {
        self.hosts_of(deployment).filter_map(|host| self.network_interfaces.get(host.interface()?))
    }

    /// The host to which the endpoint name of a deployment resolves.
    pub fn primary_of(&self, deployment: &Deployment) -> Option<&ManagedHost> {
        self.managed_hosts.get(deployment.hosts.get(deployment.primary)?)
    }

    /// The status that users see of a deployment.
    pub fn status_of(&self, deployment: &Deployment) -> Status {
        let failed = |host: &ManagedHost| matches!(host.condition, Condition::Failed(_));
        let is_to_answer = !matches!(deployment.phase, Phase::Deleting | Phase::Stopped);
        match is_to_answer && self.primary_of(deployment).is_some_and(failed) {
            true => Status::Failed,
            false => deployment.phase.status(),
        }
    }

    /// Changes a deployment: at once.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`], and what is wrong with the groups.
    pub fn modify_deployment(
        &mut self,
        caller: &Caller,
        thing: Thing,
        name: &str,
        change: DeploymentChange,
    ) -> Result<&Deployment> {
        let deployment = self.deployment(&caller.scope, thing, name)?.clone();
        if deployment.phase != Phase::Settled {
            return Err(busy(&deployment));
        }
        let id = deployment.id.clone();
        let place = self.subnet_group_of(&deployment).cloned();
        let DeploymentChange { groups, access_groups, public, standby, port } = change;
        if !groups.is_empty() || !access_groups.is_empty() {
            let groups = self.groups_or_default(caller, thing, place.as_ref(), &groups, &access_groups)?;
            for row in self.with_members(&deployment) {
                row.hosts.iter().for_each(|host| self.set_managed_groups(host, &groups));
                self.change(&row.id, |row| row.groups.clone_from(&groups));
            }
        }
        if let Some(public) = public.filter(|public| *public != deployment.public) {
            let public = self.is_public(thing.service(), place.as_ref(), Some(public))?;
            for host in &deployment.hosts {
                self.set_managed_public(host, public)?;
            }
            self.change(&id, |row| row.public = public);
        }
        if let Some(port) = port.filter(|port| *port != i32::from(deployment.port)) {
            for row in self.with_members(&deployment) {
                self.set_port(&row.id, port)?;
            }
        }
        match (standby, deployment.layout) {
            (Some(true), Layout::Single) => self.add_standby(caller, &deployment, place.as_ref(), None)?,
            (Some(false), Layout::Standby) => self.drop_standby(&deployment),
            _ => {}
        }
        self.point_names(&id);
        self.deployment(&caller.scope, thing, name)
    }

    pub(super) fn change(&mut self, id: &str, change: impl FnOnce(&mut Deployment)) {
        if let Some(deployment) = self.deployments.get_mut(id) {
            change(deployment);
        }
    }

    /// Changes settings without an effect on the network.
    pub fn set_deployment(&mut self, id: &str, change: impl FnOnce(&mut Settings)) {
        self.change(id, |row| change(&mut row.settings));
    }

    /// Changes the port on which the programs of a deployment listen.
    fn set_port(&mut self, id: &str, port: i32) -> Result<()> {
        let port = checked_port(port)?;
        let Some(deployment) = self.deployments.get(id).cloned() else { return Ok(()) };
        // Without hosts nothing has to come up.
        let phase = if deployment.hosts.is_empty() { deployment.phase } else { Phase::Modifying };
        let deployment = Deployment { port, phase, ..deployment };
        self.deployments.insert(deployment.clone());
        self.renew_programs(&deployment);
        Ok(())
    }

    /// Renames a deployment, and so its endpoint name. Returns the new id.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Value`].
    pub fn rename_deployment(&mut self, id: &str, name: &str) -> Result<String> {
        let Some(mut deployment) = self.deployments.get(id).cloned() else { return Ok(id.to_owned()) };
        let name = name.to_ascii_lowercase();
        if name == deployment.name {
            return Ok(id.to_owned());
        }
        check_name(deployment.thing, &name)?;
        let new = deployment.thing.arn(&deployment.scope, &name);
        if self.deployments.get(&new).is_some() {
            return Err(Error::Exists { thing: deployment.thing, name });
        }
        let replicas: Vec<String> = self.replicas_of(&deployment).map(|row| row.id.clone()).collect();
        replicas.iter().for_each(|replica| self.change(replica, |row| row.source = Some(new.clone())));
        self.hand_hosts(&deployment.hosts, &new);
        self.cluster_renames(&deployment, &new);
        self.entries_follow(id, &new);
        self.deployments.remove(id);
        deployment.first_id.get_or_insert_with(|| id.to_owned());
        (deployment.id, deployment.name) = (new.clone(), name);
        self.automated_snapshots_follow(id, &deployment);
        self.deployments.insert(deployment);
        self.point_names(&new);
        Ok(new)
    }

    /// Makes hosts belong to another deployment.
    pub(super) fn hand_hosts(&mut self, hosts: &[String], to: &str) {
        for host in hosts {
            if let Some(host) = self.managed_hosts.get_mut(host) {
                to.clone_into(&mut host.owner.resource);
            }
        }
    }

    /// Adds a standby in a zone to a deployment that has none.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Value`], [`Error::Coverage`].
    pub fn add_standby_in(&mut self, caller: &Caller, thing: Thing, name: &str, zone: &str) -> Result<()> {
        let deployment = self.deployment(&caller.scope, thing, name)?.clone();
        let group = self.subnet_group_of(&deployment).cloned();
        self.add_standby(caller, &deployment, group.as_ref(), Some(zone))?;
        self.point_names(&deployment.id);
        Ok(())
    }

    fn add_standby(
        &mut self,
        caller: &Caller,
        deployment: &Deployment,
        group: Option<&SubnetGroup>,
        zone: Option<&str>,
    ) -> Result<()> {
        let own = self.primary_of(deployment).map(|host| host.zone.clone());
        let zones: Vec<String> = own.into_iter().chain(zone.map(str::to_owned)).collect();
        let places = self.places(caller, group, Layout::Standby, &zones)?;
        self.change(&deployment.id, |row| (row.layout, row.phase) = (Layout::Standby, Phase::Modifying));
        match places.into_iter().nth(1) {
            Some(place) => self.add_host_to(&deployment.id, place),
            None => Ok(()),
        }
    }

    fn drop_standby(&mut self, deployment: &Deployment) {
        let mut hosts = deployment.hosts.clone();
        let primary = hosts.remove(deployment.primary);
        hosts.iter().for_each(|host| self.end_managed_host(host));
        self.change(&deployment.id, |row| {
            (row.layout, row.hosts, row.primary) = (Layout::Single, vec![primary], 0);
        });
    }

    /// Deletes a deployment: it stops answering at once, and disappears with its last host.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`].
    pub fn delete_deployment(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<&Deployment> {
        let deployment = self.deployment(&caller.scope, thing, name)?.clone();
        if deployment.phase == Phase::Deleting {
            return Err(busy(&deployment));
        }
        if deployment.settings.protected {
            return Err(Clash::Protected {}.into());
        }
        deployment.hosts.iter().for_each(|host| self.end_managed_host(host));
        self.promote_replicas_of(&deployment);
        self.change(&deployment.id, |row| row.phase = Phase::Deleting);
        self.hand_over(&deployment, caller.now);
        self.deployment(&caller.scope, thing, name)
    }

    /// Updates the phase of a deployment by its hosts.
    pub(super) fn deployment_follows(&mut self, id: &str, now: Time) {
        let Some(deployment) = self.deployments.get(id).cloned() else { return };
        let hosts: Vec<&ManagedHost> = self.hosts_of(&deployment).collect();
        let settled = hosts.iter().all(|host| host.is_up() || host.power == Power::Down);
        match deployment.phase {
            Phase::Deleting if hosts.is_empty() => {
                self.deployments.remove(id);
                self.delete_automated_snapshots_of(&deployment);
                self.leave_cluster(&deployment, now);
                self.add_event(&deployment, now, "deletion", &format!("{} deleted", capitalised(&deployment)));
            }
            Phase::Deleting | Phase::Stopped => {}
            phase => {
                if settled && phase != Phase::Settled {
                    self.change(id, |row| row.phase = Phase::Settled);
                    self.settled(&deployment, now);
                }
                self.record_failures(&deployment, now);
                self.fail_over_if_down(id, now);
                if let Some(cluster) = &deployment.cluster {
                    self.cluster_follows(cluster, now);
                }
            }
        }
    }

    pub(super) fn settled(&mut self, deployment: &Deployment, now: Time) {
        let what = capitalised(deployment);
        if deployment.phase == Phase::Creating {
            self.take_automated_snapshot(deployment, now);
        }
        let (category, message) = match deployment.phase {
            Phase::Creating => ("creation", format!("{what} created")),
            Phase::Rebooting => ("availability", format!("{what} restarted")),
            Phase::Starting => ("notification", format!("{what} started")),
            _ if deployment.layout == Layout::Standby => {
                ("configuration change", format!("Finished applying modification to convert to a Multi-AZ {what}"))
            }
            _ => ("configuration change", format!("Finished applying modifications to {what}")),
        };
        self.add_event(deployment, now, category, &message);
    }

    /// Records an event for a host that fails to start, once.
    fn record_failures(&mut self, deployment: &Deployment, now: Time) {
        let failures = self.hosts_of(deployment).filter_map(|host| match &host.condition {
            Condition::Failed(why) => Some(format!("{} failed: {why}", host.id)),
            Condition::Starting | Condition::Up => None,
        });
        for message in failures.collect::<Vec<_>>() {
            if !self.has_recent_event(deployment, &message) {
                self.add_event(deployment, now, "failure", &message);
            }
        }
    }
}

/// Checks a port.
pub(super) fn checked_port(asked: i32) -> Result<u16> {
    let port = u16::try_from(asked).ok().filter(|port| *port >= 1150);
    let why = Wanted::From { least: 1150, most: u16::MAX };
    port.ok_or_else(|| Error::Value { name: "Port", value: asked.to_string(), why })
}

/// The error for a deployment that does not exist. RDS refuses names that are not identifiers first; only clusters have ARNs for names.
fn unknown(scope: &Scope, thing: Thing, name: &str) -> Error {
    let own = thing.arn(scope, "");
    let is_arn = name.starts_with(&own) || thing == Thing::DbCluster && name.starts_with("arn:");
    match check_name(thing, name) {
        Err(fault) if thing.service() == ManagedService::Rds && !is_arn => fault,
        _ => Error::NotFound { thing, name: name.to_ascii_lowercase() },
    }
}

/// The error for an action on a deployment that is not available yet.
pub(super) fn busy(deployment: &Deployment) -> Error {
    let (name, word) = (deployment.name.clone(), deployment.phase.word());
    match deployment.thing {
        Thing::DbCluster => Error::ClusterState { name, word, wanted: "available" },
        thing => Error::State { thing, name, why: Obstacle::Phase { word } },
    }
}

pub(super) fn capitalised(deployment: &Deployment) -> String {
    let noun = deployment.thing.noun();
    noun[..1].to_ascii_uppercase() + &noun[1..]
}
