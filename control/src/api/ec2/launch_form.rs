//! Stored launch parameters: as input of RunInstances, which a request's own parameters override, and as a description.

use super::block_device::volume_change;
use super::instance_options::{read_metadata, take_tenancy};
use super::instance_requirements::smallest;
use super::{tags, text};
use crate::api::protocol::ServiceError;
use crate::api::{Params, image_alias};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::{
    BlockDevice, EbsDevice, Error, FurtherInterface, LaunchForm, LaunchSpecification, Model, Result, VolumeChange,
};
use shapes::{Element, List, Member, decode, ec2};

/// The input of RunInstances.
pub fn input(form: &LaunchForm) -> Result<ec2::RunInstancesRequest> {
    let mut params = Params::of_form(for_one(form));
    image_alias::read(&mut params);
    decode(&mut params).map_err(Error::of_parameter)
}

/// The prefix of the parameters that say what is required of the instance type.
const REQUIREMENTS: &str = "InstanceRequirements.";

/// The instance requirements of a launch.
pub fn requirements(form: &LaunchForm) -> Result<Option<ec2::InstanceRequirementsRequest>> {
    let within = |(name, value): (&String, &String)| Some((name.strip_prefix(REQUIREMENTS)?.to_owned(), value.clone()));
    let within: LaunchForm = form.iter().filter_map(within).collect();
    if within.is_empty() { Ok(None) } else { structure(within).map(Some) }
}

/// A launch of one instance, without what is required of its type: RunInstances chooses none.
fn for_one(form: &LaunchForm) -> impl Iterator<Item = (String, String)> {
    let counts = [("MinCount", "1"), ("MaxCount", "1")].map(|(name, count)| (name.to_owned(), count.to_owned()));
    // Launch templates write this name otherwise than RunInstances does.
    let renamed = |name: String| if name == "RamDiskId" { "RamdiskId".to_owned() } else { name };
    let known = form.clone().into_iter().filter(|(name, _)| !name.starts_with(REQUIREMENTS));
    known.map(move |(name, value)| (renamed(name), value)).chain(counts)
}

/// The warning about parameters with which a launch would fail.
pub fn warning(form: &LaunchForm) -> Option<ec2::ValidationWarning> {
    let error = input(form).err()?;
    let error = ec2::ValidationError { code: text(error.code()), message: text(error) };
    Some(ec2::ValidationWarning { errors: [error].into_iter().collect() })
}

/// The launch specification for Auto Scaling.
pub fn specification(model: &Model, form: &LaunchForm) -> Result<LaunchSpecification> {
    let request: ec2::RunInstancesRequest =
        decode(&mut Params::within_form(for_one(form))).map_err(Error::of_parameter)?;
    let image = request.image_id.as_deref().map(image_alias::meant);
    let instance_type = match (&request.instance_type, requirements(form)?) {
        (Some(_), Some(_)) => return Err(Error::TypeAndRequirements {}),
        (Some(named), None) => named.clone(),
        (None, Some(wanted)) => smallest(model, &wanted, image).map(|t| t.name.clone()).unwrap_or_default(),
        (None, None) => String::new(),
    };
    if let Some(data) = &request.user_data {
        let whole: String = data.split_whitespace().collect();
        STANDARD.decode(whole).map_err(|_| Error::UserDataEncoding {})?;
    }
    let interface = request.network_interfaces.iter().find(|interface| interface.device_index.unwrap_or(0) == 0);
    let groups = interface.map(|interface| &interface.settings.groups).filter(|groups| !groups.is_empty());
    let groups = groups.unwrap_or(&request.security_group_ids).iter().chain(&*request.security_groups);
    let placement = request.placement.clone().unwrap_or_default();
    let tags = |kind: &str| {
        let of_kind = |sent: &&ec2::TagSpecification| sent.resource_type.as_deref() == Some(kind);
        tags::of(request.tag_specifications.iter().filter(of_kind).cloned().collect(), kind)
    };
    Ok(LaunchSpecification {
        image: image.unwrap_or_default().to_owned(),
        key_name: request.key_name.clone(),
        groups: groups.cloned().collect(),
        user_data: request.user_data.clone(),
        devices: request.block_device_mappings.iter().map(device).collect::<Result<_>>()?,
        monitored: request.monitoring.as_ref().is_some_and(|monitoring| monitoring.enabled),
        spot_price: request.instance_market_options.as_ref().map(|market| {
            market.spot_options.as_ref().and_then(|options| options.max_price.clone()).unwrap_or_default()
        }),
        profile: request.iam_instance_profile.clone().and_then(|profile| profile.arn.or(profile.name)),
        ebs_optimized: request.ebs_optimized.unwrap_or(false),
        public: interface.and_then(|interface| interface.associate_public_ip_address),
        tenancy: take_tenancy(&placement)?,
        metadata: request.metadata_options.clone().map(read_metadata).transpose()?,
        tags: tags("instance")?,
        volume_tags: tags("volume")?,
        interface_tags: tags("network-interface")?,
        termination_protected: request.disable_api_termination.unwrap_or(false),
        terminates_on_shutdown: request.instance_initiated_shutdown_behavior.as_deref() == Some("terminate"),
        placement_group: placement.group_name.clone(),
        further: request.network_interfaces.iter().filter_map(further).collect(),
        instance_type,
        ..LaunchSpecification::default()
    })
}

