//! How a network interface is described, and by what it can be found.

use super::listing::{Attributes, each, one};
use super::security_group::identifiers;
use super::{tags, text};
use crate::names::{private_name, public_name};
use ipnet::{Ipv4Net, Ipv6Net};
use model::{
    ConnectionTracking, EnaSrd, ManagedPlace, ManagedService, Model, NetworkInterface, PublicAddress, zone_id,
};
use shapes::ec2;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The filters of interfaces.
pub static ATTRIBUTES: Attributes<NetworkInterface> = Attributes(&[
    ("addresses.association.owner-id", |model, eni| associations(model, eni, |to| to.ip_owner_id)),
    ("addresses.association.public-ip", |model, eni| associations(model, eni, |to| to.public_ip)),
    ("addresses.primary", |_, eni| each(eni.addresses.iter().map(|address| *address == eni.address()))),
    ("addresses.private-ip-address", |_, eni| each(&eni.addresses)),
    ("association.allocation-id", |model, eni| associations(model, eni, |to| to.allocation_id)),
    ("association.association-id", |model, eni| associations(model, eni, |to| to.association_id)),
    ("association.ip-owner-id", |model, eni| associations(model, eni, |to| to.ip_owner_id)),
    ("association.public-dns-name", |model, eni| associations(model, eni, |to| to.public_dns_name)),
    ("association.public-ip", |model, eni| associations(model, eni, |to| to.public_ip)),
    ("attachment.attach-time", |model, eni| each(attachment(model, eni).and_then(|to| to.attach_time))),
    ("attachment.attachment-id", |model, eni| each(attachment(model, eni).and_then(|to| to.attachment_id))),
    ("attachment.delete-on-termination", |model, eni| {
        each(attachment(model, eni).and_then(|to| to.delete_on_termination))
    }),
    ("attachment.device-index", |model, eni| each(attachment(model, eni).and_then(|to| to.device_index))),
    ("attachment.instance-id", |_, eni| each(eni.instance())),
    ("attachment.instance-owner-id", |model, eni| each(attachment(model, eni).and_then(|to| to.instance_owner_id))),
    ("attachment.status", |model, eni| each(attachment(model, eni).and_then(|to| to.status))),
    ("availability-zone", |model, eni| each(zone(model, eni))),
    ("availability-zone-id", |model, eni| each(zone(model, eni).map(zone_id))),
    ("description", |_, eni| one(&eni.description)),
    ("group-id", |_, eni| eni.groups.clone()),
    ("group-name", |model, eni| {
        each(eni.groups.iter().filter_map(|id| model.security_groups.get(id)).map(|group| &group.name))
    }),
    ("interface-type", |model, eni| one(kind(model, eni))),
    ("ipv6-addresses.ipv6-address", |_, eni| each(&eni.ipv6)),
    ("mac-address", |_, eni| one(eni.mac())),
    ("network-interface-id", |_, eni| one(&eni.id)),
    ("operator.managed", |_, _| one(false)),
    ("owner-id", |_, eni| one(&eni.scope.account)),
    ("private-dns-name", |_, eni| one(private_name(&eni.scope.region, eni.address()))),
    ("private-ip-address", |_, eni| each(&eni.addresses)),
    ("requester-id", |model, eni| each(requester(model, eni))),
    ("requester-managed", |model, eni| one(is_managed(model, eni))),
    ("source-dest-check", |_, eni| one(eni.source_dest_check)),
    ("status", |model, eni| one(status(model, eni))),
    ("subnet-id", |_, eni| one(&eni.subnet)),
    ("vpc-id", |_, eni| one(&eni.vpc)),
]);

/// The values of a member for all public addresses of an interface.
fn associations(
    model: &Model,
    interface: &NetworkInterface,
    member: fn(ec2::NetworkInterfaceAssociation) -> Option<String>,
) -> Vec<String> {
    let all = interface.public.values().map(|public| association(model, interface, public));
    all.filter_map(member).collect()
}

