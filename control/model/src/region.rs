//! Regions, their Availability Zones and partitions, which are facts of AWS.

use super::{Error, Model, Platform, Result, Scope};
use std::collections::BTreeSet;

/// A Region.
#[derive(Debug, PartialEq, Eq)]
pub struct Region {
    /// Its name: `us-east-1`.
    pub name: &'static str,
    /// The letters of its Availability Zones.
    zones: &'static str,
    /// Its short name in zone ids: `use1`.
    short: &'static str,
    /// Whether it had EC2-Classic on AWS.
    had_classic: bool,
    /// Whether accounts must opt in to it.
    pub by_opt_in: bool,
}

const fn classic(name: &'static str, short: &'static str, zones: &'static str) -> Region {
    Region { name, zones, short, had_classic: true, by_opt_in: false }
}

const fn vpc_only(name: &'static str, short: &'static str, zones: &'static str) -> Region {
    Region { name, zones, short, had_classic: false, by_opt_in: false }
}

const fn by_opt_in(name: &'static str, short: &'static str, zones: &'static str) -> Region {
    Region { name, zones, short, had_classic: false, by_opt_in: true }
}

/// All Regions. Those that had EC2-Classic come first, and new ones at the end, because [`Region::classic`] is an index.
pub static REGIONS: &[Region] = &[
    classic("us-east-1", "use1", "abcdef"),
    classic("us-west-1", "usw1", "abc"),
    classic("us-west-2", "usw2", "abc"),
    classic("eu-west-1", "euw1", "abc"),
    classic("ap-northeast-1", "apne1", "acd"),
    classic("ap-southeast-1", "apse1", "abc"),
    classic("ap-southeast-2", "apse2", "abc"),
    classic("sa-east-1", "sae1", "abc"),
    vpc_only("us-east-2", "use2", "abc"),
    vpc_only("ca-central-1", "cac1", "ab"),
    vpc_only("eu-central-1", "euc1", "abc"),
    vpc_only("eu-west-2", "euw2", "abc"),
    vpc_only("eu-west-3", "euw3", "abc"),
    vpc_only("eu-north-1", "eun1", "abc"),
    vpc_only("ap-northeast-2", "apne2", "abcd"),
    vpc_only("ap-south-1", "aps1", "abc"),
    vpc_only("ap-northeast-3", "apne3", "abc"),
    by_opt_in("af-south-1", "afs1", "abc"),
    by_opt_in("ap-east-1", "ape1", "abc"),
    by_opt_in("ap-east-2", "ape2", "abc"),
    by_opt_in("ap-south-2", "aps2", "abc"),
    by_opt_in("ap-southeast-3", "apse3", "abc"),
    by_opt_in("ap-southeast-4", "apse4", "abc"),
    by_opt_in("ap-southeast-5", "apse5", "abc"),
    by_opt_in("ap-southeast-6", "apse6", "abc"),
    by_opt_in("ap-southeast-7", "apse7", "abc"),
    by_opt_in("ca-west-1", "caw1", "abc"),
    by_opt_in("eu-central-2", "euc2", "abc"),
    by_opt_in("eu-south-1", "eus1", "abc"),
    by_opt_in("eu-south-2", "eus2", "abc"),
    by_opt_in("il-central-1", "ilc1", "abc"),
    by_opt_in("me-central-1", "mec1", "abc"),
    by_opt_in("me-south-1", "mes1", "abc"),
    by_opt_in("mx-central-1", "mxc1", "abc"),
    vpc_only("cn-north-1", "cnn1", "abd"),
    vpc_only("cn-northwest-1", "cnnw1", "abc"),
    vpc_only("us-gov-east-1", "usge1", "abc"),
    vpc_only("us-gov-west-1", "usgw1", "abc"),
    vpc_only("eusc-de-east-1", "eude1", "abc"),
    vpc_only("us-iso-east-1", "usie1", "abc"),
    vpc_only("us-iso-west-1", "usiw1", "abc"),
    vpc_only("us-isob-east-1", "usibe1", "abc"),
    vpc_only("us-isob-west-1", "usibw1", "abc"),
    vpc_only("eu-isoe-west-1", "euiew1", "abc"),
    vpc_only("us-isof-east-1", "usife1", "abc"),
    vpc_only("us-isof-south-1", "usifs1", "abc"),
];

/// Partitions: the beginning of their Regions' names, their name in ARNs, and their domain.
static PARTITIONS: &[(&str, &str, &str)] = &[
    ("cn-", "aws-cn", "amazonaws.com.cn"),
    ("us-gov-", "aws-us-gov", "amazonaws.com"),
    ("eusc-", "aws-eusc", "amazonaws.eu"),
    ("us-iso-", "aws-iso", "c2s.ic.gov"),
    ("us-isob-", "aws-iso-b", "sc2s.sgov.gov"),
    ("eu-isoe-", "aws-iso-e", "cloud.adc-e.uk"),
    ("us-isof-", "aws-iso-f", "csp.hci.ic.gov"),
    ("", "aws", "amazonaws.com"),
];

