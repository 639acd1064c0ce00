//! Record sets of hosted zones: their values, and the routing by which one of several is chosen.

use super::error::SetName;
use super::record_data::reversed;
use serde::{Deserialize, Deserializer, Serialize};

/// The supported types of records.
pub const RECORD_TYPES: [&str; 17] = [
    "A", "AAAA", "CAA", "CNAME", "DS", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "SSHFP", "SVCB",
    "TLSA", "TXT",
];

/// The target of an alias record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasTarget {
    /// The id of the hosted zone of the target.
    #[serde(deserialize_with = "without_path")]
    pub zone: String,
    /// The name, with a dot at its end.
    pub name: String,
    /// Whether the record is answered only while the target is healthy: a load balancer, or records of the zone.
    pub evaluate_health: bool,
}

/// Reads an id, which older rows have with the path that clients may send before it.
fn without_path<'de, D: Deserializer<'de>>(row: D) -> Result<String, D::Error> {
    let id = String::deserialize(row)?;
    Ok(id.rsplit('/').next().unwrap_or_default().to_owned())
}

/// The role of a record set in a failover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failover {
    /// The one that is answered while it is healthy.
    Primary,
    /// The one that is answered instead.
    Secondary,
}

/// The place of the clients: a continent, a country, or a part of one. The country `*` is the rest of the world.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// `EU`, for example.
    pub continent: Option<String>,
    /// `US`, for example.
    pub country: Option<String>,
    /// `NY`, for example.
    pub subdivision: Option<String>,
}

/// The location of the clients of IP-based routing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CidrRouting {
    /// The id of the CIDR collection.
    pub collection: String,
    /// The name of the location. `*` is every address that is in no block.
    pub location: String,
}

/// Where a resource is, by which geoproximity routing finds the nearest one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ResourceLocation {
    /// A Region.
    Region(String),
    /// A Local Zone group: `us-west-2-lax-1`, for example.
    LocalZoneGroup(String),
    /// The latitude and the longitude, in degrees.
    Coordinates(String, String),
}

/// The greatest bias of geoproximity routing, in per cent.
pub const MOST_BIAS: i32 = 99;

/// The location of a resource in geoproximity routing, and how far its surroundings reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Geoproximity {
    /// The location.
    pub location: ResourceLocation,
    /// By how many per cent distances to it are shortened or, if negative, lengthened.
    pub bias: Option<i32>,
}

impl CidrRouting {
    /// Whether it is for the addresses that no other location has.
    pub fn is_default(&self) -> bool {
        self.location == "*"
    }
}

/// How one of several record sets of a name and type is chosen; those of one name and type all have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Routing {
    Simple,
    Weighted,
    Multivalue,
    Latency,
    Failover,
    Geolocation,
    Geoproximity,
    Cidr,
}

/// Records of one name and type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSet {
    /// The name, in lower case, with a dot at its end.
    pub name: String,
    /// `A`, for example.
    pub kind: String,
    /// Tells it from others of its name and type.
    pub identifier: Option<String>,
    /// How often it is answered, in proportion to others of its name and type.
    pub weight: Option<u8>,
    /// Whether it is one of several whose values are answered together.
    pub multivalue: bool,
    /// The Region for whose clients it is answered (latency routing).
    #[serde(default)]
    pub region: Option<String>,
    /// Its role in a failover.
    #[serde(default)]
    pub failover: Option<Failover>,
    /// The place of the clients that it is answered for.
    #[serde(default)]
    pub location: Option<Location>,
    /// The location of the resource to whose nearest clients it is answered.
    #[serde(default)]
    pub geoproximity: Option<Geoproximity>,
    /// The location of the clients that it is answered for, by their addresses.
    #[serde(default)]
    pub cidr: Option<CidrRouting>,
    /// The health check by which it is answered or left out.
    #[serde(default)]
    pub health_check: Option<String>,
    /// How long resolvers may cache it, in seconds.
    pub ttl: Option<u32>,
    /// The values, as text.
    pub values: Vec<String>,
    /// The target, if it is an alias.
    pub alias: Option<AliasTarget>,
    /// The traffic policy instance that created it.
    #[serde(default)]
    pub policy_instance: Option<String>,
}

impl RecordSet {
    /// Whether it is a rule inside of a traffic policy instance. Such rules have names with the instance's id, and are
    /// not listed.
    pub(super) fn is_inner(&self) -> bool {
        self.policy_instance.as_ref().is_some_and(|id| self.name.contains(id))
    }

    /// Its place among the zone's records: by name, label by label from the last, then by type and identifier.
    pub fn key(&self) -> String {
        format!("{} {} {}", reversed(&self.name), self.kind, self.identifier.as_deref().unwrap_or_default())
    }

    pub(super) fn routing(&self) -> Routing {
        match self {
            RecordSet { weight: Some(_), .. } => Routing::Weighted,
            RecordSet { multivalue: true, .. } => Routing::Multivalue,
            RecordSet { region: Some(_), .. } => Routing::Latency,
            RecordSet { failover: Some(_), .. } => Routing::Failover,
            RecordSet { location: Some(_), .. } => Routing::Geolocation,
            RecordSet { geoproximity: Some(_), .. } => Routing::Geoproximity,
            RecordSet { cidr: Some(_), .. } => Routing::Cidr,
            _ => Routing::Simple,
        }
    }

    /// Whether two of one name and type have the same routing, so that none of them could be chosen.
    pub(super) fn is_rival(&self, other: &RecordSet) -> bool {
        match self.routing() {
            Routing::Latency => self.region == other.region,
            Routing::Failover => self.failover == other.failover,
            Routing::Geolocation => self.location == other.location,
            Routing::Geoproximity => self.resource_location() == other.resource_location(),
            Routing::Cidr => self.cidr == other.cidr,
            Routing::Simple | Routing::Weighted | Routing::Multivalue => false,
        }
    }

    fn resource_location(&self) -> Option<&ResourceLocation> {
        self.geoproximity.as_ref().map(|own| &own.location)
    }

    /// What errors call it.
    pub(super) fn called(&self) -> SetName {
        SetName { name: self.name.clone(), kind: self.kind.clone(), identifier: self.identifier.clone() }
    }
}

/// A change of a record set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordAction {
    /// Creates it. It must not exist yet.
    Create,
    /// Deletes it. It must exist with exactly these values.
    Delete,
    /// Creates it, or replaces the one that exists.
    Upsert,
}

/// A record set without values.
pub fn empty_set(name: &str, kind: &str) -> RecordSet {
    RecordSet {
        name: name.into(),
        kind: kind.into(),
        identifier: None,
        weight: None,
        multivalue: false,
        region: None,
        failover: None,
        location: None,
        geoproximity: None,
        cidr: None,
        health_check: None,
        ttl: None,
        values: Vec::new(),
        alias: None,
        policy_instance: None,
    }
}

/// Whether a record set is the SOA or NS of its zone, which was created with the zone and cannot be deleted.
pub(super) fn is_own(zone: &str, set: &RecordSet) -> bool {
    set.name == zone && matches!(set.kind.as_str(), "SOA" | "NS")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_alias_has_the_id_of_its_zone_alone() {
        let row = r#"{"zone":"/hostedzone/Z1","name":"a.example.","evaluate_health":false}"#;
        assert_eq!(serde_json::from_str::<AliasTarget>(row).unwrap().zone, "Z1");
    }
}
