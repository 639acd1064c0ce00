//! Inline and attached policies of identities.

use super::name::check;
use super::quota::{check_attached, check_inline};
use super::{Class, Error, Identity, Policy, Result};
use crate::Model;

impl Model {
    /// PutUserPolicy, PutGroupPolicy, PutRolePolicy.
    pub fn put_inline(&mut self, account: &str, class: Class, name: &str, policy: &str, text: &str) -> Result<()> {
        check("policyName", policy, 128)?;
        let read = Policy::of_identity(text)?;
        let identity = self.permissions_mut(account, class, name)?;
        check_inline(identity, policy, &read)?;
        identity.inline.insert(policy.to_owned(), read);
        Ok(())
    }

    /// The inline policy with that name.
    pub fn inline(&self, account: &str, class: Class, name: &str, policy: &str) -> Result<&Policy> {
        let identity = self.identity(account, class, name)?;
        identity.inline.get(policy).ok_or_else(|| no_such(class, policy))
    }

    /// DeleteUserPolicy and the like.
    pub fn delete_inline(&mut self, account: &str, class: Class, name: &str, policy: &str) -> Result<()> {
        let gone = self.permissions_mut(account, class, name)?.inline.remove(policy);
        gone.map(|_| ()).ok_or_else(|| no_such(class, policy))
    }

    /// AttachUserPolicy and the like.
    pub fn attach_policy(&mut self, account: &str, class: Class, name: &str, arn: &str) -> Result<()> {
        if !arn.starts_with("arn:") {
            return Err(Error::InvalidArn {});
        }
        self.policy_in(account, arn)?;
        let identity = self.permissions_mut(account, class, name)?;
        check_attached(identity, arn)?;
        identity.attached.insert(arn.to_owned());
        Ok(())
    }

    /// DetachUserPolicy and the like.
    pub fn detach_policy(&mut self, account: &str, class: Class, name: &str, arn: &str) -> Result<()> {
        let was = self.permissions_mut(account, class, name)?.attached.remove(arn);
        if was { Ok(()) } else { Err(Error::NotAttached { arn: arn.to_owned() }) }
    }

    /// The identities of an account that a managed policy is attached to.
    pub fn attached_to<'m>(&'m self, account: &'m str, arn: &'m str) -> impl Iterator<Item = &'m Identity> {
        self.identities.iter().filter(move |one| one.named.account == account && one.attached.contains(arn))
    }
}

fn no_such(class: Class, policy: &str) -> Error {
    Error::NoSuchInline { noun: class.noun(), policy: policy.to_owned() }
}
