//! Subnets.

use super::block_public_access::states;
use super::instance_options::change_dns;
use super::ipam_allocation::SaidOfBlock;
use super::listing::{Attributes, each, one};
use super::vpc_cidr::v6_of_subnet;
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use crate::api::arn;
use model::{BlockWish, Caller, Error, Model, Region, Result, Subnet, zone_id};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(create_default).read(describe).write(delete).write(modify_attribute)
}

static ATTRIBUTES: Attributes<Subnet> = Attributes(&[
    ("subnet-id", |_, subnet| vec![subnet.id.clone()]),
    ("vpc-id", |_, subnet| vec![subnet.vpc.clone()]),
    ("cidr", |_, subnet| each(subnet.cidr)),
    ("cidrBlock", |_, subnet| each(subnet.cidr)),
    ("cidr-block", |_, subnet| each(subnet.cidr)),
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
    ("enable-dns64", |_, subnet| one(subnet.dns64)),
    ("ipv6-cidr-block-association.ipv6-cidr-block", |_, subnet| of_v6(subnet, |block| block.ipv6_cidr_block)),
    ("ipv6-cidr-block-association.association-id", |_, subnet| of_v6(subnet, |block| block.association_id)),
    ("ipv6-cidr-block-association.state", |_, subnet| of_v6(subnet, |block| block.ipv6_cidr_block_state?.state)),
    ("ipv6-native", |_, subnet| one(subnet.cidr.is_none())),
    ("map-customer-owned-ip-on-launch", |_, _| one(false)),
    ("private-dns-name-options-on-launch.enable-resource-name-dns-a-record", |_, subnet| one(subnet.names.a_record)),
    ("private-dns-name-options-on-launch.enable-resource-name-dns-aaaa-record", |_, subnet| {
        one(subnet.names.aaaa_record)
    }),
    ("private-dns-name-options-on-launch.hostname-type", |_, subnet| one(subnet.names.hostname.word())),
    ("state", |_, _| vec!["available".into()]),
]);

/// The values of a member for all IPv6 blocks of a subnet.
fn of_v6(subnet: &Subnet, member: fn(ec2::SubnetIpv6CidrBlockAssociation) -> Option<String>) -> Vec<String> {
    each(v6_of_subnet(subnet).into_iter().filter_map(member))
}

fn shown(model: &Model, subnet: &Subnet) -> ec2::Subnet {
    ec2::Subnet {
        subnet_id: text(&subnet.id),
        subnet_arn: text(arn(&subnet.scope, "subnet", &subnet.id)),
        state: text("available"),
        owner_id: text(&subnet.scope.account),
        vpc_id: text(&subnet.vpc),
        cidr_block: subnet.cidr.and_then(text),
        ipv6_cidr_block_association_set: v6_of_subnet(subnet),
        available_ip_address_count: i32::try_from(model.free_addresses(subnet)).ok(),
        availability_zone: text(&subnet.zone),
        availability_zone_id: text(zone_id(&subnet.zone)),
        block_public_access_states: states(model.internet_block_of(subnet)),
        default_for_az: Some(subnet.default_for_zone),
        map_public_ip_on_launch: Some(subnet.public_on_launch),
        map_customer_owned_ip_on_launch: Some(false),
        assign_ipv6_address_on_creation: Some(subnet.ipv6_on_creation),
        enable_dns64: Some(subnet.dns64),
        ipv6_native: Some(subnet.cidr.is_none()),
        private_dns_name_options_on_launch: Some(ec2::PrivateDnsNameOptionsOnLaunch {
            hostname_type: text(subnet.names.hostname.word()),
            enable_resource_name_dns_a_record: Some(subnet.names.a_record),
            enable_resource_name_dns_aaaa_record: Some(subnet.names.aaaa_record),
        }),
        tags: tags::shown(&subnet.tags),
        ..Default::default()
    }
}

/// The name of the zone that a request names, by its name or by its id; of an id that no zone has, each action says another thing.
pub fn zone(
    caller: &Caller,
    name: Option<String>,
    id: Option<String>,
    unknown: impl FnOnce(String) -> Error,
) -> Result<Option<String>> {
    let Some(id) = id else { return Ok(name) };
    let mut zones = Region::named(&caller.scope.region).into_iter().flat_map(Region::zones);
    match zones.find(|(_, zone_id)| *zone_id == id) {
        Some((zone, _)) => Ok(Some(zone)),
        None => Err(unknown(id)),
    }
}

fn zone_of_subnet(caller: &Caller, name: Option<String>, id: Option<String>) -> Result<Option<String>> {
    zone(caller, name, id, |zone| Error::no_zone_of_subnets(&caller.scope, &zone))
}

