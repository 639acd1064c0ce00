//! Authorisation: whether the sender may do what a request asks for. It is decided only here, before an action reads
//! its parameters.
//!
//! An action on several resources asks several questions, all of which must be allowed. Policies ([`policy`]) decide
//! each; this folder has the questions: the resources (`resources`), from what the request names (`named`), with what
//! is known (`known`, `ec2_keys`); for a launch, as it will be made (`launched`).

mod auto_scaling;
mod denial;
mod ec2_keys;
mod known;
mod launched;
mod named;
mod resources;
mod service_keys;
mod services;
mod session;
mod tagging;

pub use denial::{BadMessage, Denied, open};
pub use known::Sender;

use super::Params;
use super::arn::is_arn;
use super::protocol::Dialect;
use denial::{PolicyType, Refusal};
use model::iam::{Policy, Principal};
use model::{Caller, Model};
use policy::{Context, Document, Query, Verdict, allows_directly, allows_session, evaluate};
use resources::Resource;
use std::sync::Arc;

/// A request before its parameters are interpreted.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The service's name in policies: `ec2`.
    pub service: &'a str,
    /// Its dialect.
    pub dialect: Dialect,
    /// The action.
    pub action: &'a str,
    /// Its parameters.
    pub params: &'a Params,
    /// What is known of the sender.
    pub sender: &'a Sender,
}

/// What everybody may ask, whatever policies say.
const OPEN: [&str; 4] =
    ["sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity", "sts:GetCallerIdentity", "sts:GetSessionToken"];

/// Checks that a request is allowed.
///
/// # Errors
/// [`Denied`] names the first resource on which the action is not allowed, unless it is closed to the sender's session.
pub fn check(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Result<(), Denied> {
    if session::is_closed(caller, asked.service, asked.action) {
        return Err(Denied::to_session(asked.service, asked.action));
    }
    let action = format!("{}:{}", asked.service, asked.action);
    let assumes_role = action == "sts:AssumeRole";
    if OPEN.contains(&action.as_str()) || caller.principal == Principal::Root && !assumes_role {
        return Ok(());
    }
    // What names no role is refused as such, and not as something that is not allowed.
    if assumes_role && !asked.params.value("RoleArn").is_some_and(is_arn) {
        return Ok(());
    }
    let launched = launched::params(model, caller, asked);
    let asked = &Asked { params: launched.as_ref().unwrap_or(asked.params), ..*asked };
    let about_caller = Arc::new(known::about_caller(model, caller, asked));
    let principals = caller.principal.arns(model, &caller.scope.account);
    for Resource { arn, mut known, action: other } in resources::of(model, caller, asked, about_caller) {
        if known.get(known::OWNER).is_none() {
            known.add(known::OWNER, known::owner_in(&arn).unwrap_or(&caller.scope.account));
        }
        let query = Query {
            principals: &principals,
            account: &caller.scope.account,
            action: other.unwrap_or(&action),
            resource: &arn,
            context: &known,
        };
        let trust = assumes_role.then(|| resources::role_of(model, &arn)).flatten().map(|role| &role.trust);
        let why = match (assumes_role, trust) {
            (true, None) => Some(Refusal { policies: PolicyType::Identity, denied_by: None }),
            (true, Some(trust)) => why_not_assumed(model, caller, &query, trust),
            (false, _) => why_not(&[
                (PolicyType::Identity, own(model, caller, &query)),
                (PolicyType::Boundary, at_most(model, caller, &query)),
                (PolicyType::Session, of_session(model, caller, &query)),
            ]),
        };
        if let Some(refusal) = why {
            return Err(Denied::new(asked.dialect, &query, refusal));
        }
    }
    Ok(())
}

/// The verdict of a user's or role's own policies. An account itself may do everything.
fn own<'m>(model: &'m Model, caller: &Caller, query: &Query<'_>) -> Option<Verdict<'m>> {
    match caller.principal.identity(model, &caller.scope.account) {
        Some(identity) => Some(evaluate(model.policies_of(identity), query)),
        None if caller.principal.is_of_account() => None,
        None => Some(Verdict::Unsaid),
    }
}

/// The verdict of the permissions boundary of a user or role, if it has one. It limits what is allowed.
fn at_most<'m>(model: &'m Model, caller: &Caller, query: &Query<'_>) -> Option<Verdict<'m>> {
    let identity = caller.principal.identity(model, &caller.scope.account)?;
    model.boundary_of(identity).map(|boundary| evaluate([boundary], query))
}

/// The verdict of a session's policies, if it has any. They limit what is allowed.
fn of_session<'m>(model: &'m Model, caller: &'m Caller, query: &Query<'_>) -> Option<Verdict<'m>> {
    caller.principal.session_policies(model).map(|policies| evaluate(policies, query))
}

/// Why the verdicts together do not allow. `None` if they do. A statement that denies decides.
fn why_not<'m>(verdicts: &[(PolicyType, Option<Verdict<'m>>)]) -> Option<Refusal<'m>> {
    let refusals = verdicts.iter().filter_map(|(policies, verdict)| match verdict.as_ref()? {
        Verdict::Denied(by) => Some(Refusal { policies: *policies, denied_by: Some(*by) }),
        Verdict::Unsaid => Some(Refusal { policies: *policies, denied_by: None }),
        Verdict::Allowed(_) => None,
    });
    refusals.min_by_key(|refusal| refusal.denied_by.is_none())
}

/// The same for assuming a role, whose trust policy must allow it too. Within an account, a trust policy that names the
/// principal is enough. A boundary and a session's policy limit that, too, unless it names the user or the session
/// itself and not only the session's role (IAM User Guide, "Policy evaluation logic").
fn why_not_assumed<'m>(
    model: &'m Model,
    caller: &'m Caller,
    query: &Query<'_>,
    trust: &'m Policy,
) -> Option<Refusal<'m>> {
    let document: &Document = trust.document();
    let same_account = query.resource.split(':').nth(4) == Some(query.account);
    let unless = |enough: bool, verdict: Option<Verdict<'m>>| verdict.filter(|v| !enough || *v != Verdict::Unsaid);
    why_not(&[
        (PolicyType::Trust, Some(evaluate([("trust policy", document)], query))),
        (PolicyType::Identity, unless(same_account && allows_directly(document, query), own(model, caller, query))),
        (PolicyType::Boundary, unless(same_account && allows_session(document, query), at_most(model, caller, query))),
        (
            PolicyType::Session,
            unless(same_account && allows_session(document, query), of_session(model, caller, query)),
        ),
    ])
}

#[cfg(test)]
mod tests;
