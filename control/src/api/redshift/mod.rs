//! Redshift, one file a resource: typed input → model → typed output.

mod absent;
mod account;
mod authentication_profile;
mod cluster;
mod copies;
mod credentials;
mod endpoint_access;
mod engine;
mod event_subscription;
mod hsm_certificate;
mod hsm_configuration;
mod logging;
mod maintenance;
mod parameter_group;
mod partner;
mod resource_policy;
mod restore;
mod schedule;
mod scheduled_action;
mod security_group;
mod settings;
mod snapshot;
mod subnet_group;
mod tags;
mod usage_limit;

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
            account::actions,
            authentication_profile::actions,
            cluster::actions,
            copies::actions,
            credentials::actions,
            endpoint_access::actions,
            engine::actions,
            event_subscription::actions,
            hsm_certificate::actions,
            hsm_configuration::actions,
            logging::actions,
            maintenance::actions,
            parameter_group::actions,
            partner::actions,
            resource_policy::actions,
            restore::actions,
            schedule::actions,
            scheduled_action::actions,
            security_group::actions,
            snapshot::actions,
            subnet_group::actions,
            tags::actions,
            usage_limit::actions,
        ])
    }),
};
