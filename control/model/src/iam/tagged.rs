//! Whatever has an ARN of IAM, by that ARN.

use super::{Class, Identity};
use crate::{Model, Tags};

impl Model {
    /// The user, group or role with that ARN.
    pub fn identity_with(&self, arn: &str) -> Option<&Identity> {
        let (account, resource) = arn.strip_prefix("arn:aws:iam::")?.split_once(':')?;
        let (kind, path) = resource.split_once('/')?;
        let class = [Class::User, Class::Group, Class::Role].into_iter().find(|class| class.noun() == kind)?;
        self.identity(account, class, path.rsplit('/').next()?).ok().filter(|identity| identity.arn() == arn)
    }

    /// The tags of a resource of IAM. `None` if there is no such resource, or its kind has no tags.
    pub fn iam_tags(&self, arn: &str) -> Option<&Tags> {
        let (account, resource) = arn.strip_prefix("arn:aws:iam::")?.split_once(':')?;
        let (kind, path) = resource.split_once('/')?;
        let name = path.rsplit('/').next()?;
        let identity = |class| self.identity(account, class, name).ok().map(|identity| &identity.named.tags);
        match kind {
            "user" => identity(Class::User),
            "role" => identity(Class::Role),
            "policy" => self.managed_policies.get(arn).map(|policy| &policy.named.tags),
            "instance-profile" => self.instance_profile(account, name).ok().map(|profile| &profile.named.tags),
            "server-certificate" => {
                self.server_certificate(account, name).ok().map(|certificate| &certificate.named.tags)
            }
            "mfa" => self.mfa_device(account, arn).ok()?.called.as_ref().map(|called| &called.tags),
            "oidc-provider" | "saml-provider" => self.identity_providers.get(arn).map(|provider| &provider.tags),
            _ => None,
        }
    }
}
