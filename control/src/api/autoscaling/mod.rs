//! Auto Scaling, one file a resource: typed input → model → typed output.

mod activity;
mod group;
mod instance;
mod instance_refresh;
mod kept;
mod launch_configuration;
mod launch_template;
mod lifecycle_hook;
mod load_balancer;
mod mixed;
mod notice;
mod policy;
mod process;
mod schedule;
mod tags;
mod types;
mod warm_pool;

use super::action::Actions;
use super::deployment::same_members;
use super::ec2::listing;
use super::protocol::{ApiError, Dialect, ServiceError};
use super::service::Service;
use model::auto_scaling::AutoScalingGroup;
use model::{Model, Scope};
use shapes::{Fault, List, Page, Paged, autoscaling as api};
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &api::FACTS,
    dialect: Dialect::Query,
    oldest: api::FACTS.version,
    actions: LazyLock::new(actions),
};

/// The actions of all resources.
fn actions() -> Actions {
    Actions::of(&[
        activity::actions,
        group::actions,
        instance::actions,
        instance_refresh::actions,
        launch_configuration::actions,
        lifecycle_hook::actions,
        load_balancer::actions,
        notice::actions,
        policy::actions,
        process::actions,
        schedule::actions,
        tags::actions,
        types::actions,
        warm_pool::actions,
    ])
}

/// The service's errors.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// The model refuses it.
    #[error(transparent)]
    Model(#[from] model::auto_scaling::Error),
    /// A parameter is invalid.
    #[error("{0}")]
    Validation(#[from] Fault),
    /// A page cannot be found.
    #[error("The token '{0}' is invalid.")]
    NextToken(String),
    /// There is no such filter.
    #[error("The filter '{0}' is invalid.")]
    Filter(String),
}

impl From<model::Error> for Error {
    fn from(error: model::Error) -> Error {
        Error::Model(error.into())
    }
}

type Result<T> = std::result::Result<T, Error>;

impl ServiceError for Error {
    // boto 2 sends one with every launch configuration.
    const REFUSES_UNKNOWN: bool = false;

    fn of_parameter(fault: Fault) -> Error {
        fault.into()
    }
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::Model(error) => error.code(),
            Error::Validation(_) | Error::Filter(_) => "ValidationError",
            Error::NextToken(_) => "InvalidNextToken",
        }
    }

    fn status(&self) -> u16 {
        match self {
            Error::Model(error) => error.status(),
            Error::Validation(_) | Error::Filter(_) | Error::NextToken(_) => 400,
        }
    }
}

/// The default size of a page.
const PAGE: usize = 50;
/// The greatest size of a page.
const LONGEST_PAGE: usize = 100;

/// One page of rows, and how to ask for the next.
fn paged<R>(page: Page, mut rows: Vec<R>, id: impl Fn(&R) -> &str) -> Result<Paged<R>> {
    rows.sort_by(|one, other| id(one).cmp(id(other)));
    let size = page.size.unwrap_or_else(|| PAGE.to_string());
    let page = Page { size: Some(size), range: (1, LONGEST_PAGE), ..page };
    let (items, next) = listing::paged(&page, rows, id).map_err(|error| match error {
        model::Error::BadNextToken { token } => Error::NextToken(token),
        other => other.into(),
    })?;
    Ok(Paged { items, next })
}

/// Whether rows of these names are asked for: all if none is named. A name that nothing has is no error.
fn wanted(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|one| one == name)
}

/// A number that is not negative.
fn number(parameter: &str, value: Option<i32>) -> Result<Option<u32>> {
    let read =
        |value: i32| u32::try_from(value).map_err(|_| model::auto_scaling::Error::invalid(parameter, value).into());
    value.map(read).transpose()
}

/// A number as replies show it.
fn shown_number(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// Whether a value is among those of a filter.
fn fits(values: &List<String>, value: &str) -> bool {
    values.iter().any(|wanted| wanted == value)
}

/// The groups of an account in a Region.
fn groups_of<'m>(model: &'m Model, scope: &'m Scope) -> impl Iterator<Item = &'m AutoScalingGroup> {
    model.auto_scaling_groups.iter().filter(move |group| group.scope == *scope)
}

#[cfg(test)]
mod tests;
