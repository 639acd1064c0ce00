//! Regions and their zones: fixed facts.

use super::{Error, Model, Result, Scope};

/// A Region.
#[derive(Debug, PartialEq, Eq)]
pub struct Region {
    /// `us-east-1`, say.
    pub name: &'static str,
    /// The letters of its Availability Zones.
    zones: &'static str,
    /// The short name in zone ids, `use1`.
    short: &'static str,
    /// Whether accounts may have EC2-Classic here.
    has_classic: bool,
}

const fn region(name: &'static str, short: &'static str, zones: &'static str, has_classic: bool) -> Region {
    Region { name, zones, short, has_classic }
}

/// All Regions. The eight with EC2-Classic come first; new ones go to the end, for [`Region::classic`] counts.
pub static REGIONS: &[Region] = &[
    region("us-east-1", "use1", "abcde", true),
    region("us-west-1", "usw1", "abc", true),
    region("us-west-2", "usw2", "abc", true),
    region("eu-west-1", "euw1", "abc", true),
    region("ap-northeast-1", "apne1", "acd", true),
    region("ap-southeast-1", "apse1", "abc", true),
    region("ap-southeast-2", "apse2", "abc", true),
    region("sa-east-1", "sae1", "abc", true),
    region("us-east-2", "use2", "abc", false),
    region("ca-central-1", "cac1", "ab", false),
    region("eu-central-1", "euc1", "abc", false),
    region("eu-west-2", "euw2", "abc", false),
    region("eu-west-3", "euw3", "abc", false),
    region("eu-north-1", "eun1", "abc", false),
    region("ap-northeast-2", "apne2", "abcd", false),
    region("ap-south-1", "aps1", "abc", false),
];

impl Region {
    /// The Region of that name.
    pub fn named(name: &str) -> Option<&'static Region> {
        REGIONS.iter().find(|region| region.name == name)
    }

    /// The number of its Classic network (a VRF), if it has one.
    pub fn classic(&self) -> Option<u32> {
        let place = REGIONS.iter().position(|region| region == self)?;
        self.has_classic.then_some(2 + u32::try_from(place).unwrap_or(u32::MAX))
    }

    /// Its zones: name and zone id.
    pub fn zones(&self) -> impl Iterator<Item = (String, String)> {
        let numbered = self.zones.chars().enumerate();
        numbered.map(|(i, letter)| (format!("{}{letter}", self.name), format!("{}-az{}", self.short, i + 1)))
    }

    /// The host name of its API.
    pub fn endpoint(&self) -> String {
        format!("ec2.{}.amazonaws.com", self.name)
    }
}

/// The zone id of a zone.
pub fn zone_id(zone: &str) -> String {
    let region = REGIONS.iter().find(|region| zone.strip_prefix(region.name).is_some_and(|rest| rest.len() == 1));
    let id = region.and_then(|region| region.zones().find(|(name, _)| name == zone));
    id.map(|(_, id)| id).unwrap_or_default()
}

impl Model {
    /// Whether an account has EC2-Classic in a Region.
    pub fn has_classic(&self, scope: &Scope) -> bool {
        let region = Region::named(&scope.region);
        region.is_some_and(|r| r.has_classic) && !self.platform.vpc_only_accounts.contains(&scope.account)
    }

    /// Refuses ClassicLink where there is no EC2-Classic (semantics.md §1.4).
    pub(super) fn need_classic(&self, scope: &Scope) -> Result<()> {
        if self.has_classic(scope) { Ok(()) } else { Err(Error::NoClassicHere {}) }
    }

    /// The zone asked for, or the Region's first.
    pub(super) fn zone(&self, scope: &Scope, asked: Option<&str>) -> Result<String> {
        let region = Region::named(&scope.region);
        let mut zones = region.into_iter().flat_map(Region::zones).map(|(name, _)| name);
        let found = match asked {
            Some(asked) => zones.find(|zone| zone == asked),
            None => zones.next(),
        };
        found.ok_or_else(|| Error::NoSuchZone {
            zone: asked.unwrap_or_default().to_owned(),
            region: scope.region.clone(),
        })
    }
}
