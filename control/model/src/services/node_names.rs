//! The names of a replication group's nodes. A node is a cache cluster, so no other cluster may have its name.

use super::making::description;
use super::{Deployment, Error, Result, Thing, check_name};
use crate::{ManagedHost, Model, Scope};
use std::collections::BTreeSet;

impl Model {
    /// The replication group of a cache cluster, and the cluster's index in it.
    pub fn group_of(&self, scope: &Scope, cluster: &str) -> Option<(&Deployment, usize)> {
        let mut groups =
            self.deployments.iter().filter(|row| row.thing == Thing::ReplicationGroup && row.scope == *scope);
        groups.find_map(|group| {
            let is_it = |index: &usize| group.node_called(*index).eq_ignore_ascii_case(cluster);
            (0..group.hosts.len()).find(is_it).map(|index| (group, index))
        })
    }

    /// Refuses the name of a cache cluster that is there, in a replication group or not.
    ///
    /// # Errors
    /// [`Error::Exists`]
    pub fn check_cache_name(&self, scope: &Scope, name: &str) -> Result<()> {
        let thing = Thing::CacheCluster;
        let is_there = self.deployment(scope, thing, name).is_ok() || self.group_of(scope, name).is_some();
        if is_there { Err(Error::Exists { thing, name: name.to_owned() }) } else { Ok(()) }
    }

    /// Checks that the nodes of a new replication group do not have the names of existing cache clusters.
    pub(super) fn check_node_names(&self, group: &Deployment, is_new: impl Fn(usize) -> bool) -> Result<()> {
        if group.thing != Thing::ReplicationGroup {
            return Ok(());
        }
        let new = (0..usize::from(group.layout.hosts())).filter(|index| is_new(*index));
        new.map(|index| group.node_called(index)).try_for_each(|name| self.check_cache_name(&group.scope, &name))
    }

    /// Gives a replication group's nodes, or its shards, the names that they have in an import. Without a name for each of them they keep
    /// theirs.
    ///
    /// # Errors
    /// [`Error::Identifier`], [`Error::Exists`].
    pub fn name_nodes(&mut self, id: &str, parts: Vec<String>) -> Result<()> {
        let Some(group) = self.deployments.get(id).cloned() else { return Ok(()) };
        let count = group.hosts.len() / group.layout.each();
        let is_same = (0..count).map(|part| group.part_called(part)).eq(parts.iter().cloned());
        let distinct: BTreeSet<&String> = parts.iter().collect();
        if is_same || parts.len() != count || distinct.len() != count {
            return Ok(());
        }
        let named = Deployment { parts, ..group.clone() };
        let nodes = 0..group.hosts.len();
        let former: BTreeSet<String> = nodes.clone().map(|index| group.node_called(index)).collect();
        nodes.map(|index| named.node_called(index)).try_for_each(|name| check_name(Thing::CacheCluster, &name))?;
        self.check_node_names(&named, |index| !former.contains(&named.node_called(index)))?;
        for (index, host) in named.hosts.iter().enumerate() {
            let interface = self.managed_hosts.get(host).and_then(ManagedHost::interface).map(str::to_owned);
            let Some(interface) = interface else { continue };
            if let Some(interface) = self.network_interfaces.get_mut(&interface) {
                interface.description = description(named.service, &named.node_called(index));
            }
        }
        self.deployments.insert(named.clone());
        self.point_names(id);
        self.renew_programs(&named);
        Ok(())
    }
}
