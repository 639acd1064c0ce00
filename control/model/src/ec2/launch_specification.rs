//! Launch specifications, which launch configurations and launch templates store.

use crate::{
    DeviceMapping, IdKind, Instance, InstanceOptions, Launch, LaunchInterface, MappedVolume, MetadataOptions, Model,
    SpotTerms, Tags, Tenancy, VolumeChange, VolumeType,
};
use serde::{Deserialize, Serialize};

/// A launch specification.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchSpecification {
    /// `ami-…`
    pub image: String,
    /// The type.
    pub instance_type: String,
    /// The key pair.
    pub key_name: Option<String>,
    /// Groups, by id or, of EC2-Classic, by name.
    pub groups: Vec<String>,
    /// The VPC that instances of EC2-Classic are linked to (M39).
    pub link: Option<ClassicLinkAtLaunch>,
    /// Data for the instance, in base64.
    pub user_data: Option<String>,
    /// The kernel, which has no effect.
    pub kernel: Option<String>,
    /// The RAM disk, which has no effect.
    pub ramdisk: Option<String>,
    /// The volumes.
    pub devices: Vec<BlockDevice>,
    /// Whether they are monitored in detail.
    pub monitored: bool,
    /// The maximum price of a Spot Instance. Empty for the default. `None` for On-Demand Instances.
    pub spot_price: Option<String>,
    /// The instance profile, by name or ARN.
    pub profile: Option<String>,
    /// Whether they are optimised for EBS.
    pub ebs_optimized: bool,
    /// Whether they get public addresses in a VPC; by default the subnet decides.
    pub public: Option<bool>,
    /// The tenancy; by default that of the VPC.
    pub tenancy: Option<Tenancy>,
    /// Their metadata options, if given.
    pub metadata: Option<MetadataOptions>,
    /// Tags of the instances, beside those that the group gives them.
    #[serde(default)]
    pub tags: Tags,
    /// Tags of their volumes.
    #[serde(default)]
    pub volume_tags: Tags,
    /// Tags of their interfaces.
    #[serde(default)]
    pub interface_tags: Tags,
    /// Whether they are protected from being terminated by a request.
    #[serde(default)]
    pub termination_protected: bool,
    /// Whether they are terminated when they shut themselves down.
    #[serde(default)]
    pub terminates_on_shutdown: bool,
    /// Their placement group, by name.
    #[serde(default)]
    pub placement_group: Option<String>,
    /// Their further network interfaces.
    #[serde(default)]
    pub further: Vec<FurtherInterface>,
}

/// A network interface besides the first one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FurtherInterface {
    /// Its device index.
    pub device_index: u16,
    /// Its subnet. The default is that of the first one.
    pub subnet: Option<String>,
    /// Its groups, by id.
    pub groups: Vec<String>,
    /// Its description.
    pub description: String,
    /// Whether it is kept when the instance is terminated.
    pub stays: bool,
}

/// The link that an instance gets at its launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassicLinkAtLaunch {
    /// The VPC.
    pub vpc: String,
    /// The security groups of the link.
    pub groups: Vec<String>,
}

/// A block device mapping as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockDevice {
    /// The device: `/dev/sda1`.
    pub device: String,
    /// The instance store volume.
    pub virtual_name: Option<String>,
    /// Whether the image's volume is left out.
    pub none: bool,
    /// The volume.
    pub ebs: Option<EbsDevice>,
}

/// A volume that is made at the launch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EbsDevice {
    /// The size in GiB. Like all following settings it is that of the image's volume by default.
    pub size: Option<u32>,
    /// The type.
    pub kind: Option<VolumeType>,
    /// Operations a second.
    pub iops: Option<u32>,
    /// MiB a second.
    pub throughput: Option<u32>,
    /// The snapshot that it is made of.
    pub snapshot: Option<String>,
    /// Whether it is encrypted, if given.
    pub encrypted: Option<bool>,
    /// Whether it is deleted with its instance, if given.
    pub goes: Option<bool>,
}

