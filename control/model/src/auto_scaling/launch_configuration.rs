//! Launch configurations: how a group launches instances. One never changes; a group is given another.

use super::{AutoScalingGroup, Error, Result, arn, check_name, key};
use crate::{
    Caller, DeviceMapping, IdKind, Instance, InstanceOptions, Launch, LaunchInterface, MappedVolume, MetadataOptions,
    Model, Row, Scope, SpotTerms, Tags, Tenancy, Time, VolumeChange, VolumeType,
};
use serde::{Deserialize, Serialize};

/// A launch configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaunchConfiguration {
    /// The id of its row: account, Region and name.
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its name.
    pub name: String,
    /// The UUID in its ARN.
    pub unique: String,
    /// When it was created.
    pub created: Time,
    /// How instances are launched.
    pub recipe: Recipe,
}

impl Row for LaunchConfiguration {
    fn id(&self) -> &str {
        &self.id
    }
}

impl LaunchConfiguration {
    /// Its ARN.
    pub fn arn(&self) -> String {
        let named = format!("launchConfigurationName/{}", self.name);
        arn(&self.scope, "launchConfiguration", &self.unique, &named)
    }
}

/// What instances are launched with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
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
    /// The most that is paid for a Spot instance, empty for the default; `None` for On-Demand instances.
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
    /// Their interfaces beside the first.
    #[serde(default)]
    pub further: Vec<FurtherInterface>,
}

/// An interface of instances beside the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FurtherInterface {
    /// Its place among the instance's interfaces.
    pub device_index: u16,
    /// Its subnet; else that of the first.
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

/// A block device, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockDevice {
    /// Where: `/dev/sda1`.
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
    /// The size in GiB; by default that of the image's volume. So with the other settings.
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

impl Recipe {
    /// The recipe of an instance like this one; block devices are those of the image.
    pub fn of(model: &Model, instance: &Instance) -> Recipe {
        let primary = instance.vpc().and_then(|place| model.network_interfaces.get(place.interfaces.first()?));
        let groups = instance.classic().map(|place| &place.groups).or(primary.map(|interface| &interface.groups));
        Recipe {
            image: instance.image.clone(),
            instance_type: instance.instance_type.clone(),
            key_name: instance.key_name.clone(),
            groups: groups.cloned().unwrap_or_default(),
            user_data: instance.user_data.clone(),
            monitored: instance.monitored,
            profile: instance.options.profile.as_ref().map(|profile| profile.arn.clone()),
            ebs_optimized: instance.ebs_optimized,
            tenancy: instance.vpc().map(|_| instance.tenancy),
            ..Recipe::default()
        }
    }

    /// The launch of one instance in a zone or a subnet, its instance profile apart.
    pub(super) fn launch(&self, (zone, subnet): (&str, Option<&str>), tags: Tags) -> Launch {
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
    /// It as a launch asks for it, the first one being in that subnet.
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

impl Model {
    /// The launch configuration of that name.
    pub fn launch_configuration(&self, scope: &Scope, name: &str) -> Result<&LaunchConfiguration> {
        let found = self.launch_configurations.get(&key(scope, name));
        found.ok_or_else(|| Error::NoConfiguration { name: name.to_owned() })
    }

    /// CreateLaunchConfiguration.
    pub fn create_launch_configuration(&mut self, caller: &Caller, name: &str, recipe: Recipe) -> Result<()> {
        check_name("launchConfigurationName", name)?;
        let scope = &caller.scope;
        if self.launch_configuration(scope, name).is_ok() {
            return Err(Error::ConfigurationExists { name: name.to_owned() });
        }
        self.check_recipe(caller, &recipe)?;
        let unique = self.new_uuid();
        let (id, scope, name) = (key(scope, name), scope.clone(), name.to_owned());
        self.launch_configurations.insert(LaunchConfiguration { id, scope, name, unique, created: caller.now, recipe });
        Ok(())
    }

    /// The ARN of a recipe's instance profile, which is named by it or by its name.
    pub(super) fn profile_of(&self, caller: &Caller, recipe: &Recipe) -> Result<Option<String>> {
        let Some(profile) = recipe.profile.clone() else { return Ok(None) };
        let (arn, name) = if profile.starts_with("arn:") { (Some(profile), None) } else { (None, Some(profile)) };
        Ok(Some(self.profile_arn(caller, arn, name)?))
    }

    /// What cannot be launched anywhere is refused at once; whether there is room for it shows at the launch.
    pub(super) fn check_recipe(&self, caller: &Caller, recipe: &Recipe) -> Result<()> {
        if recipe.image.is_empty() || recipe.instance_type.is_empty() {
            return Err(Error::NoImage {});
        }
        let scope = &caller.scope;
        IdKind::Image.check(&recipe.image)?;
        self.check_image(caller, &recipe.image)?;
        self.check_type(&recipe.instance_type, false)?;
        if let Some(name) = &recipe.key_name {
            self.key_pair(scope, name)?;
        }
        for group in &recipe.groups {
            match IdKind::SecurityGroup.fits(group) {
                true => self.security_groups.find(scope, group)?,
                false => self.group_meant(scope, group)?,
            };
        }
        self.profile_of(caller, recipe)?;
        match &recipe.link {
            Some(link) => self.check_link(caller, link),
            None => Ok(()),
        }
    }

    /// Checks the link that instances are to get (M39), as AttachClassicLinkVpc checks it.
    fn check_link(&self, caller: &Caller, link: &ClassicLinkAtLaunch) -> Result<()> {
        if link.vpc.is_empty() || link.groups.is_empty() {
            return Err(Error::LinkIncomplete {});
        }
        self.need_classic(&caller.scope)?;
        if !self.vpcs.find(&caller.scope, &link.vpc)?.classic_link {
            return Err(Error::LinkNotEnabled { vpc: link.vpc.clone() });
        }
        Ok(self.check_link_groups(caller, &link.vpc, &link.groups)?)
    }

    /// DeleteLaunchConfiguration: one that a group has is refused.
    pub fn delete_launch_configuration(&mut self, caller: &Caller, name: &str) -> Result<()> {
        let id = self.launch_configuration(&caller.scope, name)?.id.clone();
        let uses = |group: &&AutoScalingGroup| group.scope == caller.scope && group.settings.configuration == name;
        if let Some(group) = self.auto_scaling_groups.iter().find(uses) {
            return Err(Error::ConfigurationInUse { name: name.to_owned(), group: group.name.clone() });
        }
        self.launch_configurations.remove(&id);
        Ok(())
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
