//! The sender of a request.

use super::{Scope, Time, iam};

/// The sender of a request, and the time of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The sender's account, and the Region that the request is for.
    pub scope: Scope,
    /// The time of the request, by the cloud's clock.
    pub now: Time,
    /// The identity within the account.
    pub principal: iam::Principal,
    /// The start of the sender's session. `None` if the key is not a session's.
    pub session: Option<SessionStart>,
}

/// The start of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionStart {
    /// The time.
    pub at: Time,
    /// Whether the user has presented an MFA device.
    pub with_mfa: bool,
}

impl Caller {
    /// The account itself, as its own key identifies it.
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
