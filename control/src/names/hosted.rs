//! Lookups in a hosted zone of Route 53: exact names and wildcards (RFC 4592).

use super::LONGEST_CHAIN;
use super::routing::{Circumstances, candidates, routed, sets};
use hickory_proto::rr::rdata::{HINFO, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use model::{HostedZone, Model, RecordSet, dns_name, rdata, reversed, spelled};
use std::net::IpAddr;
use std::str::FromStr;

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
    let path = reversed(name);
    if is_delegated(zone, &path, kind) {
        return Zoned::Delegated;
    }
    let encloser = closest_encloser(zone, &path);
    let exists = encloser == path;
    let own = if exists { sets(zone, &path) } else { sets(zone, &format!("{encloser}*.")) };
    match own.is_empty() {
        false => choose(zone, own, kind, now),
        true if exists => Zoned::NoData,
        true => Zoned::NxDomain,
    }
}

/// Whether the zone has only the name servers of a name's part of it (RFC 1034 §4.2.1). Private zones delegate nothing.
fn is_delegated(zone: &HostedZone, path: &str, kind: RecordType) -> bool {
    let apex = reversed(&zone.name).len();
    let parts = path.match_indices('.').map(|(dot, _)| &path[..=dot]).filter(|part| part.len() > apex);
    let mut delegated = parts.filter(|part| zone.records.contains_key(&format!("{part} NS ")));
    !zone.private && delegated.any(|part| part != path || !matches!(kind, RecordType::NS | RecordType::DS))
}

/// The nearest ancestor of a name that exists, or the name itself (RFC 4592 §3.3.1). In the order of the records it is
/// what the name has in common with one of its neighbours.
fn closest_encloser<'n>(zone: &HostedZone, path: &'n str) -> &'n str {
    let before = zone.records.range(..path.to_owned()).next_back();
    let after = zone.records.range(path.to_owned()..).next();
    let shared = before.into_iter().chain(after).map(|(key, _)| shared_labels(path, key));
    shared.max_by_key(|labels| labels.len()).unwrap_or_default()
}

/// The labels with which two reversed names begin.
fn shared_labels<'n>(path: &'n str, other: &str) -> &'n str {
    let same = path.bytes().zip(other.bytes()).take_while(|(own, other)| own == other).count();
    let last_dot = path.bytes().take(same).rposition(|byte| byte == b'.');
    &path[..last_dot.map_or(0, |dot| dot + 1)]
}

fn choose(zone: &HostedZone, sets: Vec<&RecordSet>, kind: RecordType, now: Circumstances<'_>) -> Zoned {
    if kind == RecordType::ANY {
        return Zoned::Data(ALIAS_TTL, vec![minimal()]);
    }
    let of = |kind: RecordType| -> Vec<&RecordSet> {
        sets.iter().filter(|set| RecordType::from_str(&set.kind).ok() == Some(kind)).copied().collect()
    };
    let own = of(kind);
    let is_other_name = own.is_empty();
    let (own, kind) = if is_other_name { (of(RecordType::CNAME), RecordType::CNAME) } else { (own, kind) };
    let own = candidates(zone, own, now);
    let Some(first) = own.first() else { return Zoned::NoData };
    if first.multivalue {
        let from = usize::try_from(now.chance).unwrap_or(0) % own.len();
        let values = own[from..].iter().chain(&own[..from]).flat_map(|set| &set.values).take(MOST_VALUES);
        let data = values.filter_map(|value| rdata(kind, value)).collect();
        return Zoned::Data(first.ttl.unwrap_or(ALIAS_TTL), data);
    }
    let Some(set) = routed(&own, now) else { return Zoned::NoData };
    if let Some(alias) = &set.alias {
        return dns_name(&alias.name).map_or(Zoned::NoData, Zoned::Alias);
    }
    let ttl = set.ttl.unwrap_or(ALIAS_TTL);
    let data: Vec<RData> = set.values.iter().filter_map(|value| rdata(kind, value)).collect();
    match data.first() {
        Some(RData::CNAME(other)) if is_other_name => Zoned::Cname(ttl, other.0.clone()),
        _ => Zoned::Data(ttl, data),
    }
}

/// The SOA record of a negative answer, which says how long to cache it (RFC 2308 §5).
pub(super) fn negative(zone: &HostedZone) -> Record {
    let name = dns_name(&zone.name).unwrap_or_else(Name::root);
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
