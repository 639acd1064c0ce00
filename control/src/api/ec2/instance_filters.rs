//! By what DescribeInstances and DescribeInstanceStatus can be filtered.

use super::instance_item::{groups, primary, private, private_dns, public, public_dns, state_reason, status_check};
use super::listing::Attributes;
use super::vpc::tenancy;
use crate::model::{Instance, Model, NetworkInterface, VpcPlace, zone_id};
use std::net::Ipv4Addr;

fn one(text: impl ToString) -> Vec<String> {
    vec![text.to_string()]
}

fn maybe(text: Option<impl ToString>) -> Vec<String> {
    text.map(|text| text.to_string()).into_iter().collect()
}

fn group_names(model: &Model, groups: &[String]) -> Vec<String> {
    groups.iter().filter_map(|id| model.security_groups.get(id)).map(|group| group.name.clone()).collect()
}

/// The groups of a Classic instance: `group-id` and `group-name` are for those, `instance.group-id` for both kinds.
fn classic_groups(instance: &Instance) -> Vec<String> {
    instance.classic().map(|classic| classic.groups.clone()).unwrap_or_default()
}

/// What all interfaces of an instance have.
fn interfaces<T: ToString>(
    model: &Model,
    instance: &Instance,
    values: impl Fn(&NetworkInterface) -> Vec<T>,
) -> Vec<String> {
    let ids = instance.vpc().map(|place| place.interfaces.as_slice()).unwrap_or_default();
    let all = ids.iter().filter_map(|id| model.network_interfaces.get(id));
    all.flat_map(|interface| values(interface).into_iter().map(|value| value.to_string())).collect()
}

fn publics(interface: &NetworkInterface) -> Vec<Ipv4Addr> {
    interface.public.values().map(|public| public.address).collect()
}

fn living_vpc(instance: &Instance) -> Option<&VpcPlace> {
    instance.vpc().filter(|_| !instance.is_gone())
}

/// DescribeInstances
pub static DESCRIBED: Attributes<Instance> = Attributes(&[
    ("architecture", |_, _| one("x86_64")),
    ("availability-zone", |_, i| one(&i.zone)),
    ("availability-zone-id", |_, i| one(zone_id(&i.zone))),
    ("block-device-mapping.delete-on-termination", |_, _| one(true)),
    ("block-device-mapping.device-name", |_, _| one("/dev/sda1")),
    ("block-device-mapping.status", |_, _| one("attached")),
    ("block-device-mapping.volume-id", |_, i| one(&i.volume)),
    ("client-token", |_, i| maybe(i.client_token.as_ref().map(|token| &token.token))),
    ("dns-name", |m, i| maybe(public_dns(m, i))),
    ("group-id", |_, i| classic_groups(i)),
    ("group-name", |m, i| group_names(m, &classic_groups(i))),
    ("hypervisor", |_, _| one("xen")),
    ("image-id", |_, i| one(&i.image)),
    ("instance-id", |_, i| one(&i.id)),
    ("instance-lifecycle", |_, i| maybe(i.spot.then_some("spot"))),
    ("instance-state-code", |_, i| one(i.state.code())),
    ("instance-state-name", |_, i| one(i.state.name())),
    ("instance-type", |_, i| one(&i.instance_type)),
    ("instance.group-id", |m, i| groups(m, i).to_vec()),
    ("instance.group-name", |m, i| group_names(m, groups(m, i))),
    ("ip-address", |m, i| maybe(public(m, i))),
    ("key-name", |_, i| maybe(i.key_name.as_ref())),
    ("launch-index", |_, i| one(i.launch_index)),
    ("launch-time", |_, i| one(i.launched)),
    ("monitoring-state", |_, i| one(if i.monitored { "enabled" } else { "disabled" })),
    ("network-interface.addresses.private-ip-address", |m, i| interfaces(m, i, |eni| eni.addresses.clone())),
    ("network-interface.addresses.primary", |m, i| {
        interfaces(m, i, |eni| eni.addresses.iter().map(|address| *address == eni.address()).collect())
    }),
    ("network-interface.association.public-ip", |m, i| interfaces(m, i, publics)),
    ("network-interface.addresses.association.public-ip", |m, i| interfaces(m, i, publics)),
    ("network-interface.attachment.attachment-id", |m, i| {
        interfaces(m, i, |eni| eni.attachment.iter().map(|attachment| attachment.id.clone()).collect())
    }),
    ("network-interface.attachment.device-index", |m, i| {
        interfaces(m, i, |eni| eni.attachment.iter().map(|attachment| attachment.device_index).collect())
    }),
    ("network-interface.attachment.instance-id", |m, i| interfaces(m, i, |_| vec![i.id.clone()])),
    ("network-interface.availability-zone", |m, i| interfaces(m, i, |_| vec![i.zone.clone()])),
    ("network-interface.description", |m, i| interfaces(m, i, |eni| vec![eni.description.clone()])),
    ("network-interface.group-id", |m, i| interfaces(m, i, |eni| eni.groups.clone())),
    ("network-interface.group-name", |m, i| interfaces(m, i, |eni| group_names(m, &eni.groups))),
    ("network-interface.mac-address", |m, i| interfaces(m, i, |eni| vec![eni.mac()])),
    ("network-interface.network-interface-id", |m, i| interfaces(m, i, |eni| vec![eni.id.clone()])),
    ("network-interface.owner-id", |m, i| interfaces(m, i, |eni| vec![eni.scope.account.clone()])),
    ("network-interface.private-ip-address", |m, i| interfaces(m, i, |eni| vec![eni.address()])),
    ("network-interface.source-dest-check", |m, i| interfaces(m, i, |eni| vec![eni.source_dest_check])),
    ("network-interface.status", |m, i| interfaces(m, i, |_| vec!["in-use"])),
    ("network-interface.subnet-id", |m, i| interfaces(m, i, |eni| vec![eni.subnet.clone()])),
    ("network-interface.vpc-id", |m, i| interfaces(m, i, |eni| vec![eni.vpc.clone()])),
    ("owner-id", |_, i| one(&i.scope.account)),
    ("private-dns-name", |m, i| maybe(private_dns(m, i))),
    ("private-ip-address", |m, i| maybe(private(m, i))),
    ("reservation-id", |_, i| one(&i.reservation)),
    ("root-device-name", |_, _| one("/dev/sda1")),
    ("root-device-type", |_, _| one("ebs")),
    ("source-dest-check", |m, i| maybe(primary(m, i).map(|eni| eni.source_dest_check))),
    ("state-reason-code", |_, i| maybe(state_reason(i).map(|(code, _)| code))),
    ("subnet-id", |_, i| maybe(living_vpc(i).map(|place| &place.subnet))),
    ("tenancy", |_, i| one(tenancy(i.tenancy))),
    ("virtualization-type", |_, i| one(if i.classic().is_some() { "paravirtual" } else { "hvm" })),
    ("vpc-id", |_, i| maybe(living_vpc(i).map(|place| &place.vpc))),
]);

/// DescribeInstanceStatus
pub static STATUS: Attributes<Instance> = Attributes(&[
    ("availability-zone", |_, i| one(&i.zone)),
    ("availability-zone-id", |_, i| one(zone_id(&i.zone))),
    ("instance-state-code", |_, i| one(i.state.code())),
    ("instance-state-name", |_, i| one(i.state.name())),
    ("instance-status.reachability", |_, i| maybe(status_check(i).1)),
    ("instance-status.status", |_, i| one(status_check(i).0)),
    ("system-status.reachability", |_, i| maybe(status_check(i).1)),
    ("system-status.status", |_, i| one(status_check(i).0)),
]);
