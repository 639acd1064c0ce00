//! Viewers of the map. Their URLs are signed as those of presigned requests are.

use super::Sender;
use super::authentication::authenticate;
use super::permission::{self, Asked};
use super::protocol::Dialect;
use super::signature::{AuthenticationError, Signature, Signed};
use super::{Credentials, Params};
use model::{Caller, Model, Time};

/// A viewer, who is the owner of the key that signed a URL.
#[derive(Clone, Debug)]
pub struct Visitor {
    caller: Caller,
    access_key: String,
    sender: Sender,
}

impl Visitor {
    /// The viewer who signed a request with this sender.
    ///
    /// # Errors
    /// [`AuthenticationError`] if the signature is missing or wrong.
    pub fn of(model: &Model, signed: &Signed<'_>, sender: Sender, now: Time) -> Result<Visitor, AuthenticationError> {
        let mut params = Params::parse(signed.query).map_err(|_| AuthenticationError::NotSigned)?;
        let proof = Signature::of(signed, &params);
        let (authorization, token) = (signed.header("authorization"), signed.header("x-amz-security-token"));
        let credentials = Credentials::of(authorization, token, &mut params);
        let caller = authenticate(model, &credentials, Some(proof.as_ref()), now)?;
        Ok(Visitor { caller, access_key: credentials.access_key.unwrap_or_default(), sender })
    }

    /// The account.
    pub fn account(&self) -> &str {
        &self.caller.scope.account
    }

    /// Whether the viewer may call an action of a service on all resources now. Keys and policies may change between two questions.
    pub fn may(&self, model: &Model, service: &str, action: &str, now: Time) -> bool {
        let (params, caller) = (Params::default(), Caller { now, ..self.caller.clone() });
        let asked = Asked { service, dialect: Dialect::Ec2, action, params: &params, sender: &self.sender };
        self.is_known(model, now) && permission::check(model, &caller, &asked).is_ok()
    }

    fn is_known(&self, model: &Model, now: Time) -> bool {
        let session = model.sessions.get(&self.access_key);
        session.is_some_and(|session| session.expires >= now)
            || model.access_keys.get(&self.access_key).is_some_and(|key| key.active)
    }
}
