//! How an instance is described by RunInstances and DescribeInstances.

use super::iam_instance_profile::profile;
use super::network_interface_item::{srd, tracking};
use super::security_group::identifiers;
use super::vpc::tenancy;
use super::{image, instance_options, tags, text};
use crate::api::deployment::same_members;
use crate::names::{private_name, public_name};
use ipnet::{Ipv4Net, Ipv6Net};
use model::{
    BootImages, BootMode, HostnameType, Image, ImagePlatform, Instance, InstanceState, InstanceType, Model,
    NetworkInterface, Volume, VolumeAttachment, zone_id,
};
use shapes::{List, ec2};
use std::net::{Ipv4Addr, Ipv6Addr};

/// The primary network interface of an instance.
pub fn primary<'m>(model: &'m Model, instance: &Instance) -> Option<&'m NetworkInterface> {
    model.network_interfaces.get(instance.vpc()?.interfaces.first()?)
}

/// The private address.
pub fn private(instance: &Instance, primary: Option<&NetworkInterface>) -> Option<Ipv4Addr> {
    match instance.classic() {
        Some(classic) => classic.private,
        None => primary.map(NetworkInterface::address),
    }
}

/// The public address.
pub fn public(instance: &Instance, primary: Option<&NetworkInterface>) -> Option<Ipv4Addr> {
    let public = match instance.classic() {
        Some(classic) => classic.public.as_ref(),
        None => primary?.primary_public(),
    };
    public.map(|public| public.address)
}

/// The groups. Those of a link are shown by DescribeClassicLinkInstances only.
pub fn groups<'m>(instance: &'m Instance, primary: Option<&'m NetworkInterface>) -> &'m [String] {
    match instance.classic() {
        Some(_) if instance.is_gone() => &[],
        Some(classic) => &classic.groups,
        None => primary.map(|interface| interface.groups.as_slice()).unwrap_or_default(),
    }
}

/// The private DNS name.
pub fn private_dns(instance: &Instance, primary: Option<&NetworkInterface>) -> Option<String> {
    let address = private(instance, primary)?;
    Some(match instance.options.dns.hostname {
        HostnameType::ResourceName if instance.vpc().is_some() => {
            format!("{}.{}", instance.id, instance.scope.private_domain())
        }
        _ => private_name(&instance.scope.region, address),
    })
}

/// The public DNS name; in a VPC, only where it has DNS names on.
pub fn public_dns(model: &Model, instance: &Instance, primary: Option<&NetworkInterface>) -> Option<String> {
    dns_of(model, instance, public(instance, primary)?)
}

fn dns_of(model: &Model, instance: &Instance, public: Ipv4Addr) -> Option<String> {
    let named = match instance.vpc() {
        Some(place) => model.vpcs.get(&place.vpc).is_some_and(|vpc| vpc.dns_support && vpc.dns_hostnames),
        None => true,
    };
    named.then(|| public_name(&instance.scope.region, public))
}

/// A state, with its code.
pub fn state(state: InstanceState) -> Option<ec2::InstanceState> {
    Some(ec2::InstanceState { name: text(state.name()), code: Some(state.code().into()) })
}

/// Why an instance does not run, or has trouble: code and message.
pub fn state_reason(model: &Model, instance: &Instance) -> Option<(&'static str, String)> {
    let reason = |code: &'static str, words: &str| Some((code, format!("{code}: {words}")));
    match (&instance.host_failure, instance.state) {
        (Some(why), _) => Some(("Server.InternalError", format!("Server.InternalError: {why}"))),
        (None, InstanceState::Running) => None,
        (None, InstanceState::Pending) => Some(("pending", "pending".into())),
        (None, InstanceState::Stopping | InstanceState::Stopped) if model.is_interrupted(instance) => {
            reason("Server.SpotInstanceShutdown", "Spot instance shutdown")
        }
        (None, _) if model.is_interrupted(instance) => {
            reason("Server.SpotInstanceTermination", "Spot instance termination")
        }
        (None, _) => reason("Client.UserInitiatedShutdown", "User initiated shutdown"),
    }
}

/// The cause and the time of an instance's last stop or termination.
pub fn transition(model: &Model, instance: &Instance) -> Option<String> {
    let by = if model.is_interrupted(instance) { "Server.SpotInstanceTermination" } else { "User initiated" };
    let halted = instance.halted.filter(|_| !instance.is_on())?;
    Some(format!("{by} ({})", halted.to_gmt()))
}

/// `systemStatus` and `instanceStatus`: the status, and that of the reachability check if there is one.
pub fn status_check(instance: &Instance) -> (&'static str, Option<&'static str>) {
    match &instance.host_failure {
        _ if !instance.is_running() => ("not-applicable", None),
        Some(_) => ("impaired", Some("failed")),
        None => ("ok", Some("passed")),
    }
}

