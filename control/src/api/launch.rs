//! RunInstances on the wire: a long list of parameters, in several generations of forms.

use super::ec2::instance::reservation;
use super::ec2::private_address::wish;
use super::ec2::subnet::zone;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{
    AddressWish, Caller, ClientToken, Error, IdKind, Instance, Launch, LaunchInterface, Model, Result, Tenancy,
};
use std::net::Ipv6Addr;

pub const ACTIONS: Actions = &[("RunInstances", Handler::Write(run))];

/// What EC2 launches when it is not told.
const DEFAULT_TYPE: &str = "m1.small";

/// Parameters about things that the cloud has not: disks, processors, kernels. Taken and not used.
const NOT_USED: &[&str] = &[
    "BlockDeviceMapping",
    "KernelId",
    "RamdiskId",
    "AdditionalInfo",
    "CpuOptions",
    "CreditSpecification",
    "CapacityReservationSpecification",
    "HibernationOptions",
    "LicenseSpecification",
    "MetadataOptions",
    "EnclaveOptions",
    "PrivateDnsNameOptions",
    "MaintenanceOptions",
    "DisableApiStop",
    "NetworkPerformanceOptions",
    "IamInstanceProfile",
    "AddressingType",
];

fn run(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let digest = params.digest();
    let launch = take_launch(&mut params, caller, digest)?;
    params.finish()?;
    let id = model.run_instances(caller, launch)?;
    let mut instances: Vec<&Instance> = model.instances.of(&caller.scope).filter(|i| i.reservation == id).collect();
    instances.sort_by_key(|instance| instance.launch_index);
    Ok(Node::members(&reservation(model, &instances)))
}

fn take_launch(params: &mut Params, caller: &Caller, digest: u64) -> Result<Launch> {
    let mut launch = Launch {
        image: params.id("ImageId", IdKind::Image)?,
        instance_type: params.text("InstanceType").unwrap_or_else(|| DEFAULT_TYPE.into()),
        least: params.need("MinCount")?,
        most: params.need("MaxCount")?,
        subnet: params.opt_id("SubnetId", IdKind::Subnet)?,
        groups: params.ids("SecurityGroupId", IdKind::SecurityGroup)?,
        group_names: params.list("SecurityGroup")?,
        private: params.get("PrivateIpAddress")?,
        key_name: params.text("KeyName"),
        user_data: params.text("UserData"),
        client_token: params.text("ClientToken").map(|token| ClientToken { token, digest }),
        termination_protected: params.flag("DisableApiTermination")?.unwrap_or(false),
        ebs_optimized: params.flag("EbsOptimized")?.unwrap_or(false),
        monitored: params.nested("Monitoring", |m| m.flag("Enabled"))?.flatten().unwrap_or(false),
        ..Launch::default()
    };
    launch.ipv6 = take_ipv6(params, "Ipv6Address")?;
    launch.terminates_on_shutdown = match params.text("InstanceInitiatedShutdownBehavior").as_deref() {
        None | Some("stop") => false,
        Some("terminate") => true,
        Some(other) => return Err(params.invalid("InstanceInitiatedShutdownBehavior", other)),
    };
    (launch.zone, launch.tenancy) =
        params.nested("Placement", |placement| take_placement(placement, caller))?.unwrap_or_default();
    launch.spot = params.nested("InstanceMarketOptions", take_market)?.unwrap_or(false);
    let mut tags = params.tags_of(&["instance", "volume", "network-interface", "spot-instances-request"])?;
    launch.tags = tags.remove("instance").unwrap_or_default();
    launch.volume_tags = tags.remove("volume").unwrap_or_default();
    launch.interface_tags = tags.remove("network-interface").unwrap_or_default();
    launch.interfaces = params.structs("NetworkInterface", take_interface)?;
    let at_instance = launch.subnet.is_some()
        || !launch.groups.is_empty()
        || !launch.group_names.is_empty()
        || launch.private.is_some();
    if at_instance && !launch.interfaces.is_empty() {
        let why = "Network interfaces and an instance-level subnet ID, security groups or private address may not be specified \
                   on the same request";
        return Err(Error::Combination { why: why.into() });
    }
    params.ignore(NOT_USED);
    Ok(launch)
}

fn take_placement(placement: &mut Params, caller: &Caller) -> Result<(Option<String>, Option<Tenancy>)> {
    placement.ignore(&[
        "GroupName",
        "GroupId",
        "HostId",
        "Affinity",
        "PartitionNumber",
        "SpreadDomain",
        "HostResourceGroupArn",
    ]);
    let tenancy = match placement.text("Tenancy").as_deref() {
        None => None,
        Some("default") => Some(Tenancy::Default),
        Some("dedicated") => Some(Tenancy::Dedicated),
        Some("host") => Some(Tenancy::Host),
        Some(other) => return Err(placement.invalid("Tenancy", other)),
    };
    let (name, id) = (placement.text("AvailabilityZone"), placement.text("AvailabilityZoneId"));
    Ok((zone(caller, name, id)?, tenancy))
}

fn take_market(market: &mut Params) -> Result<bool> {
    market.ignore(&["SpotOptions"]);
    match market.required("MarketType")?.as_str() {
        "spot" => Ok(true),
        other => Err(market.invalid("MarketType", other)),
    }
}

/// How many IPv6 addresses are asked for, by number or one by one.
fn take_ipv6(params: &mut Params, list: &str) -> Result<u32> {
    let count = params.get("Ipv6AddressCount")?.unwrap_or(0);
    let named = params.structs(list, |address| {
        address.ignore(&["IsPrimaryIpv6"]);
        address.need::<Ipv6Addr>("Ipv6Address")
    })?;
    Ok(u32::try_from(named.len()).unwrap_or(u32::MAX).max(count))
}

/// `NetworkInterface.N`: an interface to make, or one that exists.
fn take_interface(interface: &mut Params) -> Result<LaunchInterface> {
    interface.ignore(&["InterfaceType", "NetworkCardIndex"]);
    Ok(LaunchInterface {
        device_index: interface.need("DeviceIndex")?,
        existing: interface.opt_id("NetworkInterfaceId", IdKind::NetworkInterface)?,
        subnet: interface.opt_id("SubnetId", IdKind::Subnet)?,
        groups: interface.ids("SecurityGroupId", IdKind::SecurityGroup)?,
        addresses: take_wish(interface)?,
        ipv6: take_ipv6(interface, "Ipv6Addresses")?,
        public: interface.flag("AssociatePublicIpAddress")?,
        description: interface.text("Description").unwrap_or_default(),
        stays: interface.flag("DeleteOnTermination")?.map(|goes| !goes),
    })
}

fn take_wish(params: &mut Params) -> Result<AddressWish> {
    let alone = params.text("PrivateIpAddress");
    let named = params.structs("PrivateIpAddresses", |address| {
        let (primary, private_ip_address) = (address.flag("Primary")?, address.text("PrivateIpAddress"));
        Ok(shapes::ec2::PrivateIpAddressSpecification { primary, private_ip_address })
    })?;
    wish(alone, &named, params.get("SecondaryPrivateIpAddressCount")?)
}
