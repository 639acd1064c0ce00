//! Launch configurations.

use super::{Error, Result, number, paged, shown_number, wanted};
use crate::api::action::{Actions, Change, View};
use crate::api::ec2::vpc;
use model::auto_scaling::LaunchConfiguration;
use model::{
    BlockDevice, Caller, ClassicLinkAtLaunch, EbsDevice, HttpTokens, LaunchSpecification, MetadataOptions, Model,
    Switch, Tags, Tenancy, VolumeType,
};
use shapes::{Paged, autoscaling as api};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(delete).read(describe)
}

fn create(cx: Change, input: api::CreateLaunchConfigurationType) -> Result<()> {
    let name = input.launch_configuration_name.clone();
    let specification = specification(cx.model, cx.caller, input)?;
    Ok(cx.model.create_launch_configuration(cx.caller, &name, specification)?)
}

/// The specification of a request, completed from the instance that it names.
fn specification(
    model: &Model,
    caller: &Caller,
    input: api::CreateLaunchConfigurationType,
) -> Result<LaunchSpecification> {
    let like = match input.instance_id {
        Some(id) => LaunchSpecification::of(model, model.instances.find(&caller.scope, &id)?),
        // Detailed monitoring is the default of Auto Scaling.
        None => LaunchSpecification { monitored: true, ..LaunchSpecification::default() },
    };
    let link = match (input.classic_link_vpc_id, input.classic_link_vpc_security_groups.to_vec()) {
        (None, groups) if groups.is_empty() => None,
        (vpc, groups) => Some(ClassicLinkAtLaunch { vpc: vpc.unwrap_or_default(), groups }),
    };
    let groups = if input.security_groups.is_empty() { like.groups } else { input.security_groups.to_vec() };
    Ok(LaunchSpecification {
        image: input.image_id.unwrap_or(like.image),
        instance_type: input.instance_type.unwrap_or(like.instance_type),
        key_name: input.key_name.or(like.key_name),
        groups,
        link,
        user_data: input.user_data.or(like.user_data),
        kernel: input.kernel_id,
        ramdisk: input.ramdisk_id,
        devices: input.block_device_mappings.into_iter().map(device).collect::<Result<_>>()?,
        monitored: input.instance_monitoring.and_then(|sent| sent.enabled).unwrap_or(like.monitored),
        spot_price: input.spot_price,
        profile: input.iam_instance_profile.or(like.profile),
        ebs_optimized: input.ebs_optimized.unwrap_or(like.ebs_optimized),
        public: input.associate_public_ip_address,
        tenancy: input.placement_tenancy.as_deref().map(tenancy).transpose()?.or(like.tenancy),
        metadata: input.metadata_options.map(metadata).transpose()?,
        tags: Tags::new(),
        volume_tags: Tags::new(),
        interface_tags: Tags::new(),
        termination_protected: false,
        terminates_on_shutdown: false,
        placement_group: None,
        further: Vec::new(),
    })
}

fn tenancy(word: &str) -> Result<Tenancy> {
    match word {
        "default" => Ok(Tenancy::Default),
        "dedicated" => Ok(Tenancy::Dedicated),
        _ => Err(model::Error::invalid("PlacementTenancy", word).into()),
    }
}

fn device(sent: api::BlockDeviceMapping) -> Result<BlockDevice> {
    let ebs = sent.ebs.map(|ebs| {
        Ok::<_, Error>(EbsDevice {
            size: number("VolumeSize", ebs.volume_size)?,
            kind: ebs.volume_type.map(|word| VolumeType::read("VolumeType", &word)).transpose()?,
            iops: number("Iops", ebs.iops)?,
            throughput: number("Throughput", ebs.throughput)?,
            snapshot: ebs.snapshot_id,
            encrypted: ebs.encrypted,
            goes: ebs.delete_on_termination,
        })
    });
    let none = sent.no_device.unwrap_or(false);
    Ok(BlockDevice { device: sent.device_name, virtual_name: sent.virtual_name, none, ebs: ebs.transpose()? })
}

