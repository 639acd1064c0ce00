//! Identity providers: OpenID Connect and SAML. Signatures are not verified, because providers are not asked for their keys.

use super::name::{check, check_tags};
use super::{Error, Result};
use crate::{Model, Row, Tags, Time};
use serde::{Deserialize, Serialize};

/// The most providers of a kind in an account, and the most clients and thumbprints of one (IAM's quotas).
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
    /// The time of its creation.
    pub created: Time,
    /// Its tags.
    pub tags: Tags,
    /// The properties of its kind.
    pub of: ProviderOf,
}

/// The properties of a kind of provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProviderOf {
    /// OpenID Connect.
    OpenIdConnect(OpenIdConnect),
    /// SAML.
    Saml(Saml),
}

/// The properties of an OpenID Connect provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenIdConnect {
    /// Its URL, without `https://`.
    pub url: String,
    /// The client ids (audiences).
    pub clients: Vec<String>,
    /// The SHA-1 of its authority's certificate, in hexadecimal digits.
    pub thumbprints: Vec<String>,
}

/// The properties of a SAML provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saml {
    /// The metadata document, as XML.
    pub document: String,
    /// The end of the document's validity.
    pub until: Time,
}

impl Row for IdentityProvider {
    fn id(&self) -> &str {
        &self.arn
    }
}

impl IdentityProvider {
    fn open_id_connect(&self) -> Option<(&IdentityProvider, &OpenIdConnect)> {
        match &self.of {
            ProviderOf::OpenIdConnect(of) => Some((self, of)),
            ProviderOf::Saml(_) => None,
        }
    }

    fn saml(&self) -> Option<(&IdentityProvider, &Saml)> {
        match &self.of {
            ProviderOf::Saml(of) => Some((self, of)),
            ProviderOf::OpenIdConnect(_) => None,
        }
    }
}

impl OpenIdConnect {
    fn check(&self) -> Result<()> {
        check_clients(&self.clients)?;
        check_thumbprints(&self.thumbprints)
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

fn check_quota(quota: &'static str, others: usize) -> Result<()> {
    if others >= PROVIDERS { Err(Error::QuotaExceeded { quota, most: PROVIDERS }) } else { Ok(()) }
}

fn check_clients(all: &[String]) -> Result<()> {
    if all.len() > CLIENTS {
        return Err(Error::QuotaExceeded { quota: "ClientIdsPerOpenIdConnectProvider", most: CLIENTS });
    }
    all.iter().try_for_each(|one| too_long("clientIDList", one, 255))
}

impl Model {
    /// CreateOpenIDConnectProvider. The URL of `new` begins with `https://`.
    pub fn create_open_id_connect_provider(
        &mut self,
        account: &str,
        now: Time,
        new: OpenIdConnect,
        tags: Tags,
    ) -> Result<&IdentityProvider> {
        too_long("url", &new.url, 255)?;
        let bare = new.url.strip_prefix("https://").filter(|rest| !rest.is_empty() && !rest.starts_with('/'));
        let url = bare.ok_or_else(|| Error::BadProviderUrl { url: new.url.clone() })?.to_owned();
        new.check()?;
        let arn = format!("arn:aws:iam::{account}:oidc-provider/{}", url.split('?').next().unwrap_or(&url));
        let others = self.open_id_connect_providers_of(account).count();
        check_quota("OpenIdConnectProvidersPerAccount", others)?;
        self.insert_provider(account, now, arn, tags, ProviderOf::OpenIdConnect(OpenIdConnect { url, ..new }))
    }

    /// CreateSAMLProvider.
    pub fn create_saml_provider(
        &mut self,
        account: &str,
        now: Time,
        (name, new): (&str, Saml),
        tags: Tags,
    ) -> Result<&IdentityProvider> {
        check("name", name, 128)?;
        let arn = format!("arn:aws:iam::{account}:saml-provider/{name}");
        check_quota("SAMLProvidersPerAccount", self.saml_providers_of(account).count())?;
        self.insert_provider(account, now, arn, tags, ProviderOf::Saml(new))
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
        let new = IdentityProvider { arn: arn.clone(), account: account.to_owned(), created: now, tags, of };
        self.identity_providers.insert(new);
        self.identity_providers.get(&arn).ok_or(Error::NoSuchProvider { arn })
    }

    /// The providers of an account.
    pub fn identity_providers_of<'m>(&'m self, account: &'m str) -> impl Iterator<Item = &'m IdentityProvider> {
        self.identity_providers.iter().filter(move |one| one.account == account)
    }

    /// The OpenID Connect providers of an account.
    pub fn open_id_connect_providers_of<'m>(
        &'m self,
        account: &'m str,
    ) -> impl Iterator<Item = (&'m IdentityProvider, &'m OpenIdConnect)> {
        self.identity_providers_of(account).filter_map(IdentityProvider::open_id_connect)
    }

    /// The SAML providers of an account.
    pub fn saml_providers_of<'m>(&'m self, account: &'m str) -> impl Iterator<Item = (&'m IdentityProvider, &'m Saml)> {
        self.identity_providers_of(account).filter_map(IdentityProvider::saml)
    }

