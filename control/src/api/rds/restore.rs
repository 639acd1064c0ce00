//! DB instances restored from snapshots or to a point in time: like their source, except where the request says otherwise.

use super::instance::told;
use super::{activity_stream, resource_id, secret, settings, storage};
use crate::api::action::{Actions, Change};
use crate::api::deployment::{said_over, unsaid};
use model::services::{Clash, Deployment, Error, NewDeployment, Result, Settings, Thing, Wanted};
use model::{Caller, Model, Tags, Time};
use shapes::rds;

pub fn actions(all: Actions) -> Actions {
    all.write(from_snapshot).write(to_point_in_time)
}

/// Makes a DB instance like a source. It inherits tags unless the request has some.
fn restore(
    model: &mut Model,
    caller: &Caller,
    name: String,
    (source, inherited): (Deployment, Tags),
    asked: rds::InstanceSettings,
) -> Result<rds::DBInstance> {
    settings::check(&asked)?;
    storage::check(asked.allocated_storage.or(source.settings.storage), asked.max_allocated_storage)?;
    if let Some(other) = asked.engine.as_ref().filter(|engine| !engine.eq_ignore_ascii_case(&source.engine)) {
        let why = Wanted::EngineOfSource { engine: source.engine };
        return Err(Error::Value { name: "Engine", value: other.clone(), why });
    }
    if let (Some(asked), Some(least)) = (asked.allocated_storage, source.settings.storage)
        && asked < least
    {
        return Err(Error::LessStorage { asked, least });
    }
    let managed = (asked.manage_master_user_password, &asked.master_user_secret_kms_key_id);
    let own = rds::DBInstance {
        master_user_secret: secret::managed(&caller.scope, &format!("db-{name}"), managed),
        ..Default::default()
    };
    let like = Settings {
        told: said_over(&inheritable(&source.settings.told), &own),
        protected: false,
        // It has the default groups of its family unless the request names others.
        parameters: None,
        options: None,
        ..source.settings
    };
    let new = settings::new(name, source.engine, asked, like)?;
    let new = NewDeployment {
        port: new.port.or(Some(source.port.into())),
        tags: if new.tags.is_empty() { inherited } else { new.tags },
        ..new
    };
    let id = model.create_deployment(caller, new)?.id.clone();
    told(model, caller, &id)
}

/// The settings that only a source itself has. Nothing that is made like it inherits them.
const OWN: [&str; 3] = ["MasterUserSecret", "AssociatedRoles", "PendingModifiedValues"];

/// The settings that a replica or a restored database has only on request (API reference, CreateDBInstanceReadReplica).
const REQUESTED: [&str; 9] = [
    "BacktrackWindow",
    "EnabledCloudwatchLogsExports",
    "IAMDatabaseAuthenticationEnabled",
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "PerformanceInsightsEnabled",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
];

/// The settings that a copy takes over from its source: all but what is its own.
pub fn without_own(told: &str) -> String {
    unsaid(&unsaid(told, &OWN), &activity_stream::TOLD)
}

/// The settings that a replica or a restored database inherits from its source.
pub fn inheritable(told: &str) -> String {
    unsaid(&without_own(told), &REQUESTED)
}

fn from_snapshot(cx: Change, input: rds::RestoreDBInstanceFromDBSnapshotMessage) -> Result<rds::DBInstance> {
    let missing = || Clash::Missing { name: "DBSnapshotIdentifier" };
    let snapshot = input.db_snapshot_identifier.ok_or_else(missing)?;
    let source = cx.model.source_snapshot(&cx.caller.scope, Thing::DbSnapshot, &snapshot)?.source.clone();
    // Tags are not shared with a snapshot.
    let is_own = source.scope.account == cx.caller.scope.account;
    let inherited = if is_own { source.tags.clone() } else { Tags::new() };
    restore(cx.model, cx.caller, input.db_instance_identifier, (source, inherited), input.settings)
}

/// The DB instance or the cluster of which a request names a time: by the name or by the resource id.
///
/// # Errors
/// [`Error::NotFound`], and a [`Clash`] if the request names no time, or neither name nor id. `members` are their names.
pub fn source(
    model: &Model,
    caller: &Caller,
    (thing, members): (Thing, &'static str),
    named: (Option<String>, Option<String>),
    times: (Option<Time>, Option<bool>),
) -> Result<Deployment> {
    if times.0.is_some() == times.1.unwrap_or(false) {
        return Err(Clash::OneTime {}.into());
    }
    match named {
        (Some(name), _) => model.deployment(&caller.scope, thing, &name).cloned(),
        (None, Some(id)) => {
            let found = model.deployments_of(&caller.scope, thing).find(|row| resource_id(row) == id).cloned();
            found.ok_or(Error::NotFound { thing, name: id })
        }
        (None, None) => Err(Clash::MustBeGiven { names: members }.into()),
    }
}

/// No data is stored, so that every time is as good as the latest.
fn to_point_in_time(cx: Change, mut input: rds::RestoreDBInstanceToPointInTimeMessage) -> Result<rds::DBInstance> {
    let members = "SourceDBInstanceIdentifier or SourceDbiResourceId";
    let named = (input.settings.source_db_instance_identifier.take(), input.source_dbi_resource_id);
    let times = (input.restore_time, input.use_latest_restorable_time);
    let source = source(cx.model, cx.caller, (Thing::DbInstance, members), named, times)?;
    if source.settings.backups == Some(0) {
        return Err(Error::NoPointInTime { instance: source.name });
    }
    restore(cx.model, cx.caller, input.target_db_instance_identifier, (source, Tags::new()), input.settings)
}
