//! Copies of snapshots to another Region, and the grants of keys for them. They are kept, and nothing is copied.

use super::cluster::{THING as CLUSTER, told as told_cluster};
use super::settings::check_retention;
use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, said, said_over, text, unsaid};
use crate::api::entry::{self, found};
use model::services::{Error, Result, ServiceEntry, Thing};
use model::{Model, Region};
use shapes::redshift::{self, Cluster};

const THING: Thing = Thing::SnapshotCopyGrant;
/// The default retention period of copied automated snapshots, in days.
const KEPT: i64 = 7;

pub fn actions(all: Actions) -> Actions {
    all.write(create_grant)
        .read(describe_grants)
        .write(delete_grant)
        .write(enable)
        .write(disable)
        .write(modify_retention)
}

fn create_grant(cx: Change, input: redshift::CreateSnapshotCopyGrantMessage) -> Result<redshift::SnapshotCopyGrant> {
    let redshift::CreateSnapshotCopyGrantMessage { snapshot_copy_grant_name: name, kms_key_id, tags: sent } = input;
    let name = name.to_ascii_lowercase();
    let grant = redshift::SnapshotCopyGrant { kms_key_id, ..Default::default() };
    let entry = entry::create(cx.model, cx.caller, (THING, &name), &grant, tags::of(sent)?)?;
    Ok(shown(&entry))
}

fn describe_grants(
    cx: View,
    input: redshift::DescribeSnapshotCopyGrantsMessage,
) -> Result<Paged<redshift::SnapshotCopyGrant>> {
    let redshift::DescribeSnapshotCopyGrantsMessage { snapshot_copy_grant_name: name, page, tag_keys, tag_values } =
        input;
    let is_asked = |entry: &ServiceEntry| tags::pass(&entry.tags, &tag_keys, &tag_values);
    Ok(found(cx.model, &cx.caller.scope, (THING, name), page, is_asked)?.map(shown))
}

fn delete_grant(cx: Change, input: redshift::DeleteSnapshotCopyGrantMessage) -> Result<()> {
    cx.model.delete_service_entry(&cx.caller.scope, THING, &input.snapshot_copy_grant_name)?;
    Ok(())
}

fn shown(entry: &ServiceEntry) -> redshift::SnapshotCopyGrant {
    redshift::SnapshotCopyGrant {
        snapshot_copy_grant_name: text(&entry.name),
        tags: tags::shown(&entry.tags),
        ..entry::told(entry)
    }
}

fn enable(cx: Change, input: redshift::EnableSnapshotCopyMessage) -> Result<Cluster> {
    let redshift::EnableSnapshotCopyMessage {
        cluster_identifier: name,
        destination_region: region,
        retention_period,
        snapshot_copy_grant_name: grant,
        manual_snapshot_retention_period,
    } = input;
    let row = cx.model.deployment(&cx.caller.scope, CLUSTER, &name)?.clone();
    if row.settings.encrypted && grant.is_none() {
        return Err(Error::NoCopyGrant {});
    }
    check_retention(manual_snapshot_retention_period)?;
    if region == cx.caller.scope.region || Region::named(&region).is_none() {
        return Err(Error::NoCopyRegion { region });
    }
    let before: Cluster = said(&row.settings.told);
    if before.cluster_snapshot_copy_status.is_some() {
        return Err(Error::CopiesAlready { name: row.name });
    }
    let status = redshift::ClusterSnapshotCopyStatus {
        destination_region: Some(region),
        retention_period: Some(retention_period.map_or(KEPT, i64::from)),
        manual_snapshot_retention_period: manual_snapshot_retention_period.or(Some(-1)),
        snapshot_copy_grant_name: grant,
    };
    set(cx.model, &row.id, &row.settings.told, status);
    told_cluster(cx.model, cx.caller, &row.id)
}

fn set(model: &mut Model, id: &str, before: &str, status: redshift::ClusterSnapshotCopyStatus) {
    let with = Cluster { cluster_snapshot_copy_status: Some(status), ..Default::default() };
    let told = said_over(before, &with);
    model.set_deployment(id, |settings| settings.told = told);
}

fn disable(cx: Change, input: redshift::DisableSnapshotCopyMessage) -> Result<Cluster> {
    let row = cx.model.deployment(&cx.caller.scope, CLUSTER, &input.cluster_identifier)?.clone();
    let before: Cluster = said(&row.settings.told);
    if before.cluster_snapshot_copy_status.is_none() {
        return Err(Error::CopiesNot { name: row.name });
    }
    let told = unsaid(&row.settings.told, &["ClusterSnapshotCopyStatus"]);
    cx.model.set_deployment(&row.id, |settings| settings.told = told);
    told_cluster(cx.model, cx.caller, &row.id)
}

fn modify_retention(cx: Change, input: redshift::ModifySnapshotCopyRetentionPeriodMessage) -> Result<Cluster> {
    let redshift::ModifySnapshotCopyRetentionPeriodMessage { cluster_identifier: name, retention_period, manual } =
        input;
    let row = cx.model.deployment(&cx.caller.scope, CLUSTER, &name)?.clone();
    let before: Cluster = said(&row.settings.told);
    let missing = || Error::NoCopies { name: row.name.clone() };
    let mut status = before.cluster_snapshot_copy_status.ok_or_else(missing)?;
    match manual {
        Some(true) => {
            check_retention(Some(retention_period))?;
            status.manual_snapshot_retention_period = Some(retention_period);
        }
        Some(false) | None => status.retention_period = Some(retention_period.into()),
    }
    set(cx.model, &row.id, &row.settings.told, status);
    told_cluster(cx.model, cx.caller, &row.id)
}
