//! Authentication: the owner of an access key, if the signature proves it.

use super::credentials::Credentials;
use super::protocol::{ApiError, Dialect};
use super::signature::{Distrust, Signature};
use model::iam::Principal;
use model::{Caller, Model, Scope, SessionStart, Time};

/// Finds the sender. If no accounts are configured and no proof is required, any key is accepted, and an unknown one
/// belongs to the account that it names.
///
/// # Errors
/// [`Distrust`] if the signature is wrong, or the key is no longer valid.
pub fn admit(
    model: &Model,
    credentials: &Credentials,
    proof: Option<Result<&Signature, &Distrust>>,
    now: Time,
) -> Result<Caller, Distrust> {
    let proven = model.platform.accounts_known || proof.is_some();
    let key = credentials.access_key.as_deref();
    let session = key.and_then(|key| model.sessions.get(key));
    let access_key = key.and_then(|key| model.access_keys.get(key));
    let (account, principal, secret) = match (session, access_key) {
        (Some(session), _) if session.expires < now => return Err(Distrust::SessionOver),
        (Some(session), _) => {
            if proven && credentials.token.as_ref() != Some(&session.token) {
                return Err(Distrust::WrongToken);
            }
            (session.account.as_str(), session.principal.clone(), session.secret.as_str())
        }
        (None, Some(key)) if !key.active => return Err(Distrust::UnknownKey),
        (None, Some(key)) => {
            let user = key.user.clone().map(|name| Principal::User { name });
            (key.account.as_str(), user.unwrap_or_default(), key.secret.as_str())
        }
        (None, None) if proven && key.is_none() => return Err(Distrust::NotSigned),
        (None, None) if proven => return Err(Distrust::UnknownKey),
        (None, None) => (credentials.account(), Principal::Root, ""),
    };
    if proven {
        let signature = proof.unwrap_or(Err(&Distrust::NotSigned)).map_err(Clone::clone)?;
        if !signature.is_by(secret) {
            return Err(Distrust::Mismatch);
        }
    }
    let scope = Scope { account: account.to_owned(), region: credentials.region().to_owned() };
    let session = session.map(|session| SessionStart { at: session.created, with_mfa: session.with_mfa });
    Ok(Caller { scope, now, principal, session })
}

/// A sender that is not authenticated, with the error for its service's dialect.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct NotAdmitted {
    /// The reason.
    pub why: Distrust,
    /// The service's dialect.
    pub dialect: Dialect,
}

impl NotAdmitted {
    fn answer(&self) -> (u16, &'static str) {
        let ec2 = self.dialect == Dialect::Ec2;
        match &self.why {
            Distrust::NotSigned => (403, "MissingAuthenticationToken"),
            Distrust::Incomplete(_) => (400, "IncompleteSignature"),
            Distrust::Mismatch => (403, "SignatureDoesNotMatch"),
            Distrust::UnknownKey | Distrust::WrongToken if ec2 => (401, "AuthFailure"),
            Distrust::UnknownKey | Distrust::WrongToken => (403, "InvalidClientTokenId"),
            Distrust::Expired { .. } | Distrust::SessionOver if ec2 => (400, "RequestExpired"),
            Distrust::Expired { .. } => (403, "SignatureDoesNotMatch"),
            Distrust::SessionOver => (403, "ExpiredToken"),
        }
    }
}

impl ApiError for NotAdmitted {
    fn code(&self) -> &'static str {
        self.answer().1
    }

    fn status(&self) -> u16 {
        self.answer().0
    }
}
