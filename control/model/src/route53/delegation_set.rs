//! Reusable delegation sets of Route 53: four name servers that several hosted zones of an account share.

use super::error::{Result, ZoneError};
use super::hosted_zone::{HostedZone, NAME_SERVERS};
use crate::{Caller, Model, Row};
use serde::{Deserialize, Serialize};

/// A reusable delegation set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationSet {
    /// `N…`
    pub id: String,
    /// The twelve digits of its account.
    pub account: String,
    /// The caller reference of the request that created it.
    pub reference: String,
    /// Its name servers. They are only names: no server has them.
    pub name_servers: Vec<String>,
}

impl Row for DelegationSet {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Model {
    /// CreateReusableDelegationSet: with the name servers of a hosted zone, or with four new ones.
    ///
    /// # Errors
    /// [`ZoneError::DelegationSetAlreadyCreated`], [`ZoneError::NoSuchHostedZone`].
    pub fn create_delegation_set(
        &mut self,
        caller: &Caller,
        reference: String,
        zone: Option<&str>,
    ) -> Result<DelegationSet> {
        let account = caller.scope.account.clone();
        if self.delegation_sets_of(&account).any(|set| set.reference == reference) {
            return Err(ZoneError::DelegationSetAlreadyCreated {});
        }
        let name_servers = match zone {
            Some(id) => self.name_servers_of(&account, id)?,
            None => self.new_name_servers(),
        };
        let id = format!("N{:016X}{:04X}", self.next_random(), self.next_random() & 0xffff);
        let new = DelegationSet { id, account, reference, name_servers };
        self.delegation_sets.insert(new.clone());
        Ok(new)
    }

    /// Four name servers, one in each of the top-level domains that Route 53 uses.
    fn new_name_servers(&mut self) -> Vec<String> {
        let random = self.next_random();
        let server = |(place, end): (u64, &str)| {
            let number = ((random >> (place * 9)) & 0x1ff) + place * 512;
            format!("ns-{number}.awsdns-{:02}.{end}", number % 64)
        };
        (0..).zip(["com", "net", "org", "co.uk"]).map(server).collect()
    }

    /// The name servers of a hosted zone.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchHostedZone`]
    pub fn name_servers_of(&self, account: &str, zone: &str) -> Result<Vec<String>> {
        let set = self.zone_of(account, zone)?.delegation_set.as_ref().and_then(|id| self.delegation_sets.get(id));
        Ok(set.map_or_else(|| NAME_SERVERS.map(str::to_owned).to_vec(), |set| set.name_servers.clone()))
    }

    /// The reusable delegation set with that id.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchDelegationSet`]
    pub fn delegation_set(&self, account: &str, id: &str) -> Result<&DelegationSet> {
        let found = self.delegation_sets.get(id).filter(|set| set.account == account);
        found.ok_or_else(|| ZoneError::NoSuchDelegationSet { id: id.to_owned() })
    }

    /// Refuses a zone that is, or is above or below, one with the same name servers: a server could not tell them apart.
    pub(super) fn check_delegation(&self, account: &str, id: &str, name: &str) -> Result<()> {
        let servers = &self.delegation_set(account, id)?.name_servers;
        let is_within = |name: &str, zone: &str| name == zone || name.ends_with(&format!(".{zone}"));
        let public = self.hosted_zones.iter().filter(|zone| zone.account == account && !zone.private);
        let mut near = public.filter(|zone| is_within(name, &zone.name) || is_within(&zone.name, name));
        let shares = |zone: &HostedZone| {
            let theirs = self.name_servers_of(account, &zone.id).unwrap_or_default();
            theirs.iter().any(|server| servers.contains(server))
        };
        match near.any(shares) {
            true => Err(ZoneError::ConflictingDelegation { set: id.to_owned(), name: name.to_owned() }),
            false => Ok(()),
        }
    }

    /// The reusable delegation sets of an account, by id.
    pub fn delegation_sets_of<'m>(&'m self, account: &'m str) -> impl Iterator<Item = &'m DelegationSet> {
        self.delegation_sets.iter().filter(move |set| set.account == account)
    }

    /// How many hosted zones have the name servers of a set.
    pub fn zones_of_delegation_set(&self, id: &str) -> usize {
        self.hosted_zones.iter().filter(|zone| zone.delegation_set.as_deref() == Some(id)).count()
    }

    /// DeleteReusableDelegationSet: of one that no hosted zone uses.
    ///
    /// # Errors
    /// [`ZoneError::NoSuchDelegationSet`], [`ZoneError::DelegationSetInUse`].
    pub fn delete_delegation_set(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.delegation_set(&caller.scope.account, id)?;
        if self.zones_of_delegation_set(id) > 0 {
            return Err(ZoneError::DelegationSetInUse {});
        }
        self.delegation_sets.remove(id);
        Ok(())
    }
}
