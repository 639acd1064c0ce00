//! The quotas of identities ("IAM and AWS STS quotas", IAM User Guide).

use super::{Class, Error, Identity, Policy, Result};

/// The most managed policies of a user, group or role.
const ATTACHED: usize = 10;
/// The most groups of a user.
const GROUPS: usize = 10;
/// The largest managed policy.
const MANAGED: usize = 6144;

/// The size of a policy: its characters without white space.
fn size(policy: &Policy) -> usize {
    policy.text().chars().filter(|c| !c.is_whitespace()).count()
}

/// Checks the size of a managed policy.
pub(super) fn check_managed(policy: &Policy) -> Result<()> {
    within(size(policy) <= MANAGED, "PolicySize", MANAGED)
}

/// Checks the total size of an identity's inline policies with a new one.
pub(super) fn check_inline(identity: &Identity, name: &str, new: &Policy) -> Result<()> {
    let class = identity.class();
    let most = match class {
        Class::User => 2048,
        Class::Group => 5120,
        Class::Role => 10_240,
    };
    let others = identity.inline.iter().filter(|(other, _)| *other != name);
    if others.map(|(_, policy)| size(policy)).sum::<usize>() + size(new) <= most {
        return Ok(());
    }
    Err(Error::InlineTooLarge { most, noun: class.noun(), name: identity.named.name.clone() })
}

/// Checks that an identity may have one more managed policy.
pub(super) fn check_attached(identity: &Identity, arn: &str) -> Result<()> {
    let quota = match identity.class() {
        Class::User => "PoliciesPerUser",
        Class::Group => "PoliciesPerGroup",
        Class::Role => "PoliciesPerRole",
    };
    within(identity.attached.contains(arn) || identity.attached.len() < ATTACHED, quota, ATTACHED)
}

/// Checks that a user may be in one more group.
pub(super) fn check_groups(user: &Identity, group: &str) -> Result<()> {
    let is_in = user.groups().any(|one| one.eq_ignore_ascii_case(group));
    within(is_in || user.groups().count() < GROUPS, "GroupsPerUser", GROUPS)
}

fn within(is_within: bool, quota: &'static str, most: usize) -> Result<()> {
    if is_within { Ok(()) } else { Err(Error::QuotaExceeded { quota, most }) }
}
