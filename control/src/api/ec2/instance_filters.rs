//! The filters of DescribeInstances and DescribeInstanceStatus.

use super::instance_item::{
    architecture, boot_mode, groups, has_ena, platform, primary, private, private_dns, public, public_dns,
    state_reason, status_check, transition, windows,
};
use super::listing::{Attributes, one};
use super::vpc::tenancy;
use super::{image, network_interface_item};
use model::{Image, Instance, Model, NetworkInterface, Volume, VolumeAttachment, VpcPlace, zone_id};

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

/// The values of an attribute for all interfaces of an instance.
fn interfaces<T: ToString>(
    model: &Model,
    instance: &Instance,
    values: impl Fn(&NetworkInterface) -> Vec<T>,
) -> Vec<String> {
    let ids = instance.vpc().map(|place| place.interfaces.as_slice()).unwrap_or_default();
    let all = ids.iter().filter_map(|id| model.network_interfaces.get(id));
    all.flat_map(|interface| values(interface).into_iter().map(|value| value.to_string())).collect()
}

/// The values of a filter of DescribeNetworkInterfaces for all interfaces of an instance.
fn of_interfaces(model: &Model, instance: &Instance, name: &str) -> Vec<String> {
    let found = network_interface_item::ATTRIBUTES.0.iter().find(|(known, _)| *known == name);
    found.map_or_else(Vec::new, |(_, values)| interfaces(model, instance, |interface| values(model, interface)))
}

/// The values of an attribute for all volumes of an instance.
fn volumes(model: &Model, instance: &Instance, value: impl Fn(&Volume, &VolumeAttachment) -> String) -> Vec<String> {
    model.volumes_of(instance).map(|(volume, attachment)| value(volume, attachment)).collect()
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
    ("network-interface.addresses.association.allocation-id", |m, i| of_interfaces(m, i, "association.allocation-id")),
    ("network-interface.addresses.association.association-id", |m, i| {
        of_interfaces(m, i, "association.association-id")
    }),
    ("network-interface.addresses.association.ip-owner-id", |m, i| of_interfaces(m, i, "association.ip-owner-id")),
    ("network-interface.addresses.association.public-dns-name", |m, i| {
        of_interfaces(m, i, "association.public-dns-name")
    }),
    ("network-interface.addresses.association.public-ip", |m, i| {
        of_interfaces(m, i, "addresses.association.public-ip")
    }),
    ("network-interface.addresses.primary", |m, i| of_interfaces(m, i, "addresses.primary")),
    ("network-interface.addresses.private-ip-address", |m, i| of_interfaces(m, i, "addresses.private-ip-address")),
    ("network-interface.association.allocation-id", |m, i| of_interfaces(m, i, "association.allocation-id")),
    ("network-interface.association.association-id", |m, i| of_interfaces(m, i, "association.association-id")),
    ("network-interface.association.ip-owner-id", |m, i| of_interfaces(m, i, "association.ip-owner-id")),
    ("network-interface.association.public-dns-name", |m, i| of_interfaces(m, i, "association.public-dns-name")),
    ("network-interface.association.public-ip", |m, i| of_interfaces(m, i, "association.public-ip")),
    ("network-interface.attachment.attach-time", |m, i| of_interfaces(m, i, "attachment.attach-time")),
    ("network-interface.attachment.attachment-id", |m, i| of_interfaces(m, i, "attachment.attachment-id")),
    ("network-interface.attachment.delete-on-termination", |m, i| {
        of_interfaces(m, i, "attachment.delete-on-termination")
    }),
    ("network-interface.attachment.device-index", |m, i| of_interfaces(m, i, "attachment.device-index")),
    ("network-interface.attachment.instance-id", |m, i| of_interfaces(m, i, "attachment.instance-id")),
    ("network-interface.attachment.instance-owner-id", |m, i| of_interfaces(m, i, "attachment.instance-owner-id")),
    ("network-interface.attachment.network-card-index", |m, i| interfaces(m, i, |_| vec![0])),
    ("network-interface.attachment.status", |m, i| of_interfaces(m, i, "attachment.status")),
    ("network-interface.availability-zone", |m, i| of_interfaces(m, i, "availability-zone")),
    ("network-interface.description", |m, i| of_interfaces(m, i, "description")),
    ("network-interface.group-id", |m, i| of_interfaces(m, i, "group-id")),
    ("network-interface.group-name", |m, i| of_interfaces(m, i, "group-name")),
    ("network-interface.ipv4-prefixes.ipv4-prefix", |m, i| interfaces(m, i, |eni| eni.prefixes.clone())),
    ("network-interface.ipv6-address", |m, i| of_interfaces(m, i, "ipv6-addresses.ipv6-address")),
    ("network-interface.ipv6-addresses.ipv6-address", |m, i| of_interfaces(m, i, "ipv6-addresses.ipv6-address")),
    ("network-interface.ipv6-addresses.is-primary-ipv6", |m, i| interfaces(m, i, |eni| vec![eni.has_primary_ipv6])),
    ("network-interface.ipv6-prefixes.ipv6-prefix", |m, i| interfaces(m, i, |eni| eni.ipv6_prefixes.clone())),
    ("network-interface.mac-address", |m, i| of_interfaces(m, i, "mac-address")),
    ("network-interface.network-interface-id", |m, i| of_interfaces(m, i, "network-interface-id")),
    ("network-interface.operator.managed", |m, i| of_interfaces(m, i, "operator.managed")),
    ("network-interface.owner-id", |m, i| of_interfaces(m, i, "owner-id")),
    ("network-interface.private-dns-name", |m, i| of_interfaces(m, i, "private-dns-name")),
    ("network-interface.private-ip-address", |m, i| of_interfaces(m, i, "private-ip-address")),
    ("network-interface.public-dns-name", |m, i| of_interfaces(m, i, "association.public-dns-name")),
    ("network-interface.requester-id", |m, i| of_interfaces(m, i, "requester-id")),
    ("network-interface.requester-managed", |m, i| of_interfaces(m, i, "requester-managed")),
    ("network-interface.source-dest-check", |m, i| of_interfaces(m, i, "source-dest-check")),
    ("network-interface.status", |m, i| of_interfaces(m, i, "status")),
    ("network-interface.subnet-id", |m, i| of_interfaces(m, i, "subnet-id")),
    ("network-interface.tag-key", |m, i| interfaces(m, i, |eni| eni.tags.keys().cloned().collect())),
    ("network-interface.tag-value", |m, i| interfaces(m, i, |eni| eni.tags.values().cloned().collect())),
    ("network-interface.vpc-id", |m, i| of_interfaces(m, i, "vpc-id")),
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
    ("reason", |m, i| maybe(transition(m, i))),
    ("reservation-id", |_, i| one(&i.reservation)),
    ("root-device-name", |m, i| one(Image::root_device_of(image_of(m, i)))),
    ("root-device-type", |m, i| one(m.root_device_type(&i.image).word())),
    ("spot-instance-request-id", |m, i| maybe(m.spot_request_of(i).map(|request| &request.id))),
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
    ("operator.managed", |_, _| one(false)),
    ("system-status.reachability", |_, i| maybe(status_check(i).1)),
    ("system-status.status", |_, i| one(status_check(i).0)),
]);
