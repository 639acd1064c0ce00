//! Services: an ICMP echo, ranges of ports that no rule distinguishes, and other protocols.

use crate::explain::Traffic;
use serde::{Serialize, Serializer};
use std::collections::BTreeSet;
use std::fmt;
use wire::{Change, Entry, FilterId};

/// A service, or several that no rule distinguishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// An ICMP echo.
    Icmp,
    /// TCP to a range of ports.
    Tcp(u16, u16),
    /// UDP to a range of ports.
    Udp(u16, u16),
    /// Another protocol, by its number.
    Protocol(u8),
}

impl Service {
    /// The traffic of its first packet. The first port answers for all.
    pub fn traffic(self) -> Traffic {
        match self {
            Self::Icmp => Traffic::Icmp,
            Self::Tcp(port, _) => Traffic::Tcp(port),
            Self::Udp(port, _) => Traffic::Udp(port),
            Self::Protocol(number) => Traffic::Protocol(number),
        }
    }

    /// The part of this service that is in another one.
    fn within(self, other: Self) -> Option<Self> {
        let both = |one: (u16, u16), other: (u16, u16)| {
            let (first, last) = (one.0.max(other.0), one.1.min(other.1));
            (first <= last).then_some((first, last))
        };
        match (self, other) {
            (Self::Tcp(a, b), Self::Tcp(c, d)) => both((a, b), (c, d)).map(|(first, last)| Self::Tcp(first, last)),
            (Self::Udp(a, b), Self::Udp(c, d)) => both((a, b), (c, d)).map(|(first, last)| Self::Udp(first, last)),
            _ => (self == other).then_some(self),
        }
    }

    /// Whether another service is a part of this one.
    #[cfg(test)]
    pub(super) fn covers(self, other: Self) -> bool {
        match (self, other) {
            (Self::Tcp(first, last), Self::Tcp(start, end)) | (Self::Udp(first, last), Self::Udp(start, end)) => {
                first <= start && end <= last
            }
            _ => self == other,
        }
    }

    /// Both as one service, if the next one begins where this one ends.
    fn joined(self, next: Self) -> Option<Self> {
        match (self, next) {
            (Self::Tcp(first, end), Self::Tcp(start, last)) if end.checked_add(1) == Some(start) => {
                Some(Self::Tcp(first, last))
            }
            (Self::Udp(first, end), Self::Udp(start, last)) if end.checked_add(1) == Some(start) => {
                Some(Self::Udp(first, last))
            }
            _ => None,
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, first, last) = match *self {
            Self::Icmp => return f.write_str("icmp"),
            Self::Protocol(number) => return write!(f, "protocol {number}"),
            Self::Tcp(first, last) => ("tcp", first, last),
            Self::Udp(first, last) => ("udp", first, last),
        };
        match (first, last) {
            (0, u16::MAX) => f.write_str(name),
            _ if first == last => write!(f, "{name} {first}"),
            _ => write!(f, "{name} {first}-{last}"),
        }
    }
}

impl Serialize for Service {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// All services, as ranges of ports that the rules of these tables do not distinguish. Of other protocols it has those that
/// a rule names.
pub fn distinct_services<'t>(tables: impl IntoIterator<Item = &'t [Change]> + Clone) -> Vec<Service> {
    let (mut tcp, mut udp, mut others) = (BTreeSet::from([0]), BTreeSet::from([0]), BTreeSet::new());
    for table in tables {
        let used = filters_in_use(table);
        for traffic in table.iter().flat_map(|change| traffics(change, &used)) {
            let (starts, ports) = match traffic {
                wire::Traffic::Tcp(ports) => (&mut tcp, ports),
                wire::Traffic::Udp(ports) => (&mut udp, ports),
                wire::Traffic::Protocol(number) => {
                    others.insert(*number);
                    continue;
                }
                _ => continue,
            };
            starts.insert(*ports.start());
            starts.extend(ports.end().checked_add(1));
        }
    }
    let ranges = |starts: &BTreeSet<u16>| -> Vec<(u16, u16)> {
        let ends = starts.iter().skip(1).map(|next| next - 1).chain([u16::MAX]);
        starts.iter().copied().zip(ends).collect()
    };
    let tcp = ranges(&tcp).into_iter().map(|(first, last)| Service::Tcp(first, last));
    let udp = ranges(&udp).into_iter().map(|(first, last)| Service::Udp(first, last));
    let others = others.into_iter().map(Service::Protocol);
    std::iter::once(Service::Icmp).chain(tcp).chain(udp).chain(others).collect()
}

/// The parts of services that `distinct` ones have. A service that is in none of them remains whole.
pub fn parts(services: &BTreeSet<Service>, distinct: &[Service]) -> Vec<Service> {
    let of = |service: &Service| {
        let parts: Vec<Service> = distinct.iter().filter_map(|part| part.within(*service)).collect();
        if parts.is_empty() { vec![*service] } else { parts }
    };
    services.iter().flat_map(of).collect::<BTreeSet<_>>().into_iter().collect()
}

fn filters_in_use(tables: &[Change]) -> BTreeSet<FilterId> {
    let used = tables.iter().filter_map(|change| match change {
        Change::Set(Entry::Attachment(_, attachment)) => attachment.filters.as_ref(),
        _ => None,
    });
    used.flatten().copied().collect()
}

/// The traffic of an entry's rules. A filter that no attachment uses has no effect.
fn traffics<'t>(change: &'t Change, used: &BTreeSet<FilterId>) -> Vec<&'t wire::Traffic> {
    match change {
        Change::Set(Entry::Filter(id, filter)) if used.contains(id) => {
            filter.ingress.iter().chain(&filter.egress).map(|rule| &rule.traffic).collect()
        }
        Change::Set(Entry::Acl(_, acl)) => acl.ingress.iter().chain(&acl.egress).map(|rule| &rule.traffic).collect(),
        _ => Vec::new(),
    }
}

/// Services with adjacent port ranges merged.
pub fn merged(services: impl Iterator<Item = Service>) -> Vec<Service> {
    let mut all: Vec<Service> = Vec::new();
    for service in services {
        match all.last().and_then(|last| last.joined(service)) {
            Some(both) => _ = all.pop().map(|_| all.push(both)),
            None => all.push(service),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Acl, AclId, AclRule};

    #[test]
    fn services_are_distinct_where_a_rule_begins_or_ends() {
        let rule = |traffic| AclRule { number: 1, traffic, net: Default::default(), allow: true };
        let acl = Acl {
            ingress: vec![rule(wire::Traffic::Tcp(80..=90)), rule(wire::Traffic::Udp(0..=u16::MAX))],
            egress: vec![rule(wire::Traffic::Tcp(85..=u16::MAX)), rule(wire::Traffic::Protocol(50))],
        };
        let services = distinct_services([&[Change::Set(Entry::Acl(AclId(1), acl))][..]]);
        let words: Vec<String> = services.iter().map(Service::to_string).collect();
        assert_eq!(words, ["icmp", "tcp 0-79", "tcp 80-84", "tcp 85-90", "tcp 91-65535", "udp", "protocol 50"]);
        let named = BTreeSet::from([Service::Tcp(82, 90), Service::Udp(53, 53), Service::Protocol(47)]);
        let words: Vec<String> = parts(&named, &services).iter().map(Service::to_string).collect();
        assert_eq!(words, ["tcp 82-84", "tcp 85-90", "udp 53", "protocol 47"]);
        let all = [Service::Icmp, Service::Tcp(0, u16::MAX), Service::Udp(0, u16::MAX), Service::Protocol(50)];
        assert_eq!(merged(services.into_iter()), all);
    }
}
