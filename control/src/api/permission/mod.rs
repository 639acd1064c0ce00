//! Authorisation: whether the sender is allowed a request. It is decided only here, before an action reads its
//! parameters.
//!
//! An action on several resources is one question a resource, and all answers must be yes. Policies ([`policy`])
//! answer. This folder has the questions: the resources (`resources`), from the names in the request (`named`), with
//! the values of condition keys (`known`, `ec2_keys`, `service_keys`). A launch is asked for with the parameters of its
//! template (`launched`).

mod auto_scaling;
mod cluster_users;
mod denial;
mod ec2_keys;
mod ec2_resources;
mod fact;
mod iam_resources;
mod known;
mod launched;
mod log_resources;
mod named;
mod passed_role;
mod resource;
mod resources;
mod service_keys;
mod services;
mod session;
mod tagging;

pub use denial::{BadMessage, Denied, open};

use super::arn::is_arn;
use super::protocol::Dialect;
use super::{Params, Sender};
use denial::{PolicyType, Reason};
use model::iam::Principal;
use model::{Caller, Model};
use policy::{Context, Document, Query, Verdict, allows_directly, allows_session, evaluate};
use resource::Resource;
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
    /// The sender's address, network and client.
    pub sender: &'a Sender,
}

/// Actions that every sender is allowed, whatever policies say. Those of Route 53 tell what is public anyway.
const OPEN: [&str; 7] = [
    "route53:GetCheckerIpRanges",
    "route53:GetGeoLocation",
    "route53:ListGeoLocations",
    "sts:AssumeRoleWithSAML",
    "sts:AssumeRoleWithWebIdentity",
    "sts:GetCallerIdentity",
    "sts:GetSessionToken",
];

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
    // The action itself refuses an ARN that is none.
    if assumes_role && !asked.params.value("RoleArn").is_some_and(is_arn) {
        return Ok(());
    }
    let (launched, sent) = (launched::params(model, caller, asked), asked.params);
    let asked = &Asked { params: launched.as_ref().unwrap_or(asked.params), ..*asked };
    let about_caller = Arc::new(known::about_caller(model, caller, asked));
    let principals = caller.principal.arns(model, &caller.scope.account);
    for Resource { arn, mut known, action: other } in resources::of(model, caller, asked, about_caller) {
        if known.get(fact::OWNER).is_none() {
            known.add(fact::OWNER, known::owner_in(&arn).unwrap_or(&caller.scope.account));
        }
        if known.get("ec2:LaunchTemplate").is_some() {
            known.add("ec2:IsLaunchTemplateResource", !launched::names(sent, &arn));
        }
        let query = Query {
            principals: &principals,
            account: &caller.scope.account,
            action: other.unwrap_or(&action),
            resource: &arn,
            context: &known,
        };
        let reason = match assumes_role {
            true => why_not_assumed(model, caller, &query),
            false => why_not(&[
                (PolicyType::Identity, by_identity(model, caller, &query)),
                (PolicyType::Boundary, by_boundary(model, caller, &query)),
                (PolicyType::Session, by_session(model, caller, &query)),
            ]),
        };
        if let Some(reason) = reason {
            return Err(Denied::new(asked.dialect, &query, reason));
        }
    }
    Ok(())
}

/// The verdict of a user's or role's own policies. An account itself may do everything.
fn by_identity<'m>(model: &'m Model, caller: &Caller, query: &Query<'_>) -> Option<Verdict<'m>> {
    match caller.principal.identity(model, &caller.scope.account) {
        Some(identity) => Some(evaluate(model.policies_of(identity), query)),
        None if caller.principal.is_of_account() => None,
        None => Some(Verdict::ImplicitDeny),
    }
}

/// The verdict of the permissions boundary of a user or role, if it has one. It limits what is allowed.
fn by_boundary<'m>(model: &'m Model, caller: &Caller, query: &Query<'_>) -> Option<Verdict<'m>> {
    let identity = caller.principal.identity(model, &caller.scope.account)?;
    model.boundary_of(identity).map(|boundary| evaluate([boundary], query))
}

/// The verdict of a session's policies, if it has any. They limit what is allowed.
fn by_session<'m>(model: &'m Model, caller: &'m Caller, query: &Query<'_>) -> Option<Verdict<'m>> {
    caller.principal.session_policies(model).map(|policies| evaluate(policies, query))
}

/// Why the verdicts together do not allow. `None` if they do. A statement that denies comes before a lack of one that
/// allows.
fn why_not<'m>(verdicts: &[(PolicyType, Option<Verdict<'m>>)]) -> Option<Reason<'m>> {
    let reasons = verdicts.iter().filter_map(|(policies, verdict)| match verdict.as_ref()? {
        Verdict::Denied(by) => Some(Reason { policies: *policies, denied_by: Some(*by) }),
        Verdict::ImplicitDeny => Some(Reason { policies: *policies, denied_by: None }),
        Verdict::Allowed(_) => None,
    });
    reasons.min_by_key(|reason| reason.denied_by.is_none())
}

/// Why the sender may not assume the role that a query is about. `None` if it may.
///
/// The role's trust policy must allow it, too. Within an account, a trust policy that names the principal is enough. A
/// boundary and a session's policy limit that unless the trust policy names the user or the session itself, and not
/// only the session's role (IAM User Guide, "Policy evaluation logic").
fn why_not_assumed<'m>(model: &'m Model, caller: &'m Caller, query: &Query<'_>) -> Option<Reason<'m>> {
    let Some(role) = resources::role_of(model, query.resource) else {
        return Some(Reason { policies: PolicyType::Identity, denied_by: None });
    };
    let document: &Document = role.trust.document();
    let same_account = query.resource.split(':').nth(4) == Some(query.account);
    let unless =
        |enough: bool, verdict: Option<Verdict<'m>>| verdict.filter(|v| !enough || *v != Verdict::ImplicitDeny);
    why_not(&[
        (PolicyType::Trust, Some(evaluate([("trust policy", document)], query))),
        (
            PolicyType::Identity,
            unless(same_account && allows_directly(document, query), by_identity(model, caller, query)),
        ),
        (
            PolicyType::Boundary,
            unless(same_account && allows_session(document, query), by_boundary(model, caller, query)),
        ),
        (
            PolicyType::Session,
            unless(same_account && allows_session(document, query), by_session(model, caller, query)),
        ),
    ])
}

#[cfg(test)]
mod tests;