impl LaunchSpecification {
    /// The specification of instances like this one. Block devices are those of the image.
    pub fn of(model: &Model, instance: &Instance) -> LaunchSpecification {
        let primary = instance.vpc().and_then(|place| model.network_interfaces.get(place.interfaces.first()?));
        let groups = instance.classic().map(|place| &place.groups).or(primary.map(|interface| &interface.groups));
        LaunchSpecification {
            image: instance.image.clone(),
            instance_type: instance.instance_type.clone(),
            key_name: instance.key_name.clone(),
            groups: groups.cloned().unwrap_or_default(),
            user_data: instance.user_data.clone(),
            monitored: instance.monitored,
            profile: instance.options.profile.as_ref().map(|profile| profile.arn.clone()),
            ebs_optimized: instance.ebs_optimized,
            tenancy: instance.vpc().map(|_| instance.tenancy),
            ..LaunchSpecification::default()
        }
    }

    /// The launch of one instance in a zone or a subnet, without its instance profile.
    pub(crate) fn launch(&self, (zone, subnet): (&str, Option<&str>), tags: Tags) -> Launch {
        let is_id = |group: &String| IdKind::SecurityGroup.fits(group);
        let (groups, group_names) = self.groups.iter().cloned().partition(is_id);
        let mut launch = Launch {
            image: self.image.clone(),
            instance_type: self.instance_type.clone(),
            least: 1,
            most: 1,
            subnet: subnet.map(str::to_owned),
            groups,
            group_names,
            zone: subnet.is_none().then(|| zone.to_owned()),
            tenancy: self.tenancy,
            key_name: self.key_name.clone(),
            user_data: self.user_data.clone(),
            spot: self.spot_price.clone().map(SpotTerms::at),
            ebs_optimized: self.ebs_optimized,
            monitored: self.monitored,
            options: InstanceOptions {
                metadata: self.metadata.clone().unwrap_or_default(),
                ..InstanceOptions::default()
            },
            devices: self.devices.iter().map(BlockDevice::mapping).collect(),
            tags: self.tags.iter().map(|(key, value)| (key.clone(), value.clone())).chain(tags).collect(),
            volume_tags: self.volume_tags.clone(),
            interface_tags: self.interface_tags.clone(),
            termination_protected: self.termination_protected,
            terminates_on_shutdown: self.terminates_on_shutdown,
            ..Launch::default()
        };
        if (self.public.is_some() || !self.further.is_empty()) && launch.subnet.is_some() {
            let (subnet, groups) = (launch.subnet.take(), std::mem::take(&mut launch.groups));
            let further = self.further.iter().map(|one| one.launch(subnet.as_deref()));
            let first = LaunchInterface { subnet: subnet.clone(), groups, public: self.public, ..Default::default() };
            launch.interfaces = std::iter::once(first).chain(further).collect();
        }
        launch
    }
}

impl FurtherInterface {
    /// The interface of a launch. The first interface is in the subnet `first`.
    fn launch(&self, first: Option<&str>) -> LaunchInterface {
        LaunchInterface {
            device_index: self.device_index,
            subnet: self.subnet.clone().or(first.map(str::to_owned)),
            groups: self.groups.clone(),
            description: self.description.clone(),
            stays: Some(self.stays),
            ..Default::default()
        }
    }
}

impl BlockDevice {
    fn mapping(&self) -> DeviceMapping {
        let ebs = self.ebs.clone().filter(|_| !self.none);
        DeviceMapping { device: self.device.clone(), volume: ebs.map(EbsDevice::volume) }
    }
}

impl EbsDevice {
    fn volume(self) -> MappedVolume {
        let EbsDevice { size, kind, iops, throughput, snapshot, encrypted, goes } = self;
        MappedVolume {
            change: VolumeChange { size, kind, iops, throughput, multi_attach: None },
            encrypted: encrypted.unwrap_or(false),
            key: None,
            snapshot,
            delete_on_termination: goes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_left_out_has_no_volume() {
        let ebs = EbsDevice {
            size: Some(8),
            kind: None,
            iops: None,
            throughput: None,
            snapshot: None,
            encrypted: None,
            goes: None,
        };
        let device = BlockDevice { device: "/dev/sdb".into(), virtual_name: None, none: true, ebs: Some(ebs) };
        assert_eq!(device.mapping(), DeviceMapping { device: "/dev/sdb".into(), volume: None });
    }
}
