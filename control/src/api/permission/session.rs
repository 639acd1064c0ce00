//! Actions that are closed to sessions, whatever policies say (IAM User Guide, "Compare AWS STS credentials").

use model::Caller;
use model::iam::Principal;

/// Actions whose requests are not signed, so that no session sends them.
const UNSIGNED: [&str; 2] = ["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"];

/// Whether an action is closed to the sender's session.
pub fn is_closed(caller: &Caller, service: &str, action: &str) -> bool {
    let Some(session) = caller.session.filter(|_| !UNSIGNED.contains(&action)) else { return false };
    match (service, &caller.principal) {
        ("sts", Principal::Role { .. }) => matches!(action, "GetSessionToken" | "GetFederationToken"),
        (_, Principal::Role { .. }) => false,
        ("sts", Principal::Federated { .. }) => action != "GetCallerIdentity",
        ("sts", Principal::Root | Principal::User { .. }) => !matches!(action, "AssumeRole" | "GetCallerIdentity"),
        (service, _) => service == "iam" && !session.with_mfa,
    }
}
