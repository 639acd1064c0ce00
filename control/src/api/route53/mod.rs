//! Route 53: hosted zones and their records.

mod cidr_collection;
mod delegation_set;
mod geo_location;
mod health_check;
mod health_status;
mod hosted_zone;
mod limit;
mod query_logging;
mod record_set;
mod tags;
mod test_answer;
mod traffic_policy;
mod traffic_policy_instance;
mod vpc_association;

pub use record_set::record_set_of;

use super::action::Actions;
use super::protocol::{ApiError, Dialect, ServiceError};
use super::service::Service;
use model::{Caller, Model, Row, ZoneError};
use shapes::{Fault, List, Page, route53};
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &route53::FACTS,
    dialect: Dialect::RestXml,
    oldest: route53::FACTS.version,
    actions: LazyLock::new(|| {
        Actions::of(&[
            cidr_collection::actions,
            delegation_set::actions,
            geo_location::actions,
            health_check::actions,
            health_status::actions,
            hosted_zone::actions,
            limit::actions,
            query_logging::actions,
            record_set::actions,
            tags::actions,
            test_answer::actions,
            traffic_policy::actions,
            traffic_policy_instance::actions,
            vpc_association::actions,
        ])
    }),
};

/// The service's errors.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// A parameter is invalid.
    #[error("{0}")]
    Input(#[from] Fault),
    /// The model refuses it.
    #[error(transparent)]
    Zone(#[from] ZoneError),
}

impl ServiceError for Error {
    fn of_parameter(fault: Fault) -> Error {
        fault.into()
    }
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::Input(_) => "InvalidInput",
            Error::Zone(error) => error.code(),
        }
    }

    fn status(&self) -> u16 {
        match self {
            Error::Input(_) => 400,
            Error::Zone(error) => error.status(),
        }
    }
}

type Result<T> = std::result::Result<T, Error>;

/// An id without the path that clients may send before it: `/hostedzone/Z1`.
fn bare(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// The size of a page: the requested one, limited to the largest.
fn size(asked: Option<&str>, most: usize) -> Result<usize> {
    let Some(asked) = asked else { return Ok(most) };
    let size = asked.parse().ok().filter(|size| *size > 0);
    let size: usize = size.ok_or_else(|| ZoneError::NoPageSize { size: asked.to_owned() })?;
    Ok(size.min(most))
}

/// The size of most pages.
const PAGE: usize = 100;

/// A page of rows, which are sorted by id, as they are shown; the id with which the next page begins; and the page's size.
fn paged<'r, R: Row + 'r, S>(
    page: &Page,
    rows: impl Iterator<Item = &'r R>,
    shown: impl Fn(&'r R) -> S,
) -> Result<(List<S>, Option<String>, String)> {
    let size = size(page.size.as_deref(), PAGE)?;
    let from = page.token.as_deref().unwrap_or_default();
    let (rows, next) = cut(rows.filter(|row| row.id() >= from), size);
    Ok((rows.into_iter().map(shown).collect(), next.map(|row| row.id().to_owned()), size.to_string()))
}

/// The rows of a page, and the first row of the next page.
fn cut<R>(rows: impl Iterator<Item = R>, size: usize) -> (Vec<R>, Option<R>) {
    let mut rows = rows.fuse();
    (rows.by_ref().take(size).collect(), rows.next())
}

/// A change made by this request. It is in force when the reply is sent.
fn change(model: &Model, caller: &Caller, comment: Option<String>) -> route53::ChangeInfo {
    route53::ChangeInfo {
        id: format!("/change/{}", model.zone_change_id(caller.now)),
        status: "INSYNC".into(),
        submitted_at: caller.now,
        comment,
    }
}
