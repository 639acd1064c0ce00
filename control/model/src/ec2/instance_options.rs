//! What instances are launched with that changes no packet: it is kept, shown, and changed by actions of its own.

use crate::words::words;
use crate::{InstanceType, Time};
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

/// What paravirtual instances boot, by the ids of its images.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootImages {
    /// The kernel, `aki-…`.
    pub kernel: Option<String>,
    /// The RAM disk, `ari-…`.
    pub ramdisk: Option<String>,
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
    /// Whether its processors encrypt its memory (AMD SEV-SNP), where it was said.
    pub sev_snp: Option<Switch>,
    /// Whether it may run virtual machines of its own, where it was said.
    pub nested_virtualization: Option<Switch>,
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

impl InstanceOptions {
    /// How the credits of an instance of that type are limited; only some types have any.
    pub fn credits(&self, instance_type: &str) -> Option<CpuCredits> {
        let known = InstanceType::named(instance_type).filter(|known| known.burstable)?;
        let usual = if known.family() == "t2" { CpuCredits::Standard } else { CpuCredits::Unlimited };
        Some(self.credits.unwrap_or(usual))
    }
}