/// Whether it belongs to a part of the platform.
fn is_managed(model: &Model, interface: &NetworkInterface) -> bool {
    model.is_platforms(&interface.id)
}

fn kind(model: &Model, interface: &NetworkInterface) -> &'static str {
    match () {
        () if model.nat_gateway_of(&interface.id).is_some() => "nat_gateway",
        () if model.transit_attachment_at(&interface.id).is_some() => "transit_gateway",
        () if is_endpoints(model, interface) => "vpc_endpoint",
        () if model.connect_endpoint_of(&interface.id).is_some() => "ec2_instance_connect_endpoint",
        () => "interface",
    }
}

fn is_endpoints(model: &Model, interface: &NetworkInterface) -> bool {
    let host = model.managed_host_of(&interface.id);
    host.is_some_and(|host| host.owner.service == ManagedService::PrivateLink)
}

/// Whether it is a part of a router of the platform, which no service has asked for.
fn is_routers(model: &Model, interface: &NetworkInterface) -> bool {
    matches!(kind(model, interface), "nat_gateway" | "transit_gateway")
}

fn status(model: &Model, interface: &NetworkInterface) -> &'static str {
    if interface.attachment.is_some() || is_managed(model, interface) { "in-use" } else { "available" }
}

/// The requester, unless it came with an instance.
fn requester<'a>(model: &Model, interface: &'a NetworkInterface) -> Option<&'a str> {
    if is_routers(model, interface) { Some("amazon") } else { interface.requester.as_deref() }
}

fn zone<'m>(model: &'m Model, interface: &NetworkInterface) -> Option<&'m str> {
    model.subnets.get(&interface.subnet).map(|subnet| subnet.zone.as_str())
}

/// The name of a public address, in a VPC that has DNS names on.
fn public_dns(model: &Model, interface: &NetworkInterface, public: Ipv4Addr) -> Option<String> {
    let named = model.vpcs.get(&interface.vpc).is_some_and(|vpc| vpc.dns_support && vpc.dns_hostnames);
    named.then(|| public_name(&interface.scope.region, public))
}

/// A public address. One that is not elastic is Amazon's.
fn association(
    model: &Model,
    interface: &NetworkInterface,
    public: &PublicAddress,
) -> ec2::NetworkInterfaceAssociation {
    let elastic = public.elastic.as_ref().and_then(|_| model.elastic_address(public.address));
    ec2::NetworkInterfaceAssociation {
        allocation_id: elastic.map(|elastic| elastic.id.clone()),
        association_id: public.elastic.clone(),
        ip_owner_id: text(elastic.map_or("amazon", |elastic| &elastic.scope.account)),
        public_dns_name: Some(public_dns(model, interface, public.address).unwrap_or_default()),
        public_ip: text(public.address),
        ..Default::default()
    }
}

/// The attachment of an interface.
pub fn attachment(model: &Model, interface: &NetworkInterface) -> Option<ec2::NetworkInterfaceAttachment> {
    let to_instance = interface.attachment.as_ref().map(|attachment| ec2::NetworkInterfaceAttachment {
        attach_time: Some(attachment.since.second()),
        attachment_id: text(&attachment.id),
        delete_on_termination: Some(attachment.delete_on_termination),
        device_index: Some(attachment.device_index.into()),
        network_card_index: Some(0),
        instance_id: text(&attachment.instance),
        instance_owner_id: text(&interface.scope.account),
        status: text("attached"),
        ena_srd_specification: srd(attachment.srd),
        ..Default::default()
    });
    to_instance.or_else(|| attached_to_platform(model, interface))
}

/// The attachment of an interface of a part of the platform, which is to no instance that anybody sees.
fn attached_to_platform(model: &Model, interface: &NetworkInterface) -> Option<ec2::NetworkInterfaceAttachment> {
    let (id, owner) = match model.managed_host_of(&interface.id).map(|host| &host.place) {
        Some(ManagedPlace::Vpc { attachment, .. }) => (attachment.clone(), interface.requester.as_deref()),
        _ if is_managed(model, interface) => (interface.id.replace("eni-", "ela-attach-"), Some("amazon-aws")),
        _ => return None,
    };
    Some(ec2::NetworkInterfaceAttachment {
        attachment_id: Some(id),
        delete_on_termination: Some(false),
        device_index: Some(1),
        network_card_index: Some(0),
        instance_owner_id: owner.and_then(text),
        status: text("attached"),
        ..Default::default()
    })
}

