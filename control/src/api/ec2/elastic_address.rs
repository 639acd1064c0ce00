//! Elastic IP addresses.

use super::cidr::address;
use super::listing::{Attributes, each, one};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{
    AddressHolder, AddressName, AddressTarget, Domain, ElasticAddress, Error, Model, NetworkInterface, Result,
};
use shapes::{List, ec2};
use std::net::Ipv4Addr;

pub fn actions(all: Actions) -> Actions {
    all.write(allocate)
        .read(describe)
        .write(associate)
        .write(disassociate)
        .write(release)
        .write(move_to_vpc)
        .write(restore)
        .read(describe_moving)
}

static ATTRIBUTES: Attributes<ElasticAddress> = Attributes(&[
    ("allocation-id", |_, address| each(allocation(address))),
    ("association-id", |model, address| each(Use::of(model, address).association)),
    ("domain", |_, address| one(domain(address.domain))),
    ("instance-id", |model, address| each(Use::of(model, address).instance)),
    ("network-border-group", |_, address| one(&address.scope.region)),
    ("network-interface-id", |model, address| each(Use::of(model, address).interface.map(|eni| &eni.id))),
    ("network-interface-owner-id", |model, address| {
        each(Use::of(model, address).interface.map(|eni| &eni.scope.account))
    }),
    ("private-ip-address", |model, address| each(Use::of(model, address).private)),
    ("public-ip", |_, address| one(address.address)),
]);

fn domain(domain: Domain) -> &'static str {
    match domain {
        Domain::Standard => "standard",
        Domain::Vpc => "vpc",
    }
}

fn allocation(address: &ElasticAddress) -> Option<String> {
    (address.domain == Domain::Vpc).then(|| address.id.clone())
}

/// The use of an address.
#[derive(Default)]
struct Use<'m> {
    association: Option<String>,
    instance: Option<String>,
    interface: Option<&'m NetworkInterface>,
    private: Option<Ipv4Addr>,
}

impl<'m> Use<'m> {
    fn of(model: &'m Model, address: &ElasticAddress) -> Use<'m> {
        match model.holder_of(address.address) {
            Some((AddressHolder::Instance(id), _)) => Use { instance: Some(id), ..Use::default() },
            Some((AddressHolder::Interface { id, private }, association)) => {
                let interface = model.network_interfaces.get(&id);
                let instance = interface.and_then(NetworkInterface::instance).map(str::to_owned);
                Use { association: Some(association), instance, interface, private: Some(private) }
            }
            None => Use::default(),
        }
    }
}

/// The pool that an address is of.
fn pool<'m>(model: &'m Model, address: &ElasticAddress) -> &'m str {
    model.ipam_allocations.by(&address.id).next().map_or("amazon", |row| &row.pool)
}

fn shown(model: &Model, address: &ElasticAddress) -> ec2::Address {
    let used = Use::of(model, address);
    ec2::Address {
        allocation_id: allocation(address),
        association_id: used.association,
        domain: text(domain(address.domain)),
        network_interface_id: used.interface.map(|interface| interface.id.clone()),
        network_interface_owner_id: used.interface.map(|interface| interface.scope.account.clone()),
        private_ip_address: used.private.and_then(text),
        tags: tags::shown(&address.tags).unless_empty(),
        public_ipv4_pool: text(pool(model, address)),
        network_border_group: text(&address.scope.region),
        // EC2 sends this element empty for a free address of EC2-Classic.
        instance_id: Some(used.instance.unwrap_or_default()),
        public_ip: text(address.address),
        ..Default::default()
    }
}

fn describe(View { model, caller }: View, input: ec2::DescribeAddressesRequest) -> Result<List<ec2::Address>> {
    let ec2::DescribeAddressesRequest { public_ips, filters, allocation_ids } = input;
    let asked = public_ips.iter().map(|ip| public_ip(ip)).collect::<Result<Vec<_>>>()?;
    let all = || model.elastic_addresses.of(&caller.scope);
    let mut chosen = ATTRIBUTES.all(model, all(), &allocation_ids, &filters)?;
    if let Some(unknown) = asked.iter().find(|asked| !all().any(|address| address.address == **asked)) {
        return Err(Error::AddressNotFound { address: *unknown });
    }
    chosen.retain(|address| asked.is_empty() || asked.contains(&address.address));
    chosen.sort_by_key(|address| asked.iter().position(|asked| *asked == address.address));
    Ok(chosen.into_iter().map(|address| shown(model, address)).collect())
}

