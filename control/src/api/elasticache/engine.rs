//! Versions of engines, and events.

use crate::api::action::{Actions, View};
use crate::api::deployment::{Paged, Window, events, paged, paged_in_order, text};
use model::ManagedService;
use model::services::{Clash, Engine, EngineVersion, Error, Result, ServiceEvent, Thing, Wanted, versions};
use shapes::elasticache::{self, Event};

pub fn actions(all: Actions) -> Actions {
    all.read(describe_versions).read(describe_events)
}

fn describe_versions(
    _: View,
    input: elasticache::DescribeCacheEngineVersionsMessage,
) -> Result<Paged<elasticache::CacheEngineVersion>> {
    let elasticache::DescribeCacheEngineVersionsMessage {
        engine,
        engine_version,
        cache_parameter_group_family: family,
        page,
        default_only,
    } = input;
    let known = |version: &EngineVersion| Engine::named(ManagedService::ElastiCache, version.engine);
    let is_asked = |version: &&'static EngineVersion| {
        known(version).is_some_and(|known| default_only != Some(true) || known.version() == version.version)
            && engine.as_deref().is_none_or(|asked| asked.eq_ignore_ascii_case(version.engine))
            && engine_version.as_deref().is_none_or(|asked| asked == version.version)
            && family.as_deref().is_none_or(|asked| asked == version.family())
    };
    let one = |version: &EngineVersion| elasticache::CacheEngineVersion {
        engine: text(version.engine),
        engine_version: text(version.version),
        cache_parameter_group_family: text(version.family()),
        cache_engine_description: text(if version.engine == "memcached" { "memcached" } else { "Redis" }),
        cache_engine_version_description: text(format!("{} version {}", version.engine, version.version)),
    };
    Ok(paged_in_order(page, versions().filter(is_asked))?.map(one))
}

fn describe_events(cx: View, input: elasticache::DescribeEventsMessage) -> Result<Paged<Event>> {
    let elasticache::DescribeEventsMessage { source_identifier, source_type, start_time, end_time, duration, page } =
        input;
    let things: &[Thing] = match source_type.as_deref() {
        None => &[Thing::CacheCluster, Thing::ReplicationGroup],
        Some("cache-cluster") => &[Thing::CacheCluster],
        Some("replication-group") => &[Thing::ReplicationGroup],
        Some("cache-parameter-group" | "cache-security-group" | "cache-subnet-group" | "user" | "user-group") => &[],
        Some(other) => {
            let why = Wanted::SourceType {};
            return Err(Error::Value { name: "SourceType", value: other.to_owned(), why });
        }
    };
    if source_identifier.is_some() && source_type.is_none() {
        return Err(Clash::Needs { name: "SourceIdentifier", other: "SourceType" }.into());
    }
    let window = Window { start: start_time, end: end_time, minutes: duration };
    let rows = events(cx.model, cx.caller, things, source_identifier.as_deref(), &window);
    let one = |event: &ServiceEvent| Event {
        source_identifier: text(&event.name),
        source_type: text(match event.source.contains(":replicationgroup:") {
            true => "replication-group",
            false => "cache-cluster",
        }),
        message: text(&event.message),
        date: Some(event.at),
    };
    Ok(paged(page, rows, |event: &&ServiceEvent| &event.id)?.map(one))
}
