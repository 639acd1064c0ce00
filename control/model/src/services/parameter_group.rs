//! Parameter groups: the configuration of engines. They are stored and returned, and have no effect on the network. A real server
//! (`--service-command`) has its own settings.

use super::version::{family, versions};
use super::{Clash, Deployment, Engine, Error, Obstacle, Result, Thing, Wanted};
use crate::{Caller, ManagedService, Model, Row, Scope, Tags, check_tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The prefix of the name of a family's default group, which exists without being created and cannot be changed.
const DEFAULT: &str = "default.";
/// The end of the names of the groups with which Redis and Valkey spread data over shards.
const CLUSTERS: &str = ".cluster.on";
/// The most groups of an account in a Region (AWS's quota).
const LIMIT: usize = 50;

/// A parameter's value that a user set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetParameter {
    /// The value.
    pub value: String,
    /// `immediate`, or `pending-reboot`.
    pub method: String,
}

/// A parameter group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterGroup {
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
    /// Its family of engine versions.
    pub family: String,
    /// Its description.
    pub description: String,
    /// The parameters without their default values.
    pub values: BTreeMap<String, SetParameter>,
}

impl Row for ParameterGroup {
    fn id(&self) -> &str {
        &self.id
    }
}

/// A parameter of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownParameter {
    /// Its name.
    pub name: &'static str,
    /// Its default value, if it has one.
    pub default: Option<&'static str>,
    /// Whether a server applies it only when it starts.
    pub is_static: bool,
    /// Whether it can be changed.
    pub is_modifiable: bool,
}

impl KnownParameter {
    fn read(word: &'static str) -> KnownParameter {
        let (name, default) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        let plain = name.trim_start_matches(['!', '-']);
        KnownParameter { name: plain, default, is_static: name != plain, is_modifiable: !name.starts_with('-') }
    }

    /// The type, as the default value suggests.
    pub fn data_type(&self) -> &'static str {
        match self.default {
            Some("true" | "false") => "boolean",
            Some(value) if value.parse::<i64>().is_ok() => "integer",
            _ => "string",
        }
    }
}

/// The section of the list with a family's parameters. Those of Oracle and SQL Server are not listed.
fn section(family: &str) -> Option<&'static str> {
    let known = [
        ("postgres", "postgres"),
        ("mysql", "mysql"),
        ("aurora-postgresql", "postgres"),
        ("aurora", "mysql"),
        ("mariadb", "mysql"),
        ("redis", "redis"),
        ("valkey", "redis"),
        ("memcached", "memcached"),
        ("redshift-", "redshift"),
    ];
    known.iter().find(|(prefix, _)| family.starts_with(prefix)).map(|(_, section)| *section)
}

/// The parameters of a family, by name.
pub fn known_parameters(family: &str) -> Vec<KnownParameter> {
    let Some(section) = section(family) else { return Vec::new() };
    let heading = format!("[{section}]");
    let lines = include_str!("parameters.txt").lines().skip_while(|line| *line != heading).skip(1);
    let words = lines.take_while(|line| !line.starts_with('[')).flat_map(|line| line.split(' '));
    let mut all: Vec<_> = words.map(KnownParameter::read).collect();
    all.sort_by_key(|parameter| parameter.name);
    all
}

/// Whether a service has a family with that name.
fn is_family(service: ManagedService, name: &str) -> bool {
    versions().any(|version| Engine::named(service, version.engine).is_some() && version.family() == name)
}

impl ParameterGroup {
    /// The default group of a family.
    fn of_family(scope: &Scope, thing: Thing, family: &str) -> ParameterGroup {
        let name = format!("{DEFAULT}{family}");
        ParameterGroup {
            id: thing.arn(scope, &name),
            scope: scope.clone(),
            tags: Tags::new(),
            thing,
            description: format!("Default parameter group for {family}"),
            name,
            family: family.to_owned(),
            values: BTreeMap::new(),
        }
    }