/// An instance.
pub fn shown(model: &Model, instance: &Instance) -> ec2::Instance {
    let in_vpc = instance.vpc().filter(|_| !instance.is_gone());
    let reason = |(code, message): (&str, String)| ec2::StateReason { code: text(code), message: text(message) };
    let interfaces = in_vpc.map(|place| place.interfaces.as_slice()).unwrap_or_default();
    let interfaces = interfaces.iter().filter_map(|id| model.network_interfaces.get(id));
    let primary = primary(model, instance);
    ec2::Instance {
        instance_id: text(&instance.id),
        image_id: text(&instance.image),
        state: state(instance.state),
        private_dns_name: Some(private_dns(instance, primary).unwrap_or_default()),
        public_dns_name: Some(public_dns(model, instance, primary).unwrap_or_default()),
        state_transition_reason: Some(transition(model, instance).unwrap_or_default()),
        state_reason: state_reason(model, instance).map(reason),
        key_name: instance.key_name.clone(),
        ami_launch_index: i32::try_from(instance.launch_index).ok(),
        product_codes: Vec::new().into(),
        instance_type: text(&instance.instance_type),
        launch_time: Some(instance.launched.second()),
        placement: Some(placement(instance)),
        monitoring: Some(monitoring(instance)),
        subnet_id: in_vpc.map(|place| place.subnet.clone()),
        vpc_id: in_vpc.map(|place| place.vpc.clone()),
        private_ip_address: private(instance, primary).and_then(text),
        public_ip_address: public(instance, primary).and_then(text),
        ipv6_address: primary.and_then(|interface| interface.ipv6.first()).and_then(text),
        source_dest_check: primary.map(|interface| interface.source_dest_check),
        security_groups: identifiers(model, groups(instance, primary)),
        tags: tags::if_any(&instance.tags),
        network_interfaces: interfaces.map(|interface| shown_interface(model, instance, interface)).collect(),
        ..hardware(model, instance)
    }
}

fn placement(instance: &Instance) -> ec2::Placement {
    let options = &instance.options;
    ec2::Placement {
        availability_zone: text(&instance.zone),
        availability_zone_id: text(zone_id(&instance.zone)),
        group_name: Some(options.placement_group.clone().unwrap_or_default()),
        partition_number: options.partition.and_then(|number| i32::try_from(number).ok()),
        affinity: options.affinity.clone(),
        host_id: options.dedicated_host.clone(),
        tenancy: text(tenancy(instance.tenancy)),
        ..Default::default()
    }
}

fn monitoring(instance: &Instance) -> ec2::Monitoring {
    let state = if instance.monitored { "enabled" } else { "disabled" };
    ec2::Monitoring { state: text(state), ..Default::default() }
}

/// Whether its network is of the newer kind: the type says so.
pub fn has_ena(instance: &Instance) -> bool {
    InstanceType::named(&instance.instance_type).is_some_and(InstanceType::is_nitro)
}

/// `x86_64` or `arm64`: that of the image or, of one that is not listed, of the type.
pub fn architecture<'m>(image: Option<&'m Image>, instance: &Instance) -> &'m str {
    let of_type = || InstanceType::named(&instance.instance_type).map_or("x86_64", InstanceType::architecture);
    image.map_or_else(of_type, |image| image.architecture.as_str())
}

/// The current boot mode: the image's or, without one, the usual one of the architecture.
pub fn boot_mode(image: Option<&Image>, instance: &Instance) -> &'static str {
    match image.and_then(|image| image.firmware.boot_mode) {
        Some(BootMode::Uefi | BootMode::UefiPreferred) => "uefi",
        None if architecture(image, instance) == "arm64" => "uefi",
        Some(BootMode::LegacyBios) | None => "legacy-bios",
    }
}

/// The platform.
pub fn platform(image: Option<&Image>) -> ImagePlatform {
    image.map(|image| image.platform).unwrap_or_default()
}

/// `windows`, the only platform that the member `platform` has.
pub fn windows(platform: ImagePlatform) -> Option<&'static str> {
    (platform == ImagePlatform::Windows).then_some("windows")
}

