//! Temporary credentials: AssumeRole, GetSessionToken, GetFederationToken.

use super::mfa::is_shown;
use super::session_policy::SessionPolicies;
use super::{Error, Result, check_text, is_word};
use crate::api::action::{Actions, Change};
use crate::api::arn::is_arn;
use crate::api::iam::secret;
use model::iam::{Class, Error as Refused, Principal, Role, Rule, Session, SessionTags};
use model::{Caller, Model};
use shapes::{List, sts};
use std::time::Duration;

/// The shortest session, in seconds.
const SHORTEST: u64 = 900;
/// The longest session of a role, and of a user.
pub(super) const LONGEST: (u64, u64) = (12 * 3600, 36 * 3600);
/// How long a session of a user lasts by default.
const USUAL: u64 = 12 * 3600;
/// The longest session of the account itself. A longer one is shortened.
const OF_ACCOUNT: u64 = 3600;
/// The longest session that is begun by a role's session (role chaining).
const CHAINED: Duration = Duration::from_secs(3600);
/// The most tags in a request.
const TAGS: usize = 50;
/// The lengths of secrets and tokens, in characters, and the prefix of tokens.
const SECRET: usize = 40;
const TOKEN: usize = 343;
const TOKENS: &str = "FQoGZXIvYXdzE";

pub fn actions(all: Actions) -> Actions {
    all.write(assume_role).write(get_session_token).write(get_federation_token)
}

/// Whether the sender may assume the role has been decided before (`permission`).
fn assume_role(cx: Change, input: sts::AssumeRoleRequest) -> Result<sts::AssumeRoleResponse> {
    // The external id has been compared by the trust policy's condition.
    let sts::AssumeRoleRequest {
        role_arn,
        role_session_name,
        policy,
        policy_arns,
        duration_seconds,
        tags,
        transitive_tag_keys,
        external_id,
        serial_number,
        token_code,
        source_identity,
    } = input;
    if !is_arn(&role_arn) {
        return Err(Error::NoArn(role_arn));
    }
    check_name("roleSessionName", &role_session_name, 64)?;
    if let Some(external) = external_id {
        let fits = |c: char| is_word(c) || "+=,.@:/-".contains(c);
        check_text("externalId", &external, (2, 1224), (r"[\w+=,.@:\/-]*", fits))?;
    }
    is_shown(cx.model, cx.caller, serial_number.as_deref(), token_code.as_deref())?;
    let source = source_of(cx.caller, source_identity)?;
    let account = role_arn.split(':').nth(4).unwrap_or_default().to_owned();
    let name = role_arn.rsplit('/').next().unwrap_or_default();
    let role = cx.model.identity(&account, Class::Role, name).ok();
    let longest = role.and_then(|role| role.role()).map_or(Role::DEFAULT, |role| role.longest);
    let is_chained = matches!(cx.caller.principal, Principal::Role { .. });
    let usual = Role::DEFAULT.min(longest).as_secs();
    let length = length(duration_seconds, (usual, LONGEST.0))?;
    match length {
        length if is_chained && length > CHAINED => return Err(Error::LongerThanChained),
        length if length > longest => return Err(Error::LongerThanRole),
        _ => {}
    }
    let SessionPolicies { inline, managed, packed } = SessionPolicies::read(cx.model, &account, policy, policy_arns)?;
    let before = cx.caller.principal.session_tags().cloned().unwrap_or_default();
    let tags = before.next(tags_given(tags)?, transitive_tag_keys.to_vec())?;
    let name = role.map_or(name, |role| &role.named.name).to_owned();
    let source_identity = source.clone();
    let principal =
        Principal::Role { name, session: role_session_name, policy: inline, managed, tags, source, instance: None };
    let user = sts::AssumedRoleUser {
        assumed_role_id: principal.user_id(cx.model, &account),
        arn: principal.arns(cx.model, &account).swap_remove(0),
    };
    let credentials = begin(cx.model, cx.caller, &account, principal, length, false)?;
    Ok(sts::AssumeRoleResponse {
        credentials: Some(credentials),
        assumed_role_user: Some(user),
        packed_policy_size: packed,
        source_identity,
        ..sts::AssumeRoleResponse::default()
    })
}

