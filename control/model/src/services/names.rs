//! The endpoint names of what services run (semantics.md §7.3): which host each resolves to is all that a failover changes.

use super::{Deployment, Layout};
use crate::ids::mix;
use crate::{ManagedService, Model, Region, Scope, zone_id};

/// The letters and digits of an account's part of names.
const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

impl Model {
    /// The part of endpoint names that is an account's in a Region.
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

    /// The endpoint name of a deployment, by which its users know it.
    pub fn endpoint_name(&self, deployment: &Deployment) -> String {
        let Deployment { scope, name, service, .. } = deployment;
        let region = &scope.region;
        let domain = Region::named(region).map_or("amazonaws.com", Region::domain);
        match service {
            ManagedService::Redshift => format!("{name}.{}.{region}.redshift.{domain}", self.account_part(scope, 12)),
            ManagedService::ElastiCache => match deployment.layout {
                Layout::Replicas(_) => format!("{name}.{}", self.cache_domain(scope, "ng.0001")),
                Layout::Nodes(_) => format!("{name}.{}", self.cache_domain(scope, "cfg")),
                Layout::Single | Layout::Standby => format!("{name}.{}", self.cache_domain(scope, "0001")),
            },
            ManagedService::Rds | ManagedService::LoadBalancing | ManagedService::PrivateLink => {
                format!("{name}.{}.{region}.rds.{domain}", self.account_part(scope, 12))
            }
        }
    }

    /// The name at which the replicas of a deployment are found, whichever answers.
    pub fn reader_name(&self, deployment: &Deployment) -> String {
        let Deployment { scope, name, .. } = deployment;
        format!("{name}-ro.{}", self.cache_domain(scope, "ng.0001"))
    }

    fn cache_domain(&self, scope: &Scope, what: &str) -> String {
        let region = Region::named(&scope.region);
        let zone = region.and_then(|region| region.zones().next()).map(|(name, _)| zone_id(&name)).unwrap_or_default();
        let short = zone.split('-').next().unwrap_or_default();
        let domain = region.map_or("amazonaws.com", Region::domain);
        format!("{}.{what}.{short}.cache.{domain}", self.account_part(scope, 6))
    }

    /// The name of one of a deployment's hosts, counted from 0, where hosts have names of their own.
    pub fn node_name(&self, deployment: &Deployment, index: usize) -> Option<String> {
        let Deployment { scope, name, .. } = deployment;
        let number = index + 1;
        match deployment.layout {
            Layout::Nodes(_) => Some(format!("{name}.{}", self.cache_domain(scope, &format!("{number:04}")))),
            Layout::Replicas(_) => Some(format!("{name}-{number:03}.{}", self.cache_domain(scope, "0001"))),
            Layout::Single | Layout::Standby => None,
        }
    }

    /// Has every name of a deployment resolve to the right host.
    pub(super) fn arrange_names(&mut self, id: &str) {
        let Some(deployment) = self.deployments.get(id).cloned() else { return };
        let endpoint = self.endpoint_name(&deployment);
        for (index, host) in deployment.hosts.iter().enumerate() {
            let has_endpoint = index == deployment.primary || matches!(deployment.layout, Layout::Nodes(_));
            let endpoint = has_endpoint.then(|| endpoint.clone());
            // Readers find the replicas, or the primary where it is alone.
            let is_replicated = matches!(deployment.layout, Layout::Replicas(_));
            let reads = is_replicated && (index != deployment.primary || deployment.hosts.len() == 1);
            let reader = reads.then(|| self.reader_name(&deployment));
            let names = endpoint.into_iter().chain(reader).chain(self.node_name(&deployment, index)).collect();
            self.set_managed_names(host, names);
        }
    }
}
