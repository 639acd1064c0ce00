//! Settings that creations and changes of cache clusters and replication groups have in common.

use super::{log_delivery, tags};
use crate::api::deployment::{one_of, said, said_over, text, within};
use crate::api::window;
use model::services::{
    Clash, Deployment, DeploymentChange, Engine, Error, Layout, NewDeployment, ParameterGroup, Result, Settings, Thing,
    Wanted, version_family,
};
use model::{Caller, Model};
use shapes::{List, elasticache};

/// The type of nodes if none is named.
const USUAL_TYPE: &str = "cache.m3.medium";

/// For how many days snapshots are kept.
pub const RETENTION: (u16, u16) = (0, 35);
/// The shortest window, in minutes.
const SHORTEST: u32 = 60;

/// Refuses networks of IPv6, numbers out of range, invalid windows and unknown logs.
pub fn check(asked: &elasticache::CacheSettings) -> Result<()> {
    check_network(asked.network_type.as_deref())?;
    check_network(asked.ip_discovery.as_deref())?;
    within("SnapshotRetentionLimit", asked.snapshot_retention_limit, RETENTION)?;
    if let Some(text) = &asked.preferred_maintenance_window {
        window::weekly(text, SHORTEST)?;
    }
    if let Some(text) = &asked.snapshot_window {
        window::daily(text, SHORTEST)?;
    }
    log_delivery::check(&asked.log_delivery_configurations)
}

/// Only IPv4 is carried.
pub fn check_network(asked: Option<&str>) -> Result<()> {
    match asked.filter(|network| !network.eq_ignore_ascii_case("ipv4")) {
        Some(other) => {
            let why = Wanted::Ipv4Only { word: "ipv4" };
            Err(Error::Value { name: "NetworkType", value: other.to_owned(), why })
        }
        None => Ok(()),
    }
}

/// Whether TLS is asked for. A host that speaks TLS speaks nothing else.
pub fn checked_tls(asked: &elasticache::CacheSettings, mode: Option<&str>) -> Result<bool> {
    match mode {
        None | Some("required") => Ok(asked.transit_encryption_enabled.unwrap_or(false)),
        Some(_) => Err(Error::unsupported("TransitEncryptionMode")),
    }
}

/// Whether there is a password, which needs TLS. It is not kept.
pub fn checked_token(asked: &elasticache::CacheSettings, tls: bool) -> Result<Option<bool>> {
    match asked.auth_token {
        Some(_) if !tls => Err(Clash::Needs { name: "AuthToken", other: "TransitEncryptionEnabled" }.into()),
        Some(_) => Ok(Some(true)),
        None => Ok(None),
    }
}

/// Whether there is a password after a change. `None` if the request does not change it.
pub fn changed_token(asked: &elasticache::CacheSettings, tls: bool) -> Result<Option<bool>> {
    let strategy = asked.auth_token_update_strategy.as_deref();
    one_of("AuthTokenUpdateStrategy", strategy, &["SET", "ROTATE", "DELETE"])?;
    if strategy == Some("DELETE") { Ok(Some(false)) } else { checked_token(asked, tls) }
}

/// A new cache: of one node, unless the caller gives it another layout.
pub fn new((thing, name): (Thing, String), asked: elasticache::CacheSettings, own: Settings) -> Result<NewDeployment> {
    let own = Settings { class: USUAL_TYPE.to_owned(), ..own };
    Ok(NewDeployment {
        thing,
        name,
        engine: asked.engine.clone().unwrap_or_default(),
        subnet_group: asked.cache_subnet_group_name.clone(),
        groups: asked.security_group_ids.to_vec(),
        access_groups: asked.cache_security_group_names.to_vec(),
        zones: Vec::new(),
        public: Some(false),
        port: asked.port,
        layout: Layout::Single,
        tags: tags::of(asked.tags.clone())?,
        settings: over(asked, own),
    })
}

/// The change of a cache's network settings.
pub fn change(asked: &elasticache::CacheSettings) -> DeploymentChange {
    DeploymentChange {
        groups: asked.security_group_ids.to_vec(),
        access_groups: asked.cache_security_group_names.to_vec(),
        ..DeploymentChange::default()
    }
}

/// The settings of a request over those that were there before.
pub fn over(asked: elasticache::CacheSettings, before: Settings) -> Settings {
    Settings {
        told: told(&asked, &before.told),
        version: asked.engine_version.unwrap_or(before.version),
        class: asked.cache_node_type.unwrap_or(before.class),
        parameters: asked.cache_parameter_group_name.or(before.parameters),
        ..before
    }
}

/// The settings that are returned as they were given, over those before. One JSON serves a group and its clusters, because members of the
/// same name mean the same.
pub fn told(asked: &elasticache::CacheSettings, before: &str) -> String {
    let status = asked.notification_topic_status.clone().or(text("active"));
    let logs = said::<elasticache::ReplicationGroup>(before).log_delivery_configurations;
    let logs = log_delivery::changed(&logs, &asked.log_delivery_configurations);
    let group = elasticache::ReplicationGroup {
        log_delivery_configurations: logs.map(List::from).unwrap_or_default(),
        auto_minor_version_upgrade: asked.auto_minor_version_upgrade,
        automatic_failover: asked.automatic_failover_enabled.map(switch),
        multi_az: asked.multi_az_enabled.map(switch),
        snapshot_retention_limit: asked.snapshot_retention_limit,
        snapshot_window: asked.snapshot_window.clone(),
        ..Default::default()
    };
    let clusters = elasticache::CacheCluster {
        notification_configuration: asked
            .notification_topic_arn
            .clone()
            .map(|topic| elasticache::NotificationConfiguration { topic_arn: Some(topic), topic_status: status }),
        preferred_maintenance_window: asked.preferred_maintenance_window.clone(),
        ..Default::default()
    };
    said_over(&said_over(before, &group), &clusters)
}

/// The word for something that is on or off.
pub fn switch(on: bool) -> String {
    if on { "enabled" } else { "disabled" }.to_owned()
}

/// The settings with the version in full, and with a parameter group of its family if that becomes another one.
pub fn upgraded(
    model: &Model,
    caller: &Caller,
    row: &Deployment,
    asked: elasticache::CacheSettings,
) -> Result<elasticache::CacheSettings> {
    let version = match (Engine::named(row.service, &row.engine), &asked.engine_version) {
        (Some(engine), Some(asked)) => engine.upgrade_target(&row.settings.version, asked)?,
        _ => row.settings.version.clone(),
    };
    let group = asked.cache_parameter_group_name;
    let another = version_family(&row.engine, &version) != version_family(&row.engine, &row.settings.version);
    let group = match group.is_some() || another {
        true => Some(group_meant(model, caller, row, (&version, group))?),
        false => None,
    };
    Ok(elasticache::CacheSettings { engine_version: Some(version), cache_parameter_group_name: group, ..asked })
}

/// The parameter group of a cache with a version: the one that is named, or the default.
fn group_meant(
    model: &Model,
    caller: &Caller,
    row: &Deployment,
    (version, named): (&str, Option<String>),
) -> Result<String> {
    // Shards stay shards.
    let of_shards = matches!(row.layout, Layout::Shards { .. });
    let named = named.or_else(|| of_shards.then(|| ParameterGroup::default_of_clusters(&row.engine, version)));
    let made = (row.engine.as_str(), version);
    model.parameter_group_or_default(&caller.scope, row.thing.parameter_group(), made, named.as_deref())
}