/// The tags that a request gives a session.
fn tags_given(tags: List<sts::Tag>) -> Result<Vec<(String, String)>> {
    if tags.len() > TAGS {
        return Err(Refused::constraint("tags", format!("{} tags", tags.len()), Rule::MostLength(TAGS)).into());
    }
    Ok(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
}

/// The source identity of a role's session: that of the session that begins it, if it has one.
fn source_of(caller: &Caller, given: Option<String>) -> Result<Option<String>> {
    if let Some(given) = &given {
        check_name("sourceIdentity", given, 64)?;
    }
    match caller.principal.source_identity() {
        Some(held) if given.as_deref().is_some_and(|given| given != held) => Err(Error::SourceHeld(held.to_owned())),
        held => Ok(given.or(held.map(str::to_owned))),
    }
}

fn get_session_token(cx: Change, input: sts::GetSessionTokenRequest) -> Result<sts::GetSessionTokenResponse> {
    let length = own_length(cx.caller, input.duration_seconds)?;
    let with_mfa = is_shown(cx.model, cx.caller, input.serial_number.as_deref(), input.token_code.as_deref())?;
    let (account, principal) = (&cx.caller.scope.account, cx.caller.principal.clone());
    let credentials = begin(cx.model, cx.caller, account, principal, length, with_mfa)?;
    Ok(sts::GetSessionTokenResponse { credentials: Some(credentials), ..sts::GetSessionTokenResponse::default() })
}

fn get_federation_token(cx: Change, input: sts::GetFederationTokenRequest) -> Result<sts::GetFederationTokenResponse> {
    let sts::GetFederationTokenRequest { name, policy, policy_arns, duration_seconds, tags } = input;
    let user = match &cx.caller.principal {
        Principal::User { name } => Some(name.clone()),
        _ => None,
    };
    check_name("name", &name, 32)?;
    let length = own_length(cx.caller, duration_seconds)?;
    let account = &cx.caller.scope.account;
    let SessionPolicies { inline, managed, packed } = SessionPolicies::read(cx.model, account, policy, policy_arns)?;
    let tags = SessionTags::default().next(tags_given(tags)?, Vec::new())?;
    let principal = Principal::Federated { name, user, policy: inline, managed, tags };
    let federated_user = sts::FederatedUser {
        federated_user_id: principal.user_id(cx.model, account),
        arn: principal.arns(cx.model, account).swap_remove(0),
    };
    let credentials = begin(cx.model, cx.caller, account, principal, length, false)?;
    Ok(sts::GetFederationTokenResponse {
        credentials: Some(credentials),
        federated_user: Some(federated_user),
        packed_policy_size: Some(packed.unwrap_or_default()),
        ..sts::GetFederationTokenResponse::default()
    })
}

/// Checks a session's name.
pub(super) fn check_name(field: &'static str, name: &str, most: usize) -> Result<()> {
    check_text(field, name, (2, most), (r"[\w+=,.@-]*", |c: char| is_word(c) || "+=,.@-".contains(c)))
}

/// The requested length of a session, or the default.
pub(super) fn length(asked: Option<i32>, (usual, most): (u64, u64)) -> Result<Duration> {
    let Some(asked) = asked else { return Ok(Duration::from_secs(usual)) };
    let rule = match u64::try_from(asked) {
        Ok(seconds) if (SHORTEST..=most).contains(&seconds) => return Ok(Duration::from_secs(seconds)),
        Ok(seconds) if seconds > most => Rule::MostValue(most),
        _ => Rule::LeastValue(SHORTEST),
    };
    Err(Refused::constraint("durationSeconds", asked.to_string(), rule).into())
}

/// The length of a session of the sender.
fn own_length(caller: &Caller, asked: Option<i32>) -> Result<Duration> {
    let length = length(asked, (USUAL, LONGEST.1))?;
    Ok(if caller.principal == Principal::Root { length.min(Duration::from_secs(OF_ACCOUNT)) } else { length })
}

pub(super) fn begin(
    model: &mut Model,
    caller: &Caller,
    account: &str,
    principal: Principal,
    length: Duration,
    with_mfa: bool,
) -> Result<sts::Credentials> {
    let secrets = (secret(SECRET)?, format!("{TOKENS}{}", secret(TOKEN)?));
    // STS shows whole seconds.
    let end = caller.now.after(length).second();
    let Session { id, secret, token, expires, .. } =
        model.begin_session(account, principal, secrets, (caller.now, end), with_mfa);
    Ok(sts::Credentials { access_key_id: id, secret_access_key: secret, session_token: token, expiration: expires })
}
