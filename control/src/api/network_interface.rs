//! Network interfaces on the wire.

use super::describe::Listing;
use super::ec2::security_group::identifiers;
use super::params::Params;
use super::private_address::take_wish;
use super::xml::Node;
use super::zone_names::{private_name, public_name};
use super::{Actions, Handler};
use crate::model::{
    Caller, Error, IdKind, InterfaceAttachment, InterfaceChange, Model, NetworkInterface, PublicAddress, Result,
    zone_id,
};
use std::net::Ipv4Addr;

pub const ACTIONS: Actions = &[
    ("CreateNetworkInterface", Handler::Write(create)),
    ("DescribeNetworkInterfaces", Handler::Read(describe)),
    ("DeleteNetworkInterface", Handler::Write(delete)),
    ("AttachNetworkInterface", Handler::Write(attach)),
    ("DetachNetworkInterface", Handler::Write(detach)),
    ("ModifyNetworkInterfaceAttribute", Handler::Write(modify)),
    ("ResetNetworkInterfaceAttribute", Handler::Write(reset)),
    ("DescribeNetworkInterfaceAttribute", Handler::Read(describe_attribute)),
];

static LISTING: Listing<NetworkInterface> = Listing {
    ids: "NetworkInterfaceId",
    set: "networkInterfaceSet",
    filters: &[
        ("network-interface-id", |_, interface| vec![interface.id.clone()]),
        ("vpc-id", |_, interface| vec![interface.vpc.clone()]),
        ("subnet-id", |_, interface| vec![interface.subnet.clone()]),
        ("owner-id", |_, interface| vec![interface.scope.account.clone()]),
        ("description", |_, interface| vec![interface.description.clone()]),
        ("status", |model, interface| vec![status(model, interface).to_owned()]),
        ("availability-zone", |model, interface| zone(model, interface).into_iter().collect()),
        ("mac-address", |_, interface| vec![interface.mac()]),
        ("source-dest-check", |_, interface| vec![interface.source_dest_check.to_string()]),
        ("requester-managed", |model, interface| vec![is_managed(model, interface).to_string()]),
        ("interface-type", |model, interface| vec![kind(model, interface).to_owned()]),
        ("private-ip-address", |_, interface| addresses(interface)),
        ("addresses.private-ip-address", |_, interface| addresses(interface)),
        ("addresses.primary", |_, interface| {
            interface.addresses.iter().map(|address| (*address == interface.address()).to_string()).collect()
        }),
        ("addresses.association.public-ip", |_, interface| public(interface)),
        ("association.public-ip", |_, interface| public(interface)),
        ("association.association-id", |_, interface| {
            interface.public.values().filter_map(|public| public.elastic.clone()).collect()
        }),
        ("association.allocation-id", |model, interface| {
            interface.public.values().filter_map(|public| allocation(model, public)).collect()
        }),
        ("ipv6-addresses.ipv6-address", |_, interface| interface.ipv6.iter().map(|a| a.to_string()).collect()),
        ("private-dns-name", |_, interface| vec![private_name(&interface.scope.region, interface.address())]),
        ("group-id", |_, interface| interface.groups.clone()),
        ("group-name", |model, interface| {
            let groups = interface.groups.iter().filter_map(|id| model.security_groups.get(id));
            groups.map(|group| group.name.clone()).collect()
        }),
        ("attachment.attachment-id", |_, interface| of_attachment(interface, |a| a.id.clone())),
        ("attachment.instance-id", |_, interface| of_attachment(interface, |a| a.instance.clone())),
        ("attachment.device-index", |_, interface| of_attachment(interface, |a| a.device_index.to_string())),
        ("attachment.delete-on-termination", |_, interface| {
            of_attachment(interface, |a| a.delete_on_termination.to_string())
        }),
        ("attachment.status", |_, interface| of_attachment(interface, |_| "attached".into())),
        ("attachment.attach-time", |_, interface| of_attachment(interface, |a| a.since.to_string())),
        ("attachment.instance-owner-id", |_, interface| of_attachment(interface, |_| interface.scope.account.clone())),
    ],
    item,
};

fn of_attachment(interface: &NetworkInterface, value: impl Fn(&InterfaceAttachment) -> String) -> Vec<String> {
    interface.attachment.iter().map(value).collect()
}

