//! Lookups in a hosted zone of Route 53: exact names, wildcards (RFC 4592), and routing policies.

use super::{location, spelled};
use hickory_proto::rr::rdata::{HINFO, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use model::{AliasTarget, CidrRouting, Failover, HostedZone, Model, RecordSet, rdata, reversed};
use std::net::IpAddr;
use std::str::FromStr;

/// The longest chain of names that lead to each other. A longer one is a loop.
pub(super) const LONGEST_CHAIN: usize = 16;
/// How many values a multivalue answer has at most ("Multivalue answer routing", Route 53 developer guide).
const MOST_VALUES: usize = 8;
/// The time to live of an alias's data, in seconds.
const ALIAS_TTL: u32 = 60;

/// The result of a lookup of a name and a type in a zone.
pub(super) enum Zoned {
    /// Data and their time to live in seconds.
    Data(u32, Vec<RData>),
    /// A CNAME record: its time to live in seconds, and the canonical name.
    Cname(u32, Name),
    /// An alias record of Route 53, and its target, whose data it has.
    Alias(Name),
    /// The name exists without data of that type.
    NoData,
    /// The name does not exist.
    NxDomain,
    /// The name is in a part of the zone that its records delegate to other name servers.
    Delegated,
}

/// The conditions outside a zone that its answers depend on.
#[derive(Clone, Copy)]
pub(super) struct Circumstances<'c> {
    /// A random number.
    pub(super) chance: u64,
    /// The client's Region.
    pub(super) region: &'c str,
    /// The client's location in a CIDR collection, if one of its blocks has the client's address.
    pub(super) cidr_location: &'c dyn Fn(&str) -> Option<&'c str>,
    /// Whether the target of an alias is healthy.
    pub(super) is_healthy: &'c dyn Fn(&AliasTarget) -> bool,
    /// Whether a health check is passed.
    pub(super) is_passed: &'c dyn Fn(&str) -> bool,
}

/// A zone's answer for a name in lower case with a final dot, to a client with an address: the response code, and the
/// data as text. Aliases are followed within the zone.
pub fn test_answer(
    model: &Model,
    zone: &HostedZone,
    name: &str,
    kind: RecordType,
    client: Option<IpAddr>,
) -> (&'static str, Vec<String>) {
    let cidr_location = |id: &str| model.cidr_collections.get(id)?.location_of(client?);
    let now = Circumstances {
        chance: 0,
        region: "us-east-1",
        cidr_location: &cidr_location,
        is_healthy: &|_| true,
        is_passed: &|_| true,
    };
    let mut found = find(zone, name, kind, now);
    if matches!(found, Zoned::NxDomain) {
        return ("NXDOMAIN", Vec::new());
    }
    for _ in 0..LONGEST_CHAIN {
        let Zoned::Alias(other) = &found else { break };
        found = find(zone, &format!("{}.", spelled(other)), kind, now);
    }
    let data = match found {
        Zoned::Data(_, data) => data.iter().map(text).collect(),
        Zoned::Cname(_, other) => vec![other.to_string()],
        Zoned::Alias(_) | Zoned::NoData | Zoned::NxDomain | Zoned::Delegated => Vec::new(),
    };
    ("NOERROR", data)
}

/// A datum as text: the strings of a TXT record are each in quotation marks.
fn text(data: &RData) -> String {
    let RData::TXT(txt) = data else { return data.to_string() };
    let strings: Vec<String> = txt.txt_data.iter().map(|string| quoted(string)).collect();
    strings.join(" ")
}

/// A string as Route 53 writes it, with unprintable bytes in octal.
fn quoted(string: &[u8]) -> String {
    let letter = |byte: &u8| match *byte {
        b'"' | b'\\' => format!("\\{}", char::from(*byte)),
        b' '..=b'~' => char::from(*byte).to_string(),
        byte => format!("\\{byte:03o}"),
    };
    let letters: String = string.iter().map(letter).collect();
    format!("\"{letters}\"")
}

