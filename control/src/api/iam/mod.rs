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
mod qr_code;
mod role;
mod secret;
mod server_certificate;
mod service_linked_role;
mod simulate;
mod tags;
mod user;

pub use secret::secret;

use super::action::Actions;
use super::ec2::listing;
use super::protocol::{ApiError, Dialect, ServiceError};
use super::service::Service;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use shapes::{Fault, List, Page, iam};
use std::sync::LazyLock;
use tokio_rustls::rustls::pki_types::pem;
use tokio_rustls::rustls::{CertificateError, Error as TlsError};

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
        tags::actions,
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
    /// A certificate is not in PEM.
    #[error("Unable to parse certificate. Please ensure the certificate is in PEM format: {0}")]
    CertificatePem(pem::Error),
    /// There is no certificate, or there are several.
    #[error(
        "Unable to parse certificate. Please ensure the certificate is in PEM format: there must be one certificate in the body"
    )]
    NotOneCertificate,
    /// No TLS server could use the certificate.
    #[error("Unable to parse certificate. Please ensure the certificate is in PEM format: {0}")]
    BadCertificate(CertificateError),
    /// A private key is not in PEM.
    #[error("Unable to parse key; the body is encrypted, or not in PEM-format: {0}")]
    KeyPem(pem::Error),
    /// No TLS server could use the private key.
    #[error("Unable to parse key; the body is encrypted, or not in PEM-format: {0}")]
    BadKey(TlsError),
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
            Error::CertificatePem(_)
            | Error::NotOneCertificate
            | Error::BadCertificate(_)
            | Error::KeyPem(_)
            | Error::BadKey(_) => "MalformedCertificate",
            Error::TooManyPairs { .. } => "InvalidInput",
            Error::NoSecret(_) => "ServiceFailure",
        }
    }

    fn status(&self) -> u16 {
        match self {
            Error::Model(error) => error.status(),
            Error::NoSecret(_) => 500,
            _ => 400,
        }
    }
}

/// The default size of a page.
const PAGE: &str = "100";

/// A page of rows as they are shown, whether there are more, and the marker of the next page.
fn paged<R, S>(
    page: Page,
    rows: impl IntoIterator<Item = R>,
    id: impl Fn(&R) -> &str,
    shown: impl FnMut(R) -> S,
) -> Result<(List<S>, Option<bool>, Option<String>)> {
    let page = Page { size: page.size.or_else(|| Some(PAGE.to_owned())), ..page };
    let rows: Vec<R> = rows.into_iter().collect();
    let (rows, marker) = listing::paged(&page, rows, id).map_err(|_| Error::Marker)?;
    Ok((rows.into_iter().map(shown).collect(), Some(marker.is_some()), marker))
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
