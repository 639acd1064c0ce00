//! Authentication: the owner of an access key, if the signature proves it.

use super::credentials::Credentials;
use super::protocol::{ApiError, Dialect};
use super::signature::{AuthenticationError, Signature};
use model::iam::Principal;
use model::{Caller, Model, Scope, SessionStart, Time};

/// The sender. If no accounts are configured and no proof is required, every key is accepted, and an unknown one
/// belongs to the account that it names.
///
/// # Errors
/// [`AuthenticationError`] if the signature is wrong, or the key is no longer valid.
pub fn authenticate(
    model: &Model,
    credentials: &Credentials,
    proof: Option<Result<&Signature, &AuthenticationError>>,
    now: Time,
) -> Result<Caller, AuthenticationError> {
    let proven = model.platform.accounts_known || proof.is_some();
    let key = credentials.access_key.as_deref();
    let session = key.and_then(|key| model.sessions.get(key));
    let access_key = key.and_then(|key| model.access_keys.get(key));
    let (account, principal, secret) = match (session, access_key) {
        (Some(session), _) if session.expires < now => return Err(AuthenticationError::SessionOver),
        (Some(session), _) => {
            if proven && credentials.token.as_ref() != Some(&session.token) {
                return Err(AuthenticationError::WrongToken);
            }
            (session.account.as_str(), session.principal.clone(), session.secret.as_str())
        }
        (None, Some(key)) if !key.active => return Err(AuthenticationError::UnknownKey),
        // A key that is no session's has no token.
        (None, Some(_)) if proven && credentials.token.is_some() => return Err(AuthenticationError::WrongToken),
        (None, Some(key)) => {
            let user = key.user.clone().map(|name| Principal::User { name });
            (key.account.as_str(), user.unwrap_or_default(), key.secret.as_str())
        }
        (None, None) if proven && key.is_none() => return Err(AuthenticationError::NotSigned),
        (None, None) if proven => return Err(AuthenticationError::UnknownKey),
        (None, None) => (credentials.account(), Principal::Root, ""),
    };
    if proven {
        let signature = proof.unwrap_or(Err(&AuthenticationError::NotSigned)).map_err(Clone::clone)?;
        if !signature.is_by(secret) {
            return Err(AuthenticationError::Mismatch);
        }
    }
    let scope = Scope { account: account.to_owned(), region: credentials.region().to_owned() };
    let session = session.map(|session| SessionStart { at: session.created, with_mfa: session.with_mfa });
    Ok(Caller { scope, now, principal, session })
}

/// A sender that is not authenticated, with the error for its service's dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotAuthenticated {
    /// The reason.
    pub why: AuthenticationError,
    /// The service's dialect.
    pub dialect: Dialect,
}

impl NotAuthenticated {
    /// The HTTP status and the error code, as the dialect's services have them.
    fn answer(&self) -> (u16, &'static str) {
        let ec2 = self.dialect == Dialect::Ec2;
        match &self.why {
            AuthenticationError::NotSigned => (403, "MissingAuthenticationToken"),
            AuthenticationError::Incomplete(_) => (400, "IncompleteSignature"),
            AuthenticationError::Mismatch => (403, "SignatureDoesNotMatch"),
            AuthenticationError::UnknownKey | AuthenticationError::WrongToken if ec2 => (401, "AuthFailure"),
            AuthenticationError::UnknownKey | AuthenticationError::WrongToken => (403, "InvalidClientTokenId"),
            AuthenticationError::Expired { .. } | AuthenticationError::SessionOver if ec2 => (400, "RequestExpired"),
            AuthenticationError::Expired { .. } => (403, "SignatureDoesNotMatch"),
            AuthenticationError::SessionOver => (403, "ExpiredToken"),
        }
    }
}

impl ApiError for NotAuthenticated {
    fn code(&self) -> &'static str {
        self.answer().1
    }

    fn status(&self) -> u16 {
        self.answer().0
    }
}
