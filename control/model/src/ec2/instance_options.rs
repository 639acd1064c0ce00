//! What instances are launched with that changes no packet: it is kept, shown, and changed by actions of its own.

use crate::iam::InstanceProfile;
use crate::ids::digest;
use crate::words::words;
use crate::{BootImages, Caller, Error, IdKind, Instance, InstanceType, Model, Result, Scope, Time};
use serde::{Deserialize, Serialize};

words! {
    /// Whether the metadata service wants a token.
    HttpTokens { Optional "optional", Required "required" }
}
words! {
    /// Whether something is there.
    Switch { Enabled "enabled", Disabled "disabled" }
}
words! {
    /// Whether something happens by itself.
    Automatic { Default "default", Disabled "disabled" }
}
words! {
    /// Whether processor credits are limited.
    CpuCredits { Standard "standard", Unlimited "unlimited" }
}
words! {
    /// What the private DNS name is made of.
    HostnameType { IpName "ip-name", ResourceName "resource-name" }
}
words! {
    /// In which Capacity Reservations an instance may run.
    CapacityPreference { Open "open", None "none", Only "capacity-reservations-only" }
}
words! {
    /// What bandwidth is for first.
    BandwidthWeighting { Default "default", Vpc "vpc-1", Ebs "ebs-1" }
}

/// How an instance reaches its metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataOptions {
    /// Whether it needs a token.
    pub tokens: HttpTokens,
    /// How many hops an answer with a token may go, 1 to 64.
    pub hop_limit: u8,
    /// Whether there is a service at all.
    pub endpoint: Switch,
    /// Whether it is there over IPv6.
    pub ipv6: Switch,
    /// Whether it tells the instance's tags.
    pub tags: Switch,
}

impl Default for MetadataOptions {
    fn default() -> Self {
        MetadataOptions {
            tokens: HttpTokens::Optional,
            hop_limit: 1,
            endpoint: Switch::Enabled,
            ipv6: Switch::Disabled,
            tags: Switch::Disabled,
        }
    }
}

/// The names that an instance has in DNS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateDnsNameOptions {
    /// What its private name is made of.
    pub hostname: HostnameType,
    /// Whether its resource name has an A record.
    pub a_record: bool,
    /// Whether its resource name has an AAAA record.
    pub aaaa_record: bool,
}

/// That an instance acts as an instance profile's role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileAssociation {
    /// `iip-assoc-…`
    pub id: String,
    /// The profile's ARN.
    pub arn: String,
    /// Since when.
    pub since: Time,
}

/// In what an instance's processors differ from its type's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuOptions {
    /// How many cores it has.
    pub cores: u32,
    /// How many threads each of them has.
    pub threads: u32,
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InstanceOptions {
    /// How it reaches its metadata.
    pub metadata: MetadataOptions,
    /// The instance profile.
    pub profile: Option<ProfileAssociation>,
    /// Its processors, where they are not its type's.
    pub cpu: Option<CpuOptions>,
    /// How its processors' credits are limited, where it was said.
    pub credits: Option<CpuCredits>,
    /// Whether it can hibernate.
    pub hibernates: bool,
    /// Whether it has enclaves.
    pub enclaves: bool,
    /// Whether StopInstances is refused.
    pub stop_protected: bool,
    /// Whether it is recovered from failures of its host.
    pub auto_recovery: Automatic,
    /// Whether it is moved by a reboot when its host is to be serviced.
    pub reboot_migration: Automatic,
    /// The names that it has in DNS.
    pub dns: PrivateDnsNameOptions,
    /// In which Capacity Reservations it may run.
    pub capacity: CapacityPreference,
    /// The Capacity Reservation that it is to run in.
    pub capacity_target: Option<String>,
    /// What its bandwidth is for first.
    pub bandwidth: BandwidthWeighting,
    /// The placement group, by name.
    pub placement_group: Option<String>,
    /// Its partition of the placement group.
    pub partition: Option<u32>,
    /// `affinity` of its placement.
    pub affinity: Option<String>,
    /// The Dedicated Host.
    pub dedicated_host: Option<String>,
    /// License configurations, by ARN.
    pub licenses: Vec<String>,
    /// What it boots, if it is not what its image has.
    pub boot_images: BootImages,
}

/// What stands in an instance profile's ARN between its account and its path.
const PROFILE: &str = ":instance-profile/";

fn id_of_arn(arn: &str) -> String {
    format!("AIPA{:017X}", digest(arn))
}

impl InstanceOptions {
    /// How the credits of an instance of that type are limited; only some types have any.
    pub fn credits(&self, instance_type: &str) -> Option<CpuCredits> {
        let known = InstanceType::named(instance_type).filter(|known| known.burstable)?;
        let usual = if known.family() == "t2" { CpuCredits::Standard } else { CpuCredits::Unlimited };
        Some(self.credits.unwrap_or(usual))
    }
}

