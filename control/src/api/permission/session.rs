//! What sessions cannot do, whatever policies say (IAM User Guide, "Compare AWS STS credentials").

use model::Caller;
use model::iam::Principal;

/// Actions whose requests are not signed, so that no session sends them.
const UNSIGNED: [&str; 2] = ["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"];

/// Whether an action is closed to the sender's session. A user's session with MFA could call IAM, but no session here has MFA.
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
