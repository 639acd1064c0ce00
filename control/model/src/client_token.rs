//! Requests that their clients gave a token: the same request again gives what it gave the first time.

use super::{Caller, ClientToken, Error, Model, Result, Row, Time};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a token is remembered, at the least as AWS says.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);

/// A request with a token that was carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenedRequest {
    /// `111122223333/us-east-1/CreateRouteTable/` and the token.
    pub id: String,
    /// The digest of its other parameters.
    pub digest: u64,
    /// The id of what it made.
    pub made: String,
    /// Since when that is.
    pub since: Time,
}

impl Row for TokenedRequest {
    fn id(&self) -> &str {
        &self.id
    }
}

impl TokenedRequest {
    /// Whether its token is free again.
    pub fn is_forgotten(&self, now: Time) -> bool {
        now.since(self.since) >= REMEMBERED
    }
}

impl Model {
    /// Lets a request make something, or, if its token was seen before, gives the id of what was made then.
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
