//! Option groups: optional features of database engines. They are stored and returned, and have no effect on the network.

use super::version::versions;
use super::{Deployment, Engine, Error, Obstacle, Result, Thing, Wanted};
use crate::{Caller, ManagedService, Model, Row, Scope, Tags, check_tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The prefix of the names of default groups. Each major version has one.
const DEFAULT: &str = "default:";

/// An option of a group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChosenOption {
    /// Its port.
    pub port: Option<i32>,
    /// Its version.
    pub version: Option<String>,
    /// Its settings.
    pub settings: BTreeMap<String, String>,
    /// Names of DB security groups.
    pub access_groups: Vec<String>,
    /// Ids of a VPC's groups.
    pub groups: Vec<String>,
}

impl ChosenOption {
    /// The option after a change. Parts that the change does not name stay.
    fn over(self, before: ChosenOption) -> ChosenOption {
        let named = |new: Vec<String>, old| if new.is_empty() { old } else { new };
        ChosenOption {
            port: self.port.or(before.port),
            version: self.version.or(before.version),
            settings: before.settings.into_iter().chain(self.settings).collect(),
            access_groups: named(self.access_groups, before.access_groups),
            groups: named(self.groups, before.groups),
        }
    }
}

/// An option group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptionGroup {
    /// Its ARN.
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its name, in lower case.
    pub name: String,
    /// The engine.
    pub engine: String,
    /// The engine's major version.
    pub major: String,
    /// Its description.
    pub description: String,
    /// Its options, by name.
    pub options: BTreeMap<String, ChosenOption>,
}

impl Row for OptionGroup {
    fn id(&self) -> &str {
        &self.id
    }
}

/// The known options: the engines, the name, the default port, and whether an instance keeps it.
static OPTIONS: &[(&str, &str, Option<i32>, bool)] = &[
    ("mysql", "MARIADB_AUDIT_PLUGIN", None, false),
    ("mysql", "MEMCACHED", Some(11211), false),
    ("mariadb", "MARIADB_AUDIT_PLUGIN", None, false),
    ("oracle", "APEX", None, false),
    ("oracle", "NATIVE_NETWORK_ENCRYPTION", None, false),
    ("oracle", "OEM", Some(1158), false),
    ("oracle", "S3_INTEGRATION", None, false),
    ("oracle", "SQLT", None, false),
    ("oracle", "SSL", Some(2484), false),
    ("oracle", "STATSPACK", None, false),
    ("oracle", "TDE", None, true),
    ("oracle", "Timezone", None, true),
    ("oracle", "UTL_MAIL", None, false),
    ("oracle", "XMLDB", None, false),
    ("sqlserver", "SQLSERVER_AUDIT", None, false),
    ("sqlserver", "SQLSERVER_BACKUP_RESTORE", None, false),
    ("sqlserver", "SSRS", Some(8443), false),
    ("sqlserver", "TDE", None, true),
];

/// An option that an engine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownOption {
    /// Its name.
    pub name: &'static str,
    /// Its port, if it listens.
    pub port: Option<i32>,
    /// Whether an instance that has it keeps it.
    pub is_persistent: bool,
}

/// The options of an engine.
pub fn known_options(engine: &str) -> impl Iterator<Item = KnownOption> {
    let own = OPTIONS.iter().filter(move |(prefix, ..)| engine.starts_with(prefix));
    own.map(|(_, name, port, is_persistent)| KnownOption { name, port: *port, is_persistent: *is_persistent })
}

/// Whether a text is a major version of an engine.
fn is_major(engine: &str, major: &str) -> bool {
    versions().any(|version| version.engine == engine && version.major() == major)
}

impl OptionGroup {
    fn by_itself(scope: &Scope, engine: &str, major: &str) -> OptionGroup {
        let name = format!("{DEFAULT}{engine}-{}", major.replace('.', "-"));
        OptionGroup {
            id: Thing::OptionGroup.arn(scope, &name),
            scope: scope.clone(),
            tags: Tags::new(),
            description: format!("Default option group for {engine} {major}"),
            name,
            engine: engine.to_owned(),
            major: major.to_owned(),
            options: BTreeMap::new(),
        }
    }

    /// Whether it is the default group of its major version.
    pub fn is_default(&self) -> bool {
        self.name.starts_with(DEFAULT)
    }
}

