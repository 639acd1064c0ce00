//! VPCs.

use super::block_public_access::states;
use super::ipam_allocation::SaidOfBlock;
use super::listing::{Attributes, each};
use super::vpc_cidr::{VpcIpv6, v4_of_vpc, v6_of_vpc};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{Error, Model, Result, Tenancy, Vpc};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .write(create_default)
        .read(describe)
        .write(delete)
        .write(modify_attribute)
        .read(describe_attribute)
        .write(modify_tenancy)
}

static ATTRIBUTES: Attributes<Vpc> = Attributes(&[
    ("vpc-id", |_, vpc| vec![vpc.id.clone()]),
    ("cidr", |_, vpc| vec![vpc.cidr().to_string()]),
    ("cidrBlock", |_, vpc| vec![vpc.cidr().to_string()]),
    ("cidr-block", |_, vpc| vec![vpc.cidr().to_string()]),
    ("cidr-block-association.cidr-block", |_, vpc| of_v4(vpc, |block| block.cidr_block)),
    ("cidr-block-association.association-id", |_, vpc| of_v4(vpc, |block| block.association_id)),
    ("cidr-block-association.state", |_, vpc| of_v4(vpc, |block| block.cidr_block_state?.state)),
    ("dhcp-options-id", |_, vpc| vec![dhcp_options(vpc).to_owned()]),
    ("ipv6-cidr-block-association.ipv6-cidr-block", |_, vpc| of_v6(vpc, |block| block.ipv6_cidr_block)),
    ("ipv6-cidr-block-association.ipv6-pool", |_, vpc| of_v6(vpc, |block| block.ipv6_pool)),
    ("ipv6-cidr-block-association.association-id", |_, vpc| of_v6(vpc, |block| block.association_id)),
    ("ipv6-cidr-block-association.state", |_, vpc| of_v6(vpc, |block| block.ipv6_cidr_block_state?.state)),
    ("is-default", |_, vpc| vec![vpc.default.to_string()]),
    ("isDefault", |_, vpc| vec![vpc.default.to_string()]),
    ("owner-id", |_, vpc| vec![vpc.scope.account.clone()]),
    ("state", |_, _| vec!["available".into()]),
]);

/// The values of a member for all IPv4 blocks of a VPC.
fn of_v4(vpc: &Vpc, member: fn(ec2::VpcCidrBlockAssociation) -> Option<String>) -> Vec<String> {
    each(v4_of_vpc(vpc).into_iter().filter_map(member))
}

/// The values of a member for all IPv6 blocks of a VPC.
fn of_v6(vpc: &Vpc, member: fn(ec2::VpcIpv6CidrBlockAssociation) -> Option<String>) -> Vec<String> {
    each(v6_of_vpc(vpc).into_iter().filter_map(member))
}

fn dhcp_options(vpc: &Vpc) -> &str {
    vpc.dhcp_options.as_deref().unwrap_or("default")
}

/// The word for a tenancy.
pub fn tenancy(tenancy: Tenancy) -> &'static str {
    match tenancy {
        Tenancy::Default => "default",
        Tenancy::Dedicated => "dedicated",
        Tenancy::Host => "host",
    }
}

/// The hardware that a word means.
pub fn read_tenancy(word: &str) -> Result<Tenancy> {
    match word {
        "default" => Ok(Tenancy::Default),
        "dedicated" => Ok(Tenancy::Dedicated),
        "host" => Ok(Tenancy::Host),
        other => Err(Error::invalid("Tenancy", other)),
    }
}

fn shown(model: &Model, vpc: &Vpc) -> ec2::Vpc {
    ec2::Vpc {
        vpc_id: text(&vpc.id),
        owner_id: text(&vpc.scope.account),
        state: text("available"),
        cidr_block: text(vpc.cidr()),
        cidr_block_association_set: v4_of_vpc(vpc),
        ipv6_cidr_block_association_set: v6_of_vpc(vpc),
        dhcp_options_id: text(dhcp_options(vpc)),
        instance_tenancy: text(tenancy(vpc.tenancy)),
        is_default: Some(vpc.default),
        block_public_access_states: states(model.internet_block_of_vpc(vpc)),
        tags: tags::shown(&vpc.tags),
        ..ec2::Vpc::default()
    }
}

