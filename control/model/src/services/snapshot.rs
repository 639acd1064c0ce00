//! Snapshots of deployments, without data. They store the settings of their source, so that it can be restored.

use super::deployment::busy;
use super::{Clash, Deployment, Error, Obstacle, Phase, Result, ServiceEntry, Settings, Thing, Wanted};
use crate::{Caller, Model, Row, Scope, Tags, Time, check_tags, is_account_id};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The most accounts with which a snapshot may be shared (a quota of RDS).
const MOST_RESTORERS: usize = 20;

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSnapshot {
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
    /// The time of its creation.
    pub created: Time,
    /// Its source, as it was then.
    pub source: Deployment,
    /// The zone of its source.
    pub zone: Option<String>,
    /// The ARN of the snapshot that it is a copy of.
    pub copy_of: Option<String>,
    /// The accounts that may restore from it besides its own, or `all`.
    #[serde(default)]
    pub restorers: BTreeSet<String>,
}

impl Row for ServiceSnapshot {
    fn id(&self) -> &str {
        &self.id
    }
}

impl ServiceSnapshot {
    /// Whether it is automated.
    pub fn is_automated(&self) -> bool {
        self.name.contains(':')
    }

    /// Whether an account may restore from it.
    pub fn is_for(&self, account: &str) -> bool {
        self.scope.account == account || self.restorers.iter().any(|other| other == account || other == "all")
    }
}

