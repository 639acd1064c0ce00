//! Systems Manager's Parameter Store: users' own parameters, and those that AWS publishes. No host has an agent.

mod change;
mod describe;
mod filter;
mod global_infrastructure;
mod parameter;
mod published;
mod tags;

use super::action::Actions;
use super::ec2::listing;
use super::protocol::{ApiError, Dialect, ServiceError};
use super::service::Service;
use model::ssm::Error as Refusal;
use shapes::{Fault, Page, Paged, ssm};
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &ssm::FACTS,
    dialect: Dialect::Json,
    oldest: ssm::FACTS.version,
    actions: LazyLock::new(|| Actions::of(&[change::actions, describe::actions, parameter::actions, tags::actions])),
};

/// The service's errors.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// A parameter of the request is invalid.
    #[error("{0}")]
    Validation(#[from] Fault),
    /// The parameter store refuses the request.
    #[error("{0}")]
    Refused(#[from] Refusal),
    /// More names or labels than a request may have.
    #[error(
        "1 validation error detected: Value '[{sent}]' at '{name}' failed to satisfy constraint: Member must have length less than or equal to {MOST}."
    )]
    TooMany {
        /// The parameter.
        name: &'static str,
        /// Its items.
        sent: String,
    },
    /// The size of a page is out of its range.
    #[error("A page has {0} to {1} results.")]
    Size(usize, usize),
    /// A page's token is invalid.
    #[error("The token {0} is not valid.")]
    Token(String),
    /// A path does not begin with a slash.
    #[error(
        "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: /get/parameters2-/by1./path0_."
    )]
    Path,
    /// Both kinds of filters were sent.
    #[error("Filters and ParameterFilters exclude each other.")]
    Filters,
    /// The action has no filter of that name.
    #[error("The following filter key is not valid: {key}. Valid filter keys include: [{valid}].")]
    FilterKey {
        /// The name.
        key: String,
        /// The action's filters.
        valid: String,
    },
    /// The filter does not have that option.
    #[error("The following filter option is not valid: {option}. Valid options include: [{valid}].")]
    FilterOption {
        /// The option.
        option: String,
        /// The filter's options.
        valid: &'static str,
    },
    /// The filter has no values.
    #[error("The following filter values are missing : null for filter key {0}.")]
    FilterValue(String),
    /// The platform has no such resources.
    #[error("{0} is no type of resources that have tags here.")]
    ResourceType(String),
}

impl ServiceError for Error {
    fn of_parameter(fault: Fault) -> Error {
        fault.into()
    }
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::Validation(_) | Error::TooMany { .. } | Error::Size(..) | Error::Path | Error::Filters => {
                "ValidationException"
            }
            Error::Refused(error) => error.code(),
            Error::Token(_) => "InvalidNextToken",
            Error::FilterKey { .. } => "InvalidFilterKey",
            Error::FilterOption { .. } => "InvalidFilterOption",
            Error::FilterValue(_) => "InvalidFilterValue",
            Error::ResourceType(_) => "InvalidResourceType",
        }
    }

    fn status(&self) -> u16 {
        if let Error::Refused(error) = self { error.status() } else { 400 }
    }
}

type Result<T> = std::result::Result<T, Error>;

/// The greatest number of names or labels in a request (API reference).
const MOST: usize = 10;

/// Checks how many names or labels a request has.
fn check_count(name: &'static str, sent: &[String]) -> Result<()> {
    if sent.len() > MOST { Err(Error::TooMany { name, sent: sent.join(", ") }) } else { Ok(()) }
}

/// The page of items that a request asks for, sorted by what `id` gives.
fn paged<T>(page: Page, all: Vec<T>, id: impl Fn(&T) -> &str) -> Result<Paged<T>> {
    let (least, most) = page.range;
    let size = page.size.unwrap_or_else(|| most.to_string());
    if !size.parse::<usize>().is_ok_and(|size| (least..=most).contains(&size)) {
        return Err(Error::Size(least, most));
    }
    let page = Page { size: Some(size), ..page };
    let found = listing::paged(&page, all, id);
    let (items, next) = found.map_err(|_| Error::Token(page.token.unwrap_or_default()))?;
    Ok(Paged { items, next })
}

/// The id of the image that a published parameter names.
pub fn image_named(parameter: &str) -> Option<&'static str> {
    let name = parameter.strip_suffix(":1").unwrap_or(parameter);
    let found = published::named(name).filter(|found| found.data_type == published::IMAGE);
    found.map(|found| found.value.as_str())
}
