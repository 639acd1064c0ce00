//! Resources of IAM with an ARN or tags, of all kinds.

use super::name::check_tags;
use super::{Class, Error, Identity, Result};
use crate::{Model, Tags};

/// A taggable resource, by the name, ARN or serial number that its actions use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tagged<'a> {
    /// The name of a user.
    User(&'a str),
    /// The name of a role.
    Role(&'a str),
    /// The ARN of a managed policy.
    Policy(&'a str),
    /// The name of an instance profile.
    InstanceProfile(&'a str),
    /// The name of a server certificate.
    ServerCertificate(&'a str),
    /// The serial number of an MFA device.
    MfaDevice(&'a str),
    /// The ARN of an OpenID Connect provider.
    OpenIdConnectProvider(&'a str),
    /// The ARN of a SAML provider.
    SamlProvider(&'a str),
}

/// The parts of an ARN of IAM: the account, the kind of resource, and the name without its path.
fn parts(arn: &str) -> Option<(&str, &str, &str)> {
    let (account, resource) = arn.strip_prefix("arn:aws:iam::")?.split_once(':')?;
    let (kind, path) = resource.split_once('/')?;
    Some((account, kind, path.rsplit('/').next()?))
}

impl Model {
    /// The user, group or role with that ARN.
    pub fn identity_with(&self, arn: &str) -> Option<&Identity> {
        let (account, kind, name) = parts(arn)?;
        let class = [Class::User, Class::Group, Class::Role].into_iter().find(|class| class.noun() == kind)?;
        self.identity(account, class, name).ok().filter(|identity| identity.arn() == arn)
    }

    /// The tags of the resource with an ARN. `None` if there is no such resource, or its kind has no tags.
    pub fn iam_tags(&self, arn: &str) -> Option<Tags> {
        let (account, kind, name) = parts(arn)?;
        let tagged = match kind {
            "user" => Tagged::User(name),
            "role" => Tagged::Role(name),
            "policy" => Tagged::Policy(arn),
            "instance-profile" => Tagged::InstanceProfile(name),
            "server-certificate" => Tagged::ServerCertificate(name),
            "mfa" => Tagged::MfaDevice(arn),
            "oidc-provider" => Tagged::OpenIdConnectProvider(arn),
            "saml-provider" => Tagged::SamlProvider(arn),
            _ => return None,
        };
        self.iam_tags_of(account, tagged).ok()
    }

    /// Every tagged resource of an account besides users and roles: its ARN and its tags.
    pub fn tagged_by_iam<'a>(&'a self, account: &'a str) -> impl Iterator<Item = (String, &'a Tags)> {
        let policies = self.managed_policies.iter().map(|row| (row.arn.clone(), &row.named));
        let profiles = self.instance_profiles.iter().map(|row| (row.named.arn("instance-profile"), &row.named));
        let certificates = self.server_certificates.iter().map(|row| (row.arn(), &row.named));
        let devices = self.mfa_devices.iter().filter_map(|row| Some((row.serial.clone(), row.called.as_ref()?)));
        let named = policies.chain(profiles).chain(certificates).chain(devices);
        let named = named.map(|(arn, named)| (arn, &named.account, &named.tags));
        let providers = self.identity_providers.iter().map(|row| (row.arn.clone(), &row.account, &row.tags));
        named
            .chain(providers)
            .filter(move |(_, of, tags)| *of == account && !tags.is_empty())
            .map(|(arn, _, tags)| (arn, tags))
    }

    /// ListUserTags and the like. Hardware devices have no tags.
    pub fn iam_tags_of(&self, account: &str, tagged: Tagged<'_>) -> Result<Tags> {
        let tags = match tagged {
            Tagged::User(name) => &self.identity(account, Class::User, name)?.named.tags,
            Tagged::Role(name) => &self.identity(account, Class::Role, name)?.named.tags,
            Tagged::Policy(arn) => &self.policy_in(account, arn)?.named.tags,
            Tagged::InstanceProfile(name) => &self.instance_profile(account, name)?.named.tags,
            Tagged::ServerCertificate(name) => &self.server_certificate(account, name)?.named.tags,
            Tagged::MfaDevice(serial) => match &self.mfa_device(account, serial)?.called {
                Some(named) => &named.tags,
                None => return Ok(Tags::new()),
            },
            Tagged::OpenIdConnectProvider(arn) => &self.open_id_connect_provider(account, arn)?.0.tags,
            Tagged::SamlProvider(arn) => &self.saml_provider(account, arn)?.0.tags,
        };
        Ok(tags.clone())
    }

    /// TagUser, UntagUser and the like.
    pub fn retag(&mut self, account: &str, tagged: Tagged<'_>, change: impl FnOnce(&mut Tags)) -> Result<()> {
        let tags = self.iam_tags_mut(account, tagged)?;
        change(tags);
        check_tags(tags)
    }

    fn iam_tags_mut(&mut self, account: &str, tagged: Tagged<'_>) -> Result<&mut Tags> {
        Ok(match tagged {
            Tagged::User(name) => &mut self.identity_mut(account, Class::User, name)?.named.tags,
            Tagged::Role(name) => &mut self.identity_mut(account, Class::Role, name)?.named.tags,
            Tagged::Policy(arn) => &mut self.own_policy_mut(account, arn)?.named.tags,
            Tagged::InstanceProfile(name) => &mut self.instance_profile_mut(account, name)?.named.tags,
            Tagged::ServerCertificate(name) => &mut self.server_certificate_mut(account, name)?.named.tags,
            Tagged::MfaDevice(serial) => {
                let missing = || Error::NoSuchDevice { serial: serial.to_owned() };
                let device = self.mfa_device_mut(account, serial)?;
                &mut device.called.as_mut().ok_or_else(missing)?.tags
            }
            Tagged::OpenIdConnectProvider(arn) => {
                self.open_id_connect_provider(account, arn)?;
                self.provider_tags_mut(arn)?
            }
            Tagged::SamlProvider(arn) => {
                self.saml_provider(account, arn)?;
                self.provider_tags_mut(arn)?
            }
        })
    }
}
