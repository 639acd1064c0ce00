//! How an instance is described: the item of RunInstances and DescribeInstances.

use super::ec2::security_group::identifiers;
use super::ec2::vpc::tenancy;
use super::xml::Node;
use super::zone_names::{private_name, public_name};
use crate::model::{Instance, InstanceState, Model, NetworkInterface};
use std::net::Ipv4Addr;

/// The primary network interface of an instance.
pub fn primary<'m>(model: &'m Model, instance: &Instance) -> Option<&'m NetworkInterface> {
    model.network_interfaces.get(instance.vpc()?.interfaces.first()?)
}

/// The private address.
pub fn private(model: &Model, instance: &Instance) -> Option<Ipv4Addr> {
    match instance.classic() {
        Some(classic) => classic.private,
        None => primary(model, instance).map(NetworkInterface::address),
    }
}

/// The public address.
pub fn public(model: &Model, instance: &Instance) -> Option<Ipv4Addr> {
    let public = match instance.classic() {
        Some(classic) => classic.public.as_ref(),
        None => primary(model, instance)?.primary_public(),
    };
    public.map(|public| public.address)
}

/// The groups: of a Classic instance its Classic groups only, a link's are told by DescribeClassicLinkInstances.
pub fn groups<'m>(model: &'m Model, instance: &'m Instance) -> &'m [String] {
    match instance.classic() {
        Some(_) if instance.is_gone() => &[],
        Some(classic) => &classic.groups,
        None => primary(model, instance).map(|interface| interface.groups.as_slice()).unwrap_or_default(),
    }
}

/// The private DNS name.
pub fn private_dns(model: &Model, instance: &Instance) -> Option<String> {
    private(model, instance).map(|address| private_name(&instance.scope.region, address))
}

/// The public DNS name; in a VPC, only where it has DNS names on.
pub fn public_dns(model: &Model, instance: &Instance) -> Option<String> {
    dns_of(model, instance, public(model, instance)?)
}

fn dns_of(model: &Model, instance: &Instance, public: Ipv4Addr) -> Option<String> {
    let named = match instance.vpc() {
        Some(place) => model.vpcs.get(&place.vpc).is_some_and(|vpc| vpc.dns_support && vpc.dns_hostnames),
        None => true,
    };
    named.then(|| public_name(&instance.scope.region, public))
}

/// `instanceState`, `currentState` or `previousState`.
pub fn state(state: InstanceState) -> Node {
    Node::new().text("code", state.code()).text("name", state.name())
}

/// `stateReason`: why an instance does not run, or has trouble. Code and message.
pub fn state_reason(instance: &Instance) -> Option<(&'static str, String)> {
    match (&instance.host_failure, instance.state) {
        (Some(why), _) => Some(("Server.InternalError", format!("Server.InternalError: {why}"))),
        (None, InstanceState::Running) => None,
        (None, InstanceState::Pending) => Some(("pending", "pending".into())),
        (None, _) => {
            Some(("Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown".into()))
        }
    }
}

/// `systemStatus` and `instanceStatus`: the status, and that of the reachability check if there is one.
pub fn status_check(instance: &Instance) -> (&'static str, Option<&'static str>) {
    match &instance.host_failure {
        _ if !instance.is_running() => ("not-applicable", None),
        Some(_) => ("impaired", Some("failed")),
        None => ("ok", Some("passed")),
    }
}

/// The older `reason`.
fn reason(instance: &Instance) -> String {
    match instance.halted {
        Some(at) if !instance.is_on() => format!("User initiated ({at})"),
        _ => String::new(),
    }
}

/// An instance.
pub fn item(model: &Model, instance: &Instance) -> Node {
    let primary = primary(model, instance);
    let in_vpc = instance.vpc().filter(|_| !instance.is_gone());
    let node = Node::new()
        .text("instanceId", &instance.id)
        .text("imageId", &instance.image)
        .node("instanceState", state(instance.state))
        .text("privateDnsName", private_dns(model, instance).unwrap_or_default())
        .text("dnsName", public_dns(model, instance).unwrap_or_default())
        .text("reason", reason(instance))
        .opt("keyName", instance.key_name.as_ref())
        .text("amiLaunchIndex", instance.launch_index)
        .set("productCodes", [])
        .text("instanceType", &instance.instance_type)
        .text("launchTime", instance.launched)
        .node("placement", placement(instance))
        .node("monitoring", monitoring(instance))
        .opt("subnetId", in_vpc.map(|place| &place.subnet))
        .opt("vpcId", in_vpc.map(|place| &place.vpc))
        .opt("privateIpAddress", private(model, instance))
        .opt("ipAddress", public(model, instance))
        .opt("sourceDestCheck", primary.map(|interface| interface.source_dest_check))
        .shapes("groupSet", &identifiers(model, groups(model, instance)));
    let node = match state_reason(instance) {
        Some((code, message)) => node.node("stateReason", Node::new().text("code", code).text("message", message)),
        None => node,
    };
    let interfaces = in_vpc.map(|place| place.interfaces.as_slice()).unwrap_or_default();
    let interfaces = interfaces.iter().filter_map(|id| model.network_interfaces.get(id));
    hardware(node, instance)
        .tags(&instance.tags)
        .set("networkInterfaceSet", interfaces.map(|interface| interface_item(model, instance, interface)))
}

