//! Clusters of DB instances. One member writes, and the others are read from. A cluster has no hosts: its endpoint names resolve to
//! those of its members, and a failover changes to which.

use super::deployment::{busy, capitalised};
use super::{Clash, Deployment, Error, Layout, NewDeployment, Obstacle, Phase, Result, ServiceEntry, Settings, Thing};
use crate::{Caller, Model, Power, Time};
use std::collections::BTreeMap;

/// The number of members of a Multi-AZ DB cluster (RDS user guide, "Multi-AZ DB cluster deployments").
const MULTI_AZ_MEMBERS: usize = 3;
/// The default promotion tier of a member.
const TIER: i32 = 1;

/// The parameters of a new member. Its other settings come from the cluster.
#[derive(Clone, Debug, Default)]
pub struct NewMember {
    /// Its name.
    pub name: String,
    /// The engine.
    pub engine: String,
    /// Its class.
    pub class: String,
    /// Its zone. By default it is one with the fewest members.
    pub zone: Option<String>,
    /// Whether it can be reached from the Internet.
    pub public: Option<bool>,
    /// Its parameter group.
    pub parameters: Option<String>,
    /// What else is told of it.
    pub told: String,
    /// Its tags.
    pub tags: crate::Tags,
}

impl Model {
    /// The members of a cluster, in the order of their creation.
    pub fn members_of<'a>(&'a self, cluster: &'a Deployment) -> impl Iterator<Item = &'a Deployment> {
        cluster.members.iter().filter_map(|id| self.deployments.get(id))
    }

    /// The member of a cluster that writes.
    pub fn writer_of(&self, cluster: &Deployment) -> Option<&Deployment> {
        self.deployments.get(cluster.members.get(cluster.primary)?)
    }

    /// A deployment, and its members if it is a cluster.
    pub(super) fn with_members(&self, row: &Deployment) -> Vec<Deployment> {
        std::iter::once(row).chain(self.members_of(row)).cloned().collect()
    }

    /// Makes a cluster. A Multi-AZ cluster has a class, and members from the beginning: a writer and two that are read from, each in a
    /// zone of its own as far as there are. Any other has none.
    ///
    /// # Errors
    /// What a deployment is refused for; [`Error::Combination`] in EC2-Classic, which has no clusters.
    pub fn create_cluster(&mut self, caller: &Caller, new: NewDeployment) -> Result<Deployment> {
        let class = new.settings.class.clone();
        let cluster = self.create_deployment(caller, NewDeployment { layout: Layout::Members, ..new })?.clone();
        let members = if class.is_empty() { 0 } else { MULTI_AZ_MEMBERS };
        for number in 1..=members {
            let name = format!("{}-instance-{number}", cluster.name);
            let (engine, class) = (cluster.engine.clone(), class.clone());
            self.create_member(caller, &cluster.name, NewMember { name, engine, class, ..NewMember::default() })?;
        }
        self.cluster_follows(&cluster.id, caller.now);
        Ok(cluster)
    }

    /// Makes a DB instance in a cluster: in its subnets and groups, with its version and port. The first one writes.
    ///
    /// # Errors
    /// [`Error::NoCluster`], [`Error::State`], [`Error::Combination`] for another engine, and what a deployment is refused for.
    pub fn create_member(&mut self, caller: &Caller, cluster: &str, new: NewMember) -> Result<&Deployment> {
        let found = self.deployment(&caller.scope, Thing::DbCluster, cluster);
        let cluster = found.map_err(|_| Error::NoCluster { name: cluster.to_owned() })?.clone();
        if !new.engine.eq_ignore_ascii_case(&cluster.engine) {
            return Err(Clash::EngineOfCluster { asked: new.engine, engine: cluster.engine }.into());
        }
        if !matches!(cluster.phase, Phase::Settled | Phase::Creating | Phase::Modifying) {
            return Err(busy(&cluster));
        }
        let group = self.subnet_group_of(&cluster);
        let zone = new.zone.or_else(|| self.zone_for_member(&cluster));
        let made = NewDeployment {
            thing: Thing::DbInstance,
            name: new.name,
            engine: new.engine,
            settings: Settings {
                class: new.class,
                parameters: new.parameters,
                options: None,
                told: new.told,
                protected: false,
                ..cluster.settings.clone()
            },
            subnet_group: group.map(|group| group.name.clone()),
            groups: cluster.groups.clone(),
            access_groups: Vec::new(),
            zones: zone.into_iter().collect(),
            public: Some(new.public.unwrap_or(cluster.public)),
            port: Some(cluster.port.into()),
            layout: Layout::Single,
            tags: new.tags,
        };
        let id = self.create_deployment(caller, made)?.id.clone();
        self.change(&id, |row| row.cluster = Some(cluster.id.clone()));
        self.change(&cluster.id, |row| row.members.push(id.clone()));
        self.point_names(&cluster.id);
        self.deployments.get(&id).ok_or(Error::NotFound { thing: Thing::DbInstance, name: id })
    }

