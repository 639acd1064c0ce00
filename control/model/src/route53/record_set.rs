//! Record sets of hosted zones: what they hold, and by what one of several is chosen.

use super::record_data::reversed;
use serde::{Deserialize, Serialize};

/// The types of records that are kept; SOA and NS only at a zone's own name.
pub const RECORD_TYPES: [&str; 15] =
    ["A", "AAAA", "CAA", "CNAME", "HTTPS", "MX", "NAPTR", "NS", "PTR", "SOA", "SRV", "SSHFP", "SVCB", "TLSA", "TXT"];

/// Another name in whose place a record stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AliasTarget {
    /// The hosted zone that the name lies in, as the client said.
    pub zone: String,
    /// The name, with a dot at its end.
    pub name: String,
    /// Whether it counts only while the target is healthy. Only load balancers can be unhealthy.
    pub evaluate_health: bool,
}

/// Which of two record sets of a failover it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failover {
    /// The one that is answered while it is healthy.
    Primary,
    /// The one that is answered instead.
    Secondary,
}

/// Where askers are: a continent, a country, or a part of one. The country `*` is the rest of the world.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Location {
    /// `EU`, say.
    pub continent: Option<String>,
    /// `US`, say.
    pub country: Option<String>,
    /// `NY`, say.
    pub subdivision: Option<String>,
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
}

/// Records of one name and type.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSet {
    /// The name, in small letters, with a dot at its end.
    pub name: String,
    /// `A`, say.
    pub kind: String,
    /// Tells it from others of its name and type.
    pub identifier: Option<String>,
    /// How often it is answered, in proportion to others of its name and type.
    pub weight: Option<u8>,
    /// Whether it is one of several that are answered together.
    pub multivalue: bool,
    /// The Region whose askers it is nearest to.
    #[serde(default)]
    pub region: Option<String>,
    /// Whether it is the one to use, or the one to fall back to.
    #[serde(default)]
    pub failover: Option<Failover>,
    /// Where those are that it is for.
    #[serde(default)]
    pub location: Option<Location>,
    /// The health check that says whether it counts.
    #[serde(default)]
    pub health_check: Option<String>,
    /// How long it may be remembered, in seconds.
    pub ttl: Option<u32>,
    /// The values, as text.
    pub values: Vec<String>,
    /// What it is an alias of.
    pub alias: Option<AliasTarget>,
}

impl RecordSet {
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
            _ => Routing::Simple,
        }
    }

    /// Whether two of one name and type are for the same askers.
    pub(super) fn is_rival(&self, other: &RecordSet) -> bool {
        match self.routing() {
            Routing::Latency => self.region == other.region,
            Routing::Failover => self.failover == other.failover,
            Routing::Geolocation => self.location == other.location,
            Routing::Simple | Routing::Weighted | Routing::Multivalue => false,
        }
    }

    pub(super) fn words(&self) -> String {
        let identifier = self.identifier.as_ref().map(|id| format!(", set identifier='{id}'")).unwrap_or_default();
        format!("[name='{}', type='{}'{identifier}]", self.name, self.kind)
    }
}

/// What is to be done with a record set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordAction {
    /// It must not be there yet.
    Create,
    /// It must be there, just like this.
    Delete,
    /// It takes the place of the one that is there.
    Upsert,
}

/// A record set without anything in it.
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
        health_check: None,
        ttl: None,
        values: Vec::new(),
        alias: None,
    }
}

/// Whether a record set was born with its zone and stays as long as it.
pub(super) fn is_own(zone: &str, set: &RecordSet) -> bool {
    set.name == zone && matches!(set.kind.as_str(), "SOA" | "NS")
}
