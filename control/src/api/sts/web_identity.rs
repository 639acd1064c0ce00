//! AssumeRoleWithWebIdentity: sessions for users of an OpenID Connect provider.

use super::federation::{Begun, Vouched, account_of, assume, check_belief};
use super::{Error, Result, TokenFault};
use crate::api::action::{Actions, Change};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Model;
use model::iam::IdentityProvider;
use serde_json::Value as Json;
use shapes::sts;

pub fn actions(all: Actions) -> Actions {
    all.write(with_token)
}

const ACTION: &str = "sts:AssumeRoleWithWebIdentity";

/// The claims of a token.
struct Claims {
    issuer: String,
    subject: String,
    audiences: Vec<String>,
    ends: Option<i64>,
}

impl Claims {
    /// Reads a JWT (RFC 7519).
    fn read(token: &str) -> Option<Claims> {
        let [_, claims, _] = token.split('.').collect::<Vec<_>>()[..] else { return None };
        let bytes = URL_SAFE_NO_PAD.decode(claims.trim_end_matches('=')).ok()?;
        let claims: Json = serde_json::from_slice(&bytes).ok()?;
        let text = |name: &str| claims[name].as_str().map(str::to_owned);
        let several = claims["aud"].as_array().into_iter().flatten().filter_map(Json::as_str).map(str::to_owned);
        Some(Claims {
            issuer: text("iss")?.trim_start_matches("https://").to_owned(),
            subject: text("sub")?,
            audiences: text("aud").into_iter().chain(several).collect(),
            ends: claims["exp"].as_i64(),
        })
    }
}

fn with_token(
    cx: Change,
    input: sts::AssumeRoleWithWebIdentityRequest,
) -> Result<sts::AssumeRoleWithWebIdentityResponse> {
    let sts::AssumeRoleWithWebIdentityRequest {
        role_arn,
        role_session_name,
        web_identity_token,
        policy,
        policy_arns,
        duration_seconds,
    } = input;
    let account = account_of(&role_arn)?;
    check_belief(cx.model)?;
    let claims = Claims::read(&web_identity_token).ok_or(TokenFault::NoJwt)?;
    let now = i64::try_from(cx.caller.now.0 / 1000).unwrap_or(i64::MAX);
    if let Some(ends) = claims.ends.filter(|ends| *ends < now) {
        return Err(Error::TokenOver(ends));
    }
    let (provider, audience) = believed(cx.model, &account, &claims)?;
    let provider = provider.arn.clone();
    let Claims { issuer, subject, .. } = claims;
    let facts = vec![(format!("{issuer}:aud"), audience.clone()), (format!("{issuer}:sub"), subject.clone())];
    let vouched = Vouched {
        action: ACTION,
        provider: provider.clone(),
        facts,
        role: role_arn,
        session: role_session_name,
        policy,
        policy_arns,
        seconds: duration_seconds,
    };
    let Begun { user, credentials, packed } = assume(cx.model, cx.caller, vouched)?;
    Ok(sts::AssumeRoleWithWebIdentityResponse {
        credentials: Some(credentials),
        subject_from_web_identity_token: Some(subject),
        assumed_role_user: Some(user),
        packed_policy_size: packed,
        provider: Some(provider),
        audience: Some(audience),
        ..Default::default()
    })
}

/// The token's provider, and its audience, which must be one of the provider's client ids.
fn believed<'m>(model: &'m Model, account: &'m str, claims: &Claims) -> Result<(&'m IdentityProvider, String)> {
    let issuer = &claims.issuer;
    let found = model.open_id_connect_providers_of(account).find(|(_, of)| of.url == *issuer);
    let (provider, of) = found.ok_or_else(|| TokenFault::NoIssuer(issuer.clone()))?;
    let audience = claims.audiences.iter().find(|audience| of.clients.contains(*audience));
    let audience = audience.ok_or(TokenFault::Audience)?;
    Ok((provider, audience.clone()))
}
