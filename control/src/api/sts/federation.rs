//! Sessions of roles for users of identity providers. Signatures of providers are not verified, since no provider is asked for its
//! keys. If requests must be signed, tokens of providers are refused.

use super::session::{LONGEST, begin, check_name, length};
use super::session_policy::SessionPolicies;
use super::{Error, Result, TokenFault};
use crate::api::arn::is_arn;
use model::iam::{Class, Principal, Role, SessionTags};
use model::{Caller, Model};
use policy::{Context, Query, Verdict, evaluate};
use shapes::{List, sts};

/// A user of a provider, and the role to assume.
pub struct Vouched {
    /// The action's name in policies.
    pub action: &'static str,
    /// The ARN of the provider.
    pub provider: String,
    /// The provider's claims, by the names of condition keys.
    pub facts: Vec<(String, String)>,
    /// The ARN of the role.
    pub role: String,
    /// The session's name.
    pub session: String,
    /// The session policy.
    pub policy: Option<String>,
    /// Managed session policies.
    pub policy_arns: List<sts::PolicyDescriptorType>,
    /// How long it lasts, in seconds.
    pub seconds: Option<i32>,
}

/// A session that has begun.
pub struct Begun {
    pub user: sts::AssumedRoleUser,
    pub credentials: sts::Credentials,
    pub packed: Option<i32>,
}

/// Refuses tokens, which cannot be verified, if requests must be signed.
pub fn check_belief(model: &Model) -> Result<()> {
    match model.platform.accounts_known {
        true => Err(TokenFault::Unverifiable.into()),
        false => Ok(()),
    }
}

/// The account of a role.
pub fn account_of(role: &str) -> Result<String> {
    match is_arn(role) {
        true => Ok(role.split(':').nth(4).unwrap_or_default().to_owned()),
        false => Err(Error::NoArn(role.to_owned())),
    }
}

/// Begins a session, if the role's trust policy allows it.
pub fn assume(model: &mut Model, caller: &Caller, vouched: Vouched) -> Result<Begun> {
    let Vouched { action, provider, facts, role: arn, session, policy, policy_arns, seconds } = vouched;
    let account = account_of(&arn)?;
    check_name("roleSessionName", &session, 64)?;
    let name = arn.rsplit('/').next().unwrap_or_default();
    let role = model.identity(&account, Class::Role, name).ok().filter(|role| role.arn() == arn);
    let (role, of_role) = role.and_then(|role| Some((role, role.role()?))).ok_or(Error::NotTrusted(action))?;
    let mut context: Context = facts.into_iter().collect();
    context.add("sts:RoleSessionName", &session);
    let principals = [provider];
    let query = Query { principals: &principals, account: "", action, resource: &arn, context: &context };
    if !matches!(evaluate([("trust policy", of_role.trust.document())], &query), Verdict::Allowed(_)) {
        return Err(Error::NotTrusted(action));
    }
    let length = length(seconds, (Role::DEFAULT.min(of_role.longest).as_secs(), LONGEST.0))?;
    if length > of_role.longest {
        return Err(Error::LongerThanRole);
    }
    let SessionPolicies { inline, managed, packed } = SessionPolicies::read(model, &account, policy, policy_arns)?;
    let (name, tags) = (role.named.name.clone(), SessionTags::default());
    let principal = Principal::Role { name, session, policy: inline, managed, tags, source: None, instance: None };
    let user = sts::AssumedRoleUser {
        assumed_role_id: principal.user_id(model, &account),
        arn: principal.arns(model, &account).swap_remove(0),
    };
    Ok(Begun { user, credentials: begin(model, caller, &account, principal, length, false)?, packed })
}
