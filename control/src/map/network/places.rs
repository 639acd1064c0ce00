//! The places of the network, and what connects them.

use super::{Identity, seen};
use crate::map::viewer::Viewer;
use model::{
    self, CustomerGateway, Model, NetworkInterface, Time, TransitEnd, TransitGateway, VpcPeeringConnection,
    VpnConnection,
};
use serde::Serialize;
use std::net::Ipv4Addr;

#[derive(Debug, Serialize)]
pub(super) struct Vpc {
    #[serde(flatten)]
    identity: Identity,
    cidrs: Vec<String>,
    classic_link: bool,
    default: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Subnet {
    #[serde(flatten)]
    identity: Identity,
    vpc: String,
    cidr: String,
    zone: String,
    /// Its route table.
    table: Option<String>,
    /// Its network ACL.
    acl: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Interface {
    #[serde(flatten)]
    identity: Identity,
    vpc: String,
    subnet: String,
    addresses: Vec<Ipv4Addr>,
    public: Vec<Ipv4Addr>,
    groups: Vec<String>,
    instance: Option<String>,
    /// Its device index: 1 is `eth1`.
    device: Option<u16>,
}

/// A gateway or endpoint of a VPC.
#[derive(Debug, Serialize)]
pub(super) struct Gateway {
    #[serde(flatten)]
    identity: Identity,
    /// `internet`, `nat`, `private-nat`, `vpn`, `egress-only`, `endpoint` or `interface-endpoint`.
    kind: &'static str,
    vpc: Option<String>,
    subnet: Option<String>,
    /// Its public address.
    address: Option<Ipv4Addr>,
    /// The service of an endpoint.
    service: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Peering {
    #[serde(flatten)]
    identity: Identity,
    status: &'static str,
    /// The requester's VPC and the accepter's.
    vpcs: [String; 2],
}

/// A router between VPCs, sites and other routers.
#[derive(Debug, Serialize)]
pub(super) struct Transit {
    #[serde(flatten)]
    identity: Identity,
    attachments: Vec<Attachment>,
}

/// An attachment of a transit gateway.
#[derive(Debug, Serialize)]
struct Attachment {
    id: String,
    /// `vpc`, `vpn` or `peering`.
    kind: &'static str,
    /// The VPC, the VPN connection, or the other gateway.
    resource: String,
    /// Its subnets in the VPC.
    subnets: Vec<String>,
    /// The gateway's route table for packets from there.
    table: Option<String>,
}

/// A remote site, by its customer gateway.
#[derive(Debug, Serialize)]
pub(super) struct Site {
    #[serde(flatten)]
    identity: Identity,
    address: Ipv4Addr,
}

#[derive(Debug, Serialize)]
pub(super) struct Vpn {
    #[serde(flatten)]
    identity: Identity,
    gateway: String,
    site: String,
}

pub(super) fn vpc(vpc: &model::Vpc) -> Vpc {
    Vpc {
        identity: Identity::of(&vpc.id, &vpc.scope, &vpc.tags),
        cidrs: vpc.cidrs.iter().map(|block| block.cidr.to_string()).collect(),
        classic_link: vpc.classic_link,
        default: vpc.default,
    }
}

pub(super) fn subnet(model: &Model, subnet: &model::Subnet) -> Subnet {
    Subnet {
        identity: Identity::of(&subnet.id, &subnet.scope, &subnet.tags),
        vpc: subnet.vpc.clone(),
        cidr: subnet.block(),
        zone: subnet.zone.clone(),
        table: model.route_table_of(&subnet.id).map(|table| table.id.clone()),
        acl: model.acl_of_subnet(&subnet.id).map(|acl| acl.id.clone()),
    }
}

pub(super) fn interface(interface: &NetworkInterface) -> Interface {
    Interface {
        identity: Identity::of(&interface.id, &interface.scope, &interface.tags),
        vpc: interface.vpc.clone(),
        subnet: interface.subnet.clone(),
        addresses: interface.addresses.clone(),
        public: interface.public.values().map(|public| public.address).collect(),
        groups: interface.groups.clone(),
        instance: interface.instance().map(str::to_owned),
        device: interface.attachment.as_ref().map(|attachment| attachment.device_index),
    }
}

pub(super) fn gateways<'m>(
    model: &'m Model,
    part: &dyn Fn(&str) -> Option<&'m Viewer>,
) -> impl Iterator<Item = Gateway> + use<'m> {
    let plain = |identity, kind, vpc| Gateway { identity, kind, vpc, subnet: None, address: None, service: None };
    let internet = seen(part("DescribeInternetGateways"), model.internet_gateways.iter(), |one| &one.scope);
    let internet = internet.map(move |gateway| {
        plain(Identity::of(&gateway.id, &gateway.scope, &gateway.tags), "internet", gateway.vpc.clone())
    });
    let egress_only = part("DescribeEgressOnlyInternetGateways");
    let egress_only = seen(egress_only, model.egress_only_gateways.iter(), |one| &one.scope).map(move |gateway| {
        plain(Identity::of(&gateway.id, &gateway.scope, &gateway.tags), "egress-only", Some(gateway.vpc.clone()))
    });
    let vpn = seen(part("DescribeVpnGateways"), model.vpn_gateways.iter(), |one| &one.scope).map(move |gateway| {
        plain(Identity::of(&gateway.id, &gateway.scope, &gateway.tags), "vpn", gateway.vpc.clone())
    });
    let nat = seen(part("DescribeNatGateways"), model.nat_gateways.iter(), |one| &one.scope);
    let nat = nat.filter(|gateway| gateway.is_available()).map(move |gateway| {
        let identity = Identity::of(&gateway.id, &gateway.scope, &gateway.tags);
        let kind = if gateway.is_private() { "private-nat" } else { "nat" };
        let place = plain(identity, kind, Some(gateway.vpc.clone()));
        Gateway { subnet: Some(gateway.subnet.clone()), address: Some(gateway.public), ..place }
    });
    let endpoint = seen(part("DescribeVpcEndpoints"), model.vpc_endpoints.iter(), |one| &one.scope);
    let endpoint = endpoint.map(move |endpoint| {
        let identity = Identity::of(&endpoint.id, &endpoint.scope, &endpoint.tags);
        let kind = if endpoint.interface.is_some() { "interface-endpoint" } else { "endpoint" };
        Gateway { service: Some(endpoint.service.clone()), ..plain(identity, kind, Some(endpoint.vpc.clone())) }
    });
    internet.chain(egress_only).chain(vpn).chain(nat).chain(endpoint)
}

/// A transit gateway and those of its attachments that a viewer sees.
pub(super) fn transit(model: &Model, gateway: &TransitGateway, viewer: &Viewer) -> Transit {
    let attached = model.attached_to_transit(&gateway.id).into_iter();
    let subnets = |id: &str| {
        let places = model.transit_attachments.get(id).into_iter().flat_map(|one| &one.subnets);
        places.map(|place| place.subnet.clone()).collect()
    };
    let attachment = |end: TransitEnd| Attachment {
        kind: end.resource_type(),
        resource: end.resource_id().to_owned(),
        subnets: subnets(&end.id),
        id: end.id,
        table: end.association,
    };
    Transit {
        identity: Identity::of(&gateway.id, &gateway.scope, &gateway.tags),
        attachments: attached.filter(|end| viewer.sees(&end.scope)).map(attachment).collect(),
    }
}

pub(super) fn peering(peering: &VpcPeeringConnection, now: Time) -> Peering {
    Peering {
        identity: Identity::of(&peering.id, &peering.scope, &peering.tags),
        status: peering.status(now).code(),
        vpcs: [peering.requester.vpc.clone(), peering.accepter.vpc.clone()],
    }
}

pub(super) fn site(site: &CustomerGateway) -> Site {
    Site { identity: Identity::of(&site.id, &site.scope, &site.tags), address: site.address }
}

pub(super) fn vpn(vpn: &VpnConnection) -> Vpn {
    Vpn {
        identity: Identity::of(&vpn.id, &vpn.scope, &vpn.tags),
        gateway: vpn.gateway().to_owned(),
        site: vpn.customer_gateway.clone(),
    }
}