    /// A zone of a cluster's subnets in which it has the fewest members.
    fn zone_for_member(&self, cluster: &Deployment) -> Option<String> {
        let group = self.subnet_groups.get(cluster.subnet_group.as_ref()?)?;
        let mut counts: BTreeMap<&str, usize> = self.subnets_in(group).map(|subnet| (&*subnet.zone, 0)).collect();
        for zone in self.zones_of_members(cluster) {
            counts.entry(zone).and_modify(|count| *count += 1);
        }
        counts.into_iter().min_by_key(|(_, count)| *count).map(|(zone, _)| zone.to_owned())
    }

    /// The zone of each member of a cluster.
    pub fn zones_of_members<'a>(&'a self, cluster: &'a Deployment) -> impl Iterator<Item = &'a str> {
        self.members_of(cluster).flat_map(|member| self.hosts_of(member)).map(|host| host.zone.as_str())
    }

    /// Makes another member of a cluster the writer: the target, or the next by promotion tier. The former writer restarts.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::ClusterState`]; [`Error::State`] where there is no other member that is up.
    pub fn fail_over_cluster(&mut self, caller: &Caller, name: &str, target: Option<&str>) -> Result<Deployment> {
        let cluster = self.deployment(&caller.scope, Thing::DbCluster, name)?.clone();
        if cluster.phase != Phase::Settled {
            return Err(busy(&cluster));
        }
        let thing = Thing::DbCluster;
        let lacks = |why| Error::State { thing, name: cluster.name.clone(), why };
        let next = match target {
            Some(target) => {
                let id = Thing::DbInstance.arn(&caller.scope, &target.to_ascii_lowercase());
                let place = cluster.members.iter().position(|member| *member == id);
                let place = place.ok_or_else(|| lacks(Obstacle::NoSuchMember { member: target.to_owned() }))?;
                self.is_ready(&id).then_some(place)
            }
            None => self.next_writer(&cluster),
        };
        let next = next.ok_or_else(|| lacks(Obstacle::NoReader {}))?;
        let before = self.writer_of(&cluster).cloned();
        self.make_writer(&cluster, next, caller.now);
        if let Some(before) = before.filter(|_| next != cluster.primary) {
            self.restart_member(&before);
        }
        self.deployment(&caller.scope, thing, name).cloned()
    }

    fn restart_member(&mut self, member: &Deployment) {
        member.hosts.iter().for_each(|host| self.restart_managed_host(host));
        self.change(&member.id, |row| row.phase = Phase::Rebooting);
    }

    /// Restarts the programs of all members of a cluster.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::ClusterState`].
    pub fn reboot_cluster(&mut self, caller: &Caller, name: &str) -> Result<Deployment> {
        let cluster = self.deployment(&caller.scope, Thing::DbCluster, name)?.clone();
        let members: Vec<Deployment> = self.members_of(&cluster).cloned().collect();
        if let Some(other) = [&cluster].into_iter().chain(&members).find(|row| row.phase != Phase::Settled) {
            return Err(busy(other));
        }
        members.iter().for_each(|member| self.restart_member(member));
        if !members.is_empty() {
            self.change(&cluster.id, |row| row.phase = Phase::Rebooting);
        }
        self.deployment(&caller.scope, Thing::DbCluster, name).cloned()
    }