fn create(Change { model, caller }: Change, input: ec2::CreateVpcRequest) -> Result<ec2::Vpc> {
    let ec2::CreateVpcRequest {
        cidr_block,
        amazon_provided_ipv6_cidr_block,
        ipv4_ipam_pool_id,
        ipv4_netmask_length,
        ipv6_cidr_block,
        ipv6_ipam_pool_id,
        ipv6_netmask_length,
        instance_tenancy,
        tag_specifications,
    } = input;
    let said = SaidOfBlock { cidr: cidr_block, pool: ipv4_ipam_pool_id, length: ipv4_netmask_length };
    let block = said.v4(|pool, wish| model.block_for_vpc(caller, pool, wish))?;
    let block = block.ok_or_else(|| Error::missing("CidrBlock"))?;
    let said = SaidOfBlock { cidr: ipv6_cidr_block, pool: ipv6_ipam_pool_id, length: ipv6_netmask_length };
    let ipv6 = VpcIpv6::read(model, caller, amazon_provided_ipv6_cidr_block, said)?;
    let tenancy = match instance_tenancy.as_deref() {
        None | Some("default") => Tenancy::Default,
        Some("dedicated") => Tenancy::Dedicated,
        Some(other) => return Err(Error::invalid("InstanceTenancy", other)),
    };
    let tags = tags::of(tag_specifications, "vpc")?;
    let id = model.create_vpc(caller, block.cidr, tenancy, tags)?;
    block.keep(model, caller, &id);
    if let Some(ipv6) = ipv6 {
        ipv6.associate(model, caller, &id)?;
    }
    // It exists at once. The reply says `pending`, because waiters expect it.
    Ok(ec2::Vpc { state: text("pending"), ..shown(model, model.vpcs.find(&caller.scope, &id)?) })
}

fn create_default(cx: Change, _: ec2::CreateDefaultVpcRequest) -> Result<ec2::Vpc> {
    let id = cx.model.create_default_vpc(cx.caller)?;
    Ok(shown(cx.model, cx.model.vpcs.find(&cx.caller.scope, &id)?))
}

fn describe(cx: View, input: ec2::DescribeVpcsRequest) -> Result<ec2::DescribeVpcsResult> {
    ATTRIBUTES.list(cx.model, cx.model.vpcs.of(&cx.caller.scope), input, |vpc| shown(cx.model, vpc))
}

fn delete(cx: Change, input: ec2::DeleteVpcRequest) -> Result<()> {
    cx.model.delete_vpc(cx.caller, &input.vpc_id)
}

fn modify_attribute(cx: Change, input: ec2::ModifyVpcAttributeRequest) -> Result<()> {
    let ec2::ModifyVpcAttributeRequest {
        vpc_id,
        enable_dns_support,
        enable_dns_hostnames,
        enable_network_address_usage_metrics,
    } = input;
    let on = |attribute: Option<ec2::AttributeBooleanValue>| attribute.and_then(|attribute| attribute.value);
    match (on(enable_dns_support), on(enable_dns_hostnames), on(enable_network_address_usage_metrics)) {
        (Some(on), None, None) => cx.model.set_dns_support(cx.caller, &vpc_id, on),
        (None, Some(on), None) => cx.model.set_dns_hostnames(cx.caller, &vpc_id, on),
        (None, None, Some(on)) => cx.model.set_usage_metrics(cx.caller, &vpc_id, on),
        (None, None, None) => cx.model.vpcs.find(&cx.caller.scope, &vpc_id).map(|_| ()),
        _ => Err(Error::OneAttributeAtATime {}),
    }
}

fn describe_attribute(cx: View, input: ec2::DescribeVpcAttributeRequest) -> Result<ec2::DescribeVpcAttributeResult> {
    let ec2::DescribeVpcAttributeRequest { vpc_id, attribute } = input;
    let vpc = cx.model.vpcs.find(&cx.caller.scope, &vpc_id)?;
    let told = ec2::DescribeVpcAttributeResult { vpc_id: text(&vpc_id), ..Default::default() };
    let value = |value| Some(ec2::AttributeBooleanValue { value: Some(value) });
    Ok(match attribute.as_str() {
        "enableDnsSupport" => ec2::DescribeVpcAttributeResult { enable_dns_support: value(vpc.dns_support), ..told },
        "enableDnsHostnames" => {
            ec2::DescribeVpcAttributeResult { enable_dns_hostnames: value(vpc.dns_hostnames), ..told }
        }
        "enableNetworkAddressUsageMetrics" => {
            ec2::DescribeVpcAttributeResult { enable_network_address_usage_metrics: value(vpc.usage_metrics), ..told }
        }
        other => return Err(Error::invalid("Attribute", other)),
    })
}

fn modify_tenancy(cx: Change, input: ec2::ModifyVpcTenancyRequest) -> Result<()> {
    let ec2::ModifyVpcTenancyRequest { vpc_id, instance_tenancy } = input;
    if instance_tenancy != "default" {
        return Err(Error::UnsupportedTenancy { tenancy: instance_tenancy });
    }
    cx.model.set_default_tenancy(cx.caller, &vpc_id)
}
