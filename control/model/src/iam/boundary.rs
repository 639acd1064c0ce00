//! Permissions boundaries of users and roles.

use super::{Class, Identity, Result};
use crate::Model;
use policy::Document;

/// The boundary whose policy no longer exists, because a file of accounts had it. It allows nothing.
static NOTHING: Document = Document { statements: Vec::new() };

impl Model {
    /// PutUserPermissionsBoundary, PutRolePermissionsBoundary, and their deletion.
    pub fn set_boundary(&mut self, account: &str, class: Class, name: &str, policy: Option<String>) -> Result<()> {
        self.check_usable(account, policy.as_deref())?;
        self.permissions_mut(account, class, name)?.boundary = policy;
        Ok(())
    }

    /// Checks that a boundary or session policy is a managed policy that the account may use.
    pub fn check_usable(&self, account: &str, policy: Option<&str>) -> Result<()> {
        policy.map_or(Ok(()), |arn| self.policy_in(account, arn).map(|_| ()))
    }

    /// An identity's boundary, if it has one: the ARN and the document.
    pub fn boundary_of<'m>(&'m self, identity: &'m Identity) -> Option<(&'m str, &'m Document)> {
        let arn = identity.boundary.as_deref()?;
        Some((arn, self.policy_document(arn).unwrap_or(&NOTHING)))
    }

    /// The identities of an account that have a managed policy as their boundary.
    pub fn bounded_by<'m>(&'m self, account: &'m str, arn: &'m str) -> impl Iterator<Item = &'m Identity> {
        let bounded = move |one: &&Identity| one.named.account == account && one.boundary.as_deref() == Some(arn);
        self.identities.iter().filter(bounded)
    }
}
