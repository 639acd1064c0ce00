//! Access keys, with which users and accounts sign requests.

use super::{Class, Error, Result};
use crate::{Model, Row, Time};
use serde::{Deserialize, Serialize};

/// The most access keys of a user.
const LIMIT: usize = 2;

/// An access key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`
    pub id: String,
    /// The secret access key. Empty once the key is deleted.
    pub secret: String,
    /// The account.
    pub account: String,
    /// The user. Without one the key is the account's own.
    pub user: Option<String>,
    /// Whether it may be used.
    pub active: bool,
    /// The time of its creation.
    pub created: Time,
}

impl Row for AccessKey {
    fn id(&self) -> &str {
        &self.id
    }
}

impl AccessKey {
    /// Whether it was deleted. Its row stays, because an unknown key would be taken for the account's own.
    pub fn is_deleted(&self) -> bool {
        self.secret.is_empty()
    }
}

impl Model {
    /// CreateAccessKey. The secret is random, so it comes from outside the model.
    pub fn create_access_key(
        &mut self,
        account: &str,
        now: Time,
        user: Option<&str>,
        secret: String,
    ) -> Result<&AccessKey> {
        let user = user.map(|name| self.identity(account, Class::User, name)).transpose()?;
        let user = user.map(|user| user.named.name.clone());
        if self.keys_of(account, user.as_deref()).count() >= LIMIT {
            return Err(Error::KeyLimit {});
        }
        let id = self.unique_id("AKIA", 16);
        let account = account.to_owned();
        self.access_keys.insert(AccessKey { id: id.clone(), secret, account, user, active: true, created: now });
        self.access_keys.get(&id).ok_or(Error::NoSuchKey { id })
    }

    /// The keys of a user, or of the account itself.
    pub fn keys_of<'m>(&'m self, account: &'m str, user: Option<&'m str>) -> impl Iterator<Item = &'m AccessKey> {
        let same = move |key: &&AccessKey| match (&key.user, user) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            (one, other) => one.is_none() && other.is_none(),
        };
        self.access_keys.iter().filter(move |key| key.account == account && !key.is_deleted()).filter(same)
    }

    /// UpdateAccessKey.
    pub fn activate_access_key(&mut self, account: &str, user: Option<&str>, id: &str, active: bool) -> Result<()> {
        self.check_key(account, user, id)?;
        self.access_keys.update(|key| key.id == id, |key| key.active = active);
        Ok(())
    }

    /// DeleteAccessKey.
    pub fn delete_access_key(&mut self, account: &str, user: Option<&str>, id: &str) -> Result<()> {
        self.check_key(account, user, id)?;
        self.access_keys.update(|key| key.id == id, |key| (key.active, key.secret) = (false, String::new()));
        self.forget_uses(id);
        Ok(())
    }

    /// Checks that a key is that user's and not declared by a file.
    fn check_key(&self, account: &str, user: Option<&str>, id: &str) -> Result<()> {
        let found = self.keys_of(account, user).any(|key| key.id == id);
        if found { self.check_undeclared(id) } else { Err(Error::NoSuchKey { id: id.to_owned() }) }
    }
}
