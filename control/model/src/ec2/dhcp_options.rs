//! DHCP options sets: what instances of a VPC are told about names and servers.

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
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Values by option.
    pub values: BTreeMap<String, Vec<String>>,
    /// Whether it is the one that the account's new VPCs of the Region get.
    #[serde(default)]
    pub default: bool,
}

resource!(DhcpOptions, IdKind::DhcpOptions);

impl DhcpOptions {
    /// The options there are, in the order of replies. Ansible takes a set for another one if they come in a different order.
    pub const KEYS: [&str; 6] = [
        "domain-name",
        "domain-name-servers",
        "ntp-servers",
        "netbios-name-servers",
        "netbios-node-type",
        "ipv6-address-preferred-lease-time",
    ];
}

/// The values of the set that an account's new VPCs of a Region get.
fn default_values(scope: &Scope) -> BTreeMap<String, Vec<String>> {
    let servers = "AmazonProvidedDNS".to_owned();
    let values = [("domain-name", scope.private_domain()), ("domain-name-servers", servers)];
    values.into_iter().map(|(key, value)| (key.to_owned(), vec![value])).collect()
}

/// Whether a value is one domain name or several, which hosts get as the domains of short names.
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

/// Checks the values of options that name domains or servers, of the type of NetBIOS nodes (RFC 2132 §8.7), and of a lease's
/// time in seconds.
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
        "ipv6-address-preferred-lease-time" => match values {
            [value] if value.parse().is_ok_and(|seconds: i32| seconds >= 140) => Ok(()),
            _ => Err(Error::invalid(key, values.join(", "))),
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

    /// The set that an account's new VPCs of a Region get. It is made when it is needed first.
    pub(crate) fn default_dhcp_options(&mut self, scope: &Scope) -> String {
        if let Some(options) = self.dhcp_options.of(scope).find(|options| options.default) {
            return options.id.clone();
        }
        self.insert_dhcp_options(scope, default_values(scope), Tags::new(), true)
    }

    /// Whether a set with these values is what an account's new VPCs get, as far as one can see: nothing says which one it is.
    pub fn could_be_default_dhcp_options(&self, scope: &Scope, values: &BTreeMap<String, Vec<String>>) -> bool {
        *values == default_values(scope) && !self.dhcp_options.of(scope).any(|options| options.default)
    }

    /// AssociateDhcpOptions; `None` is no set.
    pub fn associate_dhcp_options(&mut self, caller: &Caller, id: Option<&str>, vpc: &str) -> Result<()> {
        if let Some(id) = id {
            self.dhcp_options.find(&caller.scope, id)?;
        }
        self.vpcs.find_mut(&caller.scope, vpc)?.dhcp_options = id.map(str::to_owned);
        Ok(())
    }

    /// DeleteDhcpOptions: only one that no VPC has.
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