impl Instance {
    /// Its processors: cores, and threads of each.
    pub fn cpu(&self) -> CpuOptions {
        self.options.cpu.clone().unwrap_or_else(|| match InstanceType::named(&self.instance_type) {
            Some(known) => CpuOptions { cores: known.cores, threads: known.processors / known.cores.max(1) },
            None => CpuOptions { cores: 1, threads: 1 },
        })
    }
}

impl Model {
    /// The ARN of an instance profile that is named one way or the other. It need not have been made.
    pub fn profile_arn(&self, caller: &Caller, arn: Option<String>, name: Option<String>) -> Result<String> {
        let Scope { account, .. } = &caller.scope;
        match (arn, name) {
            (Some(_), Some(_)) => Err(Error::ProfileTwice {}),
            (Some(arn), None) if arn.starts_with("arn:") && arn.contains(PROFILE) => Ok(arn),
            (Some(arn), None) => Err(Error::ProfileMalformed { arn }),
            (None, Some(name)) => Ok(match self.instance_profile(account, &name) {
                Ok(profile) => profile.named.arn("instance-profile"),
                Err(_) => format!("arn:aws:iam::{account}{PROFILE}{name}"),
            }),
            (None, None) => Err(Error::missing("IamInstanceProfile.Name")),
        }
    }

    /// The id of an instance profile; of one that was never made, one that follows from its ARN.
    pub fn profile_id(&self, arn: &str) -> String {
        self.profile_of_arn(arn).map_or_else(|| id_of_arn(arn), |profile| profile.named.unique_id.clone())
    }

    /// The instance profile of an ARN, if it has been made.
    pub fn profile_of_arn(&self, arn: &str) -> Option<&InstanceProfile> {
        let (account, path) = arn.split_once("iam::")?.1.split_once(PROFILE)?;
        let profile = self.instance_profile(account, path.rsplit('/').next()?).ok()?;
        Some(profile).filter(|profile| profile.named.arn("instance-profile") == arn)
    }

    /// Changes the options of an instance that is not gone.
    pub fn change_options(
        &mut self,
        caller: &Caller,
        id: &str,
        change: impl FnOnce(&mut InstanceOptions) -> Result<()>,
    ) -> Result<()> {
        let instance = self.instances.find_mut(&caller.scope, id)?;
        if instance.is_gone() {
            return Err(Error::WrongState { id: id.to_owned(), state: instance.state.name().into() });
        }
        change(&mut instance.options)
    }

    /// Changes the options of an instance that is stopped.
    pub fn change_options_of_stopped(
        &mut self,
        caller: &Caller,
        id: &str,
        change: impl FnOnce(&mut InstanceOptions) -> Result<()>,
    ) -> Result<()> {
        let instance = self.instances.find(&caller.scope, id)?;
        match instance.state {
            crate::InstanceState::Stopped => self.change_options(caller, id, change),
            _ => Err(Error::NotStopped { id: id.to_owned() }),
        }
    }

    /// AssociateIamInstanceProfile. Answers with the association.
    pub fn associate_profile(&mut self, caller: &Caller, id: &str, arn: String) -> Result<ProfileAssociation> {
        if self.instances.find(&caller.scope, id)?.options.profile.is_some() {
            return Err(Error::ProfileAssociated { id: id.to_owned() });
        }
        let profile = self.new_profile(caller, arn);
        let new = profile.clone();
        self.change_options(caller, id, |options| {
            options.profile = Some(new);
            Ok(())
        })?;
        Ok(profile)
    }

    /// An association that begins now.
    pub(crate) fn new_profile(&mut self, caller: &Caller, arn: String) -> ProfileAssociation {
        ProfileAssociation { id: self.new_id(IdKind::IamInstanceProfileAssociation), arn, since: caller.now }
    }

    /// The id of the instance with that association.
    fn associated(&self, caller: &Caller, association: &str) -> Result<String> {
        let has =
            |instance: &&Instance| instance.options.profile.as_ref().is_some_and(|profile| profile.id == association);
        let kind = IdKind::IamInstanceProfileAssociation;
        let found = self.instances.of(&caller.scope).find(has).map(|instance| instance.id.clone());
        found.ok_or_else(|| Error::NotFound { kind, id: association.to_owned() })
    }

    /// DisassociateIamInstanceProfile. Answers with the instance and what it had.
    pub fn disassociate_profile(&mut self, caller: &Caller, association: &str) -> Result<(String, ProfileAssociation)> {
        let id = self.associated(caller, association)?;
        let had = self.instances.find_mut(&caller.scope, &id)?.options.profile.take();
        let kind = IdKind::IamInstanceProfileAssociation;
        had.map(|had| (id, had)).ok_or_else(|| Error::NotFound { kind, id: association.to_owned() })
    }

    /// ReplaceIamInstanceProfileAssociation. Answers with the instance and its new association.
    pub fn replace_profile(
        &mut self,
        caller: &Caller,
        association: &str,
        arn: String,
    ) -> Result<(String, ProfileAssociation)> {
        let id = self.associated(caller, association)?;
        let profile = self.new_profile(caller, arn);
        self.instances.find_mut(&caller.scope, &id)?.options.profile = Some(profile.clone());
        Ok((id, profile))
    }
}
