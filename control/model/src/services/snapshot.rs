//! Snapshots of what services run: on paper. They keep what their source was like, so that another one like it can be made.

use super::deployment::busy;
use super::{Deployment, Error, Phase, Result, Thing, Wanted};
use crate::{Caller, Model, Row, Scope, Tags, Time, check_tags};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// With how many accounts a snapshot may be shared (a quota of RDS).
const MOST_RESTORERS: usize = 20;

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSnapshot {
    /// Its ARN.
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// What its service calls it.
    pub thing: Thing,
    /// Its name, in small letters.
    pub name: String,
    /// Since when it is there.
    pub created: Time,
    /// What it is of, as that was.
    pub source: Deployment,
    /// The zone of its source.
    pub zone: Option<String>,
    /// The ARN of the snapshot that it is a copy of.
    pub copy_of: Option<String>,
    /// Who else may make another one of it: accounts, or `all`.
    #[serde(default)]
    pub restorers: BTreeSet<String>,
}

impl Row for ServiceSnapshot {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Model {
    /// The snapshot of that name.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn service_snapshot(&self, scope: &Scope, thing: Thing, name: &str) -> Result<&ServiceSnapshot> {
        // A snapshot may be named by its ARN.
        let name = name.rsplit(':').next().unwrap_or(name).to_ascii_lowercase();
        self.service_snapshots.get(&thing.arn(scope, &name)).ok_or(Error::NotFound { thing, name })
    }

    /// All snapshots of a kind, by name.
    pub fn service_snapshots_of<'a>(
        &'a self,
        scope: &'a Scope,
        thing: Thing,
    ) -> impl Iterator<Item = &'a ServiceSnapshot> {
        self.service_snapshots.iter().filter(move |row| row.thing == thing && row.scope == *scope)
    }

    /// Takes a snapshot of a deployment.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Exists`], [`Error::State`].
    pub fn create_service_snapshot(
        &mut self,
        caller: &Caller,
        (thing, name): (Thing, &str),
        (of, source): (Thing, &str),
        tags: Tags,
    ) -> Result<&ServiceSnapshot> {
        let source = self.deployment(&caller.scope, of, source)?.clone();
        if source.phase != Phase::Settled {
            return Err(busy(&source));
        }
        let zone = self.primary_of(&source).map(|host| host.zone.clone());
        self.insert_service_snapshot(caller, (thing, name), (source, zone), tags, None)
    }

    /// Makes a snapshot with what another one has.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Exists`].
    pub fn copy_service_snapshot(
        &mut self,
        caller: &Caller,
        thing: Thing,
        (source, name): (&str, &str),
        tags: Tags,
    ) -> Result<&ServiceSnapshot> {
        let of = self.service_snapshot(&caller.scope, thing, source)?.clone();
        self.insert_service_snapshot(caller, (thing, name), (of.source, of.zone), tags, Some(of.id))
    }

    fn insert_service_snapshot(
        &mut self,
        caller: &Caller,
        (thing, name): (Thing, &str),
        (source, zone): (Deployment, Option<String>),
        tags: Tags,
        copy_of: Option<String>,
    ) -> Result<&ServiceSnapshot> {
        let (scope, name) = (&caller.scope, name.to_ascii_lowercase());
        super::making::check_name(&name)?;
        if self.service_snapshot(scope, thing, &name).is_ok() {
            return Err(Error::Exists { thing, name });
        }
        check_tags(&tags)?;
        let id = thing.arn(scope, &name);
        let (scope, created) = (scope.clone(), caller.now);
        let restorers = BTreeSet::new();
        let row =
            ServiceSnapshot { id, scope, tags, thing, name: name.clone(), created, source, zone, copy_of, restorers };
        self.service_snapshots.insert(row);
        self.service_snapshot(&caller.scope, thing, &name)
    }

    /// Lets accounts restore from a snapshot, and others no longer.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Value`].
    pub fn share_service_snapshot(
        &mut self,
        caller: &Caller,
        thing: Thing,
        name: &str,
        (more, fewer): (&[String], &[String]),
    ) -> Result<&ServiceSnapshot> {
        let is_account = |text: &str| text == "all" || text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
        if let Some(value) = more.iter().find(|value| !is_account(value)) {
            let why = Wanted::AccountOrAll {};
            return Err(Error::Value { name: "ValuesToAdd", value: value.clone(), why });
        }
        let mut row = self.service_snapshot(&caller.scope, thing, name)?.clone();
        row.restorers.retain(|account| !fewer.contains(account));
        row.restorers.extend(more.iter().cloned());
        if row.restorers.len() > MOST_RESTORERS {
            return Err(Error::SharedTooWidely {});
        }
        self.service_snapshots.insert(row);
        self.service_snapshot(&caller.scope, thing, name)
    }

    /// Takes a snapshot away; as it was.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn delete_service_snapshot(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<ServiceSnapshot> {
        let id = self.service_snapshot(&caller.scope, thing, name)?.id.clone();
        self.service_snapshots.remove(&id).ok_or_else(|| Error::NotFound { thing, name: name.to_owned() })
    }
}