/// The address of a parameter.
pub fn public_ip(ip: &str) -> Result<Ipv4Addr> {
    ip.parse().map_err(|_| Error::AddressMalformed { address: ip.to_owned() })
}

fn name(ip: Option<String>, allocation: Option<String>) -> Result<AddressName> {
    match (ip, allocation) {
        (Some(ip), None) => Ok(AddressName::Public(public_ip(&ip)?)),
        (None, Some(id)) => Ok(AddressName::Allocation(id)),
        (None, None) => Err(Error::missing("PublicIp or AllocationId")),
        (Some(_), Some(_)) => Err(Error::AddressOr { other: "allocation id".into() }),
    }
}

fn allocate(cx: Change, input: ec2::AllocateAddressRequest) -> Result<ec2::AllocateAddressResult> {
    let ec2::AllocateAddressRequest { domain: wanted, address, tag_specifications, ipam_pool_id } = input;
    let wanted = match wanted.as_deref() {
        None => None,
        Some("standard") => Some(Domain::Standard),
        Some("vpc") => Some(Domain::Vpc),
        Some(other) => return Err(Error::invalid("Domain", other)),
    };
    let tags = tags::of(tag_specifications, "elastic-ip")?;
    let id = cx.model.allocate_address(cx.caller, wanted, ipam_pool_id.as_deref(), address.as_deref(), tags)?;
    let address = cx.model.elastic_addresses.find(&cx.caller.scope, &id)?;
    Ok(ec2::AllocateAddressResult {
        allocation_id: allocation(address),
        public_ipv4_pool: text(pool(cx.model, address)),
        network_border_group: text(&address.scope.region),
        domain: text(domain(address.domain)),
        public_ip: text(address.address),
        ..Default::default()
    })
}

fn associate(cx: Change, input: ec2::AssociateAddressRequest) -> Result<ec2::AssociateAddressResult> {
    let ec2::AssociateAddressRequest {
        allocation_id,
        instance_id,
        public_ip: ip,
        network_interface_id,
        private_ip_address,
        allow_reassociation,
    } = input;
    let name = name(ip, allocation_id)?;
    let target = match (instance_id, network_interface_id) {
        (Some(id), None) => AddressTarget::Instance(id),
        (None, Some(id)) => AddressTarget::Interface(id),
        (None, None) => return Err(Error::missing("InstanceId or NetworkInterfaceId")),
        (Some(_), Some(_)) => return Err(Error::InstanceOrInterface {}),
    };
    let private = private_ip_address.map(|ip| address("PrivateIpAddress", &ip));
    let association =
        cx.model.associate_address(cx.caller, &name, &target, private.transpose()?, allow_reassociation)?;
    let association_id = matches!(name, AddressName::Allocation(_)).then_some(association);
    Ok(ec2::AssociateAddressResult { association_id })
}

fn disassociate(cx: Change, input: ec2::DisassociateAddressRequest) -> Result<()> {
    match (input.public_ip, input.association_id) {
        (Some(ip), None) => cx.model.disassociate_public(cx.caller, public_ip(&ip)?),
        (None, Some(association)) => cx.model.disassociate_address(cx.caller, &association),
        (None, None) => Err(Error::missing("PublicIp or AssociationId")),
        (Some(_), Some(_)) => Err(Error::AddressOr { other: "association id".into() }),
    }
}

fn release(cx: Change, input: ec2::ReleaseAddressRequest) -> Result<()> {
    cx.model.release_address(cx.caller, &name(input.public_ip, input.allocation_id)?)
}

fn move_to_vpc(cx: Change, input: ec2::MoveAddressToVpcRequest) -> Result<ec2::MoveAddressToVpcResult> {
    let id = cx.model.move_address_to_vpc(cx.caller, public_ip(&input.public_ip)?)?;
    Ok(ec2::MoveAddressToVpcResult { allocation_id: Some(id), status: text("InVpc") })
}

fn restore(cx: Change, input: ec2::RestoreAddressToClassicRequest) -> Result<ec2::RestoreAddressToClassicResult> {
    cx.model.restore_address(cx.caller, public_ip(&input.public_ip)?)?;
    Ok(ec2::RestoreAddressToClassicResult { public_ip: Some(input.public_ip), status: text("InClassic") })
}

/// Moves happen at once, so none is ever under way.
fn describe_moving(_: View, input: ec2::DescribeMovingAddressesRequest) -> Result<ec2::DescribeMovingAddressesResult> {
    input.public_ips.iter().try_for_each(|ip| public_ip(ip).map(|_| ()))?;
    Ok(ec2::DescribeMovingAddressesResult { moving_address_statuses: Vec::new().into(), next_token: None })
}
