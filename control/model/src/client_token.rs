//! Idempotent requests: a repeated request with the same client token returns the first one's result.

use super::{Caller, ClientToken, Error, Model, Result, Row, Time};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a token is remembered. AWS promises at least this.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

/// A request with a client token that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenedRequest {
    /// The key: `111122223333/us-east-1/CreateRouteTable/`, followed by the token.
    pub id: String,
    /// The digest of the request's other parameters.
    pub digest: u64,
    /// The id of the created resource.
    pub made: String,
    /// The time of the request.
    pub since: Time,
}

impl Row for TokenedRequest {
    fn id(&self) -> &str {
        &self.id
    }
}

impl TokenedRequest {
    /// Whether the token may be used for another request.
    pub fn is_forgotten(&self, now: Time) -> bool {
        now.since(self.since) >= REMEMBERED
    }
}

impl Model {
    /// Creates a resource. If the token was used before, returns the id of the resource that was created then.
    ///
    /// # Errors
    /// [`Error::IdempotentMismatch`] if the parameters differ from the first request's, and the errors of `make`.
    pub fn once(
        &mut self,
        caller: &Caller,
        action: &str,
        token: Option<ClientToken>,
        make: impl FnOnce(&mut Model) -> Result<String>,
    ) -> Result<String> {
        let Some(ClientToken { token, digest }) = token else { return make(self) };
        let id = format!("{}/{}/{action}/{token}", caller.scope.account, caller.scope.region);
        match self.tokened_requests.get(&id).filter(|before| !before.is_forgotten(caller.now)) {
            Some(before) if before.digest == digest => Ok(before.made.clone()),
            Some(_) => Err(Error::IdempotentMismatch {}),
            None => {
                let made = make(self)?;
                self.tokened_requests.insert(TokenedRequest { id, digest, made: made.clone(), since: caller.now });
                Ok(made)
            }
        }
    }
}
