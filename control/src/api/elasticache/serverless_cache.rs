//! Serverless caches. They are stored and returned; nothing answers at their endpoints.

use super::settings::{RETENTION, check_network};
use super::{serverless_snapshot, tags, user_group};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, text, within};
use crate::api::entry::{self, found, retold};
use model::services::{Clash, Engine, Error, Result, ServiceEntry, Thing, Wanted, check_name, versions};
use model::{Caller, ManagedService, Model};
use shapes::List;
use shapes::elasticache::{self, ServerlessCache};

const THING: Thing = Thing::ServerlessCache;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(cx: Change, input: elasticache::CreateServerlessCacheRequest) -> Result<ServerlessCache> {
    let name = input.serverless_cache_name.to_ascii_lowercase();
    check_name(THING, &name)?;
    check_network(input.network_type.as_deref())?;
    within("SnapshotRetentionLimit", input.snapshot_retention_limit, RETENTION)?;
    if input.connection_type.as_deref() == Some("public") {
        return Err(Error::unsupported("ConnectionType"));
    }
    let engine = known_engine(&input.engine)?;
    let (major, full) = version_of(engine, input.major_engine_version)?;
    let subnets = subnets_meant(cx.model, cx.caller, input.subnet_ids)?;
    let vpc = cx.model.vpc_of_subnets(&cx.caller.scope, &subnets)?;
    let groups = cx.model.vpc_groups_or_default(&cx.caller.scope, &vpc, &input.security_group_ids)?;
    if let Some(group) = &input.user_group_id {
        user_group::find(cx.model, cx.caller, group)?;
    }
    let is_saved = engine.name != "memcached";
    let cache = ServerlessCache {
        description: input.description,
        engine: text(engine.name),
        major_engine_version: Some(major),
        full_engine_version: Some(full),
        cache_usage_limits: input.cache_usage_limits,
        kms_key_id: input.kms_key_id,
        security_group_ids: groups.into(),
        subnet_ids: subnets.into(),
        user_group_id: input.user_group_id,
        snapshot_retention_limit: input.snapshot_retention_limit.or(Some(0)).filter(|_| is_saved),
        daily_snapshot_time: input.daily_snapshot_time.or(text("03:00")).filter(|_| is_saved),
        ..Default::default()
    };
    let entry = entry::create(cx.model, cx.caller, (THING, &name), &cache, tags::of(input.tags)?)?;
    Ok(ServerlessCache { status: text("creating"), ..shown(cx.model, &entry) })
}

fn known_engine(name: &str) -> Result<&'static Engine> {
    let why = || Wanted::Engine { engines: Engine::names(ManagedService::ElastiCache) };
    let unknown = || Error::Value { name: "Engine", value: name.to_owned(), why: why() };
    Engine::named(ManagedService::ElastiCache, name).ok_or_else(unknown)
}

/// The major version and the full version of a request: the newest without one.
fn version_of(engine: &Engine, asked: Option<String>) -> Result<(String, String)> {
    let full = engine.matching_version(asked.as_deref().unwrap_or_default())?;
    let known = versions().find(|version| version.engine == engine.name && version.version == full);
    let major = || known.map_or_else(|| full.clone(), |version| version.major().to_owned());
    Ok((asked.unwrap_or_else(major), full))
}

/// The subnets of a request, or those of the default VPC.
fn subnets_meant(model: &Model, caller: &Caller, asked: List<String>) -> Result<Vec<String>> {
    if !asked.is_empty() {
        return Ok(asked.to_vec());
    }
    let vpc = model.default_vpc(&caller.scope).ok_or(Clash::Missing { name: "SubnetIds" })?;
    let own = model.subnets.by(&vpc.id).filter(|subnet| subnet.default_for_zone);
    Ok(own.map(|subnet| subnet.id.clone()).collect())
}

fn describe(cx: View, input: elasticache::DescribeServerlessCachesRequest) -> Result<Paged<ServerlessCache>> {
    let elasticache::DescribeServerlessCachesRequest { serverless_cache_name: name, page } = input;
    Ok(found(cx.model, &cx.caller.scope, (THING, name), page, |_| true)?.map(|entry| shown(cx.model, entry)))
}

