//! The network as one document: the part of the model that the map shows.

mod places;
mod rules;
mod services;

use super::described::of_service;
use super::viewer::Viewer;
use super::{Map, json};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use model::{
    Host, HostPlace, IMPAIR_TAG, Instance, ManagedService, Model, Network, Scope, Tags, Time, VpcPeeringConnection,
};
use places::{Gateway, Interface, Peering, Site, Subnet, Transit, Vpc, Vpn};
use rules::{Acl, Group, RouteTable, TransitTable};
use serde::Serialize;
use services::{Balancer, Managed};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The whole cloud. Resources of an account have `account` and `region`.
#[derive(Debug, Serialize)]
pub struct Everything {
    instances: Vec<InstanceRow>,
    vpcs: Vec<Vpc>,
    subnets: Vec<Subnet>,
    interfaces: Vec<Interface>,
    gateways: Vec<Gateway>,
    peerings: Vec<Peering>,
    transits: Vec<Transit>,
    sites: Vec<Site>,
    vpns: Vec<Vpn>,
    hosts: Vec<HostRow>,
    managed: Vec<Managed>,
    balancers: Vec<Balancer>,
    groups: Vec<Group>,
    tables: Vec<RouteTable>,
    transit_tables: Vec<TransitTable>,
    acls: Vec<Acl>,
    /// The account, if only that account's resources are shown. Requests must then be signed.
    viewer: Option<String>,
    /// The state directory that commands must be given. `None` if they find it, or if the viewer has only an account.
    state: Option<PathBuf>,
}

/// The owner and the name of a resource.
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
    /// Why its host cannot be made. `None` if it can.
    failure: Option<String>,
    #[serde(rename = "type")]
    instance_type: String,
    zone: String,
    /// Its place in EC2-Classic. Otherwise it is in a subnet.
    classic: Option<ClassicRow>,
    vpc: Option<String>,
    subnet: Option<String>,
    /// Its impairment in its textual form.
    impairment: Option<String>,
}

#[derive(Debug, Serialize)]
struct ClassicRow {
    private: Option<Ipv4Addr>,
    public: Option<Ipv4Addr>,
    groups: Vec<String>,
    link: Option<LinkRow>,
}

/// The link of a Classic instance.
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
    /// The customer gateway of its site. Without one it is on the Internet.
    site: Option<String>,
    service: Option<String>,
    /// Its impairment in its textual form.
    impairment: Option<String>,
}

/// Answers with the document.
pub async fn answer(State(map): State<Arc<Map>>, viewer: Viewer) -> Response {
    let now = map.service.now();
    // A copy shares its rows, so changes do not wait while this is written.
    let model = map.service.look(Model::clone);
    let state = match viewer {
        Viewer::Everybody => map.operator.state().option().map(Path::to_path_buf),
        Viewer::One(_) => None,
    };
    json(StatusCode::OK, &Everything { state, ..everything(&model, now, &viewer) })
}

/// The network as a viewer sees it: the resources of the viewer's own account that the viewer may describe.
pub(super) fn everything(model: &Model, now: Time, viewer: &Viewer) -> Everything {
    let may = |action: &str| viewer.may(model, action, now);
    let part = |action: &str| may(action).then_some(viewer);
    let may_describe = |of: ManagedService| {
        let (service, action) = of_service(of);
        viewer.may_ask(model, service, action, now)
    };
    let described: Vec<ManagedService> = ManagedService::ALL.into_iter().filter(|of| may_describe(*of)).collect();
    let shows = |of: ManagedService| described.contains(&of);
    Everything {
        instances: seen(part("DescribeInstances"), model.instances.iter(), |one| &one.scope)
            .filter(|instance| !instance.is_terminated())
            .map(instance)
            .collect(),
        vpcs: seen(part("DescribeVpcs"), model.vpcs.iter(), |one| &one.scope).map(places::vpc).collect(),
        subnets: seen(part("DescribeSubnets"), model.subnets.iter(), |one| &one.scope)
            .map(|subnet| places::subnet(model, subnet))
            .collect(),
        interfaces: seen(part("DescribeNetworkInterfaces"), model.network_interfaces.iter(), |one| &one.scope)
            .map(places::interface)
            .collect(),
        gateways: places::gateways(model, &part).collect(),
        peerings: seen_peerings(part("DescribeVpcPeeringConnections"), model)
            .map(|peering| places::peering(peering, now))
            .collect(),
        transits: seen(part("DescribeTransitGateways"), model.transit_gateways.iter(), |one| &one.scope)
            .map(|gateway| places::transit(model, gateway, viewer))
            .collect(),
        sites: seen(part("DescribeCustomerGateways"), model.customer_gateways.iter(), |one| &one.scope)
            .map(places::site)
            .collect(),
        vpns: seen(part("DescribeVpnConnections"), model.vpn_connections.iter(), |one| &one.scope)
            .filter(|vpn| vpn.is_up())
            .map(places::vpn)
            .collect(),
        hosts: model.hosts.iter().map(host).collect(),
        managed: seen(Some(viewer), model.managed_hosts.iter(), |one| &one.scope)
            .filter(|host| shows(host.owner.service))
            .map(|host| services::managed(model, host))
            .collect(),
        balancers: seen(Some(viewer), model.load_balancers.iter(), |one| &one.scope)
            .filter(|_| shows(ManagedService::LoadBalancing))
            .map(|balancer| services::balancer(model, balancer))
            .collect(),
        groups: seen(part("DescribeSecurityGroups"), model.security_groups.iter(), |one| &one.scope)
            .map(rules::group)
            .collect(),
        tables: seen(part("DescribeRouteTables"), model.route_tables.iter(), |one| &one.scope)
            .map(|table| rules::table(model, table))
            .collect(),
        transit_tables: seen(part("DescribeTransitGatewayRouteTables"), model.transit_route_tables.iter(), |one| {
            &one.scope
        })
        .map(|table| rules::transit_table(model, table))
        .collect(),
        acls: seen(part("DescribeNetworkAcls"), model.network_acls.iter(), |one| &one.scope).map(rules::acl).collect(),
        viewer: viewer.account().map(str::to_owned),
        state: None,
    }
}

/// The rows that a viewer sees.
fn seen<'m, T: 'm>(
    viewer: Option<&'m Viewer>,
    rows: impl Iterator<Item = &'m T>,
    scope: impl Fn(&T) -> &Scope,
) -> impl Iterator<Item = &'m T> {
    rows.filter(move |row| viewer.is_some_and(|viewer| viewer.sees(scope(row))))
}

/// A peering belongs to both accounts.
fn seen_peerings<'m>(viewer: Option<&'m Viewer>, model: &'m Model) -> impl Iterator<Item = &'m VpcPeeringConnection> {
    let sees = |viewer: &Viewer, peering: &VpcPeeringConnection| {
        viewer.account().is_none_or(|account| {
            peering.requester.scope.account == account || peering.accepter.scope.account == account
        })
    };
    model.peerings.iter().filter(move |peering| viewer.is_some_and(|viewer| sees(viewer, peering)))
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
        impairment: instance.tags.get(IMPAIR_TAG).cloned(),
    }
}

fn host(host: &Host) -> HostRow {
    let site = match &host.place {
        HostPlace::Internet => None,
        HostPlace::Site(gateway) => Some(gateway.clone()),
    };
    HostRow {
        name: host.name.clone(),
        address: host.address,
        site,
        service: host.service.clone(),
        impairment: host.impairment.clone(),
    }
}
