//! Snapshots of clusters, without data.

use super::settings::check_retention;
use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, said, said_over, text};
use model::services::{Clash, Error, Obstacle, Result, ServiceSnapshot, Thing, Wanted};
use model::{Caller, Model, Scope, Tags};
use shapes::List;
use shapes::redshift::{self, Snapshot};

const THING: Thing = Thing::ClusterSnapshot;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).write(copy).read(describe).write(modify).write(delete);
    all.write(modify_all).write(delete_all).write(authorize).write(revoke)
}

fn create(cx: Change, input: redshift::CreateClusterSnapshotMessage) -> Result<Snapshot> {
    let redshift::CreateClusterSnapshotMessage {
        snapshot_identifier: name,
        cluster_identifier: of,
        manual_snapshot_retention_period: days,
        tags: sent,
    } = input;
    cx.model.create_service_snapshot(cx.caller, (THING, &name), (Thing::Cluster, &of), tags::of(sent)?)?;
    let taken = keep(cx.model, cx.caller, &name, days)?;
    Ok(Snapshot { status: text("creating"), ..shown(cx.model, &taken) })
}

fn copy(cx: Change, input: redshift::CopyClusterSnapshotMessage) -> Result<Snapshot> {
    let redshift::CopyClusterSnapshotMessage {
        source_snapshot_identifier: source,
        source_snapshot_cluster_identifier: of,
        target_snapshot_identifier: name,
        manual_snapshot_retention_period: days,
    } = input;
    check_source(cx.model, cx.caller, &source, of)?;
    cx.model.copy_service_snapshot(cx.caller, THING, (&source, &name), false, Tags::new())?;
    let taken = keep(cx.model, cx.caller, &name, days)?;
    Ok(shown(cx.model, &taken))
}

/// A snapshot may be named with its cluster.
fn check_source(model: &Model, caller: &Caller, name: &str, of: Option<String>) -> Result<()> {
    let row = model.service_snapshot(&caller.scope, THING, name)?;
    match of.is_some_and(|of| !of.eq_ignore_ascii_case(&row.source.name)) {
        true => Err(Error::NotFound { thing: THING, name: name.to_owned() }),
        false => Ok(()),
    }
}

fn kind(row: &ServiceSnapshot) -> &'static str {
    if row.is_automated() { "automated" } else { "manual" }
}

/// Stores the retention period of a snapshot, if a request has one. It makes no difference.
fn keep(model: &mut Model, caller: &Caller, name: &str, days: Option<i32>) -> Result<ServiceSnapshot> {
    check_retention(days)?;
    let told = redshift::Cluster { manual_snapshot_retention_period: days, ..Default::default() };
    model.set_service_snapshot(caller, THING, name, |settings| settings.told = said_over(&settings.told, &told))
}

fn modify(cx: Change, input: redshift::ModifyClusterSnapshotMessage) -> Result<Snapshot> {
    let redshift::ModifyClusterSnapshotMessage { snapshot_identifier: name, manual_snapshot_retention_period: days } =
        input;
    let row = keep(cx.model, cx.caller, &name, days)?;
    Ok(shown(cx.model, &row))
}

fn describe(View { model, caller }: View, input: redshift::DescribeClusterSnapshotsMessage) -> Result<Paged<Snapshot>> {
    let redshift::DescribeClusterSnapshotsMessage {
        cluster_identifier,
        snapshot_identifier,
        snapshot_arn,
        snapshot_type,
        start_time,
        end_time,
        owner_account,
        tag_keys,
        tag_values,
        page,
    } = input;
    // Snapshots that another account shares are shown if the request names it.
    let owner = owner_account.unwrap_or_else(|| caller.scope.account.clone());
    let there = Scope { account: owner, ..caller.scope.clone() };
    let mut rows: Vec<&ServiceSnapshot> = match snapshot_identifier.or(snapshot_arn) {
        Some(name) => vec![model.service_snapshot(&there, THING, &name)?],
        None => model.service_snapshots_of(&there, THING).collect(),
    };
    rows.retain(|row| row.is_for(&caller.scope.account));
    rows.retain(|row| cluster_identifier.as_ref().is_none_or(|of| of.eq_ignore_ascii_case(&row.source.name)));
    rows.retain(|row| tags::pass(&row.tags, &tag_keys, &tag_values));
    rows.retain(|row| start_time.is_none_or(|from| row.created >= from) && end_time.is_none_or(|to| row.created <= to));
    rows.retain(|row| snapshot_type.as_deref().is_none_or(|asked| asked == kind(row)));
    Ok(paged(page, rows, |row: &&ServiceSnapshot| &row.name)?.map(|row| shown(model, row)))
}

fn delete(cx: Change, input: redshift::DeleteClusterSnapshotMessage) -> Result<Snapshot> {
    let redshift::DeleteClusterSnapshotMessage { snapshot_identifier: name, snapshot_cluster_identifier: of } = input;
    check_source(cx.model, cx.caller, &name, of)?;
    if !cx.model.service_snapshot(&cx.caller.scope, THING, &name)?.restorers.is_empty() {
        return Err(Error::State { thing: THING, name, why: Obstacle::Shared {} });
    }
    let gone = cx.model.delete_service_snapshot(cx.caller, THING, &name)?;
    Ok(Snapshot { status: text("deleted"), ..shown(cx.model, &gone) })
}

