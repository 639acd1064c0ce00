//! Server certificates, which load balancers present to TLS clients.

use super::name::{Named, check, check_path, check_tags, key};
use super::{Error, Result};
use crate::{Model, Row, Tags, Time};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The most server certificates of an account (AWS's quota).
const LIMIT: usize = 20;

/// A server certificate.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerCertificate {
    /// `111122223333/shop`
    pub id: String,
    /// Its name, path and tags.
    pub named: Named,
    /// The certificate, as PEM.
    pub body: String,
    /// The certificates of its authorities, as PEM.
    pub chain: Option<String>,
    /// Its private key, as PEM. No reply shows it.
    pub private_key: String,
    /// The end of its validity.
    pub expires: Option<Time>,
}

/// Leaves out the private key.
impl fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, named, body, chain, private_key: _, expires } = self;
        let mut shown = f.debug_struct("ServerCertificate");
        shown.field("id", id).field("named", named).field("body", body).field("chain", chain).field("expires", expires);
        shown.finish_non_exhaustive()
    }
}

impl Row for ServerCertificate {
    fn id(&self) -> &str {
        &self.id
    }
}

impl ServerCertificate {
    /// Its ARN.
    pub fn arn(&self) -> String {
        self.named.arn("server-certificate")
    }

    /// The certificate and those of its authorities.
    pub fn whole_chain(&self) -> String {
        format!("{}\n{}", self.body, self.chain.as_deref().unwrap_or_default())
    }
}

/// The checked input of UploadServerCertificate.
#[derive(Clone)]
pub struct NewServerCertificate {
    /// Its name.
    pub name: String,
    /// Its path.
    pub path: Option<String>,
    /// The certificate, as PEM.
    pub body: String,
    /// The certificates of its authorities, as PEM.
    pub chain: Option<String>,
    /// Its private key, as PEM.
    pub private_key: String,
    /// The end of its validity.
    pub expires: Option<Time>,
    /// Its tags.
    pub tags: Tags,
}

/// Leaves out the private key.
impl fmt::Debug for NewServerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, path, body, chain, private_key: _, expires, tags } = self;
        let mut shown = f.debug_struct("NewServerCertificate");
        shown.field("name", name).field("path", path).field("body", body).field("chain", chain);
        shown.field("expires", expires).field("tags", tags).finish_non_exhaustive()
    }
}

impl Model {
    /// UploadServerCertificate.
    pub fn upload_server_certificate(
        &mut self,
        account: &str,
        now: Time,
        new: NewServerCertificate,
    ) -> Result<&ServerCertificate> {
        let NewServerCertificate { name, path, body, chain, private_key, expires, tags } = new;
        let path = path.unwrap_or_else(|| "/".to_owned());
        check("serverCertificateName", &name, 128)?;
        check_path(&path)?;
        check_tags(&tags)?;
        if self.server_certificate(account, &name).is_ok() {
            return Err(Error::CertificateExists { name });
        }
        if self.server_certificates_of(account).count() >= LIMIT {
            return Err(Error::CertificateLimit {});
        }
        let unique_id = self.unique_id("ASCA", 17);
        let named = Named { account: account.to_owned(), name: name.clone(), path, unique_id, created: now, tags };
        let id = named.key();
        self.server_certificates.insert(ServerCertificate { id, named, body, chain, private_key, expires });
        self.server_certificate(account, &name)
    }

    /// The server certificate with that name.
    pub fn server_certificate(&self, account: &str, name: &str) -> Result<&ServerCertificate> {
        self.server_certificates.get(&key(account, name)).ok_or_else(|| no_such(name))
    }

    /// The server certificate with that ARN.
    pub fn server_certificate_of(&self, arn: &str) -> Result<&ServerCertificate> {
        let account = arn.split(':').nth(4).unwrap_or_default();
        let name = arn.rsplit('/').next().unwrap_or_default();
        let found = self.server_certificate(account, name)?;
        if found.arn() == arn { Ok(found) } else { Err(no_such(name)) }
    }

    /// All server certificates of an account, by name.
    pub fn server_certificates_of<'m>(&'m self, account: &'m str) -> impl Iterator<Item = &'m ServerCertificate> {
        self.server_certificates.iter().filter(move |one| one.named.account == account)
    }

    pub(super) fn server_certificate_mut(&mut self, account: &str, name: &str) -> Result<&mut ServerCertificate> {
        self.server_certificates.get_mut(&key(account, name)).ok_or_else(|| no_such(name))
    }

    /// UpdateServerCertificate: changes the name or the path. Listeners get the new ARN.
    pub fn rename_server_certificate(
        &mut self,
        account: &str,
        name: &str,
        (new_name, new_path): (Option<String>, Option<String>),
    ) -> Result<()> {
        let mut certificate = self.server_certificate(account, name)?.clone();
        let (before, id) = (certificate.arn(), certificate.id.clone());
        if let Some(path) = new_path {
            check_path(&path)?;
            certificate.named.path = path;
        }
        if let Some(name) = new_name {
            check("newServerCertificateName", &name, 128)?;
            if key(account, &name) != id && self.server_certificate(account, &name).is_ok() {
                return Err(Error::CertificateExists { name });
            }
            certificate.named.name = name;
        }
        certificate.id = certificate.named.key();
        let after = certificate.arn();
        self.server_certificates.remove(&id);
        self.server_certificates.insert(certificate);
        let users: Vec<String> = self.balancers_with(&before).map(|balancer| balancer.id.clone()).collect();
        for user in users {
            let listeners = self.load_balancers.get_mut(&user).into_iter().flat_map(|row| row.listeners.values_mut());
            let own = listeners.filter_map(|listener| listener.certificate.as_mut()).filter(|arn| **arn == before);
            own.for_each(|arn| arn.clone_from(&after));
        }
        Ok(())
    }

    /// DeleteServerCertificate. One that a listener uses is refused.
    pub fn delete_server_certificate(&mut self, account: &str, name: &str) -> Result<()> {
        let certificate = self.server_certificate(account, name)?;
        let (id, unique, arn) = (certificate.id.clone(), certificate.named.unique_id.clone(), certificate.arn());
        if let Some(user) = self.balancers_with(&arn).next() {
            return Err(Error::CertificateInUse { id: unique, user: user.arn() });
        }
        self.server_certificates.remove(&id);
        Ok(())
    }
}

fn no_such(name: &str) -> Error {
    Error::NoSuchCertificate { name: name.to_owned() }
}
