//! Cache clusters that become the primary of a replication group, and primaries that outlive their group as clusters.

use super::deployment::busy;
use super::{Clash, Deployment, Error, Layout, Phase, Result, Settings, Thing, check_name};
use crate::{Caller, Model, Tags};

impl Model {
    /// Makes a cache cluster the primary of a new replication group. Its host continues, under its own name.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`] if the cluster is not available, [`Error::Exists`], [`Error::Combination`] for Memcached.
    pub fn adopt_cluster(
        &mut self,
        caller: &Caller,
        cluster: &str,
        name: &str,
        (description, told): (String, String),
        tags: Tags,
    ) -> Result<Deployment> {
        let cluster = self.deployment(&caller.scope, Thing::CacheCluster, cluster)?.clone();
        if cluster.layout != Layout::Single {
            return Err(Clash::GroupsOfRedis {}.into());
        }
        crate::check_tags(&tags)?;
        let settings = Settings { description: Some(description), told, ..cluster.settings.clone() };
        let group = Deployment {
            thing: Thing::ReplicationGroup,
            name: name.to_ascii_lowercase(),
            layout: Layout::Replicas(1),
            parts: vec![cluster.name.clone()],
            settings,
            tags,
            ..cluster.clone()
        };
        self.replace_deployment(caller, &cluster, group)
    }

    /// Deletes a replication group except for its primary, which becomes a cache cluster. Returns the group as it is deleted.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`], [`Error::Exists`], [`Error::Combination`] for a group with shards.
    pub fn delete_except_primary(&mut self, caller: &Caller, name: &str) -> Result<Deployment> {
        let group = self.deployment(&caller.scope, Thing::ReplicationGroup, name)?.clone();
        if group.layout.has_shards() {
            return Err(Clash::NotOfShards { name: "RetainPrimaryCluster" }.into());
        }
        let (primary, replicas): (Vec<_>, Vec<_>) =
            group.hosts.iter().cloned().enumerate().partition(|(index, _)| *index == group.primary);
        let cluster = Deployment {
            thing: Thing::CacheCluster,
            name: group.node_called(group.primary),
            layout: Layout::Single,
            hosts: primary.into_iter().map(|(_, host)| host).collect(),
            parts: Vec::new(),
            primary: 0,
            settings: Settings { description: None, ..group.settings.clone() },
            ..group.clone()
        };
        self.replace_deployment(caller, &group, cluster)?;
        replicas.iter().for_each(|(_, host)| self.end_managed_host(host));
        Ok(Deployment { phase: Phase::Deleting, ..group })
    }

    /// Puts a deployment in the place of another one that is available, whose hosts it takes over. With TLS these restart,
    /// each with a certificate for its new names.
    fn replace_deployment(&mut self, caller: &Caller, old: &Deployment, new: Deployment) -> Result<Deployment> {
        if old.phase != Phase::Settled {
            return Err(busy(old));
        }
        check_name(new.thing, &new.name)?;
        let phase = if new.settings.tls { Phase::Modifying } else { Phase::Settled };
        let new = Deployment { id: new.thing.arn(&new.scope, &new.name), created: caller.now, phase, ..new };
        if self.deployments.get(&new.id).is_some() {
            return Err(Error::Exists { thing: new.thing, name: new.name });
        }
        self.deployments.remove(&old.id);
        self.hand_hosts(&new.hosts, &new.id);
        self.deployments.insert(new.clone());
        self.point_names(&new.id);
        if new.settings.tls {
            self.renew_programs(&new);
        }
        self.settled(&Deployment { phase: Phase::Creating, ..new.clone() }, caller.now);
        Ok(new)
    }
}