/// Looks up a name of the zone, given in lower case with a final dot.
pub(super) fn find(zone: &HostedZone, name: &str, kind: RecordType, now: Circumstances<'_>) -> Zoned {
    if is_delegated(zone, name, kind) {
        return Zoned::Delegated;
    }
    if let Some(sets) = sets(zone, name) {
        return choose(sets, kind, now);
    }
    if exists(zone, name) {
        return Zoned::NoData;
    }
    // The wildcard below the nearest existing ancestor applies (RFC 4592 §3.3.1).
    let mut parent = name;
    while let Some((_, above)) = parent.split_once('.') {
        if let Some(sets) = sets(zone, &format!("*.{above}")) {
            return choose(sets, kind, now);
        }
        if above == zone.name || exists(zone, above) {
            return Zoned::NxDomain;
        }
        parent = above;
    }
    Zoned::NxDomain
}

/// Whether the zone has only the name servers of a name's part of it (RFC 1034 §4.2.1). Private zones delegate nothing.
fn is_delegated(zone: &HostedZone, name: &str, kind: RecordType) -> bool {
    let names_servers = |part: &str| zone.records.contains_key(&format!("{} NS ", reversed(part)));
    let parts = std::iter::successors(Some(name), |part| part.split_once('.').map(|(_, above)| above));
    let mut parts = parts.take_while(|part| *part != zone.name).filter(|part| names_servers(part));
    !zone.private && parts.any(|part| part != name || !matches!(kind, RecordType::NS | RecordType::DS))
}

/// The record sets of exactly this name.
fn sets<'z>(zone: &'z HostedZone, name: &str) -> Option<Vec<&'z RecordSet>> {
    let first = reversed(name) + " ";
    let found = zone.records.range(first.clone()..).take_while(|(key, _)| key.starts_with(&first));
    let sets: Vec<_> = found.map(|(_, set)| set).collect();
    (!sets.is_empty()).then_some(sets)
}

/// Whether there are records at a name or below it.
fn exists(zone: &HostedZone, name: &str) -> bool {
    let first = reversed(name);
    zone.records.range(first.clone()..).next().is_some_and(|(key, _)| key.starts_with(&first))
}

fn choose(sets: Vec<&RecordSet>, kind: RecordType, now: Circumstances<'_>) -> Zoned {
    if kind == RecordType::ANY {
        return Zoned::Data(ALIAS_TTL, vec![minimal()]);
    }
    let of = |kind: RecordType| -> Vec<&RecordSet> {
        sets.iter().filter(|set| RecordType::from_str(&set.kind).ok() == Some(kind)).copied().collect()
    };
    let own = of(kind);
    let is_other_name = own.is_empty();
    let (own, kind) = if is_other_name { (of(RecordType::CNAME), RecordType::CNAME) } else { (own, kind) };
    let fits = |set: &&RecordSet| {
        set.location.as_ref().is_none_or(|place| location::fit(place, now.region).is_some())
            && set.cidr.as_ref().is_none_or(|cidr| cidr_fit(cidr, now).is_some())
    };
    // Records for other places do not replace unhealthy ones for this place.
    let own = healthy(own.into_iter().filter(fits).collect(), now);
    let Some(first) = own.first() else { return Zoned::NoData };
    if first.multivalue {
        let from = usize::try_from(now.chance).unwrap_or(0) % own.len();
        let some = own[from..].iter().chain(&own[..from]).take(MOST_VALUES);
        let data = some.flat_map(|set| &set.values).filter_map(|value| rdata(kind, value)).collect();
        return Zoned::Data(first.ttl.unwrap_or(ALIAS_TTL), data);
    }
    let Some(set) = routed(&own, now) else { return Zoned::NoData };
    if let Some(alias) = &set.alias {
        return Name::from_ascii(&alias.name).map_or(Zoned::NoData, Zoned::Alias);
    }
    let ttl = set.ttl.unwrap_or(ALIAS_TTL);
    let data: Vec<RData> = set.values.iter().filter_map(|value| rdata(kind, value)).collect();
    match data.first() {
        Some(RData::CNAME(other)) if is_other_name => Zoned::Cname(ttl, other.0.clone()),
        _ => Zoned::Data(ttl, data),
    }
}