/// An interface beside the first; one that exists already can be one instance's only.
fn further(sent: &ec2::InstanceNetworkInterfaceSpecification) -> Option<FurtherInterface> {
    let device_index = u16::try_from(sent.device_index?).ok().filter(|index| *index > 0)?;
    Some(FurtherInterface {
        device_index,
        subnet: sent.subnet_id.clone(),
        groups: sent.settings.groups.to_vec(),
        description: sent.settings.description.clone().unwrap_or_default(),
        stays: sent.delete_on_termination == Some(false),
    })
}

fn device(sent: &ec2::BlockDeviceMapping) -> Result<BlockDevice> {
    let ec2::BlockDeviceMapping { ebs, no_device, device_name, virtual_name } = sent.clone();
    let ebs = ebs.map(|ebs| {
        let VolumeChange { size, kind, iops, throughput, .. } = volume_change(&ebs)?;
        let (snapshot, encrypted, goes) = (ebs.snapshot_id, ebs.encrypted, ebs.delete_on_termination);
        Ok::<_, Error>(EbsDevice { size, kind, iops, throughput, snapshot, encrypted, goes })
    });
    let device = device_name.ok_or_else(|| Error::missing("BlockDeviceMapping.DeviceName"))?;
    Ok(BlockDevice { device, virtual_name, none: no_device.is_some(), ebs: ebs.transpose()? })
}

/// A parameter's name in descriptions, which have lists in the plural. A list has a number behind it.
fn renamed(name: &str) -> String {
    let parts: Vec<&str> = name.split('.').collect();
    let part = |(depth, part): (usize, &&str)| match *part {
        part if parts.get(depth + 1).is_none_or(|next| next.parse::<u16>().is_err()) => part.to_owned(),
        "SecurityGroupId" if depth > 0 => "Groups".to_owned(),
        list if name.starts_with(REQUIREMENTS) => format!("{list}Set"),
        list if list.ends_with('s') => list.to_owned(),
        list if list.ends_with('x') => format!("{list}es"),
        list => format!("{list}s"),
    };
    parts.iter().enumerate().map(part).collect::<Vec<_>>().join(".")
}

/// `launchTemplateData`
pub fn shown_data(form: &LaunchForm) -> Result<ec2::ResponseLaunchTemplateData> {
    structure(form.iter().map(|(name, value)| (renamed(name), value.clone())))
}

/// A structure out of the parameters that are kept of it.
pub fn structure<S: Element>(form: impl IntoIterator<Item = (String, String)>) -> Result<S> {
    let mut read = S::default();
    read.take(&Member::PLAIN, &mut Params::of_form(form)).map_err(Error::of_parameter)?;
    Ok(read)
}

/// The list of a request or, if it is empty, the stored one.
fn either<T>(over: List<T>, under: List<T>) -> List<T> {
    if over.is_empty() { under } else { over }
}

/// A request over what it is based on.
pub fn over(request: ec2::RunInstancesRequest, base: ec2::RunInstancesRequest) -> ec2::RunInstancesRequest {
    macro_rules! merged {
        ($($option:ident)*; $($list:ident)*) => {
            ec2::RunInstancesRequest {
                $($option: request.$option.or(base.$option),)*
                $($list: either(request.$list, base.$list),)*
                client_token: request.client_token,
                min_count: request.min_count,
                max_count: request.max_count,
                launch_template: None,
            }
        };
    }
    merged!(
        image_id instance_type ipv6_address_count key_name monitoring placement subnet_id user_data instance_market_options
        credit_specification cpu_options capacity_reservation_specification hibernation_options metadata_options
        kernel_id ramdisk_id enable_primary_ipv6
        enclave_options private_dns_name_options maintenance_options disable_api_stop network_performance_options
        disable_api_termination instance_initiated_shutdown_behavior private_ip_address iam_instance_profile ebs_optimized;
        block_device_mappings ipv6_addresses security_group_ids security_groups tag_specifications license_specifications
        network_interfaces
    )
}
