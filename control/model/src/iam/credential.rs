//! Credentials of users besides access keys: passwords, SSH keys, signing certificates, service-specific credentials. Nobody can
//! sign in with them, so no secrets are stored.

use super::{Error, Result};
use crate::{Model, Time};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A user's credentials besides access keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Its password.
    pub login: Option<LoginProfile>,
    /// All others by id.
    pub issued: BTreeMap<String, Credential>,
}

/// A login profile: the user has a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoginProfile {
    /// The time of its creation.
    pub created: Time,
    /// Whether it must be changed at the next sign-in.
    pub reset_required: bool,
}

/// An SSH key, a certificate, or a service-specific credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// Its id.
    pub id: String,
    /// Whether it may be used.
    pub active: bool,
    /// The time of its creation.
    pub created: Time,
    /// Its contents.
    pub of: CredentialOf,
}

/// The contents of a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CredentialOf {
    /// A public SSH key.
    SshKey {
        /// As it was sent.
        body: String,
        /// Its MD5, in hexadecimal pairs.
        fingerprint: String,
    },
    /// A signing certificate.
    Certificate {
        /// As PEM.
        body: String,
    },
    /// A service-specific credential.
    Service {
        /// `codecommit.amazonaws.com`
        service: String,
        /// The user name for signing in.
        user_name: String,
    },
}

/// The kinds of credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    /// SSH keys.
    SshKey,
    /// Signing certificates.
    Certificate,
    /// Service-specific credentials.
    Service,
}

impl CredentialKind {
    /// The most credentials of a user (IAM's quotas). Service-specific ones are counted for each service.
    fn limit(self) -> usize {
        match self {
            CredentialKind::SshKey => 5,
            CredentialKind::Certificate | CredentialKind::Service => 2,
        }
    }

    /// IAM's name of that quota.
    fn quota(self) -> &'static str {
        match self {
            CredentialKind::SshKey => "SSHPublicKeysPerUser",
            CredentialKind::Certificate => "CertificatesPerUser",
            CredentialKind::Service => "ServiceSpecificCredentialsPerUser",
        }
    }

    /// Its name in the error when a user who has one is deleted.
    fn noun(self) -> &'static str {
        match self {
            CredentialKind::SshKey => "SSH public keys",
            CredentialKind::Certificate => "signing certificates",
            CredentialKind::Service => "service specific credentials",
        }
    }

    /// Its name in the error when one does not exist.
    fn missing(self) -> &'static str {
        match self {
            CredentialKind::SshKey => "Public Key",
            CredentialKind::Certificate => "Certificate",
            CredentialKind::Service => "Service Specific Credential",
        }
    }

    /// The prefix of ids, and how many characters follow.
    fn id(self) -> (&'static str, usize) {
        match self {
            CredentialKind::SshKey => ("APKA", 17),
            CredentialKind::Certificate => ("ASCA", 20),
            CredentialKind::Service => ("ACCA", 17),
        }
    }
}

impl Credential {
    /// Its kind.
    pub fn kind(&self) -> CredentialKind {
        self.of.kind()
    }
}

impl CredentialOf {
    fn kind(&self) -> CredentialKind {
        match self {
            CredentialOf::SshKey { .. } => CredentialKind::SshKey,
            CredentialOf::Certificate { .. } => CredentialKind::Certificate,
            CredentialOf::Service { .. } => CredentialKind::Service,
        }
    }

    /// Whether both count towards one quota.
    fn counts_with(&self, other: &CredentialOf) -> bool {
        match (self, other) {
            (CredentialOf::Service { service: one, .. }, CredentialOf::Service { service: other, .. }) => one == other,
            _ => self.kind() == other.kind(),
        }
    }
}

impl Credentials {
    /// The error for deleting a user who has credentials, if there are any.
    pub(super) fn in_the_way(&self) -> Option<Error> {
        let login = self.login.as_ref().map(|_| Error::HasCredentials { what: "login profile" });
        let issued = || self.issued.values().map(Credential::kind).next();
        login.or_else(|| {
            issued().map(|kind| match kind {
                CredentialKind::Service => Error::HasReferences {},
                _ => Error::HasCredentials { what: kind.noun() },
            })
        })
    }
}

impl Model {
    /// The password of a user.
    pub fn login_profile(&self, account: &str, user: &str) -> Result<&LoginProfile> {
        let missing = || Error::NoSuchLogin { name: user.to_owned() };
        self.credentials(account, user)?.login.as_ref().ok_or_else(missing)
    }

    /// CreateLoginProfile.
    pub fn create_login_profile(&mut self, account: &str, user: &str, new: LoginProfile) -> Result<()> {
        let login = &mut self.credentials_mut(account, user)?.login;
        if login.is_some() {
            return Err(Error::LoginExists { name: user.to_owned() });
        }
        *login = Some(new);
        Ok(())
    }

    /// UpdateLoginProfile, DeleteLoginProfile.
    pub fn change_login_profile(
        &mut self,
        account: &str,
        user: &str,
        change: impl FnOnce(&mut Option<LoginProfile>),
    ) -> Result<()> {
        self.login_profile(account, user)?;
        change(&mut self.credentials_mut(account, user)?.login);
        Ok(())
    }

    /// UploadSSHPublicKey, UploadSigningCertificate, CreateServiceSpecificCredential.
    pub fn issue_credential(&mut self, account: &str, user: &str, now: Time, of: CredentialOf) -> Result<Credential> {
        let (kind, same) = (of.kind(), |one: &&Credential| one.of.counts_with(&of));
        if self.credentials(account, user)?.issued.values().filter(same).count() >= kind.limit() {
            return Err(Error::QuotaExceeded { quota: kind.quota(), most: kind.limit() });
        }
        let (prefix, letters) = kind.id();
        let new = Credential { id: self.unique_id(prefix, letters), active: true, created: now, of };
        self.credentials_mut(account, user)?.issued.insert(new.id.clone(), new.clone());
        Ok(new)
    }

    /// The credential of that kind and id.
    pub fn credential(&self, account: &str, user: &str, (kind, id): (CredentialKind, &str)) -> Result<&Credential> {
        let found = self.credentials(account, user)?.issued.get(id).filter(|one| one.kind() == kind);
        found.ok_or_else(|| match kind {
            CredentialKind::Service if !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') => {
                Error::BadSpecific {}
            }
            CredentialKind::Service => Error::NoSuchSpecific { id: id.to_owned() },
            _ => Error::NoSuchCredential { noun: kind.missing(), id: id.to_owned() },
        })
    }

    /// UpdateSSHPublicKey and the like.
    pub fn activate_credential(
        &mut self,
        account: &str,
        user: &str,
        which: (CredentialKind, &str),
        active: bool,
    ) -> Result<()> {
        self.credential(account, user, which)?;
        if let Some(one) = self.credentials_mut(account, user)?.issued.get_mut(which.1) {
            one.active = active;
        }
        Ok(())
    }

    /// DeleteSSHPublicKey and the like.
    pub fn delete_credential(&mut self, account: &str, user: &str, which: (CredentialKind, &str)) -> Result<()> {
        self.credential(account, user, which)?;
        self.credentials_mut(account, user)?.issued.remove(which.1);
        Ok(())
    }
}