/// The settings of ENA Express, if there are any.
pub fn srd(own: EnaSrd) -> Option<ec2::AttachmentEnaSrdSpecification> {
    let udp = ec2::AttachmentEnaSrdUdpSpecification { ena_srd_udp_enabled: Some(own.udp.unwrap_or(false)) };
    (own != EnaSrd::default()).then(|| ec2::AttachmentEnaSrdSpecification {
        ena_srd_enabled: Some(own.enabled.unwrap_or(false)),
        ena_srd_udp_specification: Some(udp),
    })
}

/// The time-outs of connections, if any is set.
pub fn tracking(own: ConnectionTracking) -> Option<ec2::ConnectionTrackingConfiguration> {
    let told = ec2::ConnectionTrackingConfiguration {
        tcp_established_timeout: own.tcp_established,
        udp_stream_timeout: own.udp_stream,
        udp_timeout: own.udp,
    };
    (own != ConnectionTracking::default()).then_some(told)
}

/// An interface.
pub fn shown(model: &Model, interface: &NetworkInterface) -> ec2::NetworkInterface {
    let region = &interface.scope.region;
    let zone = zone(model, interface);
    let public_of = |private: &Ipv4Addr| interface.public.get(private).map(|to| association(model, interface, to));
    let private = |address: &Ipv4Addr| ec2::NetworkInterfacePrivateIpAddress {
        association: public_of(address),
        primary: Some(*address == interface.address()),
        private_dns_name: text(private_name(region, *address)),
        private_ip_address: text(address),
    };
    let prefix = |block: &Ipv4Net| ec2::Ipv4PrefixSpecification { ipv4_prefix: text(block) };
    let ipv6_prefix = |block: &Ipv6Net| ec2::Ipv6PrefixSpecification { ipv6_prefix: text(block) };
    let ipv6 = |address: &Ipv6Addr| ec2::NetworkInterfaceIpv6Address {
        ipv6_address: text(address),
        is_primary_ipv6: Some(interface.is_primary_ipv6(address)),
        public_ipv6_dns_name: None,
    };
    ec2::NetworkInterface {
        association: public_of(&interface.address()),
        attachment: attachment(model, interface),
        availability_zone: zone.and_then(text),
        availability_zone_id: zone.map(zone_id),
        connection_tracking_configuration: tracking(interface.tracking),
        description: text(&interface.description),
        groups: identifiers(model, &interface.groups),
        interface_type: text(kind(model, interface)),
        ipv4_prefixes: interface.prefixes.iter().map(prefix).collect::<shapes::List<_>>().unless_empty(),
        ipv6_prefixes: interface.ipv6_prefixes.iter().map(ipv6_prefix).collect::<shapes::List<_>>().unless_empty(),
        ipv6_addresses: interface.ipv6.iter().map(ipv6).collect(),
        ipv6_address: interface.ipv6.first().and_then(text),
        mac_address: text(interface.mac()),
        network_interface_id: text(&interface.id),
        operator: Some(ec2::OperatorResponse { managed: Some(false), ..Default::default() }),
        owner_id: text(&interface.scope.account),
        private_dns_name: text(private_name(region, interface.address())),
        private_ip_address: text(interface.address()),
        private_ip_addresses: interface.addresses.iter().map(private).collect(),
        requester_id: requester(model, interface).and_then(text),
        requester_managed: Some(is_managed(model, interface)),
        source_dest_check: Some(interface.source_dest_check),
        status: text(status(model, interface)),
        subnet_id: text(&interface.subnet),
        tag_set: tags::shown(&interface.tags),
        vpc_id: text(&interface.vpc),
        ..Default::default()
    }
}
