//! Sessions: temporary credentials.

use super::{Class, Principal};
use crate::{Model, Row, Time};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long an expired session is kept, so that its token is reported as expired.
const REMEMBERED: Duration = Duration::from_secs(24 * 3600);
/// The most sessions of one user or role, or of an account itself.
const MOST: usize = 1000;

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// `ASIA…`
    pub id: String,
    /// The secret key.
    pub secret: String,
    /// The session token, which all its requests must have.
    pub token: String,
    /// The account.
    pub account: String,
    /// The sender of its requests.
    pub principal: Principal,
    /// Its start.
    pub created: Time,
    /// Its end.
    pub expires: Time,
    /// Whether the user has presented an MFA device.
    #[serde(default)]
    pub with_mfa: bool,
}

impl Row for Session {
    fn id(&self) -> &str {
        &self.id
    }

    /// A session is found by its owner.
    fn keys(&self) -> Vec<String> {
        vec![self.owner()]
    }
}

impl Session {
    /// The id of the user or role behind it, or the account itself.
    fn owner(&self) -> String {
        let identity = self.principal.class_and_name().map(|(class, name)| class.key(&self.account, name));
        identity.unwrap_or_else(|| self.account.clone())
    }

    /// Whether it expired so long ago that it can be removed.
    pub fn is_forgotten(&self, now: Time) -> bool {
        now > self.expires.after(REMEMBERED)
    }
}

impl Model {
    /// AssumeRole, GetSessionToken, GetFederationToken. Secret and token are random, so they come from outside the model. If an owner
    /// has too many sessions, the oldest one ends.
    pub fn begin_session(
        &mut self,
        account: &str,
        principal: Principal,
        (secret, token): (String, String),
        (created, expires): (Time, Time),
        with_mfa: bool,
    ) -> Session {
        let id = self.unique_id("ASIA", 16);
        let session = Session { id, secret, token, account: account.to_owned(), principal, created, expires, with_mfa };
        let owner = session.owner();
        if self.sessions.by(&owner).count() >= MOST {
            let oldest =
                self.sessions.by(&owner).min_by_key(|session| session.created).map(|session| session.id.clone());
            oldest.and_then(|id| self.sessions.remove(&id));
        }
        self.sessions.insert(session.clone());
        session
    }

    /// The sessions of a user or role.
    pub fn sessions_of(&self, account: &str, class: Class, name: &str) -> impl Iterator<Item = &Session> {
        self.sessions.by(&class.key(account, name))
    }

    /// Ends the sessions of an identity.
    pub(super) fn end_sessions(&mut self, identity: &str) {
        let ended: Vec<String> = self.sessions.by(identity).map(|session| session.id.clone()).collect();
        for id in ended {
            self.sessions.remove(&id);
        }
    }

    /// Renames an identity in its sessions, which continue.
    pub(super) fn rename_in_sessions(&mut self, identity: &str, new: &str) {
        let theirs: Vec<Session> = self.sessions.by(identity).cloned().collect();
        for mut session in theirs {
            session.principal.rename(new);
            self.sessions.insert(session);
        }
    }
}
