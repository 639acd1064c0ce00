//! The host names of addresses, formatted and parsed (semantics.md §7.1).

use model::{REGIONS, Region};
use std::net::Ipv4Addr;
use std::sync::LazyLock;

/// The meaning of a host name of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hostname<'n> {
    /// `ec2-203-0-113-25.compute-1.amazonaws.com`: a public address.
    Public(&'static str, Ipv4Addr),
    /// `ip-10-251-50-12.ec2.internal`: a private address.
    Private(&'static str, Ipv4Addr),
    /// `i-0123456789abcdef0.ec2.internal`: an instance.
    Resource(&'static str, &'n str),
    /// No host: one of the platform's domains, or another name in it.
    Domain,
}

/// The Regions' names and their public and private domains, with which every query is compared.
static DOMAINS: LazyLock<Vec<(&str, String, String)>> =
    LazyLock::new(|| REGIONS.iter().map(|own| (own.name, own.public_domain(), own.private_domain())).collect());

/// Parses a name, given in lower case without a final dot. Returns the platform's domain that it is in, too.
pub fn read(name: &str) -> Option<(Hostname<'_>, &'static str)> {
    DOMAINS.iter().find_map(|(region, public, private)| {
        if let Some(rest) = below(name, public) {
            let address = rest.strip_prefix("ec2-").and_then(dashed);
            return Some((address.map_or(Hostname::Domain, |own| Hostname::Public(region, own)), public.as_str()));
        }
        let rest = below(name, private)?;
        let hostname = match rest.strip_prefix("ip-").and_then(dashed) {
            Some(own) => Hostname::Private(region, own),
            None if rest.starts_with("i-") => Hostname::Resource(region, rest),
            None => Hostname::Domain,
        };
        Some((hostname, private.as_str()))
    })
}

/// Whether a name is one of the platform's domains, or above one.
pub fn is_above_hosts(name: &str) -> bool {
    DOMAINS.iter().flat_map(|(_, public, private)| [public, private]).any(|domain| below(domain, name).is_some())
}

/// The part before a domain. Empty for the domain itself.
fn below<'n>(name: &'n str, domain: &str) -> Option<&'n str> {
    let rest = name.strip_suffix(domain)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_suffix('.') }
}

/// Parses `203-0-113-25`. Numbers must be written without leading zeros.
fn dashed(text: &str) -> Option<Ipv4Addr> {
    let address: Ipv4Addr = text.replace('-', ".").parse().ok()?;
    (text == address.to_string().replace('.', "-")).then_some(address)
}

/// `ip-10-251-50-12.ec2.internal`
pub fn private_name(region: &str, address: Ipv4Addr) -> String {
    named("ip", address, Region::named(region).map(Region::private_domain))
}

/// `ec2-203-0-113-25.compute-1.amazonaws.com`
pub fn public_name(region: &str, address: Ipv4Addr) -> String {
    named("ec2", address, Region::named(region).map(Region::public_domain))
}

/// The domain always exists, because every row is of an existing Region.
fn named(kind: &str, address: Ipv4Addr, domain: Option<String>) -> String {
    let [a, b, c, d] = address.octets();
    format!("{kind}-{a}-{b}-{c}-{d}.{}", domain.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str) -> Option<Hostname<'_>> {
        read(name).map(|(hostname, _)| hostname)
    }

    #[test]
    fn every_formatted_name_is_parsed_again() {
        let address = Ipv4Addr::new(10, 251, 50, 12);
        for region in REGIONS {
            assert_eq!(found(&public_name(region.name, address)), Some(Hostname::Public(region.name, address)));
            assert_eq!(found(&private_name(region.name, address)), Some(Hostname::Private(region.name, address)));
        }
    }

    #[test]
    fn names_are_in_the_domain_of_their_partition() {
        let name = public_name("cn-north-1", Ipv4Addr::new(203, 0, 113, 25));
        assert_eq!(name, "ec2-203-0-113-25.cn-north-1.compute.amazonaws.com.cn");
    }

    #[test]
    fn other_names_in_the_domains_are_not_hosts() {
        for name in
            ["compute-1.amazonaws.com", "ip-10-0-0-01.ec2.internal", "ec2-1-2-3.us-west-2.compute.amazonaws.com"]
        {
            assert_eq!(read(name).map(|(hostname, _)| hostname), Some(Hostname::Domain), "{name}");
        }
        assert_eq!(read("ip-10-0-0-1.xec2.internal").map(|(hostname, _)| hostname), None);
    }
}
