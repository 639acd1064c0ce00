//! DB, cache and cluster security groups: the access to services' hosts in EC2-Classic, by address or by a group of EC2.

use super::{Error, Obstacle, Result, Thing, Wanted};
use crate::{Caller, Model, Numbered, Row, Scope, Tags};
use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The name of the default group.
const DEFAULT: &str = "default";

/// A source that a group admits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Admitted {
    /// Addresses.
    Range(Ipv4Net),
    /// The members of a group of EC2-Classic, by its id.
    Group {
        /// The group.
        id: String,
        /// Its name.
        name: String,
        /// Its owner.
        account: String,
    },
}

impl fmt::Display for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Admitted::Range(range) => range.fmt(f),
            Admitted::Group { name, account, .. } => write!(f, "the security group {name} of {account}"),
        }
    }
}

/// A DB security group, a cache security group or a cluster security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessGroup {
    /// Its ARN.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its kind.
    pub thing: Thing,
    /// Its number in the dataplane's tables (a filter).
    pub number: u32,
    /// Its name, in lower case.
    pub name: String,
    /// Its description.
    pub description: String,
    /// The sources that may connect to the ports of the group's hosts.
    pub admitted: Vec<Admitted>,
}

impl Row for AccessGroup {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Numbered for AccessGroup {
    fn number(&self) -> u32 {
        self.number
    }
}

impl AccessGroup {
    fn new(scope: &Scope, thing: Thing, (name, description): (&str, &str), number: u32) -> AccessGroup {
        AccessGroup {
            id: thing.arn(scope, name),
            scope: scope.clone(),
            tags: Tags::new(),
            thing,
            number,
            name: name.to_owned(),
            description: description.to_owned(),
            admitted: Vec::new(),
        }
    }

    /// The admitted address ranges.
    pub fn ranges(&self) -> impl Iterator<Item = Ipv4Net> {
        self.admitted.iter().filter_map(|peer| if let Admitted::Range(range) = peer { Some(*range) } else { None })
    }
}

impl Model {
    /// The group with that name.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn access_group(&self, scope: &Scope, thing: Thing, name: &str) -> Result<&AccessGroup> {
        let name = name.to_ascii_lowercase();
        self.access_groups.get(&thing.arn(scope, &name)).ok_or(Error::NotFound { thing, name })
    }

    /// All groups of a kind, by name.
    pub fn access_groups_of<'a>(&'a self, scope: &'a Scope, thing: Thing) -> impl Iterator<Item = &'a AccessGroup> {
        self.access_groups.iter().filter(move |group| group.thing == thing && group.scope == *scope)
    }

