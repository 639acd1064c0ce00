//! DHCP options sets: domain names and servers for the instances of a VPC.

use crate::collection::resource;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// A DHCP options set. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DhcpOptions {
    /// `dopt-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Values by option.
    pub values: BTreeMap<String, Vec<String>>,
    /// Whether it is the default set of the account and Region.
    #[serde(default)]
    pub default: bool,
}

resource!(DhcpOptions, IdKind::DhcpOptions);

/// The option for the lease time of IPv6 addresses, in seconds. No host leases any.
const LEASE_TIME: &str = "ipv6-address-preferred-lease-time";
/// The shortest lease time in seconds. The longest is the greatest number.
const SHORTEST_LEASE: i32 = 140;

impl DhcpOptions {
    /// The known options in the order of replies. Ansible takes a set with another order for a different one.
    pub const KEYS: [&str; 6] =
        ["domain-name", "domain-name-servers", "ntp-servers", "netbios-name-servers", "netbios-node-type", LEASE_TIME];
}

/// The values of the default set.
fn default_values(scope: &Scope) -> BTreeMap<String, Vec<String>> {
    let servers = "AmazonProvidedDNS".to_owned();
    let values = [("domain-name", scope.private_domain()), ("domain-name-servers", servers)];
    values.into_iter().map(|(key, value)| (key.to_owned(), vec![value])).collect()
}

/// Whether a value is one domain name, or several with spaces between them.
fn are_domains(value: &str) -> bool {
    let is_label = |label: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        (1..64).contains(&label.len()) && label.bytes().all(is_letter)
    };
    let is_domain = |domain: &str| {
        let name = domain.strip_suffix('.').unwrap_or(domain);
        name.len() < 254 && name.split('.').all(is_label)
    };
    let mut domains = value.split(' ').filter(|domain| !domain.is_empty()).peekable();
    domains.peek().is_some() && domains.all(is_domain)
}

/// Checks the values of an option: domain names, servers, the NetBIOS node type (RFC 2132 §8.7) or a lease time.
fn check_values(key: &str, values: &[String]) -> Result<()> {
    let is_server = |value: &String| {
        value.parse::<IpAddr>().is_ok() || key == "domain-name-servers" && value == "AmazonProvidedDNS"
    };
    match key {
        "domain-name" => match values.iter().find(|value| !are_domains(value)) {
            Some(value) => Err(Error::DhcpDomain { value: value.clone() }),
            None => Ok(()),
        },
        "domain-name-servers" | "ntp-servers" | "netbios-name-servers"
            if values.len() > 4 || !values.iter().all(is_server) =>
        {
            Err(Error::DhcpServers { key: key.to_owned() })
        }
        "netbios-node-type" => match values {
            [value] if ["1", "2", "4", "8"].contains(&value.as_str()) => Ok(()),
            _ => Err(Error::NetbiosNodeType { value: values.join(", ") }),
        },
        LEASE_TIME => match values {
            [value] if value.parse::<i32>().is_ok_and(|seconds| seconds >= SHORTEST_LEASE) => Ok(()),
            _ => Err(Error::invalid(LEASE_TIME, values.join(", "))),
        },
        _ => Ok(()),
    }
}

impl Model {
    /// CreateDhcpOptions.
    pub fn create_dhcp_options(
        &mut self,
        caller: &Caller,
        values: BTreeMap<String, Vec<String>>,
        tags: Tags,
    ) -> Result<String> {
        if let Some((key, _)) =
            values.iter().find(|(key, values)| !DhcpOptions::KEYS.contains(&key.as_str()) || values.is_empty())
        {
            return Err(Error::InvalidValue { name: "DhcpConfiguration".into(), value: key.clone() });
        }
        values.iter().try_for_each(|(key, values)| check_values(key, values))?;
        tags::check(&tags)?;
        Ok(self.insert_dhcp_options(&caller.scope, values, tags, false))
    }

    fn insert_dhcp_options(
        &mut self,
        scope: &Scope,
        values: BTreeMap<String, Vec<String>>,
        tags: Tags,
        default: bool,
    ) -> String {
        let id = self.new_id(IdKind::DhcpOptions);
        self.dhcp_options.insert(DhcpOptions { id: id.clone(), scope: scope.clone(), tags, values, default });
        id
    }

    /// The default set of a scope. It is created when it is first needed.
    pub(crate) fn default_dhcp_options(&mut self, scope: &Scope) -> String {
        if let Some(options) = self.dhcp_options.of(scope).find(|options| options.default) {
            return options.id.clone();
        }
        self.insert_dhcp_options(scope, default_values(scope), Tags::new(), true)
    }

    /// Whether an imported set with these values can be the default set. No field says which set is.
    pub fn could_be_default_dhcp_options(&self, scope: &Scope, values: &BTreeMap<String, Vec<String>>) -> bool {
        *values == default_values(scope) && !self.dhcp_options.of(scope).any(|options| options.default)
    }

    /// AssociateDhcpOptions. `None` is no set.
    pub fn associate_dhcp_options(&mut self, caller: &Caller, id: Option<&str>, vpc: &str) -> Result<()> {
        if let Some(id) = id {
            self.dhcp_options.find(&caller.scope, id)?;
        }
        self.vpcs.find_mut(&caller.scope, vpc)?.dhcp_options = id.map(str::to_owned);
        Ok(())
    }

    /// DeleteDhcpOptions. A set that a VPC uses is refused.
    pub fn delete_dhcp_options(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.dhcp_options.find(&caller.scope, id)?;
        if self.vpcs.by(id).next().is_some() {
            return Err(Error::HasDependencies { kind: "dhcpOptions".into(), id: id.into() });
        }
        self.dhcp_options.remove(id);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::are_domains;

    #[test]
    fn domains_are_names_with_spaces_between_them() {
        for value in ["ec2.internal", "corp.example.", "dev.corp.example corp.example", "a.example  b", "_a.b-c"] {
            assert!(are_domains(value), "{value}");
        }
        let long = "x".repeat(64);
        for value in ["", " ", "a..b", "a\nnameserver 192.0.2.1", "a\"; b", "\u{e9}.example", &long] {
            assert!(!are_domains(value), "{value}");
        }
    }
}