    /// Whether a member can become the writer.
    fn is_ready(&self, id: &str) -> bool {
        let member = self.deployments.get(id).filter(|row| row.phase == Phase::Settled);
        member.and_then(|row| self.primary_of(row)).is_some_and(|host| host.is_up())
    }

    /// The index of the next writer: the first of those with the best promotion tier.
    fn next_writer(&self, cluster: &Deployment) -> Option<usize> {
        let others =
            cluster.members.iter().enumerate().filter(|(place, id)| *place != cluster.primary && self.is_ready(id));
        others.min_by_key(|(place, id)| (self.deployments.get(id).map_or(TIER, tier), *place)).map(|(place, _)| place)
    }

    fn make_writer(&mut self, cluster: &Deployment, place: usize, now: Time) {
        let Some(member) = cluster.members.get(place).and_then(|id| self.deployments.get(id)).cloned() else { return };
        self.add_event(cluster, now, "failover", &format!("Started failover to DB instance: {}", member.name));
        self.change(&cluster.id, |row| row.primary = place);
        self.point_names(&cluster.id);
        self.add_event(cluster, now, "failover", &format!("Completed failover to DB instance: {}", member.name));
    }

    /// Updates a cluster by its members: it fails over if the writer is down, and is available when all members are.
    pub(super) fn cluster_follows(&mut self, id: &str, now: Time) {
        let Some(cluster) = self.deployments.get(id).cloned() else { return };
        let is_settled = self.members_of(&cluster).all(|member| member.phase == Phase::Settled);
        match cluster.phase {
            Phase::Deleting if cluster.members.is_empty() => {
                self.deployments.remove(id);
                self.delete_automated_snapshots_of(&cluster);
                self.delete_custom_endpoints(id);
                self.add_event(&cluster, now, "deletion", &format!("{} deleted", capitalised(&cluster)));
                return;
            }
            Phase::Deleting | Phase::Stopped => return,
            phase if is_settled && phase != Phase::Settled => {
                self.change(id, |row| row.phase = Phase::Settled);
                self.settled(&cluster, now);
            }
            _ => {}
        }
        let writer = self.writer_of(&cluster).and_then(|writer| self.primary_of(writer));
        match writer.is_some_and(|host| host.power == Power::Down).then(|| self.next_writer(&cluster)).flatten() {
            Some(next) => self.make_writer(&cluster, next, now),
            None => self.point_names(id),
        }
    }

    /// Makes another member the writer before the writer is deleted.
    pub(super) fn hand_over(&mut self, member: &Deployment, now: Time) {
        let Some(cluster) = member.cluster.as_ref().and_then(|id| self.deployments.get(id)).cloned() else { return };
        let writes = cluster.members.get(cluster.primary) == Some(&member.id);
        match writes.then(|| self.next_writer(&cluster)).flatten() {
            Some(next) => self.make_writer(&cluster, next, now),
            None => self.point_names(&cluster.id),
        }
    }

    /// Removes a deleted member from its cluster.
    pub(super) fn leave_cluster(&mut self, member: &Deployment, now: Time) {
        let Some(cluster) = member.cluster.clone() else { return };
        self.change(&cluster, |row| {
            let writer = row.members.get(row.primary).cloned();
            row.members.retain(|id| *id != member.id);
            row.primary = row.members.iter().position(|id| Some(id) == writer.as_ref()).unwrap_or(0);
        });
        self.cluster_follows(&cluster, now);
    }

    /// The custom endpoints of a cluster.
    fn endpoints_of(&self, cluster: &str) -> Vec<ServiceEntry> {
        let is_it =
            |entry: &&ServiceEntry| entry.thing == Thing::DbClusterEndpoint && entry.of.as_deref() == Some(cluster);
        self.service_entries.iter().filter(is_it).cloned().collect()
    }

    fn delete_custom_endpoints(&mut self, cluster: &str) {
        for endpoint in self.endpoints_of(cluster) {
            self.service_entries.remove(&endpoint.id);
        }
    }

