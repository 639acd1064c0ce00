//! Options of instances without an effect on packets. They are stored, described, and changed by actions of their own.

use crate::words::words;
use crate::{InstanceType, Time};
use serde::{Deserialize, Serialize};

words! {
    /// Whether the metadata service needs a token.
    HttpTokens { Optional "optional", Required "required" }
}
words! {
    /// Whether a feature is enabled.
    Switch { Enabled "enabled", Disabled "disabled" }
}
words! {
    /// Whether something happens automatically.
    Automatic { Default "default", Disabled "disabled" }
}
words! {
    /// The credit option of a burstable instance.
    CpuCredits { Standard "standard", Unlimited "unlimited" }
}
words! {
    /// The form of the private DNS name.
    HostnameType { IpName "ip-name", ResourceName "resource-name" }
}
words! {
    /// The Capacity Reservations in which an instance may run.
    CapacityPreference { Open "open", None "none", Only "capacity-reservations-only" }
}
words! {
    /// The bandwidth weighting.
    BandwidthWeighting { Default "default", Vpc "vpc-1", Ebs "ebs-1" }
}

/// The metadata options of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataOptions {
    /// Whether a token is needed.
    pub tokens: HttpTokens,
    /// The hop limit of answers with a token: 1 to 64.
    pub hop_limit: u8,
    /// Whether the service is enabled.
    pub endpoint: Switch,
    /// Whether it is enabled over IPv6.
    pub ipv6: Switch,
    /// Whether it has the instance's tags.
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

/// The private DNS names of an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateDnsNameOptions {
    /// The form of its private name.
    pub hostname: HostnameType,
    /// Whether its resource name has an A record.
    pub a_record: bool,
    /// Whether its resource name has an AAAA record.
    pub aaaa_record: bool,
}

/// The association of an instance with an instance profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileAssociation {
    /// `iip-assoc-…`
    pub id: String,
    /// The profile's ARN.
    pub arn: String,
    /// The time of its creation.
    pub since: Time,
}

/// The CPU options of an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CpuOptions {
    /// The number of cores.
    pub cores: u32,
    /// The threads of each core.
    pub threads: u32,
}

/// The kernel and the RAM disk of paravirtual instances.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootImages {
    /// The kernel, `aki-…`.
    pub kernel: Option<String>,
    /// The RAM disk, `ari-…`.
    pub ramdisk: Option<String>,
}

/// All options.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InstanceOptions {
    /// Its metadata options.
    pub metadata: MetadataOptions,
    /// The instance profile.
    pub profile: Option<ProfileAssociation>,
    /// Its CPU options, if they differ from its type's.
    pub cpu: Option<CpuOptions>,
    /// Whether its processors encrypt its memory (AMD SEV-SNP), where it was said.
    pub sev_snp: Option<Switch>,
    /// Whether it may run virtual machines of its own, where it was said.
    pub nested_virtualization: Option<Switch>,
    /// Its credit option, if given.
    pub credits: Option<CpuCredits>,
    /// Whether it can hibernate.
    pub hibernates: bool,
    /// Whether it is enabled for enclaves.
    pub enclaves: bool,
    /// Whether it is protected from being stopped.
    pub stop_protected: bool,
    /// Whether it is recovered automatically if its host fails.
    pub auto_recovery: Automatic,
    /// Whether a reboot moves it before its host's maintenance.
    pub reboot_migration: Automatic,
    /// Its private DNS names.
    pub dns: PrivateDnsNameOptions,
    /// The Capacity Reservations in which it may run.
    pub capacity: CapacityPreference,
    /// The Capacity Reservation in which it must run.
    pub capacity_target: Option<String>,
    /// Its bandwidth weighting.
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
    /// Its kernel and RAM disk, if they differ from its image's.
    pub boot_images: BootImages,
}

impl InstanceOptions {
    /// The credit option of an instance of that type. `None` if the type is not burstable.
    pub fn credits(&self, instance_type: &str) -> Option<CpuCredits> {
        let known = InstanceType::named(instance_type).filter(|known| known.burstable)?;
        let usual = if known.family() == "t2" { CpuCredits::Standard } else { CpuCredits::Unlimited };
        Some(self.credits.unwrap_or(usual))
    }
}