/// The hardware of an instance: volumes, firmware, options.
fn hardware(model: &Model, instance: &Instance) -> ec2::Instance {
    let image = model.image(&instance.image);
    let platform = platform(image);
    let (platform_details, usage_operation) = platform.billing();
    let BootImages { kernel, ramdisk } = instance.boot_images(image);
    ec2::Instance {
        kernel_id: kernel,
        ramdisk_id: ramdisk,
        architecture: text(architecture(image, instance)),
        root_device_type: text(image.map(Image::root_device_type).unwrap_or_default().word()),
        root_device_name: text(Image::root_device_of(image)),
        block_device_mappings: block_devices(model, instance),
        virtualization_type: text(if instance.classic().is_some() { "paravirtual" } else { "hvm" }),
        instance_lifecycle: instance.spot.then(|| "spot".to_owned()),
        spot_instance_request_id: model.spot_request_of(instance).map(|request| request.id.clone()),
        client_token: Some(instance.client_token.as_ref().map(|token| token.token.clone()).unwrap_or_default()),
        hypervisor: text("xen"),
        ebs_optimized: Some(instance.ebs_optimized),
        ena_support: Some(has_ena(instance)),
        platform: windows(platform).and_then(text),
        platform_details: text(platform_details),
        usage_operation: text(usage_operation),
        usage_operation_update_time: Some(instance.launched.second()),
        boot_mode: image.and_then(image::boot_mode).map(str::to_owned),
        tpm_support: image.and_then(|image| image::version_2(image.firmware.tpm)),
        current_instance_boot_mode: text(boot_mode(image, instance)),
        iam_instance_profile: instance
            .options
            .profile
            .as_ref()
            .and_then(|association| profile(model, &association.arn)),
        operator: Some(ec2::OperatorResponse { managed: Some(false), ..Default::default() }),
        ..instance_options::shown(instance)
    }
}

/// The volumes that it has.
pub fn block_devices(model: &Model, instance: &Instance) -> List<ec2::InstanceBlockDeviceMapping> {
    let shown = |(volume, attachment): (&Volume, &VolumeAttachment)| ec2::InstanceBlockDeviceMapping {
        device_name: text(&attachment.device),
        ebs: Some(ec2::EbsInstanceBlockDevice {
            volume_id: text(&volume.id),
            status: text("attached"),
            attach_time: Some(attachment.since.second()),
            delete_on_termination: Some(attachment.delete_on_termination),
            ..Default::default()
        }),
    };
    model.volumes_of(instance).map(shown).collect()
}

fn shown_interface(model: &Model, instance: &Instance, interface: &NetworkInterface) -> ec2::InstanceNetworkInterface {
    let region = &instance.scope.region;
    let address = |(index, address): (usize, &Ipv4Addr)| ec2::InstancePrivateIpAddress {
        private_ip_address: text(address),
        private_dns_name: text(private_name(region, *address)),
        primary: Some(index == 0),
        association: association(model, instance, interface, *address),
    };
    let ipv6 = |address: &Ipv6Addr| ec2::InstanceIpv6Address {
        ipv6_address: text(address),
        is_primary_ipv6: Some(interface.is_primary_ipv6(address)),
    };
    let prefix = |block: &Ipv4Net| ec2::InstanceIpv4Prefix { ipv4_prefix: text(block) };
    let ipv6_prefix = |block: &Ipv6Net| ec2::InstanceIpv6Prefix { ipv6_prefix: text(block) };
    let attachment = interface.attachment.as_ref().map(|attachment| ec2::InstanceNetworkInterfaceAttachment {
        attachment_id: text(&attachment.id),
        device_index: Some(attachment.device_index.into()),
        status: text("attached"),
        attach_time: Some(attachment.since.second()),
        delete_on_termination: Some(attachment.delete_on_termination),
        network_card_index: Some(0),
        ena_srd_specification: srd(attachment.srd).as_ref().map(same_members),
        ..Default::default()
    });
    ec2::InstanceNetworkInterface {
        network_interface_id: text(&interface.id),
        subnet_id: text(&interface.subnet),
        vpc_id: text(&interface.vpc),
        description: text(&interface.description),
        owner_id: text(&interface.scope.account),
        status: text("in-use"),
        mac_address: text(interface.mac()),
        private_ip_address: text(interface.address()),
        private_dns_name: text(private_name(region, interface.address())),
        source_dest_check: Some(interface.source_dest_check),
        interface_type: text("interface"),
        groups: identifiers(model, &interface.groups),
        attachment,
        private_ip_addresses: interface.addresses.iter().enumerate().map(address).collect(),
        ipv6_addresses: interface.ipv6.iter().map(ipv6).collect(),
        ipv4_prefixes: interface.prefixes.iter().map(prefix).collect::<List<_>>().unless_empty(),
        ipv6_prefixes: interface.ipv6_prefixes.iter().map(ipv6_prefix).collect::<List<_>>().unless_empty(),
        connection_tracking_configuration: tracking(interface.tracking).as_ref().map(same_members),
        operator: Some(ec2::OperatorResponse { managed: Some(false), ..Default::default() }),
        association: association(model, instance, interface, interface.address()),
    }
}

/// The public address of a private one.
fn association(
    model: &Model,
    instance: &Instance,
    interface: &NetworkInterface,
    private: Ipv4Addr,
) -> Option<ec2::InstanceNetworkInterfaceAssociation> {
    let public = interface.public.get(&private)?;
    let owner = if public.elastic.is_some() { instance.scope.account.as_str() } else { "amazon" };
    Some(ec2::InstanceNetworkInterfaceAssociation {
        public_ip: text(public.address),
        public_dns_name: Some(dns_of(model, instance, public.address).unwrap_or_default()),
        ip_owner_id: text(owner),
        ..Default::default()
    })
}
