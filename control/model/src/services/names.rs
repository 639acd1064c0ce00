//! The endpoint names of deployments (semantics.md §7.3). A failover changes only the host to which a name resolves.

use super::{Deployment, Layout, Thing};
use crate::ids::mix;
use crate::{ManagedService, Model, Power, Region, Scope, zone_id};

/// The letters and digits of an account's part of names.
const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

impl Model {
    /// The part of endpoint names that is specific to an account and a Region.
    fn account_part(&self, scope: &Scope, length: usize) -> String {
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

    /// The account's part of a deployment's endpoint names.
    fn account_part_of(&self, deployment: &Deployment) -> String {
        let length = if deployment.service == ManagedService::ElastiCache { 6 } else { 12 };
        deployment.account_part.clone().unwrap_or_else(|| self.account_part(&deployment.scope, length))
    }

    /// The endpoint name of a deployment.
    pub fn endpoint_name(&self, deployment: &Deployment) -> String {
        let Deployment { scope, name, service, .. } = deployment;
        let region = &scope.region;
        let domain = Region::named(region).map_or("amazonaws.com", Region::domain);
        match service {
            ManagedService::Redshift => {
                format!("{name}.{}.{region}.redshift.{domain}", self.account_part_of(deployment))
            }
            ManagedService::ElastiCache => match deployment.layout {
                Layout::Replicas(_) => self.group_name(deployment, (name, "ng.0001"), "master"),
                Layout::Shards { .. } => self.group_name(deployment, (name, "clustercfg"), "clustercfg"),
                Layout::Nodes(_) => format!("{name}.{}", self.cache_domain(deployment, "cfg")),
                Layout::Single | Layout::Standby | Layout::Members => {
                    format!("{name}.{}", self.cache_domain(deployment, "0001"))
                }
            },
            ManagedService::Rds | ManagedService::LoadBalancing | ManagedService::PrivateLink => {
                let kind = if deployment.layout == Layout::Members { "cluster-" } else { "" };
                self.database_name(deployment, name, kind)
            }
        }
    }

    /// The name of an endpoint of a DB instance, or of a cluster, whose kind of endpoint stands before the account's part.
    pub fn database_name(&self, deployment: &Deployment, name: &str, kind: &str) -> String {
        database_name(&deployment.scope, name, kind, &self.account_part_of(deployment))
    }

    /// The name of a DB proxy.
    pub fn proxy_name(&self, scope: &Scope, name: &str) -> String {
        database_name(scope, name, "proxy-", &self.account_part(scope, 12))
    }

    /// The name of a further endpoint of a DB proxy.
    pub fn proxy_endpoint_name(&self, scope: &Scope, name: &str) -> String {
        database_name(scope, name, "endpoint.proxy-", &self.account_part(scope, 12))
    }

    /// The name of an endpoint of a cluster of Redshift in another VPC.
    pub fn endpoint_access_name(&self, scope: &Scope, name: &str) -> String {
        let region = &scope.region;
        let domain = Region::named(region).map_or("amazonaws.com", Region::domain);
        format!("{name}-endpoint.{}.{region}.redshift.{domain}", self.account_part(scope, 12))
    }

    /// The name of a serverless cache.
    pub fn serverless_cache_name(&self, scope: &Scope, name: &str) -> String {
        format!("{name}-{}.serverless.{}", self.account_part(scope, 6), caches_of(scope))
    }

    /// The reader endpoint of a deployment, which resolves to its replicas.
    pub fn reader_name(&self, deployment: &Deployment) -> String {
        let name = &deployment.name;
        if deployment.layout == Layout::Members {
            return self.database_name(deployment, name, "cluster-ro-");
        }
        self.group_name(deployment, (&format!("{name}-ro"), "ng.0001"), "replica")
    }

    /// A name of a replication group: without TLS a name in a domain of the account; with TLS a name in the group's own domain, which one
    /// certificate covers ("Finding replication group endpoints", ElastiCache user guide).
    fn group_name(&self, group: &Deployment, (name, domain): (&str, &str), name_with_tls: &str) -> String {
        match group.settings.tls {
            true => format!("{name_with_tls}.{}", self.group_domain(group)),
            false => format!("{name}.{}", self.cache_domain(group, domain)),
        }
    }

    /// The domain of a replication group with TLS.
    fn group_domain(&self, group: &Deployment) -> String {
        format!("{}.{}.{}", group.name, self.account_part_of(group), caches_of(&group.scope))
    }

    /// The names in the certificates of a deployment's hosts. Empty without TLS.
    pub(super) fn certified_names(&self, deployment: &Deployment) -> Vec<String> {
        match deployment.layout {
            _ if !deployment.settings.tls => Vec::new(),
            Layout::Replicas(_) | Layout::Shards { .. } => vec![format!("*.{}", self.group_domain(deployment))],
            layout => {
                let nodes = (0..usize::from(layout.hosts())).filter_map(|index| self.node_name(deployment, index));
                std::iter::once(self.endpoint_name(deployment)).chain(nodes).collect()
            }
        }
    }

    fn cache_domain(&self, deployment: &Deployment, what: &str) -> String {
        format!("{}.{what}.{}", self.account_part_of(deployment), caches_of(&deployment.scope))
    }

    /// The name of the host at this index, if hosts have names of their own.
    pub fn node_name(&self, deployment: &Deployment, index: usize) -> Option<String> {
        let name = &deployment.name;
        match deployment.layout {
            Layout::Nodes(_) => Some(format!("{name}.{}", self.cache_domain(deployment, &format!("{:04}", index + 1)))),
            Layout::Replicas(_) | Layout::Shards { .. } => {
                let node = deployment.node_called(index);
                Some(self.group_name(deployment, (&node, "0001"), &node))
            }
            Layout::Single | Layout::Standby | Layout::Members => None,
        }
    }

    /// The endpoint names of a cluster that resolve to a member: the endpoint to the writer, and the reader endpoint to the others that are
    /// up, or to the writer if it is alone.
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

    /// The custom endpoints of a cluster that resolve to a member.
    fn custom_names(&self, cluster: &Deployment, member: &Deployment, writes: bool) -> Vec<String> {
        let all = self.service_entries_of(&cluster.scope, Thing::DbClusterEndpoint);
        let own = all.filter(|entry| entry.of.as_ref() == Some(&cluster.id) && entry.admits(&member.name, writes));
        own.map(|entry| self.database_name(cluster, &entry.name, "cluster-custom-")).collect()
    }

    /// Points every name of a deployment, or of a cluster's members, to the right host.
    pub fn point_names(&mut self, id: &str) {
        let Some(deployment) = self.deployments.get(id).cloned() else { return };
        deployment.members.iter().for_each(|member| self.point_names(member));
        let (endpoint, of_cluster) = (self.endpoint_name(&deployment), self.names_by_cluster(&deployment));
        for (index, host) in deployment.hosts.iter().enumerate() {
            let has_endpoint =
                index == deployment.primary || matches!(deployment.layout, Layout::Nodes(_) | Layout::Shards { .. });
            let endpoint = has_endpoint.then(|| endpoint.clone());
            // The reader endpoint resolves to the replicas, or to the primary if it is alone.
            let is_replicated = matches!(deployment.layout, Layout::Replicas(_));
            let reads = is_replicated && (index != deployment.primary || deployment.hosts.len() == 1);
            let reader = reads.then(|| self.reader_name(&deployment));
            let own = endpoint.into_iter().chain(reader).chain(self.node_name(&deployment, index));
            let by_cluster = of_cluster.iter().filter(|_| index == deployment.primary).cloned();
            let names = own.chain(by_cluster).collect();
            // A host that is being removed has no names.
            if self.managed_hosts.get(host).is_some_and(|host| host.power != Power::Ending) {
                self.set_managed_names(host, names);
            }
        }
    }
}

/// The domain of a Region's caches.
fn caches_of(scope: &Scope) -> String {
    let region = Region::named(&scope.region);
    let zone = region.and_then(|region| region.zones().next()).map(|(name, _)| zone_id(&name)).unwrap_or_default();
    let short = zone.split('-').next().unwrap_or_default();
    format!("{short}.cache.{}", region.map_or("amazonaws.com", Region::domain))
}

fn database_name(scope: &Scope, name: &str, kind: &str, account: &str) -> String {
    let region = &scope.region;
    let domain = Region::named(region).map_or("amazonaws.com", Region::domain);
    format!("{name}.{kind}{account}.{region}.rds.{domain}")
}
