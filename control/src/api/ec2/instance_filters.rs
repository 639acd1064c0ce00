//! By what DescribeInstances and DescribeInstanceStatus can be filtered.

use super::image;
use super::instance_item::{
    architecture, boot_mode, groups, has_ena, platform, primary, private, private_dns, public, public_dns,
    state_reason, status_check, windows,
};
use super::listing::{Attributes, one};
use super::vpc::tenancy;
use crate::names::private_name;
use model::{Image, Instance, Model, NetworkInterface, Volume, VolumeAttachment, VpcPlace, zone_id};
use std::net::Ipv4Addr;

fn maybe(text: Option<impl ToString>) -> Vec<String> {
    text.map(|text| text.to_string()).into_iter().collect()
}

fn image_of<'m>(model: &'m Model, instance: &Instance) -> Option<&'m Image> {
    model.image(&instance.image)
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

/// What all volumes of an instance have.
fn volumes(model: &Model, instance: &Instance, value: impl Fn(&Volume, &VolumeAttachment) -> String) -> Vec<String> {
    model.volumes_of(instance).map(|(volume, attachment)| value(volume, attachment)).collect()
}

fn publics(interface: &NetworkInterface) -> Vec<Ipv4Addr> {
    interface.public.values().map(|public| public.address).collect()
}

fn living_vpc(instance: &Instance) -> Option<&VpcPlace> {
    instance.vpc().filter(|_| !instance.is_gone())
}

