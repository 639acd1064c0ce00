//! Who asks, and of whose and which Region's things.

use super::{Scope, Time, iam};

/// Who asks for a transition, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The account, and the Region it asks in.
    pub scope: Scope,
    /// The time of the call.
    pub now: Time,
    /// Who it is, within the account.
    pub principal: iam::Principal,
    /// The beginning of the session whose credentials it asks with.
    pub session: Option<SessionStart>,
}

/// The beginning of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionStart {
    /// When it was.
    pub at: Time,
    /// Whether its user has shown an MFA device.
    pub with_mfa: bool,
}

impl Caller {
    /// The account itself.
    pub fn of_account(scope: Scope, now: Time) -> Caller {
        Caller { scope, now, principal: iam::Principal::Root, session: None }
    }
}

/// The ARN of a resource of EC2. Those of IPAM name no Region, those of images and snapshots no account.
pub fn arn(scope: &Scope, resource_type: &str, id: &str) -> String {
    let region = if resource_type.starts_with("ipam") { "" } else { scope.region.as_str() };
    let account = if matches!(resource_type, "image" | "snapshot") { "" } else { scope.account.as_str() };
    format!("arn:{}:ec2:{region}:{account}:{resource_type}/{id}", scope.partition())
}