impl Region {
    /// The Region with that name.
    pub fn named(name: &str) -> Option<&'static Region> {
        REGIONS.iter().find(|region| region.name == name)
    }

    /// The number of its EC2-Classic network (a VRF), on a platform where it has one.
    pub fn classic(&self) -> Option<u32> {
        let place = REGIONS.iter().position(|region| region == self)?;
        u32::try_from(place).ok().map(|place| 2 + place)
    }

    /// The names and zone ids of its zones.
    pub fn zones(&self) -> impl Iterator<Item = (String, String)> {
        let numbered = self.zones.chars().enumerate();
        numbered.map(|(place, letter)| (format!("{}{letter}", self.name), self.zone_id(place)))
    }

    /// The id of the zone at this index.
    fn zone_id(&self, place: usize) -> String {
        format!("{}-az{}", self.short, place + 1)
    }

    /// The name of its partition in ARNs, and the partition's domain.
    fn place(&self) -> (&'static str, &'static str) {
        let found = PARTITIONS.iter().find(|(beginning, ..)| self.name.starts_with(beginning));
        found.map_or(("aws", "amazonaws.com"), |(_, partition, domain)| (partition, domain))
    }

    /// The name of its partition in ARNs: `aws`, `aws-cn`, …
    pub fn partition(&self) -> &'static str {
        self.place().0
    }

    /// The domain of its services' names.
    pub fn domain(&self) -> &'static str {
        self.place().1
    }

    /// The host name of its EC2 endpoint.
    pub fn endpoint(&self) -> String {
        format!("ec2.{}.{}", self.name, self.domain())
    }

    /// The domain of the host names of public addresses (semantics.md §7.1).
    pub fn public_domain(&self) -> String {
        match self.name {
            "us-east-1" => format!("compute-1.{}", self.domain()),
            name => format!("{name}.compute.{}", self.domain()),
        }
    }

    /// The domain of the host names of private addresses. Hosts search it unless DHCP options say otherwise (semantics.md §7.1).
    pub fn private_domain(&self) -> String {
        match self.name {
            "us-east-1" => "ec2.internal".to_owned(),
            name => format!("{name}.compute.internal"),
        }
    }
}

/// The zone id of a zone. Empty if there is no such zone.
pub fn zone_id(zone: &str) -> String {
    let mut letters = zone.chars();
    let letter = letters.next_back();
    let region = Region::named(letters.as_str());
    let place = |region: &Region| region.zones.chars().position(|zone| Some(zone) == letter);
    let found = region.and_then(|region| Some(region.zone_id(place(region)?)));
    found.unwrap_or_default()
}

impl Error {
    /// The error for a zone that is not one of this scope's Region.
    pub fn no_zone_of_subnets(scope: &Scope, zone: &str) -> Error {
        let zones: Vec<String> =
            Region::named(&scope.region).into_iter().flat_map(Region::zones).map(|(name, _)| name).collect();
        Error::NoZoneOfSubnets { zone: zone.to_owned(), zones: zones.join(", ") }
    }
}

impl Scope {
    /// The name of its Region's partition in ARNs.
    pub fn partition(&self) -> &'static str {
        Region::named(&self.region).map_or("aws", Region::partition)
    }

    /// [`Region::private_domain`] of its Region.
    pub fn private_domain(&self) -> String {
        Region::named(&self.region).map(Region::private_domain).unwrap_or_default()
    }
}

/// The names of the Regions that had EC2-Classic on AWS.
pub(super) fn with_classic() -> BTreeSet<String> {
    REGIONS.iter().filter(|region| region.had_classic).map(|region| region.name.to_owned()).collect()
}

impl Platform {
    /// The number of a Region's EC2-Classic network (a VRF), if the Region has one.
    pub fn classic_network(&self, region: &str) -> Option<u32> {
        self.classic_regions.get(region).and_then(|region| Region::named(region)?.classic())
    }
}

impl Model {
    /// Whether an account has EC2-Classic in a Region.
    pub fn has_classic(&self, scope: &Scope) -> bool {
        self.platform.classic_network(&scope.region).is_some()
            && !self.platform.vpc_only_accounts.contains(&scope.account)
    }

    /// Checks that the account has EC2-Classic, without which there is no ClassicLink (semantics.md §1.4).
    ///
    /// # Errors
    /// [`Error::NoClassicHere`].
    pub(super) fn need_classic(&self, scope: &Scope) -> Result<()> {
        if self.has_classic(scope) { Ok(()) } else { Err(Error::NoClassicHere {}) }
    }

    /// The zone with that name, or by default the Region's first one.
    ///
    /// # Errors
    /// [`Error::NoSuchZone`].
    pub fn zone(&self, scope: &Scope, asked: Option<&str>) -> Result<String> {
        let region = Region::named(&scope.region);
        let mut zones = region.into_iter().flat_map(Region::zones).map(|(name, _)| name);
        let found = match asked {
            Some(asked) => zones.find(|zone| zone == asked),
            None => zones.next(),
        };
        found.ok_or_else(|| Error::NoSuchZone { zone: asked.unwrap_or_default().to_owned() })
    }

    /// The zone of a subnet, for which EC2 has an error of its own.
    ///
    /// # Errors
    /// [`Error::NoZoneOfSubnets`].
    pub(super) fn zone_of_subnet(&self, scope: &Scope, asked: Option<&str>) -> Result<String> {
        self.zone(scope, asked).map_err(|_| Error::no_zone_of_subnets(scope, asked.unwrap_or_default()))
    }
}