/// The record set that the routing policy of several sets chooses for the client.
fn routed<'s>(sets: &[&'s RecordSet], now: Circumstances<'_>) -> Option<&'s RecordSet> {
    let first = sets.first()?;
    let nearest = |nearness: &dyn Fn(&RecordSet) -> Option<usize>| {
        let near = sets.iter().filter_map(|set| Some((nearness(set)?, *set)));
        near.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, set)| set)
    };
    if first.failover.is_some() {
        return sets.iter().find(|set| set.failover == Some(Failover::Primary)).or(sets.first()).copied();
    }
    if first.region.is_some() {
        return nearest(&|set| set.region.as_ref().map(|region| location::alike(region, now.region)));
    }
    if first.location.is_some() {
        return nearest(&|set| location::fit(set.location.as_ref()?, now.region));
    }
    if first.cidr.is_some() {
        return nearest(&|set| cidr_fit(set.cidr.as_ref()?, now));
    }
    weighted(sets, now.chance)
}

/// How exactly a location of IP-based routing fits the client: 1 if it is the client's, 0 by default. `None` if it does
/// not fit ("IP-based routing", Route 53 developer guide).
fn cidr_fit(cidr: &CidrRouting, now: Circumstances<'_>) -> Option<usize> {
    let is_own = (now.cidr_location)(&cidr.collection) == Some(cidr.location.as_str());
    if is_own { Some(1) } else { cidr.is_default().then_some(0) }
}

/// The healthy ones of several sets, or all of them if none is healthy. The health of an alias's target counts only if
/// the alias evaluates it ("How Amazon Route 53 chooses records when health checking is configured", developer guide).
fn healthy<'s>(sets: Vec<&'s RecordSet>, now: Circumstances<'_>) -> Vec<&'s RecordSet> {
    let is_healthy = |set: &&RecordSet| {
        set.alias.as_ref().is_none_or(|alias| !alias.evaluate_health || (now.is_healthy)(alias))
            && set.health_check.as_ref().is_none_or(|check| (now.is_passed)(check))
    };
    let healthy: Vec<_> = sets.iter().copied().filter(is_healthy).collect();
    if healthy.is_empty() { sets } else { healthy }
}

/// One of several record sets, with a probability by weight; with equal probability if all weights are zero.
fn weighted<'s>(sets: &[&'s RecordSet], chance: u64) -> Option<&'s RecordSet> {
    let weight = |set: &RecordSet| u64::from(set.weight.unwrap_or(1));
    let total: u64 = sets.iter().map(|set| weight(set)).sum();
    if total == 0 {
        return sets.get(usize::try_from(chance).unwrap_or(0) % sets.len()).copied();
    }
    let mut left = chance % total;
    sets.iter().copied().find(|set| match left.checked_sub(weight(set)) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    })
}

/// The SOA record of a negative answer, which says how long to cache it (RFC 2308 §5).
pub(super) fn negative(zone: &HostedZone) -> Record {
    let name = Name::from_ascii(&zone.name).unwrap_or_else(|_| Name::root());
    let set = zone.records.get(&format!("{} SOA ", reversed(&zone.name)));
    let (ttl, data) = match set.and_then(|set| Some((set.ttl?, rdata(RecordType::SOA, set.values.first()?)?))) {
        Some((ttl, RData::SOA(soa))) => (ttl.min(soa.minimum), soa),
        _ => (ALIAS_TTL, SOA::new(Name::root(), Name::root(), 1, 7200, 900, 1_209_600, ALIAS_TTL)),
    };
    Record::from_rdata(name, ttl, RData::SOA(data))
}

/// The answer to ANY (RFC 8482 §4.2). It is short, so that answers are not much longer than questions.
pub(super) fn minimal() -> RData {
    RData::HINFO(HINFO::new("RFC8482".into(), String::new()))
}
