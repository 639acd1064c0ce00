//! Snapshots of serverless caches. They have no data.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, said_over, text};
use crate::api::entry::{self, found};
use model::services::{Result, ServiceEntry, Thing, check_name};
use model::{Caller, Model};
use shapes::List;
use shapes::elasticache::{self, ServerlessCacheSnapshot, Tag};

const THING: Thing = Thing::ServerlessCacheSnapshot;
const CACHE: Thing = Thing::ServerlessCache;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(copy).read(describe).write(delete)
}

fn create(cx: Change, input: elasticache::CreateServerlessCacheSnapshotRequest) -> Result<ServerlessCacheSnapshot> {
    let named = (input.serverless_cache_snapshot_name.as_str(), input.serverless_cache_name.as_str());
    let entry = take(cx.model, cx.caller, named, input.kms_key_id, input.tags)?;
    Ok(ServerlessCacheSnapshot { status: text("creating"), ..shown(&entry) })
}

/// Takes a snapshot of a cache.
///
/// # Errors
/// The errors of a cache that does not exist and of a snapshot that does.
pub fn take(
    model: &mut Model,
    caller: &Caller,
    (name, of): (&str, &str),
    kms_key_id: Option<String>,
    sent: List<Tag>,
) -> Result<ServiceEntry> {
    let cache = model.service_entry(&caller.scope, CACHE, of)?;
    let told: elasticache::ServerlessCache = entry::told(cache);
    let configuration = elasticache::ServerlessCacheConfiguration {
        serverless_cache_name: text(&cache.name),
        engine: told.engine,
        major_engine_version: told.major_engine_version,
    };
    let snapshot = ServerlessCacheSnapshot {
        kms_key_id,
        serverless_cache_configuration: Some(configuration),
        ..Default::default()
    };
    keep(model, caller, name, &snapshot, sent)
}

fn keep(
    model: &mut Model,
    caller: &Caller,
    name: &str,
    snapshot: &ServerlessCacheSnapshot,
    sent: List<Tag>,
) -> Result<ServiceEntry> {
    let name = name.to_ascii_lowercase();
    check_name(THING, &name)?;
    model.create_service_entry(caller, (THING, &name, &name), (None, said_over("", snapshot)), tags::of(sent)?)
}

fn copy(cx: Change, input: elasticache::CopyServerlessCacheSnapshotRequest) -> Result<ServerlessCacheSnapshot> {
    let source = cx.model.service_entry(&cx.caller.scope, THING, &input.source_serverless_cache_snapshot_name)?;
    let mut snapshot: ServerlessCacheSnapshot = entry::told(source);
    snapshot.kms_key_id = input.kms_key_id.or(snapshot.kms_key_id);
    let entry = keep(cx.model, cx.caller, &input.target_serverless_cache_snapshot_name, &snapshot, input.tags)?;
    Ok(ServerlessCacheSnapshot { status: text("creating"), ..shown(&entry) })
}

fn describe(
    cx: View,
    input: elasticache::DescribeServerlessCacheSnapshotsRequest,
) -> Result<Paged<ServerlessCacheSnapshot>> {
    let elasticache::DescribeServerlessCacheSnapshotsRequest {
        serverless_cache_name: of,
        serverless_cache_snapshot_name: name,
        snapshot_type,
        page,
    } = input;
    let is_asked = |entry: &ServiceEntry| {
        let snapshot = shown(entry);
        let cache = snapshot.serverless_cache_configuration.and_then(|cache| cache.serverless_cache_name);
        let is_of = |of: &String| cache.is_some_and(|cache| cache.eq_ignore_ascii_case(of));
        of.as_ref().is_none_or(is_of) && (snapshot_type.is_none() || snapshot.snapshot_type == snapshot_type)
    };
    Ok(found(cx.model, &cx.caller.scope, (THING, name), page, is_asked)?.map(shown))
}

fn delete(cx: Change, input: elasticache::DeleteServerlessCacheSnapshotRequest) -> Result<ServerlessCacheSnapshot> {
    let entry = cx.model.delete_service_entry(&cx.caller.scope, THING, &input.serverless_cache_snapshot_name)?;
    Ok(ServerlessCacheSnapshot { status: text("deleting"), ..shown(&entry) })
}

fn shown(entry: &ServiceEntry) -> ServerlessCacheSnapshot {
    ServerlessCacheSnapshot {
        serverless_cache_snapshot_name: text(&entry.name),
        arn: text(&entry.id),
        snapshot_type: text("manual"),
        status: text("available"),
        create_time: Some(entry.created),
        bytes_used_for_cache: text("0"),
        ..entry::told(entry)
    }
}
