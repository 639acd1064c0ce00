//! Identity providers: OpenID Connect and SAML. Their signatures are not verified, since no provider is asked for its keys.

use super::name::{check, check_tags};
use super::{Error, Result};
use crate::{Model, Row, Tags, Time};
use serde::{Deserialize, Serialize};

/// How many providers of a kind an account may have, and how many clients and thumbprints one of OpenID Connect (IAM's quotas).
const PROVIDERS: usize = 100;
const CLIENTS: usize = 100;
const THUMBPRINTS: usize = 5;

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentityProvider {
    /// Its ARN.
    pub arn: String,
    /// The twelve digits of its account.
    pub account: String,
    /// When it was created.
    pub created: Time,
    /// Its tags.
    pub tags: Tags,
    /// What only its kind has.
    pub of: ProviderOf,
}

/// What only a kind of provider has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProviderOf {
    /// OpenID Connect.
    OpenIdConnect {
        /// Its URL, without `https://`.
        url: String,
        /// The client ids (audiences).
        clients: Vec<String>,
        /// The SHA-1 of its authority's certificate, in hexadecimal digits.
        thumbprints: Vec<String>,
    },
    /// SAML.
    Saml {
        /// The metadata document, as XML.
        document: String,
        /// The end of the document's validity.
        until: Time,
    },
}

impl Row for IdentityProvider {
    fn id(&self) -> &str {
        &self.arn
    }
}

impl IdentityProvider {
    /// Whether it is a SAML provider.
    pub fn is_saml(&self) -> bool {
        matches!(self.of, ProviderOf::Saml { .. })
    }
}

fn too_long(field: &'static str, value: &str, most: usize) -> Result<()> {
    if value.len() > most { Err(Error::BadValue { field, value: value.to_owned() }) } else { Ok(()) }
}

fn check_thumbprints(all: &[String]) -> Result<()> {
    if all.len() > THUMBPRINTS {
        return Err(Error::Thumbprints {});
    }
    let fits = |one: &str| one.len() == 40 && one.bytes().all(|b| b.is_ascii_hexdigit());
    match all.iter().find(|one| !fits(one)) {
        Some(bad) => Err(Error::BadValue { field: "thumbprintList", value: bad.clone() }),
        None => Ok(()),
    }
}

fn check_clients(all: &[String]) -> Result<()> {
    if all.len() > CLIENTS {
        return Err(Error::QuotaExceeded { quota: "ClientIdsPerOpenIdConnectProvider", most: CLIENTS });
    }
    all.iter().try_for_each(|one| too_long("clientIDList", one, 255))
}

/// The error for an ARN that no provider has.
fn no_such(arn: &str) -> Error {
    match arn.contains(":saml-provider/") {
        true => Error::NoSuchSaml { arn: arn.to_owned() },
        false => Error::NoSuchProvider { arn: arn.to_owned() },
    }
}

impl Model {
    /// CreateOpenIDConnectProvider.
    pub fn create_open_id_connect_provider(
        &mut self,
        account: &str,
        now: Time,
        (url, clients, thumbprints): (&str, Vec<String>, Vec<String>),
        tags: Tags,
    ) -> Result<&IdentityProvider> {
        too_long("url", url, 255)?;
        let bare = url.strip_prefix("https://").filter(|rest| !rest.is_empty() && !rest.starts_with('/'));
        let url = bare.ok_or_else(|| Error::BadProviderUrl { url: url.to_owned() })?.to_owned();
        check_clients(&clients)?;
        check_thumbprints(&thumbprints)?;
        let arn = format!("arn:aws:iam::{account}:oidc-provider/{}", url.split('?').next().unwrap_or(&url));
        self.insert_provider(account, now, arn, tags, ProviderOf::OpenIdConnect { url, clients, thumbprints })
    }

    /// CreateSAMLProvider.
    pub fn create_saml_provider(
        &mut self,
        account: &str,
        now: Time,
        (name, document, until): (&str, String, Time),
        tags: Tags,
    ) -> Result<&IdentityProvider> {
        check("name", name, 128)?;
        let arn = format!("arn:aws:iam::{account}:saml-provider/{name}");
        self.insert_provider(account, now, arn, tags, ProviderOf::Saml { document, until })
    }

    fn insert_provider(
        &mut self,
        account: &str,
        now: Time,
        arn: String,
        tags: Tags,
        of: ProviderOf,
    ) -> Result<&IdentityProvider> {
        check_tags(&tags)?;
        if self.identity_providers.get(&arn).is_some() {
            return Err(Error::ProviderExists { arn });
        }
        let (is_saml, quota) = match of {
            ProviderOf::Saml { .. } => (true, "SAMLProvidersPerAccount"),
            ProviderOf::OpenIdConnect { .. } => (false, "OpenIdConnectProvidersPerAccount"),
        };
        if self.identity_providers_of(account).filter(|one| one.is_saml() == is_saml).count() >= PROVIDERS {
            return Err(Error::QuotaExceeded { quota, most: PROVIDERS });
        }
        let new = IdentityProvider { arn: arn.clone(), account: account.to_owned(), created: now, tags, of };
        self.identity_providers.insert(new);
        self.identity_provider(account, &arn)
    }

    /// The provider of that ARN.
    pub fn identity_provider(&self, account: &str, arn: &str) -> Result<&IdentityProvider> {
        let found = self.identity_providers.get(arn).filter(|one| one.account == account);
        found.ok_or_else(|| no_such(arn))
    }

    /// The providers of an account.
    pub fn identity_providers_of<'m>(&'m self, account: &'m str) -> impl Iterator<Item = &'m IdentityProvider> {
        self.identity_providers.iter().filter(move |one| one.account == account)
    }

    /// Changes a provider.
    pub fn change_identity_provider(
        &mut self,
        account: &str,
        arn: &str,
        change: impl FnOnce(&mut IdentityProvider) -> Result<()>,
    ) -> Result<()> {
        let mut provider = self.identity_provider(account, arn)?.clone();
        change(&mut provider)?;
        check_tags(&provider.tags)?;
        if let ProviderOf::OpenIdConnect { clients, thumbprints, .. } = &provider.of {
            check_clients(clients)?;
            check_thumbprints(thumbprints)?;
        }
        self.identity_providers.insert(provider);
        Ok(())
    }

    /// DeleteOpenIDConnectProvider, DeleteSAMLProvider.
    pub fn delete_identity_provider(&mut self, account: &str, arn: &str) -> Result<()> {
        self.identity_provider(account, arn)?;
        self.identity_providers.remove(arn);
        Ok(())
    }
}
