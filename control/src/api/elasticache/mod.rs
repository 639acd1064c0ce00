//! ElastiCache, one file a resource: typed input → model → typed output.

mod absent;
mod cluster;
mod engine;
mod global_group;
mod global_member;
mod log_delivery;
mod node_type;
mod parameter_group;
mod replication_group;
mod resizing;
mod security_group;
mod serverless_cache;
mod serverless_snapshot;
mod settings;
mod shards;
mod snapshot;
mod subnet_group;
mod tags;
mod user;
mod user_group;

use super::action::Actions;
use super::protocol::Dialect;
use super::service::Service;
use shapes::elasticache;
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &elasticache::FACTS,
    dialect: Dialect::Query,
    oldest: "2013-06-15",
    actions: LazyLock::new(|| {
        Actions::of(&[
            absent::actions,
            cluster::actions,
            engine::actions,
            global_group::actions,
            node_type::actions,
            parameter_group::actions,
            replication_group::actions,
            resizing::actions,
            security_group::actions,
            serverless_cache::actions,
            serverless_snapshot::actions,
            snapshot::actions,
            subnet_group::actions,
            tags::actions,
            user::actions,
            user_group::actions,
        ])
    }),
};