impl Model {
    /// The option group with that name; every major version's own one is there.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn option_group(&self, scope: &Scope, name: &str) -> Result<OptionGroup> {
        let (thing, name) = (Thing::OptionGroup, name.to_ascii_lowercase());
        if let Some(found) = self.option_groups.get(&thing.arn(scope, &name)) {
            return Ok(found.clone());
        }
        let own = versions().filter(|version| Engine::named(ManagedService::Rds, version.engine).is_some());
        let mut own = own.map(|version| OptionGroup::by_itself(scope, version.engine, version.major()));
        own.find(|group| group.name == name).ok_or(Error::NotFound { thing, name })
    }

    /// All option groups, by name: the account's, and those of versions that it runs.
    pub fn option_groups_of(&self, scope: &Scope) -> Vec<OptionGroup> {
        let own = self.option_groups.iter().filter(|group| group.scope == *scope).cloned();
        let running = self
            .deployments_of(scope, Thing::DbInstance)
            .filter_map(|row| self.option_group(scope, row.settings.options.as_deref()?).ok());
        let all: BTreeMap<String, OptionGroup> = own.chain(running).map(|group| (group.name.clone(), group)).collect();
        all.into_values().collect()
    }

    /// Creates an option group without options.
    ///
    /// # Errors
    /// [`Error::Exists`], [`Error::Value`], [`Error::NoVersion`].
    pub fn create_option_group(
        &mut self,
        caller: &Caller,
        (name, description): (&str, &str),
        (engine, major): (&str, &str),
        tags: Tags,
    ) -> Result<OptionGroup> {
        let (thing, scope, name) = (Thing::OptionGroup, &caller.scope, name.to_ascii_lowercase());
        super::check_name(thing, &name)?;
        let known =
            Engine::named(ManagedService::Rds, engine).ok_or_else(|| Error::NoEngine { engine: engine.into() })?;
        if !is_major(known.name, major) {
            return Err(Error::NoVersion { engine: known.name, version: major.to_owned() });
        }
        if self.option_group(scope, &name).is_ok() {
            return Err(Error::Exists { thing, name });
        }
        check_tags(&tags)?;
        let group = OptionGroup {
            id: thing.arn(scope, &name),
            scope: scope.clone(),
            tags,
            name,
            engine: known.name.to_owned(),
            major: major.to_owned(),
            description: description.to_owned(),
            options: BTreeMap::new(),
        };
        self.option_groups.insert(group.clone());
        Ok(group)
    }

    /// Copies a group.
    ///
    /// # Errors
    /// [`Error::NotFound`], and what a new one is refused for.
    pub fn copy_option_group(
        &mut self,
        caller: &Caller,
        source: &str,
        named: (&str, &str),
        tags: Tags,
    ) -> Result<OptionGroup> {
        let source = self.option_group(&caller.scope, source)?;
        let new = self.create_option_group(caller, named, (&source.engine, &source.major), tags)?;
        let new = OptionGroup { options: source.options, ..new };
        self.option_groups.insert(new.clone());
        Ok(new)
    }

    /// Adds options to a group, or changes those that it has, and takes others out.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Value`] for an option that the engine has not.
    pub fn modify_option_group(
        &mut self,
        caller: &Caller,
        name: &str,
        include: Vec<(String, ChosenOption)>,
        remove: &[String],
    ) -> Result<OptionGroup> {
        let mut group = self.own_option_group(&caller.scope, name)?;
        for (option, chosen) in include {
            let known = known_options(&group.engine).find(|known| known.name == option);
            let why = || Wanted::Option { engine: group.engine.clone(), major: group.major.clone() };
            let known = known.ok_or_else(|| Error::Value { name: "OptionName", value: option.clone(), why: why() })?;
            let usual = ChosenOption { port: known.port, ..ChosenOption::default() };
            let before = group.options.remove(&option).unwrap_or(usual);
            group.options.insert(option, chosen.over(before));
        }
        group.options.retain(|option, _| !remove.contains(option));
        self.option_groups.insert(group.clone());
        Ok(group)
    }

    fn own_option_group(&self, scope: &Scope, name: &str) -> Result<OptionGroup> {
        let group = self.option_group(scope, name)?;
        match group.is_default() {
            true => Err(Error::DefaultGroup { name: group.name }),
            false => Ok(group),
        }
    }

    /// Deletes a group that nothing uses.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::State`].
    pub fn delete_option_group(&mut self, caller: &Caller, name: &str) -> Result<()> {
        let group = self.own_option_group(&caller.scope, name)?;
        let has = |row: &&Deployment| row.settings.options.as_ref() == Some(&group.name);
        if let Some(user) = self.deployments_of(&caller.scope, Thing::DbInstance).find(has) {
            let (thing, why) = (Thing::OptionGroup, Obstacle::UsedBy { name: user.name.clone() });
            return Err(Error::State { thing, name: group.name.clone(), why });
        }
        self.option_groups.remove(&group.id);
        Ok(())
    }

    /// The name of the group that a database gets: the one that is named, or its major version's own.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::OtherFamily`].
    pub fn option_group_or_default(
        &self,
        scope: &Scope,
        (engine, version): (&str, &str),
        name: Option<&str>,
    ) -> Result<String> {
        let major = super::version::major(engine, version);
        let Some(name) = name else { return Ok(OptionGroup::by_itself(scope, engine, major).name) };
        let group = self.option_group(scope, name)?;
        if (group.engine.as_str(), group.major.as_str()) != (engine, major) {
            let family = format!("{} {}", group.engine, group.major);
            return Err(Error::OtherFamily { group: group.name, family, wanted: format!("{engine} {major}") });
        }
        Ok(group.name)
    }
}
