//! VPCs on the wire.

use super::describe::Listing;
use super::params::Params;
use super::vpc_cidr::{v4, vpc_v6};
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, Error, IdKind, Model, Result, Tenancy, Vpc};
use ipnet::Ipv4Net;

pub const ACTIONS: Actions = &[
    ("CreateVpc", Handler::Write(create)),
    ("CreateDefaultVpc", Handler::Write(create_default)),
    ("DescribeVpcs", Handler::Read(describe)),
    ("DeleteVpc", Handler::Write(delete)),
    ("ModifyVpcAttribute", Handler::Write(modify_attribute)),
    ("DescribeVpcAttribute", Handler::Read(describe_attribute)),
    ("ModifyVpcTenancy", Handler::Write(modify_tenancy)),
];

static LISTING: Listing<Vpc> = Listing {
    ids: "VpcId",
    set: "vpcSet",
    filters: &[
        ("vpc-id", |_, vpc| vec![vpc.id.clone()]),
        ("cidr", |_, vpc| vec![vpc.cidr().to_string()]),
        ("cidrBlock", |_, vpc| vec![vpc.cidr().to_string()]),
        ("cidr-block", |_, vpc| vec![vpc.cidr().to_string()]),
        ("cidr-block-association.cidr-block", |_, vpc| vpc.blocks().map(|block| block.to_string()).collect()),
        ("cidr-block-association.association-id", |_, vpc| vpc.cidrs.iter().map(|c| c.association.clone()).collect()),
        ("cidr-block-association.state", |_, _| vec!["associated".into()]),
        ("dhcp-options-id", |_, vpc| vec![vpc.dhcp_options.clone().unwrap_or_else(|| "default".into())]),
        ("ipv6-cidr-block-association.ipv6-cidr-block", |_, vpc| vpc.ipv6.iter().map(|b| b.cidr.to_string()).collect()),
        ("ipv6-cidr-block-association.association-id", |_, vpc| {
            vpc.ipv6.iter().map(|b| b.association.clone()).collect()
        }),
        ("ipv6-cidr-block-association.state", |_, vpc| vpc.ipv6.iter().map(|_| "associated".into()).collect()),
        ("is-default", |_, vpc| vec![vpc.default.to_string()]),
        ("isDefault", |_, vpc| vec![vpc.default.to_string()]),
        ("owner-id", |_, vpc| vec![vpc.scope.account.clone()]),
        ("state", |_, _| vec!["available".into()]),
    ],
    item,
};

/// The word for a tenancy.
pub fn tenancy(tenancy: Tenancy) -> &'static str {
    match tenancy {
        Tenancy::Default => "default",
        Tenancy::Dedicated => "dedicated",
        Tenancy::Host => "host",
    }
}

fn item(_: &Model, vpc: &Vpc) -> Node {
    let ipv6 = vpc.ipv6.iter().map(|block| vpc_v6(block, &vpc.scope.region, "associated"));
    Node::new()
        .text("vpcId", &vpc.id)
        .text("ownerId", &vpc.scope.account)
        .text("state", "available")
        .text("cidrBlock", vpc.cidr())
        .set("cidrBlockAssociationSet", vpc.cidrs.iter().map(|block| v4(block, "associated")))
        .set("ipv6CidrBlockAssociationSet", ipv6)
        .text("dhcpOptionsId", vpc.dhcp_options.as_deref().unwrap_or("default"))
        .text("instanceTenancy", tenancy(vpc.tenancy))
        .text("isDefault", vpc.default)
        .tags(&vpc.tags)
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let cidr = params.required("CidrBlock")?;
    let cidr: Ipv4Net = cidr.parse().map_err(|_| Error::BadCidr { name: "cidrBlock".into(), value: cidr })?;
    let tenancy = match params.text("InstanceTenancy").as_deref() {
        None | Some("default") => Tenancy::Default,
        Some("dedicated") => Tenancy::Dedicated,
        Some(other) => return Err(params.invalid("InstanceTenancy", other)),
    };
    let tags = params.tags("vpc")?;
    let ipv6 = params.flag("AmazonProvidedIpv6CidrBlock")?.unwrap_or(false);
    params.ignore(&["Ipv6CidrBlockNetworkBorderGroup"]);
    params.finish()?;
    let id = model.create_vpc(caller, cidr, tenancy, tags)?;
    if ipv6 {
        model.associate_vpc_ipv6(caller, &id)?;
    }
    Ok(Node::new().node("vpc", item(model, model.vpcs.find(&caller.scope, &id)?)))
}

fn create_default(model: &mut Model, caller: &Caller, params: Params) -> Result<Node> {
    params.finish()?;
    let id = model.create_default_vpc(caller)?;
    Ok(Node::new().node("vpc", item(model, model.vpcs.find(&caller.scope, &id)?)))
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&Vpc> = model.vpcs.of(&caller.scope).collect();
    LISTING.answer(model, params, &all)
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("VpcId", IdKind::Vpc)?;
    params.finish()?;
    model.delete_vpc(caller, &id)?;
    Ok(Node::done())
}

fn modify_attribute(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("VpcId", IdKind::Vpc)?;
    let support = params.flag_value("EnableDnsSupport")?;
    let hostnames = params.flag_value("EnableDnsHostnames")?;
    params.flag_value("EnableNetworkAddressUsageMetrics")?;
    params.finish()?;
    match (support, hostnames) {
        (Some(_), Some(_)) => {
            let why = "Only one attribute can be modified at a time.".into();
            return Err(Error::Combination { why });
        }
        (Some(on), None) => model.set_dns_support(caller, &id, on)?,
        (None, Some(on)) => model.set_dns_hostnames(caller, &id, on)?,
        (None, None) => {
            model.vpcs.find(&caller.scope, &id)?;
        }
    }
    Ok(Node::done())
}

fn describe_attribute(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("VpcId", IdKind::Vpc)?;
    let attribute = params.required("Attribute")?;
    let unknown = params.invalid("Attribute", &attribute);
    params.finish()?;
    let vpc = model.vpcs.find(&caller.scope, &id)?;
    let (name, value) = match attribute.as_str() {
        "enableDnsSupport" => ("enableDnsSupport", vpc.dns_support),
        "enableDnsHostnames" => ("enableDnsHostnames", vpc.dns_hostnames),
        "enableNetworkAddressUsageMetrics" => ("enableNetworkAddressUsageMetrics", false),
        _ => return Err(unknown),
    };
    Ok(Node::new().text("vpcId", &vpc.id).value(name, value))
}

fn modify_tenancy(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("VpcId", IdKind::Vpc)?;
    let tenancy = params.required("InstanceTenancy")?;
    let unknown = params.invalid("InstanceTenancy", &tenancy);
    params.finish()?;
    if tenancy != "default" {
        return Err(unknown);
    }
    model.set_default_tenancy(caller, &id)?;
    Ok(Node::new().text("returnValue", true))
}
