//! Identity and Access Management, one file a resource: typed input → model → typed output.

mod access_key;
mod access_report;
mod account;
mod account_details;
mod credential;
mod group;
mod identity_provider;
mod instance_profile;
mod managed_policy;
mod mfa_device;
mod policies;
mod role;
mod secret;
mod server_certificate;
mod service_linked_role;
mod simulate;
mod user;

pub use secret::secret;

use super::action::Actions;
use super::ec2::listing;
use super::protocol::{ApiError, Dialect, ServiceError};
use super::service::Service;
use model::Tags;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use shapes::{Fault, List, Page, iam};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The service.
pub static SERVICE: Service = Service {
    facts: &iam::FACTS,
    dialect: Dialect::Query,
    oldest: iam::FACTS.version,
    actions: LazyLock::new(actions),
};

/// The actions of all resources.
fn actions() -> Actions {
    Actions::of(&[
        access_key::actions,
        access_report::actions,
        account::actions,
        account_details::actions,
        credential::actions,
        group::actions,
        identity_provider::actions,
        instance_profile::actions,
        managed_policy::actions,
        mfa_device::actions,
        policies::actions,
        role::actions,
        server_certificate::actions,
        service_linked_role::actions,
        simulate::actions,
        user::actions,
    ])
}

/// The service's errors.
#[derive(Debug, thiserror::Error)]
enum Error {
    /// The model refuses it.
    #[error(transparent)]
    Model(#[from] model::iam::Error),
    /// A parameter is invalid.
    #[error("{0}")]
    Validation(#[from] Fault),
    /// A page's marker is invalid.
    #[error("Invalid Marker.")]
    Marker,
    /// A simulation would take too long.
    #[error(
        "{count} pairs of an action and a resource are asked about, and a simulation takes at most {most}: ask in parts."
    )]
    TooManyPairs {
        /// Their number.
        count: usize,
        /// The most.
        most: usize,
    },
    /// The operating system gives no random numbers.
    #[error("No secret can be generated: {0}")]
    NoSecret(#[from] getrandom::Error),
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
            Error::Validation(_) | Error::Marker => "ValidationError",
            Error::TooManyPairs { .. } => "InvalidInput",
            Error::NoSecret(_) => "ServiceFailure",
        }
    }

    fn status(&self) -> u16 {
        match self {
            Error::Model(error) => error.status(),
            Error::Validation(_) | Error::Marker | Error::TooManyPairs { .. } => 400,
            Error::NoSecret(_) => 500,
        }
    }
}

/// The most tags in a request.
const TAGS: usize = 50;

/// The default size of a page.
const PAGE: &str = "100";

/// A page of rows, whether there are more, and the marker of the next page.
fn paged<R>(page: Page, rows: Vec<R>, id: impl Fn(&R) -> &str) -> Result<(Vec<R>, Option<bool>, Option<String>)> {
    let page = Page { size: page.size.or_else(|| Some(PAGE.to_owned())), ..page };
    let (rows, marker) = listing::paged(&page, rows, id).map_err(|_| Error::Marker)?;
    Ok((rows, Some(marker.is_some()), marker))
}

/// The tags in a request. Keys must differ by more than case.
fn tags_of(list: List<iam::Tag>) -> Result<Tags> {
    check_tags(&list)?;
    let mut seen = BTreeSet::new();
    if list.iter().any(|tag| !seen.insert(tag.key.to_ascii_lowercase())) {
        return Err(model::iam::Error::TagKeyTwice {}.into());
    }
    Ok(list.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// Removes the tags whose keys a request names.
fn untagging(keys: List<String>) -> Result<impl FnOnce(&mut Tags)> {
    check_count("tagKeys", keys.len())?;
    for (place, key) in keys.iter().enumerate() {
        check_text(format!("tagKeys.{}.member", place + 1), key, 128)?;
    }
    Ok(move |tags: &mut Tags| tags.retain(|key, _| !keys.contains(key)))
}

/// Checks tags. The errors have IAM's words.
fn check_tags(list: &List<iam::Tag>) -> Result<()> {
    check_count("tags", list.len())?;
    for (place, tag) in list.iter().enumerate() {
        let field = |part: &str| format!("tags.{}.member.{part}", place + 1);
        check_text(field("key"), &tag.key, 128)?;
        check_text(field("value"), &tag.value, 256)?;
    }
    Ok(())
}

fn check_count(field: &str, count: usize) -> Result<()> {
    if count <= TAGS {
        return Ok(());
    }
    let rule = format!("Member must have length less than or equal to {TAGS}.");
    Err(model::iam::Error::Constraint { field: field.to_owned(), value: format!("{count} tags"), rule }.into())
}

/// Checks a tag's key or value.
fn check_text(field: String, text: &str, most: usize) -> Result<()> {
    let fits = |c: char| c.is_alphanumeric() || c.is_whitespace() && !c.is_control() || "_.:/=+-@".contains(c);
    let rule = match () {
        () if text.chars().count() > most => format!("Member must have length less than or equal to {most}."),
        () if text.chars().all(fits) => return Ok(()),
        () => r"Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+".to_owned(),
    };
    Err(model::iam::Error::Constraint { field, value: text.to_owned(), rule }.into())
}

/// Tags in a reply.
fn tags_shown(tags: &Tags) -> List<iam::Tag> {
    tags.iter().map(|(key, value)| iam::Tag { key: key.clone(), value: value.clone() }).collect()
}

/// A policy document in a reply: URL-encoded.
fn encoded(policy: &model::iam::Policy) -> String {
    utf8_percent_encode(policy.text(), NON_ALPHANUMERIC).to_string()
}

/// A permissions boundary in a reply.
fn boundary_shown(identity: &model::iam::Identity) -> Option<iam::AttachedPermissionsBoundary> {
    let arn = identity.boundary.clone()?;
    Some(iam::AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".to_owned()),
        permissions_boundary_arn: Some(arn),
    })
}

#[cfg(test)]
mod tests;
