//! Elastic IP addresses on the wire.

use super::describe::Listing;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{
    AddressHolder, AddressName, AddressTarget, Caller, Domain, ElasticAddress, Error, IdKind, Model, NetworkInterface,
    Result, Tags,
};
use std::net::Ipv4Addr;

pub const ACTIONS: Actions = &[
    ("AllocateAddress", Handler::Write(allocate)),
    ("DescribeAddresses", Handler::Read(describe)),
    ("AssociateAddress", Handler::Write(associate)),
    ("DisassociateAddress", Handler::Write(disassociate)),
    ("ReleaseAddress", Handler::Write(release)),
    ("MoveAddressToVpc", Handler::Write(move_to_vpc)),
    ("RestoreAddressToClassic", Handler::Write(restore)),
    ("DescribeMovingAddresses", Handler::Read(describe_moving)),
];

static LISTING: Listing<ElasticAddress> = Listing {
    ids: "AllocationId",
    set: "addressesSet",
    filters: &[
        ("public-ip", |_, address| vec![address.address.to_string()]),
        ("domain", |_, address| vec![domain(address.domain).to_owned()]),
        ("allocation-id", |_, address| allocation(address).into_iter().collect()),
        ("association-id", |model, address| Use::of(model, address).association.into_iter().collect()),
        ("instance-id", |model, address| Use::of(model, address).instance.into_iter().collect()),
        ("network-interface-id", |model, address| {
            Use::of(model, address).interface.iter().map(|interface| interface.id.clone()).collect()
        }),
        ("network-interface-owner-id", |model, address| {
            Use::of(model, address).interface.iter().map(|interface| interface.scope.account.clone()).collect()
        }),
        ("private-ip-address", |model, address| {
            Use::of(model, address).private.iter().map(Ipv4Addr::to_string).collect()
        }),
        ("network-border-group", |_, address| vec![address.scope.region.clone()]),
    ],
    item,
};

fn domain(domain: Domain) -> &'static str {
    match domain {
        Domain::Standard => "standard",
        Domain::Vpc => "vpc",
    }
}

fn allocation(address: &ElasticAddress) -> Option<String> {
    (address.domain == Domain::Vpc).then(|| address.id.clone())
}

/// What an address is used for.
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

fn item(model: &Model, address: &ElasticAddress) -> Node {
    let used = Use::of(model, address);
    let node = Node::new()
        .text("publicIp", address.address)
        .opt("allocationId", allocation(address))
        .text("domain", domain(address.domain))
        // Of an address of EC2-Classic that nobody has, EC2 sends this element empty.
        .text("instanceId", used.instance.unwrap_or_default())
        .opt("associationId", used.association)
        .opt("networkInterfaceId", used.interface.map(|interface| &interface.id))
        .opt("networkInterfaceOwnerId", used.interface.map(|interface| &interface.scope.account))
        .opt("privateIpAddress", used.private)
        .text("publicIpv4Pool", "amazon")
        .text("networkBorderGroup", &address.scope.region);
    if address.tags.is_empty() { node } else { node.tags(&address.tags) }
}

fn describe(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let asked: Vec<Ipv4Addr> = public_ips(&mut params)?;
    let all: Vec<&ElasticAddress> = model.elastic_addresses.of(&caller.scope).collect();
    let mut chosen = LISTING.choose(model, params, &all)?;
    if let Some(unknown) = asked.iter().find(|asked| !all.iter().any(|address| address.address == **asked)) {
        return Err(Error::AddressNotFound { address: *unknown });
    }
    chosen.retain(|address| asked.is_empty() || asked.contains(&address.address));
    Ok(Node::new().set(LISTING.set, chosen.into_iter().map(|address| item(model, address))))
}

fn public_ips(params: &mut Params) -> Result<Vec<Ipv4Addr>> {
    let list = params.list("PublicIp")?;
    list.into_iter().map(|ip| ip.parse().map_err(|_| Error::AddressMalformed { address: ip })).collect()
}

fn public_ip(params: &mut Params) -> Result<Option<Ipv4Addr>> {
    let ip = params.text("PublicIp");
    ip.map(|ip| ip.parse().map_err(|_| Error::AddressMalformed { address: ip })).transpose()
}