    /// The default group with that name: of a family, or of its clusters with shards.
    fn by_default(scope: &Scope, thing: Thing, name: &str) -> Option<ParameterGroup> {
        let of = name.strip_prefix(DEFAULT)?;
        let family = of.strip_suffix(CLUSTERS).filter(|family| section(family) == Some("redis")).unwrap_or(of);
        let group = is_family(thing.service(), family).then(|| ParameterGroup::of_family(scope, thing, family))?;
        Some(ParameterGroup { id: thing.arn(scope, name), name: name.to_owned(), ..group })
    }

    /// Whether it is for clusters with shards.
    pub fn is_of_clusters(&self) -> bool {
        let is_on = |set: &SetParameter| set.value == "yes";
        self.is_default() && self.name.ends_with(CLUSTERS) || self.values.get("cluster-enabled").is_some_and(is_on)
    }

    /// The name of a family's default group for clusters with shards.
    pub fn default_of_clusters(engine: &str, version: &str) -> String {
        format!("{DEFAULT}{}{CLUSTERS}", family(engine, version))
    }

    /// Whether it is the default group of its family.
    pub fn is_default(&self) -> bool {
        self.name.starts_with(DEFAULT)
    }
}

impl Model {
    /// The parameter group with that name; every family has its default group.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn parameter_group(&self, scope: &Scope, thing: Thing, name: &str) -> Result<ParameterGroup> {
        let name = name.to_ascii_lowercase();
        if let Some(found) = self.parameter_groups.get(&thing.arn(scope, &name)) {
            return Ok(found.clone());
        }
        ParameterGroup::by_default(scope, thing, &name).ok_or(Error::NotFound { thing, name })
    }

    /// All parameter groups of a kind, by name: the account's, and those of families whose versions it runs.
    pub fn parameter_groups_of(&self, scope: &Scope, thing: Thing) -> Vec<ParameterGroup> {
        let own = self.parameter_groups.iter().filter(|group| group.thing == thing && group.scope == *scope).cloned();
        let mut all: BTreeMap<String, ParameterGroup> = own.map(|group| (group.name.clone(), group)).collect();
        let running = self.deployments.iter().filter(|row| row.scope == *scope && row.thing.parameter_group() == thing);
        for row in running {
            let of_family = ParameterGroup::of_family(scope, thing, &family(&row.engine, &row.settings.version));
            all.entry(of_family.name.clone()).or_insert(of_family);
        }
        // Redshift has one family, whose default group always exists.
        if thing == Thing::ClusterParameterGroup {
            let own = ParameterGroup::of_family(scope, thing, "redshift-1.0");
            all.entry(own.name.clone()).or_insert(own);
        }
        all.into_values().collect()
    }

    /// Creates a parameter group in which every parameter has its default value.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Value`], [`Error::Limit`].
    pub fn create_parameter_group(
        &mut self,
        caller: &Caller,
        thing: Thing,
        (name, family, description): (&str, &str, &str),
        tags: Tags,
    ) -> Result<ParameterGroup> {
        let (scope, name) = (&caller.scope, name.to_ascii_lowercase());
        super::check_name(thing, &name.replace(['.', '_'], "-"))?;
        if !is_family(thing.service(), family) {
            let why = Wanted::Family {};
            return Err(Error::Value { name: "ParameterGroupFamily", value: family.to_owned(), why });
        }
        if self.parameter_group(scope, thing, &name).is_ok() {
            return Err(Error::Exists { thing, name });
        }
        if self.parameter_groups.iter().filter(|group| group.thing == thing && group.scope == *scope).count() >= LIMIT {
            return Err(Error::Limit { thing });
        }
        check_tags(&tags)?;
        let (family, description) = (family.to_owned(), description.to_owned());
        let (id, values) = (thing.arn(scope, &name), BTreeMap::new());
        let group = ParameterGroup { id, scope: scope.clone(), tags, thing, name, family, description, values };
        self.parameter_groups.insert(group.clone());
        Ok(group)
    }

    /// Copies a group, which may be named by its ARN.
    ///
    /// # Errors
    /// [`Error::NotFound`], and what a new one is refused for.
    pub fn copy_parameter_group(
        &mut self,
        caller: &Caller,
        thing: Thing,
        source: &str,
        (name, description): (&str, &str),
        tags: Tags,
    ) -> Result<ParameterGroup> {
        let source = self.parameter_group(&caller.scope, thing, source.rsplit(':').next().unwrap_or(source))?;
        let new = self.create_parameter_group(caller, thing, (name, &source.family, description), tags)?;
        let new = ParameterGroup { values: source.values, ..new };
        self.parameter_groups.insert(new.clone());
        Ok(new)
    }

    /// A group that its user may change.
    fn own_parameter_group(&self, scope: &Scope, thing: Thing, name: &str) -> Result<ParameterGroup> {
        let group = self.parameter_group(scope, thing, name)?;
        match group.is_default() {
            true => Err(Error::DefaultGroup { name: group.name }),
            false => Ok(group),
        }
    }

    /// Gives parameters values.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoParameter`], [`Error::FixedParameter`], [`Error::StaticParameter`].
    pub fn set_parameters(
        &mut self,
        caller: &Caller,
        thing: Thing,
        name: &str,
        values: Vec<(String, SetParameter)>,
    ) -> Result<()> {
        let mut group = self.own_parameter_group(&caller.scope, thing, name)?;
        let known = known_parameters(&group.family);
        for (parameter, set) in values {
            let found = check_parameter(&group.family, &known, &parameter)?;
            if found.is_some_and(|found| !found.is_modifiable) {
                return Err(Error::FixedParameter { name: parameter });
            }
            if found.is_some_and(|found| found.is_static) && set.method == "immediate" {
                return Err(Error::StaticParameter { name: parameter });
            }
            group.values.insert(parameter, set);
        }
        self.parameter_groups.insert(group);
        Ok(())
    }

    /// Resets parameters to their defaults: these, or all.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::NoParameter`], [`Error::Combination`].
    pub fn reset_parameters(
        &mut self,
        caller: &Caller,
        thing: Thing,
        name: &str,
        (all, names): (bool, &[String]),
    ) -> Result<()> {
        let mut group = self.own_parameter_group(&caller.scope, thing, name)?;
        if all != names.is_empty() {
            return Err(Clash::NamesOrAll {}.into());
        }
        let known = known_parameters(&group.family);
        for parameter in names {
            check_parameter(&group.family, &known, parameter)?;
        }
        group.values.retain(|parameter, _| !all && !names.contains(parameter));
        self.parameter_groups.insert(group);
        Ok(())
    }

    /// Deletes a group that nothing uses.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`].
    pub fn delete_parameter_group(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<()> {
        let group = self.own_parameter_group(&caller.scope, thing, name)?;
        let has = |row: &&Deployment| {
            row.scope == caller.scope
                && row.thing.parameter_group() == thing
                && row.settings.parameters.as_ref() == Some(&group.name)
        };
        if let Some(user) = self.deployments.iter().find(has) {
            let why = Obstacle::UsedBy { name: user.name.clone() };
            return Err(Error::State { thing, name: group.name.clone(), why });
        }
        self.parameter_groups.remove(&group.id);
        Ok(())
    }

    /// The name of the group that a deployment of an engine gets: the one that is named, which must be of its family, or the family's own.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::OtherFamily`].
    pub fn parameter_group_or_default(
        &self,
        scope: &Scope,
        thing: Thing,
        (engine, version): (&str, &str),
        name: Option<&str>,
    ) -> Result<String> {
        let wanted = family(engine, version);
        let name = name.map_or_else(|| format!("{DEFAULT}{wanted}"), str::to_owned);
        let group = self.parameter_group(scope, thing, &name)?;
        match group.family == wanted {
            true => Ok(group.name),
            false => Err(Error::OtherFamily { group: group.name, family: group.family, wanted }),
        }
    }
}

fn check_parameter<'k>(family: &str, known: &'k [KnownParameter], name: &str) -> Result<Option<&'k KnownParameter>> {
    let found = known.iter().find(|parameter| parameter.name == name);
    // If a family's parameters are not listed, any name is accepted.
    match found.is_none() && section(family).is_some() {
        true => Err(Error::NoParameter { name: name.to_owned() }),
        false => Ok(found),
    }
}
