//! Relational Database Service, one file a resource: typed input → model → typed output.

mod absent;
mod activity_stream;
mod automated_backup;
mod blue_green;
mod cluster;
mod cluster_backup;
mod cluster_endpoint;
mod cluster_parameter_group;
mod cluster_pending;
mod cluster_power;
mod cluster_restore;
mod cluster_settings;
mod cluster_snapshot;
mod data_api;
mod engine;
mod event;
mod event_subscription;
mod export_task;
mod filter;
mod global_cluster;
mod green;
mod instance;
mod instance_item;
mod log_file;
mod member;
mod option_group;
mod parameter_group;
mod pending;
mod proxy;
mod proxy_endpoint;
mod proxy_target;
mod replica;
mod restore;
mod role;
mod secret;
mod security_group;
mod settings;
mod snapshot;
mod storage;
mod subnet_group;
mod tags;
mod version_groups;

use super::action::Actions;
use super::protocol::Dialect;
use super::service::Service;
use model::fnv1;
use model::services::{Deployment, Thing};
use shapes::rds;
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &rds::FACTS,
    dialect: Dialect::Query,
    oldest: "2013-05-15",
    actions: LazyLock::new(|| {
        Actions::of(&[
            absent::actions,
            activity_stream::actions,
            automated_backup::actions,
            blue_green::actions,
            cluster::actions,
            cluster_backup::actions,
            cluster_endpoint::actions,
            cluster_parameter_group::actions,
            cluster_power::actions,
            cluster_restore::actions,
            cluster_snapshot::actions,
            data_api::actions,
            engine::actions,
            event::actions,
            event_subscription::actions,
            export_task::actions,
            global_cluster::actions,
            instance::actions,
            log_file::actions,
            option_group::actions,
            parameter_group::actions,
            proxy::actions,
            proxy_endpoint::actions,
            proxy_target::actions,
            replica::actions,
            restore::actions,
            role::actions,
            security_group::actions,
            snapshot::actions,
            subnet_group::actions,
            tags::actions,
        ])
    }),
};

/// The resource id: a later DB instance or cluster of the same name has another one, and a rename does not change it.
fn resource_id(row: &Deployment) -> String {
    let kind = if row.thing == Thing::DbCluster { "cluster" } else { "db" };
    let made = || format!("{kind}-{:026X}", fnv1(row.created.0, row.original_arn()));
    row.resource_id.clone().unwrap_or_else(made)
}
