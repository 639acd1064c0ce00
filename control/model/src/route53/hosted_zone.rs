//! Hosted zones of Route 53, private and public, and their records. They belong to an account, in no Region.

use super::domain_name::domain_name;
use super::error::{Result, ZoneError};
use super::record_data::reversed;
use super::record_set::{RecordSet, empty_set, is_own};
use crate::ids::mix;
use crate::{Caller, Model, Row, Tags, Time, Vpc, tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A hosted zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedZone {
    /// `Z…`
    pub id: String,
    /// The account that owns it.
    pub account: String,
    /// Its name, in lower case, with a dot at its end.
    pub name: String,
    /// The caller reference of the request that created it.
    pub reference: String,
    /// A comment.
    pub comment: Option<String>,
    /// Whether it is visible only in VPCs.
    pub private: bool,
    /// The VPCs that it is associated with, and their Regions.
    pub vpcs: BTreeMap<String, String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
    /// The reusable delegation set whose name servers it has.
    #[serde(default)]
    pub delegation_set: Option<String>,
    /// The VPCs of other accounts that their owners may associate with it, and their Regions.
    pub authorised: BTreeMap<String, String>,
    /// Its records, by [`RecordSet::key`].
    pub records: BTreeMap<String, RecordSet>,
}

impl HostedZone {
    /// The record sets that are listed, from a key on.
    pub fn listed_from(&self, key: String) -> impl Iterator<Item = &RecordSet> {
        self.records.range(key..).map(|(_, set)| set).filter(|set| !set.is_inner())
    }

    /// The number of record sets that are listed.
    pub fn listed_count(&self) -> usize {
        self.listed_from(String::new()).count()
    }
}

impl Row for HostedZone {
    fn id(&self) -> &str {
        &self.id
    }
}

/// A VPC as Route 53 names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneVpc {
    /// Its id.
    pub id: String,
    /// Its Region.
    pub region: String,
}

/// The name servers of zones without a delegation set of their own. They are only names: no server has them.
pub const NAME_SERVERS: [&str; 4] =
    ["ns-2048.awsdns-64.com", "ns-2049.awsdns-65.net", "ns-2050.awsdns-66.org", "ns-2051.awsdns-67.co.uk"];

/// A name's first label, if it has an asterisk.
pub(super) fn starred_label(name: &str) -> Option<&str> {
    name.split('.').next().filter(|first| first.contains('*'))
}