/// DescribeInstances
pub static DESCRIBED: Attributes<Instance> = Attributes(&[
    ("affinity", |_, i| maybe(i.options.affinity.as_ref())),
    ("architecture", |m, i| one(architecture(image_of(m, i), i))),
    ("availability-zone", |_, i| one(&i.zone)),
    ("availability-zone-id", |_, i| one(zone_id(&i.zone))),
    ("block-device-mapping.attach-time", |m, i| volumes(m, i, |_, at| at.since.second().to_string())),
    ("block-device-mapping.delete-on-termination", |m, i| volumes(m, i, |_, at| at.delete_on_termination.to_string())),
    ("block-device-mapping.device-name", |m, i| volumes(m, i, |_, at| at.device.clone())),
    ("block-device-mapping.status", |m, i| volumes(m, i, |_, _| "attached".into())),
    ("block-device-mapping.volume-id", |m, i| volumes(m, i, |volume, _| volume.id.clone())),
    ("boot-mode", |m, i| maybe(image_of(m, i).and_then(image::boot_mode))),
    ("capacity-reservation-specification.capacity-reservation-preference", |_, i| one(i.options.capacity.word())),
    ("capacity-reservation-specification.capacity-reservation-target.capacity-reservation-id", |_, i| {
        maybe(i.options.capacity_target.as_ref())
    }),
    ("client-token", |_, i| maybe(i.client_token.as_ref().map(|token| &token.token))),
    ("current-instance-boot-mode", |m, i| one(boot_mode(image_of(m, i), i))),
    ("dns-name", |m, i| maybe(public_dns(m, i, primary(m, i)))),
    ("ebs-optimized", |_, i| one(i.ebs_optimized)),
    ("ena-support", |_, i| one(has_ena(i))),
    ("enclave-options.enabled", |_, i| one(i.options.enclaves)),
    ("group-id", |_, i| classic_groups(i)),
    ("group-name", |m, i| group_names(m, &classic_groups(i))),
    ("hibernation-options.configured", |_, i| one(i.options.hibernates)),
    ("host-id", |_, i| maybe(i.options.dedicated_host.as_ref())),
    ("hypervisor", |_, _| one("xen")),
    ("iam-instance-profile.arn", |_, i| maybe(i.options.profile.as_ref().map(|profile| &profile.arn))),
    ("iam-instance-profile.id", |m, i| maybe(i.options.profile.as_ref().map(|profile| m.profile_id(&profile.arn)))),
    ("image-id", |_, i| one(&i.image)),
    ("instance-id", |_, i| one(&i.id)),
    ("instance-lifecycle", |_, i| maybe(i.spot.then_some("spot"))),
    ("instance-state-code", |_, i| one(i.state.code())),
    ("instance-state-name", |_, i| one(i.state.name())),
    ("instance-type", |_, i| one(&i.instance_type)),
    ("instance.group-id", |m, i| groups(i, primary(m, i)).to_vec()),
    ("instance.group-name", |m, i| group_names(m, groups(i, primary(m, i)))),
    ("ip-address", |m, i| maybe(public(i, primary(m, i)))),
    ("ipv6-address", |m, i| interfaces(m, i, |eni| eni.ipv6.clone())),
    ("kernel-id", |m, i| maybe(i.boot_images(image_of(m, i)).kernel)),
    ("key-name", |_, i| maybe(i.key_name.as_ref())),
    ("launch-index", |_, i| one(i.launch_index)),
    ("launch-time", |_, i| one(i.launched.second())),
    ("maintenance-options.auto-recovery", |_, i| one(i.options.auto_recovery.word())),
    ("metadata-options.http-endpoint", |_, i| one(i.options.metadata.endpoint.word())),
    ("metadata-options.http-protocol-ipv6", |_, i| one(i.options.metadata.ipv6.word())),
    ("metadata-options.http-put-response-hop-limit", |_, i| one(i.options.metadata.hop_limit)),
    ("metadata-options.http-tokens", |_, i| one(i.options.metadata.tokens.word())),
    ("metadata-options.instance-metadata-tags", |_, i| one(i.options.metadata.tags.word())),
    ("metadata-options.state", |_, _| one("applied")),
    ("monitoring-state", |_, i| one(if i.monitored { "enabled" } else { "disabled" })),
    ("network-interface.addresses.private-ip-address", |m, i| interfaces(m, i, |eni| eni.addresses.clone())),
    ("network-interface.addresses.primary", |m, i| {
        interfaces(m, i, |eni| eni.addresses.iter().map(|address| *address == eni.address()).collect())
    }),
    ("network-interface.association.public-ip", |m, i| interfaces(m, i, publics)),
    ("network-interface.addresses.association.public-ip", |m, i| interfaces(m, i, publics)),
    ("network-interface.attachment.attach-time", |m, i| {
        interfaces(m, i, |eni| eni.attachment.iter().map(|attachment| attachment.since.second()).collect())
    }),
    ("network-interface.attachment.delete-on-termination", |m, i| {
        interfaces(m, i, |eni| eni.attachment.iter().map(|attachment| attachment.delete_on_termination).collect())
    }),
    ("network-interface.attachment.instance-owner-id", |m, i| interfaces(m, i, |_| vec![i.scope.account.clone()])),
    ("network-interface.attachment.network-card-index", |m, i| interfaces(m, i, |_| vec![0])),
    ("network-interface.attachment.status", |m, i| interfaces(m, i, |_| vec!["attached"])),
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
    ("network-interface.ipv6-address", |m, i| interfaces(m, i, |eni| eni.ipv6.clone())),
    ("network-interface.ipv6-addresses.ipv6-address", |m, i| interfaces(m, i, |eni| eni.ipv6.clone())),
    ("network-interface.mac-address", |m, i| interfaces(m, i, |eni| vec![eni.mac()])),
    ("network-interface.network-interface-id", |m, i| interfaces(m, i, |eni| vec![eni.id.clone()])),
    ("network-interface.owner-id", |m, i| interfaces(m, i, |eni| vec![eni.scope.account.clone()])),
    ("network-interface.private-ip-address", |m, i| interfaces(m, i, |eni| vec![eni.address()])),
    ("network-interface.private-dns-name", |m, i| {
        interfaces(m, i, |eni| vec![private_name(&eni.scope.region, eni.address())])
    }),
    ("network-interface.requester-managed", |m, i| interfaces(m, i, |_| vec![false])),
    ("network-interface.source-dest-check", |m, i| interfaces(m, i, |eni| vec![eni.source_dest_check])),
    ("network-interface.status", |m, i| interfaces(m, i, |_| vec!["in-use"])),
    ("network-interface.subnet-id", |m, i| interfaces(m, i, |eni| vec![eni.subnet.clone()])),
    ("network-interface.vpc-id", |m, i| interfaces(m, i, |eni| vec![eni.vpc.clone()])),
    ("network-performance-options.bandwidth-weighting", |_, i| one(i.options.bandwidth.word())),
    ("operator.managed", |_, _| one(false)),
    ("owner-id", |_, i| one(&i.scope.account)),
    ("placement-group-name", |_, i| maybe(i.options.placement_group.as_ref())),
    ("placement-partition-number", |_, i| maybe(i.options.partition)),
    ("platform", |m, i| maybe(windows(platform(image_of(m, i))))),
    ("platform-details", |m, i| one(platform(image_of(m, i)).billing().0)),
    ("private-dns-name-options.enable-resource-name-dns-a-record", |_, i| one(i.options.dns.a_record)),
    ("private-dns-name-options.enable-resource-name-dns-aaaa-record", |_, i| one(i.options.dns.aaaa_record)),
    ("private-dns-name-options.hostname-type", |_, i| one(i.options.dns.hostname.word())),
    ("private-dns-name", |m, i| maybe(private_dns(i, primary(m, i)))),
    ("private-ip-address", |m, i| maybe(private(i, primary(m, i)))),
    ("ramdisk-id", |m, i| maybe(i.boot_images(image_of(m, i)).ramdisk)),
    ("reservation-id", |_, i| one(&i.reservation)),
    ("root-device-name", |m, i| one(Image::root_device_of(image_of(m, i)))),
    ("root-device-type", |m, i| one(m.root_device_type(&i.image).word())),
    ("source-dest-check", |m, i| maybe(primary(m, i).map(|eni| eni.source_dest_check))),
    ("state-reason-code", |m, i| maybe(state_reason(m, i).map(|(code, _)| code))),
    ("state-reason-message", |m, i| maybe(state_reason(m, i).map(|(_, message)| message))),
    ("subnet-id", |_, i| maybe(living_vpc(i).map(|place| &place.subnet))),
    ("tenancy", |_, i| one(tenancy(i.tenancy))),
    ("tpm-support", |m, i| maybe(image_of(m, i).and_then(|image| image::version_2(image.firmware.tpm)))),
    ("usage-operation", |m, i| one(platform(image_of(m, i)).billing().1)),
    ("usage-operation-update-time", |_, i| one(i.launched)),
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
