//! Services' hosts and load balancers.

use super::Identity;
use crate::operator::condition_words;
use model::load_balancer::{LoadBalancer, Place};
use model::{ManagedHost, ManagedPlace, Model, Tags};
use serde::Serialize;
use std::net::Ipv4Addr;

/// A service's host.
#[derive(Debug, Serialize)]
pub(super) struct Managed {
    #[serde(flatten)]
    identity: Identity,
    /// `rds`, for example.
    service: &'static str,
    /// The resource of the service that it is for.
    resource: String,
    zone: String,
    /// `starting`, `up`, `failed`, `down` or `ending`.
    state: &'static str,
    /// Why it has failed.
    failure: Option<String>,
    /// Its VPC. Otherwise it is in EC2-Classic.
    vpc: Option<String>,
    subnet: Option<String>,
    private: Option<Ipv4Addr>,
    public: Option<Ipv4Addr>,
    groups: Vec<String>,
    /// The names that resolve to it.
    names: Vec<String>,
    impairment: Option<String>,
}

/// A load balancer. Its nodes are among the services' hosts.
#[derive(Debug, Serialize)]
pub(super) struct Balancer {
    #[serde(flatten)]
    identity: Identity,
    dns_name: String,
    listeners: Vec<ListenerRow>,
    instances: Vec<Target>,
    vpc: Option<String>,
    groups: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ListenerRow {
    protocol: String,
    port: u16,
    instance_protocol: String,
    instance_port: u16,
}

#[derive(Debug, Serialize)]
struct Target {
    id: String,
    in_service: bool,
}

pub(super) fn managed(model: &Model, host: &ManagedHost) -> Managed {
    let (private, public) = model.managed_addresses(host);
    let (state, failure) = condition_words(host);
    let (interface, groups) = match &host.place {
        ManagedPlace::Vpc { interface, .. } => {
            let interface = model.network_interfaces.get(interface);
            (interface, interface.map_or(Vec::new(), |interface| interface.groups.clone()))
        }
        ManagedPlace::Classic { groups, .. } => (None, groups.clone()),
    };
    Managed {
        identity: Identity::of(&host.id, &host.scope, &Tags::new()),
        service: host.owner.service.word(),
        resource: host.owner.resource.clone(),
        zone: host.zone.clone(),
        state,
        failure,
        vpc: interface.map(|interface| interface.vpc.clone()),
        subnet: interface.map(|interface| interface.subnet.clone()),
        private,
        public,
        groups,
        names: host.names.clone(),
        impairment: host.impairment.clone(),
    }
}

pub(super) fn balancer(model: &Model, balancer: &LoadBalancer) -> Balancer {
    let (vpc, groups) = match &balancer.place {
        Place::Classic { .. } => (None, Vec::new()),
        Place::Vpc { vpc, groups, .. } => (Some(vpc.clone()), groups.clone()),
    };
    let listeners = balancer.listeners.values().map(|listener| ListenerRow {
        protocol: listener.protocol.word().to_owned(),
        port: listener.port,
        instance_protocol: listener.instance_protocol.word().to_owned(),
        instance_port: listener.instance_port,
    });
    let targets = balancer
        .instances
        .keys()
        .map(|id| Target { id: id.clone(), in_service: balancer.health_of(model, id).is_in_service() });
    Balancer {
        identity: Identity {
            name: Some(balancer.name.clone()),
            ..Identity::of(&balancer.id, &balancer.scope, &balancer.tags)
        },
        dns_name: balancer.dns_name.clone(),
        listeners: listeners.collect(),
        instances: targets.collect(),
        vpc,
        groups,
    }
}
