//! CloudWatch Logs: log groups, which other services' logs go to, their streams, and policies for those services. Nothing writes log
//! events into them.

mod group;
mod policy;
mod settings;
mod stream;
mod tags;

use super::action::Actions;
use super::protocol::{ApiError, Dialect, ServiceError};
use super::service::Service;
use model::Time;
use model::logs::Error as Refusal;
use shapes::{Fault, Page, Paged, logs};
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &logs::FACTS,
    dialect: Dialect::Json,
    oldest: logs::FACTS.version,
    actions: LazyLock::new(|| {
        Actions::of(&[group::actions, policy::actions, settings::actions, stream::actions, tags::actions])
    }),
};

/// The service's errors.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// The request lacks a parameter.
    #[error("1 validation error detected: Value null at '{0}' failed to satisfy constraint: Member must not be null")]
    Missing(String),
    /// A parameter of the request is invalid.
    #[error("{0}")]
    Parameter(Fault),
    /// CloudWatch Logs refuses the request.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// Two ways to choose log groups were sent.
    #[error("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")]
    PrefixAndPattern,
    /// Streams with a prefix are sorted by name only.
    #[error("Cannot order by LastEventTime with a logStreamNamePrefix.")]
    OrderOfPrefix,
    /// A log group must be named in one of two ways.
    #[error("Exactly one of logGroupName and logGroupIdentifier is required.")]
    OneGroup,
    /// A resource is not named by its ARN.
    #[error("{0} is not a valid ARN.")]
    Arn(String),
}

impl ServiceError for Error {
    fn of_parameter(fault: Fault) -> Error {
        match fault {
            Fault::Missing { name } => Error::Missing(name),
            fault => Error::Parameter(fault),
        }
    }
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        if let Error::Refused(error) = self { error.code() } else { "InvalidParameterException" }
    }

    fn status(&self) -> u16 {
        if let Error::Refused(error) = self { error.status() } else { 400 }
    }
}

type Result<T> = std::result::Result<T, Error>;

/// A parameter that an action needs in this case, though not in all.
fn needed(name: &str, sent: Option<String>) -> Result<String> {
    sent.ok_or_else(|| Error::Missing(name.to_owned()))
}

/// A time as replies have it, in milliseconds since 1970.
fn milliseconds(time: Time) -> i64 {
    i64::try_from(time.0).unwrap_or(i64::MAX)
}

/// The page of rows that a request asks for. The rows are sorted by name. A page's token is the name of the row before it, which
/// may be deleted meanwhile.
fn paged<R>(
    page: Page,
    rows: impl Iterator<Item = R>,
    name: impl Fn(&R) -> &str,
    descending: bool,
) -> Result<Paged<R>> {
    let Page { size, token, range } = page;
    let size = size.map_or(Ok(range.1), |size| number(size, range))?;
    let follows = |name: &str, last: &str| if descending { name < last } else { name > last };
    let mut items: Vec<R> = rows.filter(|row| token.as_deref().is_none_or(|last| follows(name(row), last))).collect();
    if descending {
        items.reverse();
    }
    let next = (items.len() > size).then(|| name(&items[size - 1]).to_owned());
    items.truncate(size);
    Ok(Paged { items, next })
}

/// The size of a page.
fn number(sent: String, (least, most): (usize, usize)) -> Result<usize> {
    let constraint = match sent.parse::<usize>() {
        Ok(size) if size > most => format!("Member must have value less than or equal to {most}"),
        Ok(size) if size >= least => return Ok(size),
        _ => format!("Member must have value greater than or equal to {least}"),
    };
    Err(Refusal::Constraint { name: "limit".to_owned(), value: sent, constraint }.into())
}