fn create(Change { model, caller }: Change, input: ec2::CreateSubnetRequest) -> Result<ec2::Subnet> {
    let ec2::CreateSubnetRequest {
        vpc_id,
        cidr_block,
        ipv6_cidr_block,
        availability_zone,
        availability_zone_id,
        ipv6_native,
        ipv4_ipam_pool_id,
        ipv4_netmask_length,
        ipv6_ipam_pool_id,
        ipv6_netmask_length,
        tag_specifications,
    } = input;
    let of_pool = |pool: &str, wish: &BlockWish| model.block_for_subnet(caller, &vpc_id, pool, wish);
    let said = SaidOfBlock { cidr: cidr_block, pool: ipv4_ipam_pool_id, length: ipv4_netmask_length };
    let ipv4 = said.v4(of_pool)?;
    let said = SaidOfBlock { cidr: ipv6_cidr_block, pool: ipv6_ipam_pool_id, length: ipv6_netmask_length };
    let ipv6 = said.v6(of_pool)?;
    let zone = zone_of_subnet(caller, availability_zone, availability_zone_id)?;
    let tags = tags::of(tag_specifications, "subnet")?;
    let id = match (ipv6_native == Some(true), ipv4, &ipv6) {
        (true, _, None) => return Err(Error::NoBlockOfNative {}),
        (true, Some(_), Some(_)) => return Err(Error::NativeWithIpv4 {}),
        (true, None, Some(ipv6)) => model.create_ipv6_subnet(caller, &vpc_id, ipv6.cidr, zone.as_deref(), tags)?,
        (false, None, _) => return Err(Error::missing("CidrBlock")),
        (false, Some(ipv4), ipv6) => {
            let id = model.create_subnet(caller, &vpc_id, ipv4.cidr, zone.as_deref(), tags)?;
            ipv4.keep(model, caller, &id);
            if let Some(ipv6) = ipv6 {
                model.associate_subnet_cidr(caller, &id, ipv6.cidr)?;
            }
            id
        }
    };
    if let Some(ipv6) = ipv6 {
        ipv6.keep(model, caller, &id);
    }
    Ok(shown(model, model.subnets.find(&caller.scope, &id)?))
}

fn create_default(cx: Change, input: ec2::CreateDefaultSubnetRequest) -> Result<ec2::Subnet> {
    let ec2::CreateDefaultSubnetRequest { availability_zone, availability_zone_id } = input;
    let zone = zone_of_subnet(cx.caller, availability_zone, availability_zone_id)?;
    let id = cx.model.create_default_subnet(cx.caller, &zone.ok_or_else(|| Error::missing("AvailabilityZone"))?)?;
    Ok(shown(cx.model, cx.model.subnets.find(&cx.caller.scope, &id)?))
}

fn describe(cx: View, input: ec2::DescribeSubnetsRequest) -> Result<ec2::DescribeSubnetsResult> {
    ATTRIBUTES.list(cx.model, cx.model.subnets.of(&cx.caller.scope), input, |s| shown(cx.model, s))
}

fn delete(cx: Change, input: ec2::DeleteSubnetRequest) -> Result<()> {
    cx.model.delete_subnet(cx.caller, &input.subnet_id)
}

fn modify_attribute(cx: Change, input: ec2::ModifySubnetAttributeRequest) -> Result<()> {
    let ec2::ModifySubnetAttributeRequest {
        subnet_id,
        map_public_ip_on_launch,
        assign_ipv6_address_on_creation,
        enable_dns64,
        private_dns_hostname_type_on_launch,
        enable_resource_name_dns_a_record_on_launch,
        enable_resource_name_dns_aaaa_record_on_launch,
    } = input;
    let on = |attribute: Option<ec2::AttributeBooleanValue>| attribute.and_then(|attribute| attribute.value);
    let mut names = cx.model.subnets.find(&cx.caller.scope, &subnet_id)?.names.clone();
    if let Some(on) = on(map_public_ip_on_launch) {
        cx.model.set_public_on_launch(cx.caller, &subnet_id, on)?;
    }
    if let Some(on) = on(assign_ipv6_address_on_creation) {
        cx.model.set_ipv6_on_creation(cx.caller, &subnet_id, on)?;
    }
    if let Some(on) = on(enable_dns64) {
        cx.model.set_dns64(cx.caller, &subnet_id, on)?;
    }
    let (a, aaaa) =
        (on(enable_resource_name_dns_a_record_on_launch), on(enable_resource_name_dns_aaaa_record_on_launch));
    change_dns(&mut names, private_dns_hostname_type_on_launch, a, aaaa)?;
    cx.model.set_subnet_names(cx.caller, &subnet_id, names)
}
