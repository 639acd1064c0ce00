//! Relational Database Service, one file a resource: typed input → model → typed output.

mod engine;
mod event;
mod filter;
mod instance;
mod option_group;
mod parameter_group;
mod replica;
mod restore;
mod role;
mod security_group;
mod snapshot;
mod subnet_group;
mod tags;
mod window;

use super::action::Actions;
use super::protocol::Dialect;
use super::service::Service;
use shapes::rds;
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &rds::FACTS,
    dialect: Dialect::Query,
    oldest: rds::FACTS.version,
    actions: LazyLock::new(|| {
        let all = [
            engine::actions,
            event::actions,
            instance::actions,
            option_group::actions,
            parameter_group::actions,
            replica::actions,
            restore::actions,
            role::actions,
            security_group::actions,
            snapshot::actions,
            subnet_group::actions,
            tags::actions,
        ];
        all.into_iter().fold(Actions::default(), |actions, add| add(actions))
    }),
};
