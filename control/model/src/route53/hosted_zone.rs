//! Hosted zones of Route 53, private and public, and their records. They belong to an account, in no Region.

use crate::ids::mix;
use crate::route53::record_data::{rdata, reversed, text_fault};
use crate::{Caller, Model, Row, Tags, Time, Vpc, tags};
use hickory_proto::rr::{Name, RecordType};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::str::FromStr;

/// The types of records that are kept; SOA and NS only at a zone's own name.
pub const RECORD_TYPES: [&str; 10] = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT"];
/// The most records of a zone.
pub const MOST_RECORDS: usize = 10_000;
/// The most values of a record set (a quota of Route 53). A resolver reads all of them to answer.
const VALUES: usize = 400;
/// The most record sets of one name and type (a quota of Route 53).
const SETS: usize = 100;

/// What Route 53 refuses.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs, reason = "the messages say it")]
pub enum ZoneError {
    #[error("No hosted zone found with ID: {id}")]
    NoSuchHostedZone { id: String },
    #[error("A hosted zone has already been created with the specified caller reference.")]
    HostedZoneAlreadyExists,
    #[error("{name} is not a valid domain name")]
    InvalidDomainName { name: String },
    #[error("The specified hosted zone contains non-required resource record sets and so cannot be deleted.")]
    HostedZoneNotEmpty,
    #[error("The VPC: {vpc} you provided does not exist in region {region}, or is not yours.")]
    InvalidVpcId { vpc: String, region: String },
    #[error("The VPC: {vpc} has not been authorized to associate with your hosted zone.")]
    NotAuthorized { vpc: String },
    #[error("You're attempting to associate a VPC with a public hosted zone. Associate it with a private one.")]
    PublicZoneVpcAssociation,
    #[error("The VPC {vpc} is already associated with a hosted zone of the domain {name}.")]
    ConflictingDomainExists { vpc: String, name: String },
    #[error("The VPC: {vpc} is currently not associated with the hosted zone.")]
    VpcAssociationNotFound { vpc: String },
    #[error("The VPC: {vpc} is not authorized to be associated with the hosted zone.")]
    VpcAssociationAuthorizationNotFound { vpc: String },
    #[error("Cannot remove the last VPC association for the private zone.")]
    LastVpcAssociation,
    #[error("[{}]", .0.join(", "))]
    InvalidChangeBatch(Vec<String>),
    #[error("Could not find resource with ID: {id}")]
    NoSuchChange { id: String },
    #[error("The hosted zone {id} is not private, and so no VPC sees it.")]
    HostedZoneNotPrivate { id: String },
    #[error("No health check exists with the specified ID: {id}")]
    NoSuchHealthCheck { id: String },
    #[error("A health check has already been created with the specified caller reference, and other settings.")]
    HealthCheckAlreadyExists,
    #[error("The health check is of version {version} now.")]
    HealthCheckVersionMismatch { version: i64 },
    #[error("{0}")]
    InvalidInput(String),
}

