//! Whether who asks may do what is asked. The one place where that is decided, before any action looks at its parameters.
//!
//! An action on several resources is as many questions, and all must be allowed. What each says is a matter of policies
//! ([`crate::iam`]); here is which questions a request asks: of which resources (`resources`), with what known (`known`).

mod auto_scaling;
mod denial;
mod known;
mod resources;
mod services;

pub use denial::{BadMessage, Denied, open};
pub use known::Sender;

use super::Params;
use super::protocol::Dialect;
use crate::iam::{Context, Document, Match, Query, Verdict, allows_directly, evaluate};
use crate::model::iam::{Policy, Principal};
use crate::model::{Caller, Model};
use resources::Resource;

/// What is asked, before any of it is understood.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The service as policies call it: `ec2`.
    pub service: &'a str,
    /// How it speaks.
    pub dialect: Dialect,
    /// The action.
    pub action: &'a str,
    /// Its parameters.
    pub params: &'a Params,
    /// What is known of who sent it.
    pub sender: &'a Sender,
}

/// What everybody may ask, whatever policies say.
const OPEN: [&str; 2] = ["sts:GetCallerIdentity", "sts:GetSessionToken"];

/// Lets a request pass, or refuses it.
///
/// # Errors
/// [`Denied`] names the first resource on which the action is not allowed.
pub fn check(model: &Model, caller: &Caller, asked: &Asked<'_>) -> Result<(), Denied> {
    let action = format!("{}:{}", asked.service, asked.action);
    let assumes_role = action == "sts:AssumeRole";
    if OPEN.contains(&action.as_str()) || caller.principal == Principal::Root && !assumes_role {
        return Ok(());
    }
    let about_caller = known::about_caller(model, caller, asked);
    let principals = caller.principal.arns(model, &caller.scope.account);
    for Resource { arn, about, action: other } in resources::of(model, caller, asked) {
        let mut context = about_caller.clone();
        about.iter().for_each(|(key, value)| context.add(key, value));
        let query = Query {
            principals: &principals,
            account: &caller.scope.account,
            action: other.unwrap_or(&action),
            resource: &arn,
            context: &context,
        };
        let trust = assumes_role.then(|| resources::role_of(model, &arn)).flatten().map(|role| &role.trust);
        let why = match (assumes_role, trust) {
            (true, None) => Some(None),
            (true, Some(trust)) => why_not_assumed(model, caller, &query, trust),
            (false, _) => why_not(model, caller, &query),
        };
        if let Some(by) = why {
            return Err(Denied::new(asked.dialect, &query, by));
        }
    }
    Ok(())
}

/// Whether a query is allowed to a user or role by its own policies, and by its session's if it has one: nothing, or the statement
/// that forbids it if one does.
fn why_not<'m>(model: &'m Model, caller: &'m Caller, query: &Query<'_>) -> Option<Option<Match<'m>>> {
    let Some(identity) = caller.principal.identity(model, &caller.scope.account) else {
        return if caller.principal == Principal::Root { None } else { Some(None) };
    };
    let own = evaluate(model.policies_of(identity), query);
    let session = match &caller.principal {
        Principal::Role { policy: Some(policy), .. } => Some(evaluate([("session", policy.document())], query)),
        _ => None,
    };
    match (own, session) {
        (Verdict::Denied(by), _) | (_, Some(Verdict::Denied(by))) => Some(Some(by)),
        (Verdict::Unsaid, _) | (_, Some(Verdict::Unsaid)) => Some(None),
        _ => None,
    }
}

/// The same for a role, whose trust policy must allow it, too. One that names its principal directly is enough within an account.
fn why_not_assumed<'m>(
    model: &'m Model,
    caller: &'m Caller,
    query: &Query<'_>,
    trust: &'m Policy,
) -> Option<Option<Match<'m>>> {
    let document: &Document = trust.document();
    let theirs = evaluate([("trust policy", document)], query);
    let same_account = query.resource.split(':').nth(4) == Some(query.account);
    match (theirs, why_not(model, caller, query)) {
        (Verdict::Denied(by), _) | (_, Some(Some(by))) => Some(Some(by)),
        (Verdict::Unsaid, _) => Some(None),
        (Verdict::Allowed(_), Some(None)) if same_account && allows_directly(document, query) => None,
        (Verdict::Allowed(_), own) => own,
    }
}

#[cfg(test)]
mod tests;