fn addresses(interface: &NetworkInterface) -> Vec<String> {
    interface.addresses.iter().map(Ipv4Addr::to_string).collect()
}

fn public(interface: &NetworkInterface) -> Vec<String> {
    interface.public.values().map(|public| public.address.to_string()).collect()
}

fn allocation(model: &Model, public: &PublicAddress) -> Option<String> {
    public.elastic.as_ref()?;
    model.elastic_address(public.address).map(|elastic| elastic.id.clone())
}

/// Whether it belongs to a part of the platform.
fn is_managed(model: &Model, interface: &NetworkInterface) -> bool {
    model.nat_gateway_of(&interface.id).is_some()
}

fn kind(model: &Model, interface: &NetworkInterface) -> &'static str {
    if is_managed(model, interface) { "nat_gateway" } else { "interface" }
}

fn status(model: &Model, interface: &NetworkInterface) -> &'static str {
    if interface.attachment.is_some() || is_managed(model, interface) { "in-use" } else { "available" }
}

fn zone(model: &Model, interface: &NetworkInterface) -> Option<String> {
    model.subnets.get(&interface.subnet).map(|subnet| subnet.zone.clone())
}

/// The public address of a private one.
fn association(model: &Model, interface: &NetworkInterface, private: Ipv4Addr) -> Option<Node> {
    let public = interface.public.get(&private)?;
    let vpc = model.vpcs.get(&interface.vpc)?;
    let named = vpc.dns_support && vpc.dns_hostnames;
    let name = if named { public_name(&interface.scope.region, public.address) } else { String::new() };
    Some(
        Node::new()
            .text("publicIp", public.address)
            .text("publicDnsName", name)
            .text("ipOwnerId", if public.elastic.is_some() { &interface.scope.account } else { "amazon" })
            .opt("allocationId", allocation(model, public))
            .opt("associationId", public.elastic.as_ref()),
    )
}

fn attachment(interface: &NetworkInterface, attachment: &InterfaceAttachment) -> Node {
    Node::new()
        .text("attachmentId", &attachment.id)
        .text("instanceId", &attachment.instance)
        .text("instanceOwnerId", &interface.scope.account)
        .text("deviceIndex", attachment.device_index)
        .text("networkCardIndex", 0)
        .text("status", "attached")
        .text("attachTime", attachment.since)
        .text("deleteOnTermination", attachment.delete_on_termination)
}

fn with(node: Node, name: &'static str, child: Option<Node>) -> Node {
    match child {
        Some(child) => node.node(name, child),
        None => node,
    }
}

fn item(model: &Model, interface: &NetworkInterface) -> Node {
    let region = &interface.scope.region;
    let zone = zone(model, interface);
    let private = |address: &Ipv4Addr| {
        let node = Node::new()
            .text("privateIpAddress", address)
            .text("privateDnsName", private_name(region, *address))
            .text("primary", *address == interface.address());
        with(node, "association", association(model, interface, *address))
    };
    let node = Node::new()
        .text("networkInterfaceId", &interface.id)
        .text("subnetId", &interface.subnet)
        .text("vpcId", &interface.vpc)
        .opt("availabilityZone", zone.as_ref())
        .opt("availabilityZoneId", zone.as_ref().map(|zone| zone_id(zone)))
        .text("description", &interface.description)
        .text("ownerId", &interface.scope.account)
        .text("interfaceType", kind(model, interface))
        .text("requesterManaged", is_managed(model, interface))
        .text("status", status(model, interface))
        .text("macAddress", interface.mac())
        .text("privateIpAddress", interface.address())
        .text("privateDnsName", private_name(region, interface.address()))
        .text("sourceDestCheck", interface.source_dest_check)
        .shapes("groupSet", &identifiers(model, &interface.groups));
    let node = with(node, "attachment", interface.attachment.as_ref().map(|a| attachment(interface, a)));
    with(node, "association", association(model, interface, interface.address()))
        .set("privateIpAddressesSet", interface.addresses.iter().map(private))
        .set("ipv6AddressesSet", interface.ipv6.iter().map(|address| Node::new().text("ipv6Address", address)))
        .tags(&interface.tags)
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let subnet = params.id("SubnetId", IdKind::Subnet)?;
    let description = params.text("Description").unwrap_or_default();
    let wish = take_wish(&mut params)?;
    let groups = params.ids("SecurityGroupId", IdKind::SecurityGroup)?;
    let tags = params.tags("network-interface")?;
    let token = params.text("ClientToken");
    params.ignore(&["InterfaceType"]);
    params.finish()?;
    let id = model.create_network_interface(caller, &subnet, &wish, groups, description, tags)?;
    let interface = model.network_interfaces.find(&caller.scope, &id)?;
    Ok(Node::new().node("networkInterface", item(model, interface)).opt("clientToken", token))
}

