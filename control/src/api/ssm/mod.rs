//! Systems Manager: the parameters that AWS publishes, which name the newest images. Users cannot store parameters.

mod published;

use super::action::Actions;
use super::protocol::{ApiError, Dialect, ServiceError};
use super::service::Service;
use model::{Caller, Model, Scope};
use published::{Published, published};
use shapes::{Fault, Page, ssm};
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &ssm::FACTS,
    dialect: Dialect::Json,
    oldest: ssm::FACTS.version,
    actions: LazyLock::new(|| Actions::default().read(one).read(several).read(below)),
};

/// The service's errors.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// A parameter of the request is invalid.
    #[error("{0}")]
    Validation(#[from] Fault),
    /// More names than a request may have.
    #[error("A request names at most ten parameters.")]
    TooMany,
    /// There is no such parameter.
    #[error("Parameter {0} not found.")]
    NotFound(String),
    /// A page's token is invalid.
    #[error("The token {0} is not valid.")]
    Token(String),
}

impl ServiceError for Error {
    fn of_parameter(fault: Fault) -> Error {
        fault.into()
    }
}

impl ApiError for Error {
    fn code(&self) -> &'static str {
        match self {
            Error::Validation(_) | Error::TooMany => "ValidationException",
            Error::NotFound(_) => "ParameterNotFound",
            Error::Token(_) => "InvalidNextToken",
        }
    }
}

/// The greatest number of names in GetParameters (API reference).
const MOST: usize = 10;

type Result<T> = std::result::Result<T, Error>;

fn shown(scope: &Scope, found: Published) -> ssm::Parameter {
    let Published { name, image } = found;
    ssm::Parameter {
        arn: Some(format!("arn:{}:ssm:{}::parameter{name}", scope.partition(), scope.region)),
        name: Some(name),
        r#type: Some("String".to_owned()),
        value: Some(image.id.clone()),
        last_modified_date: Some(image.created),
        version: Some(1),
        data_type: Some("aws:ec2:image".to_owned()),
        ..Default::default()
    }
}

/// A parameter by its name, which may end with a version. `:1` is the only one.
fn named(name: &str) -> Option<Published> {
    let name = name.strip_suffix(":1").unwrap_or(name);
    published().find(|found| found.name == name)
}

/// The id of the image that a published parameter names.
pub fn image_named(parameter: &str) -> Option<&'static str> {
    named(parameter).map(|found| found.image.id.as_str())
}

fn one(_: &Model, caller: &Caller, input: ssm::GetParameterRequest) -> Result<ssm::GetParameterResult> {
    let found = named(&input.name).ok_or(Error::NotFound(input.name))?;
    Ok(ssm::GetParameterResult { parameter: Some(shown(&caller.scope, found)) })
}

fn several(_: &Model, caller: &Caller, input: ssm::GetParametersRequest) -> Result<ssm::GetParametersResult> {
    if input.names.len() > MOST {
        return Err(Error::TooMany);
    }
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for name in input.names {
        match named(&name) {
            Some(parameter) => found.push(shown(&caller.scope, parameter)),
            None => missing.push(name),
        }
    }
    Ok(ssm::GetParametersResult { parameters: found.into(), invalid_parameters: missing.into() })
}

/// Parameters below a path, ten a page unless fewer are asked for.
fn below(_: &Model, caller: &Caller, input: ssm::GetParametersByPathRequest) -> Result<ssm::GetParametersByPathResult> {
    let ssm::GetParametersByPathRequest { path, recursive, page: Page { size, token, range: (_, most) } } = input;
    let path = format!("{}/", path.trim_end_matches('/'));
    let is_below = |found: &Published| {
        let rest = found.name.strip_prefix(&path);
        rest.is_some_and(|rest| recursive == Some(true) || !rest.contains('/'))
    };
    let mut found: Vec<Published> = published().filter(is_below).collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    if let Some(token) = token {
        let after = found.iter().position(|found| found.name == token).ok_or(Error::Token(token))?;
        found.drain(..=after);
    }
    let size = size.and_then(|size| size.parse().ok()).unwrap_or(most).clamp(1, most);
    let next_token = (found.len() > size).then(|| found[size - 1].name.clone());
    found.truncate(size);
    let parameters = found.into_iter().map(|found| shown(&caller.scope, found)).collect();
    Ok(ssm::GetParametersByPathResult { parameters, next_token })
}
