//! Subnet groups: the subnets of a VPC in which a service may place hosts.

use super::{Clash, Error, Obstacle, Result, SubnetFault, Thing, Wanted};
use crate::{Caller, Model, Row, Scope, Subnet, Tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The name of the group of the default VPC's subnets.
const DEFAULT: &str = "default";

/// A group of subnets of one VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubnetGroup {
    /// Its ARN.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its kind.
    pub thing: Thing,
    /// Its name, in lower case.
    pub name: String,
    /// Its description.
    pub description: String,
    /// The VPC.
    pub vpc: String,
    /// The subnets.
    pub subnets: Vec<String>,
}

impl Row for SubnetGroup {
    fn id(&self) -> &str {
        &self.id
    }

    fn keys(&self) -> Vec<String> {
        self.subnets.iter().chain([&self.vpc]).cloned().collect()
    }
}

impl Model {
    /// The subnet group with that name.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn subnet_group(&self, scope: &Scope, thing: Thing, name: &str) -> Result<&SubnetGroup> {
        let name = name.to_ascii_lowercase();
        self.subnet_groups.get(&thing.arn(scope, &name)).ok_or(Error::NotFound { thing, name })
    }

    /// All subnet groups of a service, by name.
    pub fn subnet_groups_of<'a>(&'a self, scope: &'a Scope, thing: Thing) -> impl Iterator<Item = &'a SubnetGroup> {
        self.subnet_groups.iter().filter(move |group| group.thing == thing && group.scope == *scope)
    }

    /// The subnet group with that name, or all of a kind.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn subnet_groups_called<'a>(
        &'a self,
        scope: &'a Scope,
        thing: Thing,
        name: Option<&str>,
    ) -> Result<Vec<&'a SubnetGroup>> {
        match name {
            Some(name) => Ok(vec![self.subnet_group(scope, thing, name)?]),
            None => Ok(self.subnet_groups_of(scope, thing).collect()),
        }
    }

    /// The subnets of a group that still exist.
    pub fn subnets_in<'a>(&'a self, group: &'a SubnetGroup) -> impl Iterator<Item = &'a Subnet> {
        group.subnets.iter().filter_map(|id| self.subnets.get(id))
    }

    /// Makes a subnet group.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Subnet`], [`Error::Coverage`], [`Error::Value`].
    pub fn create_subnet_group(
        &mut self,
        caller: &Caller,
        thing: Thing,
        (name, description): (&str, &str),
        subnets: &[String],
        tags: Tags,
    ) -> Result<&SubnetGroup> {
        let name = name.to_ascii_lowercase();
        let is_name = |c: char| c.is_ascii_alphanumeric() || "-_. ".contains(c);
        if name == DEFAULT || name.is_empty() || name.len() > 255 || !name.chars().all(is_name) {
            return Err(Error::Value { name: "SubnetGroupName", value: name, why: Wanted::SubnetGroupName {} });
        }
        if self.subnet_group(&caller.scope, thing, &name).is_ok() {
            return Err(Error::Exists { thing, name });
        }
        let vpc = self.check_subnets(&caller.scope, thing, subnets)?;
        crate::check_tags(&tags)?;
        self.insert_subnet_group(&caller.scope, thing, (&name, description), (vpc, subnets.to_vec()), tags)
    }

    fn insert_subnet_group(
        &mut self,
        scope: &Scope,
        thing: Thing,
        (name, description): (&str, &str),
        (vpc, subnets): (String, Vec<String>),
        tags: Tags,
    ) -> Result<&SubnetGroup> {
        let id = thing.arn(scope, name);
        self.subnet_groups.insert(SubnetGroup {
            id,
            scope: scope.clone(),
            tags,
            thing,
            name: name.to_owned(),
            description: description.to_owned(),
            vpc,
            subnets,
        });
        self.subnet_group(scope, thing, name)
    }

    /// The VPC of subnets that may form a group. RDS wants them in two zones.
    fn check_subnets(&self, scope: &Scope, thing: Thing, subnets: &[String]) -> Result<String> {
        let vpc = self.vpc_of_subnets(scope, subnets)?;
        let found = subnets.iter().filter_map(|id| self.subnets.get(id));
        let zones: BTreeSet<&str> = found.map(|subnet| subnet.zone.as_str()).collect();
        if thing == Thing::DbSubnetGroup && zones.len() < 2 {
            return Err(Error::Coverage { zones: zones.into_iter().collect::<Vec<_>>().join(", ") });
        }
        Ok(vpc)
    }

    /// The VPC that subnets have in common.
    ///
    /// # Errors
    /// [`Error::Subnet`]
    pub fn vpc_of_subnets(&self, scope: &Scope, subnets: &[String]) -> Result<String> {
        let missing = |id: &String| Error::Subnet { subnet: id.clone(), why: SubnetFault::Unknown {} };
        let find = |id: &String| self.subnets.find(scope, id).map_err(|_| missing(id));
        let found = subnets.iter().map(find).collect::<Result<Vec<&Subnet>>>()?;
        let first = found.first().ok_or_else(|| missing(&String::new()))?;
        if let Some(other) = found.iter().find(|subnet| subnet.vpc != first.vpc) {
            let why = SubnetFault::OtherVpc { vpc: first.vpc.clone() };
            return Err(Error::Subnet { subnet: other.id.clone(), why });
        }
        Ok(first.vpc.clone())
    }

    /// Gives a subnet group other subnets, those that hosts are in among them.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Subnet`], [`Error::Coverage`].
    pub fn modify_subnet_group(
        &mut self,
        caller: &Caller,
        thing: Thing,
        (name, description): (&str, Option<String>),
        subnets: &[String],
    ) -> Result<&SubnetGroup> {
        let group = self.subnet_group(&caller.scope, thing, name)?;
        let id = group.id.clone();
        let vpc = self.check_subnets(&caller.scope, thing, subnets)?;
        if vpc != group.vpc {
            return Err(Clash::OtherVpc {}.into());
        }
        let used = self.deployments.by(&id).flat_map(|deployment| self.interfaces_of(deployment));
        if let Some(used) = used.map(|interface| interface.subnet.clone()).find(|subnet| !subnets.contains(subnet)) {
            return Err(Error::State { thing, name: name.to_owned(), why: Obstacle::HostsIn { subnet: used } });
        }
        if let Some(group) = self.subnet_groups.get_mut(&id) {
            group.subnets = subnets.to_vec();
            group.description = description.unwrap_or_else(|| std::mem::take(&mut group.description));
        }
        self.subnet_group(&caller.scope, thing, name)
    }

    /// Deletes a subnet group that nothing uses.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`].
    pub fn delete_subnet_group(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<()> {
        let id = self.subnet_group(&caller.scope, thing, name)?.id.clone();
        if let Some(user) = self.deployments.by(&id).next() {
            let why = Obstacle::UsedBy { name: user.name.clone() };
            return Err(Error::State { thing, name: name.to_owned(), why });
        }
        self.subnet_groups.remove(&id);
        Ok(())
    }

    /// Takes up the subnet group of an imported default VPC, unless there is one already.
    ///
    /// # Errors
    /// [`Error::Subnet`], [`Error::Coverage`].
    pub fn adopt_default_subnet_group(&mut self, scope: &Scope, thing: Thing, subnets: Vec<String>) -> Result<()> {
        if self.subnet_group(scope, thing, DEFAULT).is_ok() {
            return Ok(());
        }
        let vpc = self.check_subnets(scope, thing, &subnets)?;
        self.insert_subnet_group(scope, thing, (DEFAULT, DEFAULT), (vpc, subnets), Tags::new()).map(|_| ())
    }

    /// The subnet group of a request: the named one, or else that of the default VPC, which the first request creates; none in
    /// EC2-Classic.
    pub(super) fn subnet_group_or_default(
        &mut self,
        scope: &Scope,
        thing: Thing,
        name: Option<&str>,
    ) -> Result<Option<SubnetGroup>> {
        if let Some(name) = name {
            return self.subnet_group(scope, thing, name).cloned().map(Some);
        }
        let Some(vpc) = self.default_network(scope)? else { return Ok(None) };
        if let Ok(group) = self.subnet_group(scope, thing, DEFAULT) {
            return Ok(Some(group.clone()));
        }
        let own = self.subnets.by(&vpc).filter(|subnet| subnet.default_for_zone);
        let subnets = own.map(|subnet| subnet.id.clone()).collect();
        let group = self.insert_subnet_group(scope, thing, (DEFAULT, DEFAULT), (vpc, subnets), Tags::new())?;
        Ok(Some(group.clone()))
    }
}