fn describe(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    params.ignore(&["IncludeManagedResources"]);
    let all: Vec<&NetworkInterface> = model.network_interfaces.of(&caller.scope).collect();
    LISTING.answer(model, params, &all)
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkInterfaceId", IdKind::NetworkInterface)?;
    params.finish()?;
    model.delete_network_interface(caller, &id)?;
    Ok(Node::done())
}

fn attach(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkInterfaceId", IdKind::NetworkInterface)?;
    let instance = params.id("InstanceId", IdKind::Instance)?;
    let index = params.need("DeviceIndex")?;
    params.ignore(&["NetworkCardIndex"]);
    params.finish()?;
    let attachment = model.attach_network_interface(caller, &id, &instance, index)?;
    Ok(Node::new().text("attachmentId", attachment).text("networkCardIndex", 0))
}

fn detach(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("AttachmentId", IdKind::NetworkInterfaceAttachment)?;
    params.ignore(&["Force"]);
    params.finish()?;
    model.detach_network_interface(caller, &id)?;
    Ok(Node::done())
}

fn modify(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkInterfaceId", IdKind::NetworkInterface)?;
    let description = params.nested("Description", |value| Ok(value.raw("Value").unwrap_or_default()))?;
    let check = params.flag_value("SourceDestCheck")?;
    let groups = params.ids("SecurityGroupId", IdKind::SecurityGroup)?;
    let termination = params.nested("Attachment", |attachment| {
        let id = attachment.id("AttachmentId", IdKind::NetworkInterfaceAttachment)?;
        Ok((id, attachment.flag("DeleteOnTermination")?.unwrap_or(true)))
    })?;
    params.finish()?;
    let groups = (!groups.is_empty()).then_some(groups);
    let mut changes: Vec<InterfaceChange> = Vec::new();
    changes.extend(description.map(InterfaceChange::Description));
    changes.extend(check.map(InterfaceChange::SourceDestCheck));
    changes.extend(groups.map(InterfaceChange::Groups));
    changes.extend(termination.map(|(id, goes)| InterfaceChange::DeleteOnTermination(id, goes)));
    match changes.pop() {
        Some(change) if changes.is_empty() => model.modify_network_interface(caller, &id, change)?,
        Some(_) => {
            let why = "Only one attribute can be modified at a time.".into();
            return Err(Error::Combination { why });
        }
        None => return Err(Error::Combination { why: "No attributes specified.".into() }),
    }
    Ok(Node::done())
}

fn reset(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkInterfaceId", IdKind::NetworkInterface)?;
    params.ignore(&["SourceDestCheck"]);
    params.finish()?;
    model.modify_network_interface(caller, &id, InterfaceChange::SourceDestCheck(true))?;
    Ok(Node::done())
}

fn describe_attribute(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("NetworkInterfaceId", IdKind::NetworkInterface)?;
    let attribute = params.required("Attribute")?;
    let unknown = params.invalid("Attribute", &attribute);
    params.finish()?;
    let interface = model.network_interfaces.find(&caller.scope, &id)?;
    let node = Node::new().text("networkInterfaceId", &id);
    Ok(match attribute.as_str() {
        "description" => node.value("description", &interface.description),
        "groupSet" => node.shapes("groupSet", &identifiers(model, &interface.groups)),
        "sourceDestCheck" => node.value("sourceDestCheck", interface.source_dest_check),
        "attachment" => with(node, "attachment", interface.attachment.as_ref().map(|a| attachment(interface, a))),
        "associatePublicIpAddress" => node.text("associatePublicIpAddress", interface.auto_public),
        _ => return Err(unknown),
    })
}