    /// Updates the references between a cluster and its members when one of them is renamed.
    pub(super) fn cluster_renames(&mut self, row: &Deployment, new: &str) {
        for member in &row.members {
            self.change(member, |member| member.cluster = Some(new.to_owned()));
        }
        if let Some(cluster) = &row.cluster {
            let rename = |id: &mut String| {
                if *id == row.id {
                    new.clone_into(id);
                }
            };
            self.change(cluster, |cluster| cluster.members.iter_mut().for_each(rename));
        }
    }

    /// Deletes a cluster whose members go or are gone; of a Multi-AZ cluster (`with_members`) they go with it.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Combination`] for one that is protected, [`Error::MembersLeft`].
    pub fn delete_cluster(&mut self, caller: &Caller, name: &str, with_members: bool) -> Result<Deployment> {
        let cluster = self.deployment(&caller.scope, Thing::DbCluster, name)?.clone();
        if cluster.phase == Phase::Deleting {
            return Err(busy(&cluster));
        }
        if cluster.settings.protected {
            return Err(Clash::ProtectedCluster {}.into());
        }
        let staying = self.members_of(&cluster).filter(|member| member.phase != Phase::Deleting);
        let staying: Vec<String> = staying.map(|member| member.name.clone()).collect();
        if !with_members && !staying.is_empty() {
            return Err(Error::MembersLeft {});
        }
        for member in &staying {
            self.delete_deployment(caller, Thing::DbInstance, member)?;
        }
        self.promote_replicas_of(&cluster);
        self.change(&cluster.id, |row| row.phase = Phase::Deleting);
        let deleted = Deployment { phase: Phase::Deleting, ..cluster.clone() };
        self.cluster_follows(&cluster.id, caller.now);
        Ok(deleted)
    }

    /// Stops a cluster with all its members.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::ClusterState`].
    pub fn stop_cluster(&mut self, caller: &Caller, name: &str) -> Result<Deployment> {
        let cluster = self.deployment(&caller.scope, Thing::DbCluster, name)?.clone();
        self.switch_cluster(&cluster, (Phase::Settled, Phase::Stopped), false)?;
        self.add_event(&cluster, caller.now, "notification", "DB cluster stopped");
        self.deployment(&caller.scope, Thing::DbCluster, name).cloned()
    }

    /// Starts a stopped cluster with all its members.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::ClusterState`].
    pub fn start_cluster(&mut self, caller: &Caller, name: &str) -> Result<Deployment> {
        let cluster = self.deployment(&caller.scope, Thing::DbCluster, name)?.clone();
        if cluster.phase != Phase::Stopped {
            let wanted = "stopped,inaccessible-encryption-credentials-recoverable";
            return Err(Error::ClusterState { name: cluster.name, word: cluster.phase.word(), wanted });
        }
        self.switch_cluster(&cluster, (Phase::Stopped, Phase::Starting), true)?;
        let shown = Deployment { phase: Phase::Starting, ..cluster.clone() };
        self.cluster_follows(&cluster.id, caller.now);
        Ok(shown)
    }

    fn switch_cluster(&mut self, cluster: &Deployment, (from, to): (Phase, Phase), on: bool) -> Result<()> {
        let rows = self.with_members(cluster);
        if let Some(other) = rows.iter().find(|row| row.phase != from) {
            return Err(busy(other));
        }
        for row in &rows {
            self.change(&row.id, |row| row.phase = to);
            row.hosts.iter().for_each(|host| self.switch_managed_host(host, on));
        }
        Ok(())
    }

    /// Changes settings of a cluster and of its members that the network does not depend on.
    pub fn set_cluster(&mut self, id: &str, change: impl Fn(&mut Settings)) {
        let Some(cluster) = self.deployments.get(id).cloned() else { return };
        self.set_deployment(id, &change);
        cluster.members.iter().for_each(|member| self.set_deployment(member, &change));
    }
}

/// The promotion tier of a member.
fn tier(member: &Deployment) -> i32 {
    member.told("PromotionTier").and_then(|tier| tier.as_i64()?.try_into().ok()).unwrap_or(TIER)
}
