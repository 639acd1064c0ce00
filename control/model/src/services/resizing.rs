//! Resizing: adds and removes nodes and shards. Those that stay keep their hosts and names.

use super::deployment::busy;
use super::{Clash, Deployment, Error, Layout, Obstacle, Phase, Result, Thing, check_name};
use crate::{Caller, Model};

/// The desired hosts of a deployment.
struct Shape {
    layout: Layout,
    /// The names of its nodes or shards.
    parts: Vec<String>,
    /// The hosts in order. `None` is a new host.
    hosts: Vec<Option<String>>,
    /// The zones of the new hosts, as far as they are given.
    zones: Vec<String>,
}

impl Shape {
    /// The shape with this layout in which the nodes or shards at these indices stay. New ones get the lowest free numbers.
    fn of(deployment: &Deployment, layout: Layout, staying: &[usize]) -> Shape {
        let named: Vec<String> = staying.iter().map(|part| deployment.part_called(*part)).collect();
        let count = usize::from(layout.hosts()) / layout.each();
        let free = (1..).map(|number| deployment.numbered(number)).filter(|name| !named.contains(name));
        let new: Vec<String> = free.take(count.saturating_sub(named.len())).collect();
        let before = deployment.layout.each();
        let host = |part: usize, node: usize| {
            let place = staying.get(part)? * before + node;
            deployment.hosts.get(place).filter(|_| node < before).cloned()
        };
        let hosts = (0..count).flat_map(|part| (0..layout.each()).map(move |node| (part, node)));
        let hosts = hosts.map(|(part, node)| host(part, node)).collect();
        Shape { layout, parts: named.into_iter().chain(new).collect(), hosts, zones: Vec::new() }
    }
}

impl Model {
    /// Changes the number of nodes of a deployment. The last ones are removed, or first those that are named, but never the primary.
    ///
    /// # Errors
    /// [`Error::State`], and what is wrong with the subnets.
    pub fn resize_deployment(&mut self, caller: &Caller, id: &str, count: u16, leaving: &[String]) -> Result<()> {
        let Some(deployment) = self.deployments.get(id).cloned() else { return Ok(()) };
        let layout = match deployment.layout {
            Layout::Nodes(_) => Layout::Nodes(count),
            Layout::Replicas(_) => Layout::Replicas(count),
            Layout::Single | Layout::Standby | Layout::Shards { .. } | Layout::Members => return Ok(()),
        };
        let goes = |index: usize| leaving.contains(&deployment.part_called(index));
        let others = (0..deployment.hosts.len()).filter(|index| *index != deployment.primary && !goes(*index));
        let others = others.take(usize::from(count).saturating_sub(1));
        let mut staying: Vec<usize> = others.chain([deployment.primary]).collect();
        staying.sort_unstable();
        self.reshape(caller, &deployment, Shape::of(&deployment, layout, &staying))
    }

    /// Changes the number of shards of a deployment, and of the hosts that each has: the shards that are named are removed, and new hosts
    /// are in these zones, as far as they are given.
    ///
    /// # Errors
    /// [`Error::State`], and what is wrong with the subnets.
    pub fn reshard_deployment(
        &mut self,
        caller: &Caller,
        id: &str,
        (shards, each): (u16, u16),
        leaving: &[String],
        zones: Vec<String>,
    ) -> Result<()> {
        let Some(deployment) = self.deployments.get(id).cloned() else { return Ok(()) };
        let Layout::Shards { shards: before, .. } = deployment.layout else { return Ok(()) };
        let stays = |shard: &usize| !leaving.contains(&deployment.part_called(*shard));
        let staying: Vec<usize> = (0..usize::from(before)).filter(stays).collect();
        let shape = Shape::of(&deployment, Layout::Shards { shards, each }, &staying);
        self.reshape(caller, &deployment, Shape { zones, ..shape })
    }

    /// Adds a replica with a name of its own to a replication group without shards.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`], [`Error::Exists`], [`Error::Combination`] for a group with shards, and what is wrong
    /// with the name and the subnets.
    pub fn add_replica(&mut self, caller: &Caller, group: &str, name: &str, zones: Vec<String>) -> Result<()> {
        let group = self.deployment(&caller.scope, Thing::ReplicationGroup, group)?.clone();
        let Layout::Replicas(count) = group.layout else {
            return Err(Clash::NotOfShards { name: "ReplicationGroupId" }.into());
        };
        let name = name.to_ascii_lowercase();
        check_name(Thing::CacheCluster, &name)?;
        let parts = (0..group.hosts.len()).map(|index| group.part_called(index)).chain([name]).collect();
        let hosts = group.hosts.iter().cloned().map(Some).chain([None]).collect();
        let layout = Layout::Replicas(count.saturating_add(1));
        self.reshape(caller, &group, Shape { layout, parts, hosts, zones })
    }

    /// Removes a replica from its replication group.
    ///
    /// # Errors
    /// [`Error::State`] for a primary, or if the group is not available.
    pub fn remove_replica(&mut self, caller: &Caller, group: &Deployment, index: usize) -> Result<()> {
        let name = group.node_called(index);
        if group.layout.has_shards() {
            return Err(Clash::NotOfShards { name: "CacheClusterId" }.into());
        }
        if index == group.primary {
            let why = Obstacle::PrimaryOf { group: group.name.clone() };
            return Err(Error::State { thing: Thing::CacheCluster, name, why });
        }
        self.resize_deployment(caller, &group.id, group.layout.hosts().saturating_sub(1), &[name])
    }

    fn reshape(&mut self, caller: &Caller, deployment: &Deployment, shape: Shape) -> Result<()> {
        if deployment.phase != Phase::Settled {
            return Err(busy(deployment));
        }
        let Shape { layout, parts, hosts, zones } = shape;
        let reshaped = Deployment { layout, parts: parts.clone(), ..deployment.clone() };
        self.check_node_names(&reshaped, |index| hosts.get(index).is_some_and(Option::is_none))?;
        let staying: Vec<&String> = hosts.iter().flatten().collect();
        let is_new = staying.len() < hosts.len();
        let group = self.subnet_group_of(deployment).cloned();
        let taken = staying.iter().filter_map(|host| self.managed_hosts.get(host)).map(|host| host.zone.clone());
        let zones: Vec<String> = taken.chain(zones).collect();
        let places = if is_new { self.places(caller, group.as_ref(), layout, &zones)? } else { Vec::new() };
        let mut places = places.into_iter().skip(staying.len());
        let gone: Vec<&String> = deployment.hosts.iter().filter(|host| !staying.contains(host)).collect();
        gone.iter().for_each(|host| self.end_managed_host(host));
        let phase = if is_new { Phase::Modifying } else { Phase::Settled };
        self.change(&deployment.id, |row| {
            (row.layout, row.phase, row.parts, row.hosts) = (layout, phase, parts, vec![])
        });
        for host in hosts {
            match host {
                Some(host) => self.change(&deployment.id, |row| row.hosts.push(host)),
                None => {
                    if let Some(place) = places.next() {
                        self.add_host_to(&deployment.id, place)?;
                    }
                }
            }
        }
        let primary = deployment.hosts.get(deployment.primary);
        self.change(&deployment.id, |row| {
            row.primary = row.hosts.iter().position(|host| Some(host) == primary).unwrap_or(0);
        });
        self.point_names(&deployment.id);
        Ok(())
    }
}