    /// The OpenID Connect provider with that ARN.
    pub fn open_id_connect_provider(&self, account: &str, arn: &str) -> Result<(&IdentityProvider, &OpenIdConnect)> {
        let found = self.identity_providers.get(arn).filter(|one| one.account == account);
        found.and_then(IdentityProvider::open_id_connect).ok_or_else(|| Error::NoSuchProvider { arn: arn.to_owned() })
    }

    /// The SAML provider with that ARN.
    pub fn saml_provider(&self, account: &str, arn: &str) -> Result<(&IdentityProvider, &Saml)> {
        let found = self.identity_providers.get(arn).filter(|one| one.account == account);
        found.and_then(IdentityProvider::saml).ok_or_else(|| Error::NoSuchSaml { arn: arn.to_owned() })
    }

    /// The tags of a provider of any kind, to be changed.
    pub(super) fn provider_tags_mut(&mut self, arn: &str) -> Result<&mut Tags> {
        let found = self.identity_providers.get_mut(arn).map(|provider| &mut provider.tags);
        found.ok_or_else(|| Error::NoSuchProvider { arn: arn.to_owned() })
    }

    /// Changes the client ids and thumbprints of an OpenID Connect provider.
    pub fn change_open_id_connect_provider(
        &mut self,
        account: &str,
        arn: &str,
        change: impl FnOnce(&mut OpenIdConnect),
    ) -> Result<()> {
        let (provider, of) = self.open_id_connect_provider(account, arn)?;
        let (provider, mut of) = (provider.clone(), of.clone());
        change(&mut of);
        of.check()?;
        self.identity_providers.insert(IdentityProvider { of: ProviderOf::OpenIdConnect(of), ..provider });
        Ok(())
    }

    /// UpdateSAMLProvider.
    pub fn update_saml_provider(&mut self, account: &str, arn: &str, new: Option<Saml>) -> Result<()> {
        let provider = self.saml_provider(account, arn)?.0.clone();
        if let Some(new) = new {
            self.identity_providers.insert(IdentityProvider { of: ProviderOf::Saml(new), ..provider });
        }
        Ok(())
    }

    /// DeleteOpenIDConnectProvider. It succeeds if there is none (IAM API Reference).
    pub fn delete_open_id_connect_provider(&mut self, account: &str, arn: &str) {
        if self.open_id_connect_provider(account, arn).is_ok() {
            self.identity_providers.remove(arn);
        }
    }

    /// DeleteSAMLProvider.
    pub fn delete_saml_provider(&mut self, account: &str, arn: &str) -> Result<()> {
        self.saml_provider(account, arn)?;
        self.identity_providers.remove(arn);
        Ok(())
    }
}
