//! Subnets on the wire.

use super::describe::Listing;
use super::params::Params;
use super::vpc_cidr::{take_v6, v6};
use super::xml::Node;
use super::{Actions, Handler, arn};
use crate::model::{Caller, Error, IdKind, Model, Region, Result, Subnet, zone_id};
use ipnet::Ipv4Net;

pub const ACTIONS: Actions = &[
    ("CreateSubnet", Handler::Write(create)),
    ("CreateDefaultSubnet", Handler::Write(create_default)),
    ("DescribeSubnets", Handler::Read(describe)),
    ("DeleteSubnet", Handler::Write(delete)),
    ("ModifySubnetAttribute", Handler::Write(modify_attribute)),
];

static LISTING: Listing<Subnet> = Listing {
    ids: "SubnetId",
    set: "subnetSet",
    filters: &[
        ("subnet-id", |_, subnet| vec![subnet.id.clone()]),
        ("vpc-id", |_, subnet| vec![subnet.vpc.clone()]),
        ("cidr", |_, subnet| vec![subnet.cidr.to_string()]),
        ("cidrBlock", |_, subnet| vec![subnet.cidr.to_string()]),
        ("cidr-block", |_, subnet| vec![subnet.cidr.to_string()]),
        ("availability-zone", |_, subnet| vec![subnet.zone.clone()]),
        ("availabilityZone", |_, subnet| vec![subnet.zone.clone()]),
        ("availability-zone-id", |_, subnet| vec![zone_id(&subnet.zone)]),
        ("availabilityZoneId", |_, subnet| vec![zone_id(&subnet.zone)]),
        ("available-ip-address-count", |model, subnet| vec![model.free_addresses(subnet).to_string()]),
        ("default-for-az", |_, subnet| vec![subnet.default_for_zone.to_string()]),
        ("defaultForAz", |_, subnet| vec![subnet.default_for_zone.to_string()]),
        ("map-public-ip-on-launch", |_, subnet| vec![subnet.public_on_launch.to_string()]),
        ("owner-id", |_, subnet| vec![subnet.scope.account.clone()]),
        ("subnet-arn", |_, subnet| vec![arn(&subnet.scope, "subnet", &subnet.id)]),
        ("ipv6-cidr-block-association.ipv6-cidr-block", |_, subnet| {
            subnet.ipv6.iter().map(|block| block.cidr.to_string()).collect()
        }),
        ("ipv6-cidr-block-association.association-id", |_, subnet| {
            subnet.ipv6.iter().map(|block| block.association.clone()).collect()
        }),
        ("state", |_, _| vec!["available".into()]),
    ],
    item,
};

fn item(model: &Model, subnet: &Subnet) -> Node {
    Node::new()
        .text("subnetId", &subnet.id)
        .text("subnetArn", arn(&subnet.scope, "subnet", &subnet.id))
        .text("state", "available")
        .text("ownerId", &subnet.scope.account)
        .text("vpcId", &subnet.vpc)
        .text("cidrBlock", subnet.cidr)
        .set("ipv6CidrBlockAssociationSet", subnet.ipv6.iter().map(|block| v6(block, "associated")))
        .text("availableIpAddressCount", model.free_addresses(subnet))
        .text("availabilityZone", &subnet.zone)
        .text("availabilityZoneId", zone_id(&subnet.zone))
        .text("defaultForAz", subnet.default_for_zone)
        .text("mapPublicIpOnLaunch", subnet.public_on_launch)
        .text("mapCustomerOwnedIpOnLaunch", false)
        .text("assignIpv6AddressOnCreation", subnet.ipv6_on_creation)
        .text("enableDns64", false)
        .text("ipv6Native", false)
        .node(
            "privateDnsNameOptionsOnLaunch",
            Node::new()
                .text("hostnameType", "ip-name")
                .text("enableResourceNameDnsARecord", false)
                .text("enableResourceNameDnsAAAARecord", false),
        )
        .tags(&subnet.tags)
}

/// Takes `AvailabilityZone` or `AvailabilityZoneId`, and gives the zone's name.
pub fn take_zone(params: &mut Params, caller: &Caller) -> Result<Option<String>> {
    let name = params.text("AvailabilityZone");
    let Some(id) = params.text("AvailabilityZoneId") else { return Ok(name) };
    let mut zones = Region::named(&caller.scope.region).into_iter().flat_map(Region::zones);
    match zones.find(|(_, zone_id)| *zone_id == id) {
        Some((zone, _)) => Ok(Some(zone)),
        None => Err(Error::NoSuchZone { zone: id, region: caller.scope.region.clone() }),
    }
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let vpc = params.id("VpcId", IdKind::Vpc)?;
    let cidr = params.required("CidrBlock")?;
    let cidr: Ipv4Net = cidr.parse().map_err(|_| Error::BadCidr { name: "cidrBlock".into(), value: cidr })?;
    let ipv6 = take_v6(&mut params)?;
    let zone = take_zone(&mut params, caller)?;
    let tags = params.tags("subnet")?;
    params.finish()?;
    let id = model.create_subnet(caller, &vpc, cidr, zone.as_deref(), tags)?;
    if let Some(cidr) = ipv6 {
        model.associate_subnet_cidr(caller, &id, cidr)?;
    }
    Ok(Node::new().node("subnet", item(model, model.subnets.find(&caller.scope, &id)?)))
}

fn create_default(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let zone = take_zone(&mut params, caller)?.ok_or_else(|| params.missing("AvailabilityZone"))?;
    params.flag("Ipv6Native")?;
    params.finish()?;
    let id = model.create_default_subnet(caller, &zone)?;
    Ok(Node::new().node("subnet", item(model, model.subnets.find(&caller.scope, &id)?)))
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&Subnet> = model.subnets.of(&caller.scope).collect();
    LISTING.answer(model, params, &all)
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("SubnetId", IdKind::Subnet)?;
    params.finish()?;
    model.delete_subnet(caller, &id)?;
    Ok(Node::done())
}

fn modify_attribute(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("SubnetId", IdKind::Subnet)?;
    let public = params.flag_value("MapPublicIpOnLaunch")?;
    let ipv6 = params.flag_value("AssignIpv6AddressOnCreation")?;
    // About things that the cloud has not: outposts, DNS64, names by resource.
    params.ignore(&[
        "MapCustomerOwnedIpOnLaunch",
        "CustomerOwnedIpv4Pool",
        "EnableDns64",
        "PrivateDnsHostnameTypeOnLaunch",
        "EnableResourceNameDnsARecordOnLaunch",
        "EnableResourceNameDnsAAAARecordOnLaunch",
        "EnableLniAtDeviceIndex",
        "DisableLniAtDeviceIndex",
    ]);
    params.finish()?;
    model.subnets.find(&caller.scope, &id)?;
    if let Some(on) = public {
        model.set_public_on_launch(caller, &id, on)?;
    }
    if let Some(on) = ipv6 {
        model.set_ipv6_on_creation(caller, &id, on)?;
    }
    Ok(Node::done())
}
