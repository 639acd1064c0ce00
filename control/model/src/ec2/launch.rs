//! RunInstances: launches into subnets or into EC2-Classic.

use crate::ec2::instance_type::SMALLEST_MTU;
use crate::{
    AddressWish, Caller, ClassicPlace, ClientToken, DeviceMapping, EnaSrd, Error, IdKind, Instance, InstanceOptions,
    InstanceState, InstanceType, InterfaceSettings, MTU_TAG, Model, Network, PORT_TAG, Result, Scope, SpotTerms, Tags,
    Tenancy, ids, tags,
};
use std::net::Ipv4Addr;

/// The most instances of an account in a Region.
pub const INSTANCES: usize = 5000;
/// The most groups of an interface (semantics.md §4.1).
const GROUPS_PER_INTERFACE: usize = 5;
/// The most groups of a Classic instance (semantics.md §4.1).
const GROUPS_PER_CLASSIC_INSTANCE: usize = 500;

/// The parameters of RunInstances.
#[derive(Clone, Debug, Default)]
pub struct Launch {
    /// The image: `ami-…`. It need not be known.
    pub image: String,
    /// The type.
    pub instance_type: String,
    /// The minimum number of instances.
    pub least: u32,
    /// The maximum number of instances.
    pub most: u32,
    /// The network interfaces. Without any, `subnet`, `groups`, `private` and `settings` describe the only one.
    pub interfaces: Vec<LaunchInterface>,
    /// The subnet. Without one, it is EC2-Classic or the default VPC.
    pub subnet: Option<String>,
    /// The ids of the groups.
    pub groups: Vec<String>,
    /// The names of the groups. They cannot be combined with a subnet.
    pub group_names: Vec<String>,
    /// The private address in the subnet.
    pub private: Option<Ipv4Addr>,
    /// The other settings of the interface.
    pub settings: InterfaceSettings,
    /// The tags of new interfaces.
    pub interface_tags: Tags,
    /// The zone, for EC2-Classic. A subnet has its own.
    pub zone: Option<String>,
    /// The tenancy. The default is the VPC's.
    pub tenancy: Option<Tenancy>,
    /// The key pair.
    pub key_name: Option<String>,
    /// Data for the instance, in base64.
    pub user_data: Option<String>,
    /// The request's token.
    pub client_token: Option<ClientToken>,
    /// The terms, if they are Spot instances.
    pub spot: Option<SpotTerms>,
    /// `disableApiTermination`
    pub termination_protected: bool,
    /// `instanceInitiatedShutdownBehavior`
    pub terminates_on_shutdown: bool,
    /// `ebsOptimized`
    pub ebs_optimized: bool,
    /// `monitoring`
    pub monitored: bool,
    /// The other options of the instances, without the instance profile.
    pub options: InstanceOptions,
    /// The block device mappings. Other devices are those of the image.
    pub devices: Vec<DeviceMapping>,
    /// The ARN of their instance profile.
    pub profile: Option<String>,
    /// The instances' tags.
    pub tags: Tags,
    /// The tags that AWS adds to the instances.
    pub own_tags: Tags,
    /// Their root volumes' tags.
    pub volume_tags: Tags,
}

/// A network interface of a launch.
#[derive(Clone, Debug, Default)]
pub struct LaunchInterface {
    /// Its device index.
    pub device_index: u16,
    /// The existing interface to attach. Without one, a new interface gets the following properties.
    pub existing: Option<String>,
    /// The subnet. Without one, it is the default VPC's.
    pub subnet: Option<String>,
    /// The ids of its groups. Without any, it is the VPC's default group.
    pub groups: Vec<String>,
    /// Its private addresses.
    pub addresses: AddressWish,
    /// Its other settings.
    pub settings: InterfaceSettings,
    /// Its settings of ENA Express.
    pub srd: Option<EnaSrd>,
    /// Whether it gets a public address. The default is the subnet's.
    pub public: Option<bool>,
    /// Its description.
    pub description: String,
    /// Whether it stays when the instance is terminated. An existing interface does by default.
    pub stays: Option<bool>,
}

