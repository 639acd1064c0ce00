//! DHCP options sets: what instances of a VPC are told about names and servers.

use super::collection::resource;
use super::{Caller, Error, IdKind, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The options there are.
const KEYS: &[&str] =
    &["domain-name-servers", "domain-name", "ntp-servers", "netbios-name-servers", "netbios-node-type"];

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
}

resource!(DhcpOptions, IdKind::DhcpOptions);

impl Model {
    /// CreateDhcpOptions.
    pub fn create_dhcp_options(
        &mut self,
        caller: &Caller,
        values: BTreeMap<String, Vec<String>>,
        tags: Tags,
    ) -> Result<String> {
        if let Some((key, _)) = values.iter().find(|(key, values)| !KEYS.contains(&key.as_str()) || values.is_empty()) {
            return Err(Error::InvalidValue { name: "DhcpConfiguration".into(), value: key.clone() });
        }
        tags::check(&tags)?;
        let id = self.new_id(IdKind::DhcpOptions);
        self.dhcp_options.insert(DhcpOptions { id: id.clone(), scope: caller.scope.clone(), tags, values });
        Ok(id)
    }

    /// AssociateDhcpOptions; `None` is the platform's own set.
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