impl Model {
    /// The snapshot with that name, or ARN.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn service_snapshot(&self, scope: &Scope, thing: Thing, name: &str) -> Result<&ServiceSnapshot> {
        let found = self.snapshot_called(scope, thing, name).filter(|row| row.scope == *scope);
        found.ok_or_else(|| missing(thing, name))
    }

    /// The snapshot with that name or ARN that another one is to be made of: of another Region, too, or shared by another account.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn source_snapshot(&self, scope: &Scope, thing: Thing, name: &str) -> Result<&ServiceSnapshot> {
        let found = self.snapshot_called(scope, thing, name).filter(|row| row.is_for(&scope.account));
        found.ok_or_else(|| missing(thing, name))
    }

    /// The snapshot with that name in another account, which may have shared it.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn shared_snapshot(&self, scope: &Scope, thing: Thing, owner: &str, name: &str) -> Result<&ServiceSnapshot> {
        let there = Scope { account: owner.to_owned(), ..scope.clone() };
        let found = self.snapshot_called(&there, thing, name).filter(|row| row.is_for(&scope.account));
        found.ok_or_else(|| missing(thing, name))
    }

    fn snapshot_called(&self, scope: &Scope, thing: Thing, name: &str) -> Option<&ServiceSnapshot> {
        let name = name.to_ascii_lowercase();
        if name.starts_with("arn:") {
            return self.service_snapshots.get(&name).filter(|row| row.thing == thing);
        }
        match thing {
            // In an ARN of Redshift a snapshot's name follows its cluster's.
            Thing::ClusterSnapshot => {
                self.service_snapshots.iter().find(|row| row.thing == thing && row.scope == *scope && row.name == name)
            }
            _ => self.service_snapshots.get(&thing.arn(scope, &name)),
        }
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

    /// Makes a snapshot with what another one has, encrypted if that is asked for.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Exists`].
    pub fn copy_service_snapshot(
        &mut self,
        caller: &Caller,
        thing: Thing,
        (source, name): (&str, &str),
        encrypted: bool,
        tags: Tags,
    ) -> Result<&ServiceSnapshot> {
        let mut of = self.source_snapshot(&caller.scope, thing, source)?.clone();
        of.source.settings.encrypted |= encrypted;
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
        super::check_name(thing, &name)?;
        if self.service_snapshot(scope, thing, &name).is_ok() {
            return Err(Error::Exists { thing, name });
        }
        check_tags(&tags)?;
        let id = snapshot_arn(scope, thing, &source, &name);
        let (scope, created) = (scope.clone(), caller.now);
        let restorers = BTreeSet::new();
        let row =
            ServiceSnapshot { id, scope, tags, thing, name: name.clone(), created, source, zone, copy_of, restorers };
        self.service_snapshots.insert(row);
        self.service_snapshot(&caller.scope, thing, &name)
    }

    /// Creates the first automated snapshot of a new database, unless its backups are off.
    pub(super) fn take_automated_snapshot(&mut self, of: &Deployment, now: Time) {
        let (thing, prefix) = match of.thing {
            Thing::DbInstance if of.cluster.is_none() => (Thing::DbSnapshot, "rds"),
            Thing::DbCluster => (Thing::DbClusterSnapshot, "rds"),
            Thing::Cluster => (Thing::ClusterSnapshot, "rs"),
            _ => return,
        };
        let days = of.told("AutomatedSnapshotRetentionPeriod").and_then(|days| days.as_i64());
        if of.settings.backups == Some(0) || days == Some(0) {
            return;
        }
        let minute: String =
            now.to_string().chars().take(16).map(|c| if c == '-' || c.is_ascii_digit() { c } else { '-' }).collect();
        let name = format!("{prefix}:{}-{minute}", of.name);
        let zone = self.primary_of(of).map(|host| host.zone.clone());
        self.service_snapshots.insert(ServiceSnapshot {
            id: snapshot_arn(&of.scope, thing, of, &name),
            scope: of.scope.clone(),
            tags: if of.copies_tags() { of.tags.clone() } else { Tags::new() },
            thing,
            name,
            created: now,
            source: Deployment { phase: Phase::Settled, ..of.clone() },
            zone,
            copy_of: None,
            restorers: BTreeSet::new(),
        });
    }

    /// Deletes the automated snapshots of a deleted deployment, unless its backups are retained.
    pub(super) fn delete_automated_snapshots_of(&mut self, of: &Deployment) {
        let is_it = |entry: &ServiceEntry| entry.of.as_ref() == Some(&of.id);
        let is_kept = self.service_entries_of(&of.scope, Thing::AutomatedBackup).any(is_it);
        if !is_kept {
            self.forget_automated_snapshots(&of.id);
        }
    }

    /// Updates automated snapshots when their source is renamed.
    pub(super) fn automated_snapshots_follow(&mut self, before: &str, now: &Deployment) {
        let own = self.service_snapshots.iter().filter(|row| row.is_automated() && row.source.id == before);
        let own: Vec<ServiceSnapshot> = own.cloned().collect();
        for mut row in own {
            (row.source.id, row.source.name) = (now.id.clone(), now.name.clone());
            row.source.first_id.clone_from(&now.first_id);
            self.service_snapshots.insert(row);
        }
    }

    /// Deletes the automated snapshots of the deployment with an id.
    pub fn forget_automated_snapshots(&mut self, of: &str) {
        let own = self.service_snapshots.iter().filter(|row| row.is_automated() && row.source.id == of);
        let own: Vec<String> = own.map(|row| row.id.clone()).collect();
        own.iter().for_each(|id| {
            self.service_snapshots.remove(id);
        });
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
        if more.iter().any(|account| fewer.contains(account)) {
            return Err(Clash::SharedAndNot {}.into());
        }
        let mut row = self.service_snapshot(&caller.scope, thing, name)?.clone();
        if row.is_automated() {
            return Err(Error::State { thing, name: row.name, why: Obstacle::Automated {} });
        }
        row.restorers.retain(|account| !fewer.contains(account));
        row.restorers.extend(more.iter().cloned());
        if row.restorers.len() > MOST_RESTORERS {
            return Err(Error::SharedTooWidely {});
        }
        if let Some(value) = more.iter().find(|value| *value != "all" && !is_account_id(value)) {
            let why = Wanted::AccountOrAll {};
            return Err(Error::Value { name: "ValuesToAdd", value: value.clone(), why });
        }
        self.service_snapshots.insert(row);
        self.service_snapshot(&caller.scope, thing, name)
    }

    /// Changes settings that a snapshot keeps of its source; returns the changed snapshot.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn set_service_snapshot(
        &mut self,
        caller: &Caller,
        thing: Thing,
        name: &str,
        change: impl FnOnce(&mut Settings),
    ) -> Result<ServiceSnapshot> {
        let mut row = self.service_snapshot(&caller.scope, thing, name)?.clone();
        change(&mut row.source.settings);
        self.service_snapshots.insert(row.clone());
        Ok(row)
    }

    /// Deletes a snapshot; returns it as it was.
    ///
    /// # Errors
    /// [`Error::NotFound`]
    pub fn delete_service_snapshot(&mut self, caller: &Caller, thing: Thing, name: &str) -> Result<ServiceSnapshot> {
        let row = self.service_snapshot(&caller.scope, thing, name)?;
        if row.is_automated() {
            return Err(Error::State { thing, name: row.name.clone(), why: Obstacle::Automated {} });
        }
        let id = row.id.clone();
        self.service_snapshots.remove(&id).ok_or_else(|| Error::NotFound { thing, name: name.to_owned() })
    }
}

fn missing(thing: Thing, name: &str) -> Error {
    Error::NotFound { thing, name: name.splitn(7, ':').last().unwrap_or(name).to_owned() }
}

/// The ARN of a snapshot: of Redshift with its cluster's name.
fn snapshot_arn(scope: &Scope, thing: Thing, source: &Deployment, name: &str) -> String {
    match thing {
        Thing::ClusterSnapshot => thing.arn(scope, &format!("{}/{name}", source.name)),
        _ => thing.arn(scope, name),
    }
}