/// Whether a public zone would answer for AWS's own names.
fn is_reserved(name: &str) -> bool {
    let is_below =
        |domain: &&str| name.strip_suffix(*domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    ["amazonaws.com.", "amazonaws.com.cn."].iter().any(is_below)
}

/// The records that a zone has from the beginning.
fn own_records(name: &str, servers: &[String]) -> BTreeMap<String, RecordSet> {
    let last = servers.last().map(String::as_str).unwrap_or_default();
    let soa = format!("{last}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400");
    let servers = servers.iter().map(|server| format!("{server}.")).collect();
    let sets = [("NS", 172_800, servers), ("SOA", 900, vec![soa])];
    let sets = sets.map(|(kind, ttl, values)| RecordSet { ttl: Some(ttl), values, ..empty_set(name, kind) });
    sets.into_iter().map(|set| (set.key(), set)).collect()
}

impl Model {
    /// The account's zones, by name and id.
    pub fn zones_of(&self, account: &str) -> Vec<&HostedZone> {
        let mut zones: Vec<_> = self.hosted_zones.iter().filter(|zone| zone.account == account).collect();
        zones.sort_by_key(|zone| (reversed(&zone.name), &zone.id));
        zones
    }

    /// An account's zone.
    pub fn zone_of(&self, account: &str, id: &str) -> Result<&HostedZone> {
        let own = self.hosted_zones.get(id).filter(|zone| zone.account == account);
        own.ok_or_else(|| ZoneError::NoSuchHostedZone { id: id.into() })
    }

    pub(super) fn zone_mut(&mut self, account: &str, id: &str) -> Result<&mut HostedZone> {
        self.zone_of(account, id)?;
        self.hosted_zones.get_mut(id).ok_or_else(|| ZoneError::NoSuchHostedZone { id: id.into() })
    }

    /// CreateHostedZone: with a VPC it is private, and the VPC sees it.
    pub fn create_hosted_zone(
        &mut self,
        caller: &Caller,
        name: &str,
        reference: String,
        (comment, delegation_set): (Option<String>, Option<&str>),
        vpc: Option<&ZoneVpc>,
    ) -> Result<String> {
        let account = &caller.scope.account;
        let zone_name = domain_name(name).filter(|name| starred_label(name).is_none());
        let name = zone_name.ok_or_else(|| ZoneError::InvalidDomainName { name: name.into() })?;
        if self.hosted_zones.iter().any(|zone| zone.account == *account && zone.reference == reference) {
            return Err(ZoneError::HostedZoneAlreadyExists {});
        }
        if vpc.is_none() && is_reserved(&name) {
            return Err(ZoneError::ReservedDomain { name: name.trim_end_matches('.').to_owned() });
        }
        if vpc.is_some() && delegation_set.is_some() {
            return Err(ZoneError::PrivateZoneDelegated {});
        }
        let servers = match delegation_set {
            Some(id) => {
                self.check_delegation(account, id, &name)?;
                self.delegation_set(account, id)?.name_servers.clone()
            }
            None => NAME_SERVERS.map(str::to_owned).to_vec(),
        };
        let mut vpcs = BTreeMap::new();
        if let Some(vpc) = vpc {
            let found = self.vpc_for_zone(vpc)?;
            if found.scope.account != *account {
                return Err(ZoneError::NotAuthorized { vpc: vpc.id.clone() });
            }
            self.check_zone_conflict(&vpc.id, &name)?;
            vpcs.insert(vpc.id.clone(), vpc.region.clone());
        }
        let id = format!("Z{:016X}{:04X}", self.next_random(), self.next_random() & 0xffff);
        let records = own_records(&name, &servers);
        self.hosted_zones.insert(HostedZone {
            id: id.clone(),
            account: account.clone(),
            name,
            reference,
            comment,
            private: !vpcs.is_empty(),
            vpcs,
            tags: Tags::new(),
            delegation_set: delegation_set.map(str::to_owned),
            authorised: BTreeMap::new(),
            records,
        });
        Ok(id)
    }

    /// Takes up a zone of another cloud, with the records that every zone has.
    pub fn adopt_hosted_zone(&mut self, zone: HostedZone) {
        let records = own_records(&zone.name, &NAME_SERVERS.map(str::to_owned));
        self.hosted_zones.insert(HostedZone { records, ..zone });
    }

    fn vpc_for_zone(&self, vpc: &ZoneVpc) -> Result<&Vpc> {
        let found = self.vpcs.get(&vpc.id).filter(|found| found.scope.region == vpc.region);
        found.ok_or_else(|| ZoneError::InvalidVpcId { vpc: vpc.id.clone(), region: vpc.region.clone() })
    }

    fn check_zone_conflict(&self, vpc: &str, name: &str) -> Result<()> {
        match self.hosted_zones.iter().any(|zone| zone.name == name && zone.vpcs.contains_key(vpc)) {
            true => Err(ZoneError::ConflictingDomainExists { vpc: vpc.into(), name: name.into() }),
            false => Ok(()),
        }
    }

    /// DeleteHostedZone: only one that has no records but its own SOA and NS.
    pub fn delete_hosted_zone(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let zone = self.zone_of(&caller.scope.account, id)?;
        if zone.records.values().any(|set| !is_own(&zone.name, set)) {
            return Err(ZoneError::HostedZoneNotEmpty {});
        }
        self.hosted_zones.remove(id);
        self.query_logging_configs.remove_where(|config| config.zone == id);
        Ok(())
    }

    /// UpdateHostedZoneComment.
    pub fn comment_hosted_zone(&mut self, caller: &Caller, id: &str, comment: Option<String>) -> Result<()> {
        self.zone_mut(&caller.scope.account, id)?.comment = comment;
        Ok(())
    }

    /// ChangeTagsForResource: some are taken away, then others are added.
    pub fn change_zone_tags(&mut self, caller: &Caller, id: &str, add: Tags, remove: &[String]) -> Result<()> {
        let zone = self.zone_mut(&caller.scope.account, id)?;
        let mut after = zone.tags.clone();
        after.retain(|key, _| !remove.contains(key));
        after.extend(add);
        tags::check(&after).map_err(|why| ZoneError::BadTags { why: Box::new(why) })?;
        zone.tags = after;
        Ok(())
    }

    /// AssociateVPCWithHostedZone: by the owner of both, or by the VPC's owner with the zone's owner's authorisation.
    pub fn associate_zone(&mut self, caller: &Caller, id: &str, vpc: &ZoneVpc) -> Result<()> {
        let account = &caller.scope.account;
        let no_zone = || ZoneError::NoSuchHostedZone { id: id.into() };
        let zone = self.hosted_zones.get(id).ok_or_else(no_zone)?;
        if !zone.private {
            return Err(if zone.account == *account { ZoneError::PublicZoneVpcAssociation {} } else { no_zone() });
        }
        let found = self.vpc_for_zone(vpc)?;
        let is_authorised = zone.account == *account || zone.authorised.contains_key(&vpc.id);
        if found.scope.account != *account || !is_authorised {
            return Err(ZoneError::NotAuthorized { vpc: vpc.id.clone() });
        }
        if zone.vpcs.contains_key(&vpc.id) {
            return Ok(());
        }
        self.check_zone_conflict(&vpc.id, &zone.name)?;
        if let Some(zone) = self.hosted_zones.get_mut(id) {
            zone.vpcs.insert(vpc.id.clone(), vpc.region.clone());
        }
        Ok(())
    }

    /// DisassociateVPCFromHostedZone: by the owner of either, but for the last VPC.
    pub fn disassociate_zone(&mut self, caller: &Caller, id: &str, vpc: &ZoneVpc) -> Result<()> {
        let account = &caller.scope.account;
        let owns_vpc = self.vpcs.get(&vpc.id).is_some_and(|vpc| vpc.scope.account == *account);
        let zone = self.hosted_zones.get(id).filter(|zone| zone.account == *account || owns_vpc);
        let zone = zone.ok_or_else(|| ZoneError::NoSuchHostedZone { id: id.into() })?;
        if !zone.vpcs.contains_key(&vpc.id) {
            return Err(ZoneError::VpcAssociationNotFound { vpc: vpc.id.clone() });
        }
        if zone.vpcs.len() == 1 {
            return Err(ZoneError::LastVpcAssociation {});
        }
        if let Some(zone) = self.hosted_zones.get_mut(id) {
            zone.vpcs.remove(&vpc.id);
        }
        Ok(())
    }

    /// CreateVPCAssociationAuthorization: the VPC's owner may associate it from now on.
    pub fn authorise_zone(&mut self, caller: &Caller, id: &str, vpc: &ZoneVpc) -> Result<()> {
        self.vpc_for_zone(vpc)?;
        let zone = self.zone_mut(&caller.scope.account, id)?;
        if !zone.private {
            return Err(ZoneError::PublicZoneVpcAssociation {});
        }
        zone.authorised.insert(vpc.id.clone(), vpc.region.clone());
        Ok(())
    }

    /// DeleteVPCAssociationAuthorization: an association that was made stays.
    pub fn deauthorise_zone(&mut self, caller: &Caller, id: &str, vpc: &ZoneVpc) -> Result<()> {
        let gone = self.zone_mut(&caller.scope.account, id)?.authorised.remove(&vpc.id);
        gone.map(|_| ()).ok_or_else(|| ZoneError::VpcAssociationAuthorizationNotFound { vpc: vpc.id.clone() })
    }

    /// The id of a change that was made now. It holds the time and a check, so that none need be kept.
    pub fn zone_change_id(&self, now: Time) -> String {
        format!("C{:012X}{:08X}", now.0, self.change_check(now))
    }

    /// When the change with that id was made.
    pub fn zone_change(&self, id: &str) -> Result<Time> {
        let digits = id.strip_prefix('C').filter(|digits| digits.len() == 20 && digits.is_ascii());
        let time = digits.and_then(|digits| u64::from_str_radix(&digits[..12], 16).ok()).map(Time);
        let made = time.filter(|time| self.zone_change_id(*time) == id);
        made.ok_or_else(|| ZoneError::NoSuchChange { id: id.into() })
    }

    fn change_check(&self, now: Time) -> u32 {
        (mix(self.seed() ^ now.0.wrapping_mul(0xd134_2543_de82_ef95)) >> 32) as u32
    }
}