    /// The group with that name, or all by name. The default one is there wherever EC2-Classic is, before anything is in it, too.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn access_groups_called(&self, scope: &Scope, thing: Thing, name: Option<&str>) -> Result<Vec<AccessGroup>> {
        let mut all: Vec<AccessGroup> = self.access_groups_of(scope, thing).cloned().collect();
        if self.has_classic(scope) && !all.iter().any(|group| group.name == DEFAULT) {
            all.push(AccessGroup::new(scope, thing, (DEFAULT, DEFAULT), 0));
            all.sort_by(|one, other| one.name.cmp(&other.name));
        }
        let Some(name) = name else { return Ok(all) };
        all.retain(|group| group.name.eq_ignore_ascii_case(name));
        if all.is_empty() { Err(Error::NotFound { thing, name: name.to_ascii_lowercase() }) } else { Ok(all) }
    }

    /// Makes a group that lets nobody in.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Value`]; [`Error::ClassicOnly`] where there is no EC2-Classic.
    pub fn create_access_group(
        &mut self,
        caller: &Caller,
        thing: Thing,
        (name, description): (&str, &str),
        tags: Tags,
    ) -> Result<&AccessGroup> {
        let name = name.to_ascii_lowercase();
        if !self.has_classic(&caller.scope) {
            return Err(Error::ClassicOnly { thing });
        }
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_. ".contains(c);
        if name.is_empty() || name.len() > 255 || !name.chars().all(is_name) {
            return Err(Error::Value { name: "SecurityGroupName", value: name, why: Wanted::GroupName {} });
        }
        if name == DEFAULT || self.access_group(&caller.scope, thing, &name).is_ok() {
            return Err(Error::Exists { thing, name });
        }
        crate::check_tags(&tags)?;
        let number = self.number();
        let group = AccessGroup::new(&caller.scope, thing, (&name, description), number);
        self.access_groups.insert(AccessGroup { tags, ..group });
        self.access_group(&caller.scope, thing, &name)
    }

    /// The ids of the groups of these names; of none, that of the default group, which is made when it is first used.
    pub(super) fn access_groups_or_default(
        &mut self,
        scope: &Scope,
        thing: Thing,
        names: &[String],
    ) -> Result<Vec<String>> {
        let default = [DEFAULT.to_owned()];
        let names = if names.is_empty() { &default } else { names };
        let is_default = names.iter().any(|name| name.eq_ignore_ascii_case(DEFAULT));
        if is_default && self.access_group(scope, thing, DEFAULT).is_err() {
            let number = self.number();
            self.access_groups.insert(AccessGroup::new(scope, thing, (DEFAULT, DEFAULT), number));
        }
        names.iter().map(|name| Ok(self.access_group(scope, thing, name)?.id.clone())).collect()
    }

    /// The group of EC2-Classic that a request names: by its name and owner, or by its id.
    ///
    /// # Errors
    /// [`Error::Value`] if there is none.
    pub fn admitted_group(
        &self,
        caller: &Caller,
        id: Option<&str>,
        name: Option<&str>,
        account: Option<&str>,
    ) -> Result<Admitted> {
        let scope = Scope { account: account.unwrap_or(&caller.scope.account).to_owned(), ..caller.scope.clone() };
        let by_name = |name| self.group_named(&scope, None, name).ok();
        let found = match id {
            Some(id) => self.security_groups.find(&scope, id).ok().filter(|group| group.vpc.is_none()),
            None => name.and_then(by_name),
        };
        let value = id.or(name).unwrap_or_default().to_owned();
        let why = Wanted::ClassicGroup { account: scope.account.clone() };
        let found = found.ok_or(Error::Value { name: "EC2SecurityGroup", value, why })?;
        Ok(Admitted::Group { id: found.id.clone(), name: found.name.clone(), account: scope.account })
    }

    /// Admits a source.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::AuthorizationExists`].
    pub fn admit(&mut self, caller: &Caller, thing: Thing, name: &str, peer: Admitted) -> Result<&AccessGroup> {
        let id = self.access_group_to_change(caller, thing, name)?;
        let group = self.access_groups.get_mut(&id).ok_or_else(|| Error::NotFound { thing, name: name.into() })?;
        if group.admitted.contains(&peer) {
            return Err(Error::AuthorizationExists { peer: peer.to_string(), group: name.into() });
        }
        group.admitted.push(peer);
        self.access_group(&caller.scope, thing, name)
    }

    /// Revokes the access of a source.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::AuthorizationNotFound`].
    pub fn revoke_source(
        &mut self,
        caller: &Caller,
        thing: Thing,
        name: &str,
        peer: &Admitted,
    ) -> Result<&AccessGroup> {
        let id = self.access_group_to_change(caller, thing, name)?;
        let group = self.access_groups.get_mut(&id).ok_or_else(|| Error::NotFound { thing, name: name.into() })?;
        if !group.admitted.contains(peer) {
            return Err(Error::AuthorizationNotFound { peer: peer.to_string(), group: name.into() });
        }
        group.admitted.retain(|other| other != peer);
        self.access_group(&caller.scope, thing, name)
    }

    /// The id of a group; the default one is there wherever EC2-Classic is.
    fn access_group_to_change(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<String> {
        if name.eq_ignore_ascii_case(DEFAULT) && self.has_classic(&caller.scope) {
            self.access_groups_or_default(&caller.scope, thing, &[])?;
        }
        Ok(self.access_group(&caller.scope, thing, name)?.id.clone())
    }

    /// Deletes a group that nothing uses.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`].
    pub fn delete_access_group(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<()> {
        let id = self.access_group(&caller.scope, thing, name)?.id.clone();
        let state = |why| Error::State { thing, name: name.to_owned(), why };
        if name.eq_ignore_ascii_case(DEFAULT) {
            return Err(state(Obstacle::DefaultStays {}));
        }
        if let Some(user) = self.deployments.by(&id).next() {
            return Err(state(Obstacle::UsedBy { name: user.name.clone() }));
        }
        self.access_groups.remove(&id);
        Ok(())
    }
}
