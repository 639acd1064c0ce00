//! Relational Database Service, one file a resource: typed input → model → typed output.

mod event;
mod instance;
mod replica;
mod security_group;
mod subnet_group;
mod tags;

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
            event::actions,
            instance::actions,
            replica::actions,
            security_group::actions,
            subnet_group::actions,
            tags::actions,
        ];
        all.into_iter().fold(Actions::default(), |actions, add| add(actions))
    }),
};