fn need_public_ip(params: &mut Params) -> Result<Ipv4Addr> {
    public_ip(params)?.ok_or_else(|| params.missing("PublicIp"))
}

fn name(params: &mut Params) -> Result<AddressName> {
    match (public_ip(params)?, params.opt_id("AllocationId", IdKind::Allocation)?) {
        (Some(address), None) => Ok(AddressName::Public(address)),
        (None, Some(id)) => Ok(AddressName::Allocation(id)),
        (None, None) => Err(params.missing("PublicIp or AllocationId")),
        (Some(_), Some(_)) => {
            let why = "You may specify public IP or allocation id, but not both in the same call";
            Err(Error::Combination { why: why.into() })
        }
    }
}

fn allocate(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let wanted = match params.text("Domain").as_deref() {
        None => None,
        Some("standard") => Some(Domain::Standard),
        Some("vpc") => Some(Domain::Vpc),
        Some(other) => return Err(params.invalid("Domain", other)),
    };
    let asked = params.text("Address");
    let tags: Tags = params.tags("elastic-ip")?;
    params.ignore(&["PublicIpv4Pool", "NetworkBorderGroup"]);
    params.finish()?;
    let id = model.allocate_address(caller, wanted, asked.as_deref(), tags)?;
    let address = model.elastic_addresses.find(&caller.scope, &id)?;
    Ok(Node::new()
        .text("publicIp", address.address)
        .text("domain", domain(address.domain))
        .opt("allocationId", allocation(address))
        .text("publicIpv4Pool", "amazon")
        .text("networkBorderGroup", &address.scope.region))
}

fn associate(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let name = name(&mut params)?;
    let instance = params.opt_id("InstanceId", IdKind::Instance)?;
    let interface = params.opt_id("NetworkInterfaceId", IdKind::NetworkInterface)?;
    let private = params.get("PrivateIpAddress")?;
    let reassociate = params.flag("AllowReassociation")?;
    let target = match (instance, interface) {
        (Some(id), None) => AddressTarget::Instance(id),
        (None, Some(id)) => AddressTarget::Interface(id),
        (None, None) => return Err(params.missing("InstanceId or NetworkInterfaceId")),
        (Some(_), Some(_)) => {
            let why = "You may specify an instance or a network interface, but not both in the same call";
            return Err(Error::Combination { why: why.into() });
        }
    };
    params.finish()?;
    let association = model.associate_address(caller, &name, &target, private, reassociate)?;
    let shown = matches!(name, AddressName::Allocation(_)).then_some(association);
    Ok(Node::done().opt("associationId", shown))
}

fn disassociate(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let address = public_ip(&mut params)?;
    let association = params.opt_id("AssociationId", IdKind::AddressAssociation)?;
    let missing = params.missing("PublicIp or AssociationId");
    params.finish()?;
    match (address, association) {
        (Some(address), None) => model.disassociate_public(caller, address)?,
        (None, Some(association)) => model.disassociate_address(caller, &association)?,
        (None, None) => return Err(missing),
        (Some(_), Some(_)) => {
            let why = "You may specify public IP or association id, but not both in the same call";
            return Err(Error::Combination { why: why.into() });
        }
    }
    Ok(Node::done())
}

fn release(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let name = name(&mut params)?;
    params.ignore(&["NetworkBorderGroup"]);
    params.finish()?;
    model.release_address(caller, &name)?;
    Ok(Node::done())
}

fn move_to_vpc(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let address = need_public_ip(&mut params)?;
    params.finish()?;
    let id = model.move_address_to_vpc(caller, address)?;
    Ok(Node::new().text("allocationId", id).text("status", "InVpc"))
}

fn restore(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let address = need_public_ip(&mut params)?;
    params.finish()?;
    model.restore_address(caller, address)?;
    Ok(Node::new().text("publicIp", address).text("status", "InClassic"))
}

/// Moves happen at once, so none is ever under way.
fn describe_moving(_: &Model, _: &Caller, mut params: Params) -> Result<Node> {
    public_ips(&mut params)?;
    params.ignore(&["Filter", "MaxResults", "NextToken"]);
    params.finish()?;
    Ok(Node::new().set("movingAddressStatusSet", []))
}