fn metadata(sent: api::InstanceMetadataOptions) -> Result<MetadataOptions> {
    let usual = MetadataOptions::default();
    let limit = |value: i32| {
        let fits = u8::try_from(value).ok().filter(|limit| (1..=64).contains(limit));
        fits.ok_or(model::Error::HopLimit { value })
    };
    let tokens = sent.http_tokens.map(|word| HttpTokens::read("HttpTokens", &word)).transpose()?;
    let endpoint = sent.http_endpoint.map(|word| Switch::read("HttpEndpoint", &word)).transpose()?;
    Ok(MetadataOptions {
        tokens: tokens.unwrap_or(usual.tokens),
        hop_limit: sent.http_put_response_hop_limit.map(limit).transpose()?.unwrap_or(usual.hop_limit),
        endpoint: endpoint.unwrap_or(usual.endpoint),
        ..usual
    })
}

fn delete(cx: Change, input: api::LaunchConfigurationNameType) -> Result<()> {
    Ok(cx.model.delete_launch_configuration(cx.caller, &input.launch_configuration_name)?)
}

fn describe(cx: View, input: api::LaunchConfigurationNamesType) -> Result<Paged<api::LaunchConfiguration>> {
    let names = &input.launch_configuration_names;
    let own = |row: &&LaunchConfiguration| row.scope == cx.caller.scope && wanted(names, &row.name);
    let rows = cx.model.launch_configurations.iter().filter(own).collect();
    Ok(paged(input.page, rows, |row: &&LaunchConfiguration| &row.name)?.map(shown))
}

/// Unset members are shown empty where clients expect them.
fn shown(row: &LaunchConfiguration) -> api::LaunchConfiguration {
    let specification = &row.specification;
    let link = specification.link.as_ref();
    api::LaunchConfiguration {
        launch_configuration_name: row.name.clone(),
        launch_configuration_arn: Some(row.arn()),
        image_id: specification.image.clone(),
        key_name: Some(specification.key_name.clone().unwrap_or_default()),
        security_groups: specification.groups.iter().cloned().collect(),
        classic_link_vpc_id: link.map(|link| link.vpc.clone()),
        classic_link_vpc_security_groups: link.into_iter().flat_map(|link| &link.groups).cloned().collect(),
        user_data: Some(specification.user_data.clone().unwrap_or_default()),
        instance_type: specification.instance_type.clone(),
        kernel_id: Some(specification.kernel.clone().unwrap_or_default()),
        ramdisk_id: Some(specification.ramdisk.clone().unwrap_or_default()),
        block_device_mappings: specification.devices.iter().map(device_shown).collect(),
        instance_monitoring: Some(api::InstanceMonitoring { enabled: Some(specification.monitored) }),
        spot_price: specification.spot_price.clone(),
        iam_instance_profile: specification.profile.clone(),
        created_time: row.created,
        ebs_optimized: Some(specification.ebs_optimized),
        associate_public_ip_address: specification.public,
        placement_tenancy: specification.tenancy.map(|tenancy| vpc::tenancy(tenancy).to_owned()),
        metadata_options: specification.metadata.as_ref().map(metadata_shown),
    }
}

fn device_shown(device: &BlockDevice) -> api::BlockDeviceMapping {
    let ebs = device.ebs.as_ref().map(|ebs| api::Ebs {
        snapshot_id: ebs.snapshot.clone(),
        volume_size: ebs.size.map(shown_number),
        volume_type: ebs.kind.map(|kind| kind.word().to_owned()),
        delete_on_termination: Some(ebs.goes.unwrap_or(true)),
        iops: ebs.iops.map(shown_number),
        encrypted: ebs.encrypted,
        throughput: ebs.throughput.map(shown_number),
    });
    api::BlockDeviceMapping {
        virtual_name: device.virtual_name.clone(),
        device_name: device.device.clone(),
        ebs,
        no_device: device.none.then_some(true),
    }
}

fn metadata_shown(metadata: &MetadataOptions) -> api::InstanceMetadataOptions {
    api::InstanceMetadataOptions {
        http_tokens: Some(metadata.tokens.word().to_owned()),
        http_put_response_hop_limit: Some(metadata.hop_limit.into()),
        http_endpoint: Some(metadata.endpoint.word().to_owned()),
    }
}
