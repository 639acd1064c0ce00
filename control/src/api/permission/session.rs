//! What sessions cannot do, whatever policies say (IAM User Guide, "Compare AWS STS credentials").

use model::Caller;
use model::iam::Principal;

/// What nobody signs, so that it is no session that asks.
const UNSIGNED: [&str; 2] = ["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"];

/// Whether an action is closed to the sender's session. No session here has proved a second factor, with which a user's session could call
/// IAM.
pub fn is_closed(caller: &Caller, service: &str, action: &str) -> bool {
    if !caller.temporary || UNSIGNED.contains(&action) {
        return false;
    }
    match (service, &caller.principal) {
        ("sts", Principal::Role { .. }) => matches!(action, "GetSessionToken" | "GetFederationToken"),
        (_, Principal::Role { .. }) => false,
        ("sts", Principal::Federated { .. }) => action != "GetCallerIdentity",
        ("sts", Principal::Root | Principal::User { .. }) => !matches!(action, "AssumeRole" | "GetCallerIdentity"),
        (service, _) => service == "iam",
    }
}