/// What every transition here answers with.
type Result<T> = std::result::Result<T, ZoneError>;

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

    fn words(&self) -> String {
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

/// A hosted zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostedZone {
    /// `Z…`
    pub id: String,
    /// Whose it is.
    pub account: String,
    /// Its name, in small letters, with a dot at its end.
    pub name: String,
    /// The client's word for the request that made it.
    pub reference: String,
    /// A comment.
    pub comment: Option<String>,
    /// Whether only VPCs see it.
    pub private: bool,
    /// The VPCs that see it, with their Regions.
    pub vpcs: BTreeMap<String, String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
    /// The VPCs of other accounts that these may associate, with their Regions.
    pub authorised: BTreeMap<String, String>,
    /// Its records, by [`RecordSet::key`].
    pub records: BTreeMap<String, RecordSet>,
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

/// The name servers of every zone, as they are told; nobody asks them.
pub const NAME_SERVERS: [&str; 4] =
    ["ns-0.awsdns-00.com", "ns-512.awsdns-00.net", "ns-1024.awsdns-00.org", "ns-1536.awsdns-00.co.uk"];

/// A domain name in small letters with a dot at its end, if it is one.
pub fn domain_name(text: &str) -> Option<String> {
    // Replies have `*` in octal, and clients send it back like this.
    let text = text.trim_end_matches('.').to_ascii_lowercase().replace("\\052", "*");
    let label = |label: &str| {
        !label.is_empty() && label.len() < 64 && label.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"')
    };
    (text.len() < 254 && text.split('.').all(label) && Name::from_ascii(&text).is_ok()).then(|| text + ".")
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

    fn zone_mut(&mut self, account: &str, id: &str) -> Result<&mut HostedZone> {
        self.zone_of(account, id)?;
        self.hosted_zones.get_mut(id).ok_or_else(|| ZoneError::NoSuchHostedZone { id: id.into() })
    }

    /// CreateHostedZone: with a VPC it is private, and the VPC sees it.
    pub fn create_hosted_zone(
        &mut self,
        caller: &Caller,
        name: &str,
        reference: String,
        comment: Option<String>,
        vpc: Option<&ZoneVpc>,
    ) -> Result<String> {
        let account = &caller.scope.account;
        let name = domain_name(name).ok_or_else(|| ZoneError::InvalidDomainName { name: name.into() })?;
        if self.hosted_zones.iter().any(|zone| zone.account == *account && zone.reference == reference) {
            return Err(ZoneError::HostedZoneAlreadyExists);
        }
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
        let mut zone = HostedZone {
            id: id.clone(),
            account: account.clone(),
            name: name.clone(),
            reference,
            comment,
            private: !vpcs.is_empty(),
            vpcs,
            tags: Tags::new(),
            authorised: BTreeMap::new(),
            records: BTreeMap::new(),
        };
        let soa = format!("{}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400", NAME_SERVERS[3]);
        let servers = NAME_SERVERS.iter().map(|server| format!("{server}."));
        for (kind, ttl, values) in [("NS", 172_800, servers.collect()), ("SOA", 900, vec![soa])] {
            let set = RecordSet { ttl: Some(ttl), values, ..empty_set(&name, kind) };
            zone.records.insert(set.key(), set);
        }
        self.hosted_zones.insert(zone);
        Ok(id)
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
        if zone.records.values().any(|set| !is_own(zone, set)) {
            return Err(ZoneError::HostedZoneNotEmpty);
        }
        self.hosted_zones.remove(id);
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
        tags::check(&after).map_err(|error| ZoneError::InvalidInput(error.to_string()))?;
        zone.tags = after;
        Ok(())
    }

    /// AssociateVPCWithHostedZone: by the owner of both, or by the VPC's owner with the zone's owner's authorisation.
    pub fn associate_zone(&mut self, caller: &Caller, id: &str, vpc: &ZoneVpc) -> Result<()> {
        let account = &caller.scope.account;
        let no_zone = || ZoneError::NoSuchHostedZone { id: id.into() };
        let zone = self.hosted_zones.get(id).ok_or_else(no_zone)?;
        if !zone.private {
            return Err(if zone.account == *account { ZoneError::PublicZoneVpcAssociation } else { no_zone() });
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
            return Err(ZoneError::LastVpcAssociation);
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
            return Err(ZoneError::PublicZoneVpcAssociation);
        }
        zone.authorised.insert(vpc.id.clone(), vpc.region.clone());
        Ok(())
    }

    /// DeleteVPCAssociationAuthorization: an association that was made stays.
    pub fn deauthorise_zone(&mut self, caller: &Caller, id: &str, vpc: &ZoneVpc) -> Result<()> {
        let gone = self.zone_mut(&caller.scope.account, id)?.authorised.remove(&vpc.id);
        gone.map(|_| ()).ok_or_else(|| ZoneError::VpcAssociationAuthorizationNotFound { vpc: vpc.id.clone() })
    }

    /// ChangeResourceRecordSets: all changes or none, as the zone is after all of them.
    pub fn change_records(&mut self, caller: &Caller, id: &str, changes: Vec<(RecordAction, RecordSet)>) -> Result<()> {
        let zone = self.zone_mut(&caller.scope.account, id)?;
        let mut after = zone.clone();
        let written = changes.iter().filter(|(action, _)| *action != RecordAction::Delete);
        let written: Vec<String> = written.map(|(_, set)| set.key()).collect();
        let mut wrong: Vec<String> =
            changes.into_iter().filter_map(|(action, set)| apply(&mut after, action, set).err()).collect();
        if wrong.is_empty() {
            wrong.extend(contradictions(&after));
            wrong.extend(written.iter().filter_map(|key| dangling(&after, after.records.get(key)?)));
        }
        if wrong.is_empty() && after.records.len() > MOST_RECORDS {
            wrong.push(format!("A hosted zone has at most {MOST_RECORDS} resource record sets"));
        }
        if !wrong.is_empty() {
            return Err(ZoneError::InvalidChangeBatch(wrong));
        }
        *zone = after;
        Ok(())
    }

    /// The id of a change that was made now. It holds the time and a check, so that none need be kept.
    pub fn zone_change_id(&self, now: Time) -> String {
        format!("C{:012X}{:08X}", now.0, self.change_check(now))
    }

    /// When the change of that id was made.
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

/// A record set without anything in it.
pub fn empty_set(name: &str, kind: &str) -> RecordSet {
    RecordSet {
        name: name.into(),
        kind: kind.into(),
        identifier: None,
        weight: None,
        multivalue: false,
        ttl: None,
        values: Vec::new(),
        alias: None,
    }
}

/// Whether a record set was born with its zone and stays as long as it.
fn is_own(zone: &HostedZone, set: &RecordSet) -> bool {
    set.name == zone.name && matches!(set.kind.as_str(), "SOA" | "NS")
}

/// Makes one change, or says what is wrong with it.
fn apply(zone: &mut HostedZone, action: RecordAction, set: RecordSet) -> std::result::Result<(), String> {
    let words = set.words();
    if !is_inside(zone, &set.name) {
        return Err(format!("RRSet with DNS name {} is not permitted in zone {}", set.name, zone.name));
    }
    let there = zone.records.get(&set.key());
    match (action, there) {
        (RecordAction::Create, Some(_)) => {
            return Err(format!("Tried to create resource record set {words} but it already exists"));
        }
        (RecordAction::Delete, None) => {
            return Err(format!("Tried to delete resource record set {words} but it was not found"));
        }
        (RecordAction::Delete, Some(there)) if *there != set => {
            return Err(format!(
                "Tried to delete resource record set {words} but the values provided do not match the current values"
            ));
        }
        (RecordAction::Delete, Some(_)) if is_own(zone, &set) => {
            return Err(format!(
                "A HostedZone must contain at least one NS record for the zone itself, and a SOA record: {words}"
            ));
        }
        (RecordAction::Delete, Some(_)) => {
            zone.records.remove(&set.key());
            return Ok(());
        }
        (RecordAction::Create | RecordAction::Upsert, _) => {}
    }
    check(zone, &set)?;
    zone.records.insert(set.key(), set);
    Ok(())
}

/// What is wrong with a record set by itself.
fn check(zone: &HostedZone, set: &RecordSet) -> std::result::Result<(), String> {
    let words = set.words();
    let Ok(kind) = RecordType::from_str(&set.kind) else { return Err(format!("Unknown record type in {words}")) };
    if set.kind == "CNAME" && set.name == zone.name {
        return Err(format!(
            "RRSet of type CNAME with DNS name {} is not permitted at apex in zone {}",
            set.name, zone.name
        ));
    }
    if set.kind == "SOA" && set.name != zone.name {
        return Err(format!("RRSet of type SOA with DNS name {} is permitted at apex only", set.name));
    }
    let is_told_apart = set.weight.is_some() || set.multivalue;
    if is_told_apart != set.identifier.is_some() {
        return Err(format!(
            "Invalid request: Expected a set identifier with a weight or a multivalue answer, and only there, in {words}"
        ));
    }
    if set.alias.is_some() {
        return if set.values.is_empty() && set.ttl.is_none() {
            Ok(())
        } else {
            Err(format!(
                "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]], but found more than one in Change with {words}"
            ))
        };
    }
    if set.values.is_empty() || set.ttl.is_none() {
        return Err(format!(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords]], but found none in Change with {words}"
        ));
    }
    if set.values.len() > VALUES {
        return Err(format!("Number of records in RRSet exceeds the limit of {VALUES}: {words}"));
    }
    if matches!(set.kind.as_str(), "CNAME" | "SOA") && set.values.len() > 1 {
        return Err(format!("RRSet of type {} with DNS name {} has more than one value", set.kind, set.name));
    }
    let fault = |value: &String| Some((text_fault(value)?, value.clone()));
    if kind == RecordType::TXT
        && let Some((fault, value)) = set.values.iter().find_map(fault)
    {
        return Err(format!("Invalid Resource Record: FATAL problem: {fault} encountered with '{value}'"));
    }
    match set.values.iter().find(|value| rdata(kind, value).is_none()) {
        Some(value) => Err(format!("Invalid Resource Record: \"{value}\" is no value of type {} in {words}", set.kind)),
        None => Ok(()),
    }
}