fn modify(
    Change { model, caller }: Change,
    input: elasticache::ModifyServerlessCacheRequest,
) -> Result<ServerlessCache> {
    within("SnapshotRetentionLimit", input.snapshot_retention_limit, RETENTION)?;
    let named = (THING, input.serverless_cache_name.as_str());
    let entry = retold(model, &caller.scope, named, |model, told: &mut ServerlessCache| {
        if let Some(group) = &input.user_group_id {
            user_group::find(model, caller, group)?;
        }
        if input.engine.is_some() || input.major_engine_version.is_some() {
            upgrade(told, input.engine, input.major_engine_version)?;
        }
        if !input.security_group_ids.is_empty() {
            let vpc = model.vpc_of_subnets(&caller.scope, &told.subnet_ids)?;
            let groups = model.vpc_groups_or_default(&caller.scope, &vpc, &input.security_group_ids)?;
            told.security_group_ids = groups.into();
        }
        told.description = input.description.or(told.description.take());
        told.cache_usage_limits = input.cache_usage_limits.or(told.cache_usage_limits.take());
        told.snapshot_retention_limit = input.snapshot_retention_limit.or(told.snapshot_retention_limit);
        told.daily_snapshot_time = input.daily_snapshot_time.or(told.daily_snapshot_time.take());
        let users = told.user_group_id.take().filter(|_| input.remove_user_group != Some(true));
        told.user_group_id = input.user_group_id.or(users);
        Ok(())
    })?;
    Ok(ServerlessCache { status: text("modifying"), ..shown(model, &entry) })
}

/// Upgrades a cache to a newer version, or from Redis to Valkey.
fn upgrade(told: &mut ServerlessCache, engine: Option<String>, version: Option<String>) -> Result<()> {
    let before = told.engine.clone().unwrap_or_default();
    let after = known_engine(engine.as_deref().unwrap_or(&before))?;
    if after.name != before && (before.as_str(), after.name) != ("redis", "valkey") {
        let why = Wanted::EngineOfSource { engine: before };
        return Err(Error::Value { name: "Engine", value: after.name.to_owned(), why });
    }
    let (major, full) = version_of(after, version)?;
    let full = after.upgrade_target(told.full_engine_version.as_deref().unwrap_or_default(), &full)?;
    (told.engine, told.major_engine_version, told.full_engine_version) = (text(after.name), Some(major), Some(full));
    Ok(())
}

fn delete(cx: Change, input: elasticache::DeleteServerlessCacheRequest) -> Result<ServerlessCache> {
    let elasticache::DeleteServerlessCacheRequest { serverless_cache_name: name, final_snapshot_name } = input;
    if let Some(last) = final_snapshot_name {
        serverless_snapshot::take(cx.model, cx.caller, (&last, &name), None, List::default())?;
    }
    let entry = cx.model.delete_service_entry(&cx.caller.scope, THING, &name)?;
    Ok(ServerlessCache { status: text("deleting"), ..shown(cx.model, &entry) })
}

fn shown(model: &Model, entry: &ServiceEntry) -> ServerlessCache {
    let told: ServerlessCache = entry::told(entry);
    let address = model.serverless_cache_name(&entry.scope, &entry.name);
    let port = told.engine.as_deref().and_then(|name| Engine::named(ManagedService::ElastiCache, name));
    let port = port.map(|engine| i32::from(engine.port));
    let endpoint = |port: Option<i32>| Some(elasticache::Endpoint { address: text(&address), port });
    ServerlessCache {
        serverless_cache_name: text(&entry.name),
        create_time: Some(entry.created),
        status: text("available"),
        endpoint: endpoint(port),
        reader_endpoint: endpoint(port.map(|port| port + 1)),
        arn: text(&entry.id),
        security_group_ids: told.security_group_ids.to_vec().into(),
        subnet_ids: told.subnet_ids.to_vec().into(),
        network_type: text("ipv4"),
        ..told
    }
}
