//! The endpoint names of what services run (semantics.md §7.3): which host each resolves to is all that a failover changes.

use super::{Deployment, Layout, Thing};
use crate::ids::mix;
use crate::{ManagedService, Model, Power, Region, Scope, zone_id};

/// The letters and digits of an account's part of names.
const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

impl Model {
    /// The part of a service's endpoint names that is an account's in a Region.
    fn account_part(&self, scope: &Scope, service: &str, length: usize) -> String {
        if let Some(known) = self.settings(scope).account_parts.remove(service) {
            return known;
        }
        let account: u64 = scope.account.parse().unwrap_or(0);
        let region = scope.region.bytes().fold(0u64, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        let mut rest = mix(self.seed() ^ mix(account) ^ region);
        let mut letter = || {
            let index = usize::try_from(rest % 36).unwrap_or(0);
            rest /= 36;
            char::from(LETTERS[index])
        };
        std::iter::once('c').chain(std::iter::repeat_with(&mut letter)).take(length).collect()
    }

    /// The endpoint name of a deployment, by which its users know it.
    pub fn endpoint_name(&self, deployment: &Deployment) -> String {
        let Deployment { scope, name, service, .. } = deployment;
        let region = &scope.region;
        let domain = Region::named(region).map_or("amazonaws.com", Region::domain);
        match service {
            ManagedService::Redshift => {
                format!("{name}.{}.{region}.redshift.{domain}", self.account_part(scope, "redshift", 12))
            }
            ManagedService::ElastiCache => match deployment.layout {
                Layout::Replicas(_) => format!("{name}.{}", self.cache_domain(scope, "ng.0001")),
                Layout::Nodes(_) => format!("{name}.{}", self.cache_domain(scope, "cfg")),
                Layout::Shards { .. } => format!("{name}.{}", self.cache_domain(scope, "clustercfg")),
                Layout::Single | Layout::Standby | Layout::Members => {
                    format!("{name}.{}", self.cache_domain(scope, "0001"))
                }
            },
            ManagedService::Rds | ManagedService::LoadBalancing | ManagedService::PrivateLink => {
                let kind = if deployment.layout == Layout::Members { "cluster-" } else { "" };
                self.database_name(scope, name, kind)
            }
        }
    }

    /// The name of an endpoint of RDS: of a DB instance, or of a cluster, whose kind of endpoint stands before the account's part.
    pub fn database_name(&self, scope: &Scope, name: &str, kind: &str) -> String {
        let region = &scope.region;
        let domain = Region::named(region).map_or("amazonaws.com", Region::domain);
        format!("{name}.{kind}{}.{region}.rds.{domain}", self.account_part(scope, "rds", 12))
    }

    /// The name at which the replicas of a deployment are found, whichever answers.
    pub fn reader_name(&self, deployment: &Deployment) -> String {
        let Deployment { scope, name, .. } = deployment;
        if deployment.layout == Layout::Members {
            return self.database_name(scope, name, "cluster-ro-");
        }
        format!("{name}-ro.{}", self.cache_domain(scope, "ng.0001"))
    }

    fn cache_domain(&self, scope: &Scope, what: &str) -> String {
        let region = Region::named(&scope.region);
        let zone = region.and_then(|region| region.zones().next()).map(|(name, _)| zone_id(&name)).unwrap_or_default();
        let short = zone.split('-').next().unwrap_or_default();
        let domain = region.map_or("amazonaws.com", Region::domain);
        format!("{}.{what}.{short}.cache.{domain}", self.account_part(scope, "cache", 6))
    }

    /// The name of one of a deployment's hosts, counted from 0, where hosts have names of their own.
    pub fn node_name(&self, deployment: &Deployment, index: usize) -> Option<String> {
        let Deployment { scope, name, .. } = deployment;
        match deployment.layout {
            Layout::Nodes(_) => Some(format!("{name}.{}", self.cache_domain(scope, &format!("{:04}", index + 1)))),
            Layout::Replicas(_) | Layout::Shards { .. } => {
                Some(format!("{}.{}", deployment.node_called(index), self.cache_domain(scope, "0001")))
            }
            Layout::Single | Layout::Standby | Layout::Members => None,
        }
    }

    /// The names of a cluster that mean one of its members: its endpoint the writer, its reader endpoint the others that are not down, or
    /// the writer where it is alone.
    fn names_by_cluster(&self, member: &Deployment) -> Vec<String> {
        let Some(cluster) = member.cluster.as_ref().and_then(|id| self.deployments.get(id)) else { return Vec::new() };
        let writer = cluster.members.get(cluster.primary);
        let writes = writer == Some(&member.id);
        let is_on = |row: &Deployment| self.primary_of(row).is_some_and(|host| host.power == Power::On);
        let others = self.members_of(cluster).filter(|row| writer != Some(&row.id) && is_on(row));
        let readers: Vec<&str> = others.map(|row| row.id.as_str()).collect();
        let is_read = readers.contains(&member.id.as_str()) || writes && readers.is_empty();
        let endpoint = writes.then(|| self.endpoint_name(cluster));
        let reader = is_read.then(|| self.reader_name(cluster));
        endpoint.into_iter().chain(reader).chain(self.custom_names(cluster, member, writes)).collect()
    }

    /// The custom endpoints of a cluster that mean one of its members.
    fn custom_names(&self, cluster: &Deployment, member: &Deployment, writes: bool) -> Vec<String> {
        let all = self.service_entries_of(&cluster.scope, Thing::DbClusterEndpoint);
        let own = all.filter(|entry| entry.of.as_ref() == Some(&cluster.id) && entry.admits(&member.name, writes));
        own.map(|entry| self.database_name(&cluster.scope, &entry.name, "cluster-custom-")).collect()
    }

    /// Has every name of a deployment, or of a cluster's members, resolve to the right host.
    pub fn arrange_names(&mut self, id: &str) {
        let Some(deployment) = self.deployments.get(id).cloned() else { return };
        deployment.members.iter().for_each(|member| self.arrange_names(member));
        let (endpoint, of_cluster) = (self.endpoint_name(&deployment), self.names_by_cluster(&deployment));
        for (index, host) in deployment.hosts.iter().enumerate() {
            let has_endpoint =
                index == deployment.primary || matches!(deployment.layout, Layout::Nodes(_) | Layout::Shards { .. });
            let endpoint = has_endpoint.then(|| endpoint.clone());
            // Readers find the replicas, or the primary where it is alone.
            let is_replicated = matches!(deployment.layout, Layout::Replicas(_));
            let reads = is_replicated && (index != deployment.primary || deployment.hosts.len() == 1);
            let reader = reads.then(|| self.reader_name(&deployment));
            let own = endpoint.into_iter().chain(reader).chain(self.node_name(&deployment, index));
            let by_cluster = of_cluster.iter().filter(|_| index == deployment.primary).cloned();
            let names = own.chain(by_cluster).collect();
            // A host that goes has none any more.
            if self.managed_hosts.get(host).is_some_and(|host| host.power != Power::Ending) {
                self.set_managed_names(host, names);
            }
        }
    }
}