impl LaunchInterface {
    /// The named addresses, single ones and those of prefixes.
    pub(super) fn named_addresses(&self) -> impl Iterator<Item = Ipv4Addr> {
        self.addresses.named().chain(self.settings.prefixes.named_addresses())
    }
}

impl Model {
    /// RunInstances. The instances are pending until their hosts are up. Returns the id of the reservation, old or new by its token.
    pub fn run_instances(&mut self, caller: &Caller, launch: Launch) -> Result<String> {
        if let Some(reservation) = self.launched_before(caller, &launch)? {
            return Ok(reservation);
        }
        if launch.least < 1 || launch.least > launch.most {
            return Err(Error::BadCounts { least: launch.least, most: launch.most });
        }
        let living = self.instances.of(&caller.scope).filter(|instance| !instance.is_gone()).count();
        if living + launch.most as usize > INSTANCES {
            return Err(Error::InstanceLimit {});
        }
        tags::check(&launch.tags)?;
        tags::check(&launch.interface_tags)?;
        tags::check(&launch.volume_tags)?;
        check_wishes(&launch)?;
        self.check_tokens(&caller.scope, launch.options.metadata.tokens)?;
        self.check_image(caller, &launch.image)?;
        self.check_architecture(&launch.image, &launch.instance_type)?;
        self.launch_volumes(caller, &launch.image, &launch.devices)?;
        if let Some(name) = &launch.key_name {
            self.key_pair(&caller.scope, name)?;
        }
        let reservation = self.new_id(IdKind::Reservation);
        if !self.run_in_vpc(caller, &launch, &reservation)? {
            self.run_in_classic(caller, &launch, &reservation)?;
        }
        if let Some(terms) = &launch.spot {
            self.insert_spot_requests(caller, &reservation, terms)?;
        }
        Ok(reservation)
    }

    fn launched_before(&self, caller: &Caller, launch: &Launch) -> Result<Option<String>> {
        let Some(token) = &launch.client_token else { return Ok(None) };
        let same =
            |instance: &&Instance| instance.client_token.as_ref().is_some_and(|before| before.token == token.token);
        match self.instances.of(&caller.scope).find(same) {
            Some(before) if before.client_token.as_ref() == Some(token) => Ok(Some(before.reservation.clone())),
            Some(_) => Err(Error::IdempotentMismatch {}),
            None => Ok(None),
        }
    }

    /// Checks that a type exists and may run there.
    pub(crate) fn check_type(&self, name: &str, in_classic: bool) -> Result<()> {
        let known = InstanceType::named(name);
        let known = known.ok_or_else(|| Error::NoSuchType { instance_type: name.to_owned() })?;
        if in_classic && !known.classic {
            return Err(Error::VpcOnlyType { instance_type: name.to_owned() });
        }
        Ok(())
    }

    /// Checks the groups of an interface or a link: from one to five, all of that VPC.
    pub(crate) fn check_vpc_groups(&self, scope: &Scope, vpc: &str, groups: &[String]) -> Result<()> {
        if groups.is_empty() {
            return Err(Error::MissingParameter { name: "SecurityGroupId".into() });
        }
        for id in groups {
            let group = self.security_groups.find(scope, id)?;
            if !group.can_be_in(vpc) {
                return Err(Error::OtherNetworkGroup {});
            }
        }
        if groups.len() > GROUPS_PER_INTERFACE {
            return Err(Error::GroupsPerInterface {});
        }
        Ok(())
    }

    fn run_in_classic(&mut self, caller: &Caller, launch: &Launch, reservation: &str) -> Result<()> {
        if launch.private.is_some() {
            return Err(Error::AddressNeedsSubnet {});
        }
        if launch.settings.ipv6.is_some() {
            return Err(Error::Ipv6NeedsSubnet {});
        }
        self.check_type(&launch.instance_type, true)?;
        if launch.tenancy.is_some_and(|tenancy| tenancy != Tenancy::Default) {
            return Err(Error::DedicatedNeedsSubnet {});
        }
        let groups = self.classic_groups(caller, launch)?;
        let zone = self.zone(&caller.scope, launch.zone.as_deref())?;
        let asked = |tag| launch.tags.get(tag).map(String::as_str);
        for index in 0..launch.most {
            let network = Network::Classic(ClassicPlace {
                attachment: self.number(),
                private: Some(self.new_classic(&caller.scope.region, asked(crate::PRIVATE_IP_TAG))?),
                public: Some(self.new_public(asked(crate::PUBLIC_IP_TAG))?),
                groups: groups.clone(),
                link: None,
            });
            let names = (self.new_id(IdKind::Instance), self.number());
            self.insert_instance(caller, launch, (reservation, index), names, &zone, Tenancy::Default, network)?;
        }
        Ok(())
    }