fn placement(instance: &Instance) -> Node {
    Node::new()
        .text("availabilityZone", &instance.zone)
        .text("groupName", "")
        .text("tenancy", tenancy(instance.tenancy))
}

/// `monitoring`
fn monitoring(instance: &Instance) -> Node {
    Node::new().text("state", if instance.monitored { "enabled" } else { "disabled" })
}

fn hardware(node: Node, instance: &Instance) -> Node {
    let lifecycle = instance.spot.then_some("spot");
    let node = node
        .text("architecture", "x86_64")
        .text("rootDeviceType", "ebs")
        .text("rootDeviceName", "/dev/sda1")
        .set("blockDeviceMapping", block_devices(instance))
        .text("virtualizationType", if instance.classic().is_some() { "paravirtual" } else { "hvm" })
        .opt("instanceLifecycle", lifecycle)
        .text("clientToken", instance.client_token.as_ref().map(|token| token.token.as_str()).unwrap_or_default())
        .text("hypervisor", "xen")
        .text("ebsOptimized", instance.ebs_optimized)
        .text("enaSupport", false);
    let options = Node::new()
        .text("state", "applied")
        .text("httpTokens", "optional")
        .text("httpPutResponseHopLimit", 1)
        .text("httpEndpoint", "enabled");
    node.node("metadataOptions", options).node("enclaveOptions", Node::new().text("enabled", false))
}

/// `blockDeviceMapping`
pub fn block_devices(instance: &Instance) -> Vec<Node> {
    if instance.is_gone() {
        return Vec::new();
    }
    let ebs = Node::new()
        .text("volumeId", &instance.volume)
        .text("status", "attached")
        .text("attachTime", instance.launched)
        .text("deleteOnTermination", true);
    vec![Node::new().text("deviceName", "/dev/sda1").node("ebs", ebs)]
}

fn interface_item(model: &Model, instance: &Instance, interface: &NetworkInterface) -> Node {
    let region = &instance.scope.region;
    let associated = |node: Node, private: Ipv4Addr| match interface.public.get(&private) {
        Some(public) => {
            let owner = if public.elastic.is_some() { instance.scope.account.as_str() } else { "amazon" };
            let association = Node::new()
                .text("publicIp", public.address)
                .text("publicDnsName", dns_of(model, instance, public.address).unwrap_or_default())
                .text("ipOwnerId", owner);
            node.node("association", association)
        }
        None => node,
    };
    let address = |(index, address): (usize, &Ipv4Addr)| {
        let node = Node::new()
            .text("privateIpAddress", address)
            .text("privateDnsName", private_name(region, *address))
            .text("primary", index == 0);
        associated(node, *address)
    };
    let attachment = interface.attachment.as_ref().map(|attachment| {
        Node::new()
            .text("attachmentId", &attachment.id)
            .text("deviceIndex", attachment.device_index)
            .text("status", "attached")
            .text("attachTime", attachment.since)
            .text("deleteOnTermination", attachment.delete_on_termination)
            .text("networkCardIndex", 0)
    });
    let node = Node::new()
        .text("networkInterfaceId", &interface.id)
        .text("subnetId", &interface.subnet)
        .text("vpcId", &interface.vpc)
        .text("description", &interface.description)
        .text("ownerId", &interface.scope.account)
        .text("status", "in-use")
        .text("macAddress", interface.mac())
        .text("privateIpAddress", interface.address())
        .text("privateDnsName", private_name(region, interface.address()))
        .text("sourceDestCheck", interface.source_dest_check)
        .text("interfaceType", "interface")
        .shapes("groupSet", &identifiers(model, &interface.groups))
        .node("attachment", attachment.unwrap_or_default())
        .set("privateIpAddressesSet", interface.addresses.iter().enumerate().map(address))
        .set("ipv6AddressesSet", interface.ipv6.iter().map(|address| Node::new().text("ipv6Address", address)));
    associated(node, interface.address())
}