/// What is wrong with an alias of another name in its own zone.
fn dangling(zone: &HostedZone, set: &RecordSet) -> Option<String> {
    let alias = set.alias.as_ref().filter(|alias| alias.zone == zone.id)?;
    let first = format!("{} {} ", reversed(&alias.name), set.kind);
    let is_there = zone.records.range(first.clone()..).next().is_some_and(|(key, _)| key.starts_with(&first));
    let why = match is_inside(zone, &alias.name) {
        true if is_there => return None,
        true => "that target was not found",
        false => "the alias target name does not lie within the target zone",
    };
    let (name, kind, id) = (&alias.name, &set.kind, &zone.id);
    Some(format!("Tried to create an alias that targets {name}, type {kind} in zone {id}, but {why}"))
}

fn is_inside(zone: &HostedZone, name: &str) -> bool {
    name == zone.name || name.strip_suffix(&zone.name).is_some_and(|rest| rest.ends_with('.'))
}

/// Record sets that cannot be beside each other: a CNAME beside anything, one without an identifier beside one with.
fn contradictions(zone: &HostedZone) -> Vec<String> {
    let sets: Vec<&RecordSet> = zone.records.values().collect();
    let names = sets.chunk_by(|one, next| one.name == next.name);
    names
        .filter_map(|sets| {
            let kinds: Vec<_> = sets.chunk_by(|one, next| one.kind == next.kind).collect();
            let cname = sets.iter().find(|set| set.kind == "CNAME");
            if let Some(set) = cname.filter(|_| kinds.len() > 1) {
                return Some(format!(
                    "RRSet of type CNAME with DNS name {} is not permitted because a conflicting RRSet with the same DNS name \
                     already exists in zone {}", set.name, zone.name
                ));
            }
            if let Some(sets) = kinds.iter().find(|sets| sets.len() > SETS) {
                return Some(format!(
                    "Number of RRSets with DNS name {}, type {} exceeds the limit of {SETS}", sets[0].name, sets[0].kind
                ));
            }
            let alike = |set: &RecordSet| (set.identifier.is_some(), set.weight.is_some(), set.multivalue);
            let mixed = kinds.into_iter().find(|sets| sets.iter().any(|set| alike(set) != alike(sets[0])));
            mixed.map(|sets| {
                format!("RRSet with DNS name {}, type {} cannot be created as other RRSets exist with the same name and type and another routing policy", sets[0].name, sets[0].kind)
            })
        })
        .collect()
}