/// Deletes several snapshots; those that cannot be deleted are reported and stay.
fn delete_all(
    cx: Change,
    input: redshift::BatchDeleteClusterSnapshotsRequest,
) -> Result<redshift::BatchDeleteClusterSnapshotsResult> {
    let (mut resources, mut errors) = (Vec::new(), Vec::new());
    for one in input.identifiers {
        let name = one.snapshot_identifier.clone();
        let of = one.snapshot_cluster_identifier.clone();
        match delete(Change { model: cx.model, caller: cx.caller }, one) {
            Ok(_) => resources.push(name),
            Err(error) => errors.push(failure(name, of, error)),
        }
    }
    Ok(redshift::BatchDeleteClusterSnapshotsResult { resources: resources.into(), errors: errors.into() })
}

fn failure(name: String, of: Option<String>, error: Error) -> redshift::SnapshotErrorMessage {
    redshift::SnapshotErrorMessage {
        snapshot_identifier: Some(name),
        snapshot_cluster_identifier: of,
        failure_code: text(error.code()),
        failure_reason: text(error),
    }
}

/// Changes how long several snapshots are kept; those that do not exist are reported.
fn modify_all(
    cx: Change,
    input: redshift::BatchModifyClusterSnapshotsMessage,
) -> Result<redshift::BatchModifyClusterSnapshotsOutputMessage> {
    let (mut resources, mut errors) = (Vec::new(), Vec::new());
    for name in input.snapshot_identifier_list {
        match keep(cx.model, cx.caller, &name, input.manual_snapshot_retention_period) {
            Ok(_) => resources.push(name),
            Err(error) => errors.push(failure(name, None, error)),
        }
    }
    Ok(redshift::BatchModifyClusterSnapshotsOutputMessage { resources: resources.into(), errors: errors.into() })
}

/// The snapshot that a request names in one of two ways.
fn shared(
    model: &Model,
    caller: &Caller,
    (name, arn): (Option<String>, Option<String>),
    of: Option<String>,
) -> Result<ServiceSnapshot> {
    let names = "SnapshotIdentifier or SnapshotArn";
    let name = name.or(arn).ok_or(Clash::MustBeGiven { names })?;
    check_source(model, caller, &name, of)?;
    model.service_snapshot(&caller.scope, THING, &name).cloned()
}

fn authorize(cx: Change, input: redshift::AuthorizeSnapshotAccessMessage) -> Result<Snapshot> {
    let redshift::AuthorizeSnapshotAccessMessage {
        snapshot_identifier: name,
        snapshot_arn: arn,
        snapshot_cluster_identifier: of,
        account_with_restore_access: account,
    } = input;
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Error::Value { name: "AccountWithRestoreAccess", value: account, why: Wanted::Account {} });
    }
    let row = shared(cx.model, cx.caller, (name, arn), of)?;
    if row.restorers.contains(&account) {
        return Err(Error::SharedAlready { account, snapshot: row.name });
    }
    let row = cx.model.share_service_snapshot(cx.caller, THING, &row.name, (&[account], &[]))?.clone();
    Ok(shown(cx.model, &row))
}

fn revoke(cx: Change, input: redshift::RevokeSnapshotAccessMessage) -> Result<Snapshot> {
    let redshift::RevokeSnapshotAccessMessage {
        snapshot_identifier: name,
        snapshot_arn: arn,
        snapshot_cluster_identifier: of,
        account_with_restore_access: account,
    } = input;
    let row = shared(cx.model, cx.caller, (name, arn), of)?;
    if !row.restorers.contains(&account) {
        return Err(Error::SharedNot { account, snapshot: row.name });
    }
    let row = cx.model.share_service_snapshot(cx.caller, THING, &row.name, (&[], &[account]))?.clone();
    Ok(shown(cx.model, &row))
}

fn shown(model: &Model, row: &ServiceSnapshot) -> Snapshot {
    let source = &row.source;
    let told: redshift::Cluster = said(&source.settings.told);
    let group = model.subnet_group_of(source);
    let restorers = row
        .restorers
        .iter()
        .map(|account| redshift::AccountWithRestoreAccess { account_id: text(account), ..Default::default() });
    Snapshot {
        snapshot_identifier: text(&row.name),
        cluster_identifier: text(&source.name),
        snapshot_create_time: Some(row.created),
        status: text("available"),
        port: Some(source.port.into()),
        availability_zone: row.zone.clone(),
        cluster_create_time: Some(source.created),
        master_username: source.settings.user.clone(),
        cluster_version: text(&source.settings.version),
        snapshot_type: text(kind(row)),
        node_type: text(&source.settings.class),
        number_of_nodes: source.settings.nodes,
        db_name: source.settings.database.clone(),
        vpc_id: group.map(|group| group.vpc.clone()),
        encrypted: Some(source.settings.encrypted),
        owner_account: text(&row.scope.account),
        accounts_with_restore_access: restorers.collect::<List<_>>().unless_empty(),
        tags: tags::shown(&row.tags),
        manual_snapshot_retention_period: told.manual_snapshot_retention_period.or(Some(-1)),
        snapshot_arn: text(&row.id),
        ..Default::default()
    }
}
