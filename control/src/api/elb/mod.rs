//! Elastic Load Balancing of the first generation, one file a resource: typed input → model → typed output.

mod attributes;
mod health;
mod listener;
mod load_balancer;
mod network;
mod policy;
mod tags;

use super::action::Actions;
use super::ec2::listing;
use super::protocol::{ApiError, Dialect, ServiceError, text};
use super::service::Service;
use shapes::{Fault, List, Page, elb};
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &elb::FACTS,
    dialect: Dialect::Query,
    oldest: elb::FACTS.version,
    actions: LazyLock::new(actions),
};

/// The actions of all resources.
fn actions() -> Actions {
    Actions::of(&[
        attributes::actions,
        health::actions,
        listener::actions,
        load_balancer::actions,
        network::actions,
        policy::actions,
        tags::actions,
    ])
}

/// The service's errors.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// The model refuses it.
    #[error(transparent)]
    Model(#[from] model::load_balancer::Error),
    /// A parameter is invalid.
    #[error("{0}")]
    Validation(#[from] Fault),
    /// A page cannot be found.
    #[error("Invalid Marker or PageSize.")]
    Page,
}

type Result<T> = std::result::Result<T, Error>;

impl ServiceError for Error {
    fn of_parameter(fault: Fault) -> Error {
        fault.into()
    }
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::Model(error) => error.code(),
            Error::Validation(Fault::Malformed { shape: "InstanceId", .. }) => "InvalidInstance",
            Error::Validation(Fault::Malformed { shape: "SubnetId", .. }) => "InvalidSubnet",
            Error::Validation(Fault::Malformed { shape: "SecurityGroupId", .. }) => "InvalidSecurityGroup",
            Error::Validation(_) | Error::Page => "ValidationError",
        }
    }

    fn status(&self) -> u16 {
        match self {
            Error::Model(error) => error.status(),
            Error::Validation(_) | Error::Page => 400,
        }
    }
}

/// One page of rows that are sorted by `id`, and how to ask for more.
fn paged<R>(page: &Page, rows: Vec<R>, id: impl Fn(&R) -> &str) -> Result<(Vec<R>, Option<String>)> {
    let page = Page { size: page.size.clone().or_else(|| Some(page.range.1.to_string())), ..page.clone() };
    listing::paged(&page, rows, id).map_err(|_| Error::Page)
}

/// A number of a request. A negative one is below every limit, as 0 is.
fn number(value: i32) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

/// A number as replies show it.
fn shown_number(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}

/// Instances as replies show them.
fn instances<'a>(ids: impl IntoIterator<Item = &'a String>) -> List<elb::Instance> {
    ids.into_iter().map(|id| elb::Instance { instance_id: text(id) }).collect()
}

/// The ids of instances as requests name them.
fn ids(instances: List<elb::Instance>) -> Vec<String> {
    instances.into_iter().filter_map(|instance| instance.instance_id).collect()
}

#[cfg(test)]
mod tests;
