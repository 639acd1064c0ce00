//! Credentials for a while: AssumeRole, GetSessionToken.

use super::{Error, Result};
use crate::api::action::Actions;
use crate::api::iam::secret;
use model::iam::{Class, Policy, Principal, Role, Session};
use model::{Caller, Model};
use policy::Use;
use shapes::sts;
use std::time::Duration;

/// The shortest session, in seconds.
const SHORTEST: u64 = 900;
/// How long a session of a user lasts if nothing is said, and at most.
const OF_USER: (u64, u64) = (12 * 3600, 36 * 3600);
/// The same of the account itself.
const OF_ACCOUNT: (u64, u64) = (3600, 3600);
/// How long a session of a role lasts at most that another role's session begins.
const CHAINED: Duration = Duration::from_secs(3600);
/// How long a session's policy is at most, in characters.
const POLICY: usize = 2048;
/// How long secrets and tokens are, in letters.
const SECRET: usize = 40;
const TOKEN: usize = 360;

pub fn actions(all: Actions) -> Actions {
    all.write(assume_role).write(get_session_token)
}

/// Whether who asks may assume the role was decided before.
fn assume_role(model: &mut Model, caller: &Caller, input: sts::AssumeRoleRequest) -> Result<sts::AssumeRoleResponse> {
    // The condition of a trust policy has looked at the external id.
    let sts::AssumeRoleRequest { role_arn, role_session_name, policy, duration_seconds, external_id: _ } = input;
    let is_name = |c: char| c.is_ascii_alphanumeric() || "=,.@_-".contains(c);
    if !(2..=64).contains(&role_session_name.len()) || !role_session_name.chars().all(is_name) {
        return Err(Error::SessionName);
    }
    let account = role_arn.split(':').nth(4).unwrap_or_default().to_owned();
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    let role = model.identity(&account, Class::Role, name).ok();
    let longest = role.and_then(|role| role.role()).map_or(Role::DEFAULT, |role| role.longest);
    let longest = if matches!(caller.principal, Principal::Role { .. }) { CHAINED } else { longest };
    let length = length(duration_seconds, (Role::DEFAULT.as_secs(), longest.as_secs()))?;
    if policy.as_ref().is_some_and(|text| text.chars().count() > POLICY) {
        return Err(Error::PolicyLength { most: POLICY });
    }
    let policy = policy.map(|text| Policy::parse(&text, Use::Identity)).transpose()?;
    let name = role.map_or(name, |role| &role.named.name).to_owned();
    let principal = Principal::Role { name, session: role_session_name, policy };
    let user = sts::AssumedRoleUser {
        assumed_role_id: principal.user_id(model, &account),
        arn: principal.arns(model, &account).swap_remove(0),
    };
    let credentials = begin(model, caller, &account, principal, length)?;
    Ok(sts::AssumeRoleResponse {
        credentials: Some(credentials),
        assumed_role_user: Some(user),
        ..sts::AssumeRoleResponse::default()
    })
}

fn get_session_token(
    model: &mut Model,
    caller: &Caller,
    input: sts::GetSessionTokenRequest,
) -> Result<sts::GetSessionTokenResponse> {
    if caller.temporary {
        return Err(Error::FromSession);
    }
    let range = if caller.principal == Principal::Root { OF_ACCOUNT } else { OF_USER };
    let length = length(input.duration_seconds, range)?;
    let (account, principal) = (&caller.scope.account, caller.principal.clone());
    let credentials = begin(model, caller, account, principal, length)?;
    Ok(sts::GetSessionTokenResponse { credentials: Some(credentials), ..sts::GetSessionTokenResponse::default() })
}

/// The length that is asked for, or the usual one.
fn length(asked: Option<i32>, (usual, most): (u64, u64)) -> Result<Duration> {
    let seconds = asked.map_or(Some(usual.min(most)), |asked| u64::try_from(asked).ok());
    let fits = seconds.filter(|seconds| (SHORTEST..=most).contains(seconds));
    fits.map(Duration::from_secs).ok_or(Error::Duration { most })
}

fn begin(
    model: &mut Model,
    caller: &Caller,
    account: &str,
    principal: Principal,
    length: Duration,
) -> Result<sts::Credentials> {
    let secrets = (secret(SECRET)?, secret(TOKEN)?);
    let Session { id, secret, token, expires, .. } =
        model.begin_session(account, principal, secrets, (caller.now, caller.now.after(length)));
    Ok(sts::Credentials {
        access_key_id: id,
        secret_access_key: secret,
        session_token: token,
        expiration: expires.into(),
    })
}
