//! Redshift, one file a resource: typed input → model → typed output.

mod absent;
mod cluster;
mod copies;
mod credentials;
mod engine;
mod event_subscription;
mod logging;
mod parameter_group;
mod restore;
mod schedule;
mod security_group;
mod settings;
mod snapshot;
mod subnet_group;
mod tags;

use super::action::Actions;
use super::protocol::Dialect;
use super::service::Service;
use shapes::redshift;
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &redshift::FACTS,
    dialect: Dialect::Query,
    oldest: redshift::FACTS.version,
    actions: LazyLock::new(|| {
        Actions::of(&[
            absent::actions,
            copies::actions,
            credentials::actions,
            engine::actions,
            event_subscription::actions,
            logging::actions,
            cluster::actions,
            parameter_group::actions,
            restore::actions,
            schedule::actions,
            security_group::actions,
            snapshot::actions,
            subnet_group::actions,
            tags::actions,
        ])
    }),
};
