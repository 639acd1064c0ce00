//! What there is: the model as one document, as far as a person wants to see it.

mod places;
mod rules;

use super::{Map, json};
use crate::model::{Host, HostPlace, Instance, Model, Network, Scope, Tags};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use places::{Gateway, Interface, Peering, Site, Subnet, Vpc, Vpn};
use rules::{Acl, Group, RouteTable};
use serde::Serialize;
use std::net::Ipv4Addr;
use std::sync::Arc;

/// The whole cloud. Whatever belongs to an account says so, in `account` and `region`.
#[derive(Debug, Serialize)]
pub struct Everything {
    instances: Vec<InstanceRow>,
    vpcs: Vec<Vpc>,
    subnets: Vec<Subnet>,
    interfaces: Vec<Interface>,
    gateways: Vec<Gateway>,
    peerings: Vec<Peering>,
    sites: Vec<Site>,
    vpns: Vec<Vpn>,
    hosts: Vec<HostRow>,
    groups: Vec<Group>,
    tables: Vec<RouteTable>,
    acls: Vec<Acl>,
}

/// Whose something is, and what it is called.
#[derive(Debug, Serialize)]
struct Identity {
    id: String,
    name: Option<String>,
    account: String,
    region: String,
}

impl Identity {
    fn of(id: &str, scope: &Scope, tags: &Tags) -> Identity {
        let Scope { account, region } = scope.clone();
        Identity { id: id.to_owned(), name: tags.get("Name").cloned(), account, region }
    }
}

#[derive(Debug, Serialize)]
struct InstanceRow {
    #[serde(flatten)]
    identity: Identity,
    state: &'static str,
    /// Why its host cannot be made, while that is so.
    failure: Option<String>,
    #[serde(rename = "type")]
    instance_type: String,
    zone: String,
    /// Its place in EC2-Classic; otherwise it is in a subnet.
    classic: Option<ClassicRow>,
    vpc: Option<String>,
    subnet: Option<String>,
}

#[derive(Debug, Serialize)]
struct ClassicRow {
    private: Option<Ipv4Addr>,
    public: Option<Ipv4Addr>,
    groups: Vec<String>,
    link: Option<LinkRow>,
}

/// The second foot of a Classic instance.
#[derive(Debug, Serialize)]
struct LinkRow {
    vpc: String,
    groups: Vec<String>,
}

/// A host outside the cloud.
#[derive(Debug, Serialize)]
struct HostRow {
    name: String,
    address: Ipv4Addr,
    /// The customer gateway of its site; without one it is on the Internet.
    site: Option<String>,
    service: Option<String>,
}

/// The document.
pub async fn answer(State(map): State<Arc<Map>>) -> Response {
    let now = map.service.now();
    // A copy shares its rows: nobody waits for the lock while this is written.
    let model = map.service.look(Model::clone);
    let everything = Everything {
        instances: model.instances.iter().filter(|instance| !instance.is_terminated()).map(instance).collect(),
        vpcs: model.vpcs.iter().map(places::vpc).collect(),
        subnets: model.subnets.iter().map(|subnet| places::subnet(&model, subnet)).collect(),
        interfaces: model.network_interfaces.iter().map(places::interface).collect(),
        gateways: places::gateways(&model).collect(),
        peerings: model.peerings.iter().map(|peering| places::peering(peering, now)).collect(),
        sites: model.customer_gateways.iter().map(places::site).collect(),
        vpns: model.vpn_connections.iter().filter(|vpn| vpn.is_up()).map(places::vpn).collect(),
        hosts: model.hosts.iter().map(host).collect(),
        groups: model.security_groups.iter().map(rules::group).collect(),
        tables: model.route_tables.iter().map(|table| rules::table(&model, table)).collect(),
        acls: model.network_acls.iter().map(rules::acl).collect(),
    };
    json(StatusCode::OK, &everything)
}

fn instance(instance: &Instance) -> InstanceRow {
    let (classic, vpc, subnet) = match &instance.network {
        Network::Classic(place) => {
            let link = place.link.as_ref().map(|link| LinkRow { vpc: link.vpc.clone(), groups: link.groups.clone() });
            let public = place.public.as_ref().map(|public| public.address);
            (Some(ClassicRow { private: place.private, public, groups: place.groups.clone(), link }), None, None)
        }
        Network::Vpc(place) => (None, Some(place.vpc.clone()), Some(place.subnet.clone())),
    };
    InstanceRow {
        identity: Identity::of(&instance.id, &instance.scope, &instance.tags),
        state: instance.state.name(),
        failure: instance.host_failure.clone(),
        instance_type: instance.instance_type.clone(),
        zone: instance.zone.clone(),
        classic,
        vpc,
        subnet,
    }
}

fn host(host: &Host) -> HostRow {
    let site = match &host.place {
        HostPlace::Internet => None,
        HostPlace::Site(gateway) => Some(gateway.clone()),
    };
    HostRow { name: host.name.clone(), address: host.address, site, service: host.service.clone() }
}