    fn classic_groups(&mut self, caller: &Caller, launch: &Launch) -> Result<Vec<String>> {
        let mut groups = Vec::new();
        for id in &launch.groups {
            if self.security_groups.find(&caller.scope, id)?.vpc.is_some() {
                return Err(Error::VpcGroupInClassic {});
            }
            groups.push(id.clone());
        }
        for name in &launch.group_names {
            groups.push(self.group_meant(&caller.scope, name)?.id.clone());
        }
        if groups.is_empty() {
            groups.push(self.default_classic_group(&caller.scope));
        }
        ids::dedup(&mut groups);
        if groups.len() > GROUPS_PER_CLASSIC_INSTANCE {
            return Err(Error::GroupsPerInstance {});
        }
        Ok(groups)
    }

    #[expect(clippy::too_many_arguments, reason = "they are what an instance is made of")]
    pub(crate) fn insert_instance(
        &mut self,
        caller: &Caller,
        launch: &Launch,
        (reservation, launch_index): (&str, u32),
        (id, port): (String, u32),
        zone: &str,
        tenancy: Tenancy,
        network: Network,
    ) -> Result<()> {
        let profile = launch.profile.clone().map(|arn| self.new_profile(caller, arn));
        let instance = Instance {
            id,
            scope: caller.scope.clone(),
            tags: launch.tags.iter().chain(&launch.own_tags).map(|(key, value)| (key.clone(), value.clone())).collect(),
            port,
            reservation: reservation.to_owned(),
            launch_index,
            image: launch.image.clone(),
            instance_type: launch.instance_type.clone(),
            zone: zone.to_owned(),
            tenancy,
            state: InstanceState::Pending,
            dormant: false,
            host_failure: None,
            reboots: 0,
            halted: None,
            launched: caller.now,
            network,
            key_name: launch.key_name.clone(),
            user_data: launch.user_data.clone(),
            client_token: launch.client_token.clone(),
            spot: launch.spot.is_some(),
            termination_protected: launch.termination_protected,
            terminates_on_shutdown: launch.terminates_on_shutdown,
            ebs_optimized: launch.ebs_optimized,
            monitored: launch.monitored,
            volume: self.new_id(IdKind::Volume),
            options: InstanceOptions {
                profile,
                credits: launch.options.credits.or_else(|| self.set_credits(&caller.scope, &launch.instance_type)),
                ..launch.options.clone()
            },
        };
        self.insert_launch_volumes(caller, &instance, &launch.devices, &launch.volume_tags)?;
        self.instances.insert(instance);
        Ok(())
    }
}

/// Checks the platform's own tags: those for addresses, which are for one instance only, and those for interfaces.
fn check_wishes(launch: &Launch) -> Result<()> {
    let wish = |tag: &str| launch.tags.get(tag);
    if launch.most > 1 && (wish(crate::PRIVATE_IP_TAG).is_some() || wish(crate::PUBLIC_IP_TAG).is_some()) {
        return Err(Error::OneAddressForMany {});
    }
    let mtu = |value: &str| value.parse().is_ok_and(|mtu: u16| mtu >= SMALLEST_MTU);
    let port = |value: &str| matches!(value, "plain" | "offload");
    for (tag, fits) in [(MTU_TAG, &mtu as &dyn Fn(&str) -> bool), (PORT_TAG, &port)] {
        if let Some(value) = wish(tag).filter(|value| !fits(value)) {
            return Err(Error::InvalidValue { name: tag.into(), value: value.clone() });
        }
    }
    Ok(())
}
