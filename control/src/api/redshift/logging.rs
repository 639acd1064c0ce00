//! The logging settings of clusters. Nothing is logged.

use crate::api::action::{Actions, Change, View};
use crate::api::deployment::text;
use crate::api::entry;
use model::services::{Result, Thing};
use model::{Caller, Model, Tags};
use shapes::redshift::{self, LoggingStatus};

const THING: Thing = Thing::ClusterLogging;

pub fn actions(all: Actions) -> Actions {
    all.read(describe).write(enable).write(disable)
}

fn enable(cx: Change, input: redshift::EnableLoggingMessage) -> Result<LoggingStatus> {
    let redshift::EnableLoggingMessage {
        cluster_identifier,
        bucket_name,
        s3_key_prefix,
        log_destination_type,
        log_exports,
    } = input;
    let name = cx.model.deployment(&cx.caller.scope, Thing::Cluster, &cluster_identifier)?.name.clone();
    forget(cx.model, cx.caller, &name);
    let status = LoggingStatus {
        logging_enabled: Some(true),
        bucket_name,
        s3_key_prefix,
        log_destination_type: log_destination_type.or(text("s3")),
        log_exports: log_exports.unless_empty(),
        ..Default::default()
    };
    let entry = entry::create(cx.model, cx.caller, (THING, &name), &status, Tags::new())?;
    Ok(entry::told(&entry))
}

fn off() -> LoggingStatus {
    LoggingStatus { logging_enabled: Some(false), ..Default::default() }
}

fn disable(cx: Change, input: redshift::DisableLoggingMessage) -> Result<LoggingStatus> {
    let name = cx.model.deployment(&cx.caller.scope, Thing::Cluster, &input.cluster_identifier)?.name.clone();
    forget(cx.model, cx.caller, &name);
    Ok(off())
}

/// Deletes the logging settings of a cluster, if there are any.
pub fn forget(model: &mut Model, caller: &Caller, cluster: &str) {
    let _ = model.delete_service_entry(&caller.scope, THING, cluster);
}

/// Keeps the logging settings of a renamed cluster.
pub fn rename(model: &mut Model, caller: &Caller, before: &str, now: &str) -> Result<()> {
    if let Ok(entry) = model.delete_service_entry(&caller.scope, THING, before) {
        model.create_service_entry(caller, (THING, now, now), (None, entry.told), entry.tags)?;
    }
    Ok(())
}

fn describe(cx: View, input: redshift::DescribeLoggingStatusMessage) -> Result<LoggingStatus> {
    let row = cx.model.deployment(&cx.caller.scope, Thing::Cluster, &input.cluster_identifier)?;
    Ok(cx.model.service_entry(&cx.caller.scope, THING, &row.name).map_or_else(|_| off(), entry::told))
}
