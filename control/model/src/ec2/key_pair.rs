//! Key pairs. Only public keys are stored.

use crate::collection::resource;
use crate::words::words;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, Time, tags};
use serde::{Deserialize, Serialize};

words! {
    /// The kind of a key.
    KeyType { Rsa "rsa", Ed25519 "ed25519" }
}

/// A key pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPair {
    /// `key-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its name, unique for its owner in the Region.
    pub name: String,
    /// Its public key.
    pub key: Key,
    /// The time of its creation.
    pub created: Time,
}

/// The public key of a key pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// Its type.
    pub kind: KeyType,
    /// Its fingerprint in the form that EC2 uses for the type.
    pub fingerprint: String,
    /// The key in OpenSSH's format.
    pub public: String,
}

resource!(KeyPair, IdKind::KeyPair, |pair| vec![pair.scope.named(&pair.name)]);

/// The longest name, in characters.
const NAME: usize = 255;

impl Model {
    /// CreateKeyPair and ImportKeyPair. Returns the id.
    pub fn create_key_pair(&mut self, caller: &Caller, name: &str, key: Key, tags: Tags) -> Result<String> {
        self.check_key_pair(caller, name, &tags)?;
        let id = self.new_id(IdKind::KeyPair);
        let (scope, name) = (caller.scope.clone(), name.to_owned());
        self.key_pairs.insert(KeyPair { id: id.clone(), scope, tags, name, key, created: caller.now });
        Ok(id)
    }

    /// Checks that a key pair can have this name and these tags.
    pub fn check_key_pair(&self, caller: &Caller, name: &str, tags: &Tags) -> Result<()> {
        tags::check(tags)?;
        if name.chars().count() > NAME {
            return Err(Error::invalid("KeyName", name));
        }
        match self.key_pair(&caller.scope, name) {
            Ok(_) => Err(Error::KeyPairExists { name: name.to_owned() }),
            Err(_) => Ok(()),
        }
    }

    /// The key pair with that name.
    pub fn key_pair(&self, scope: &Scope, name: &str) -> Result<&KeyPair> {
        let missing = || Error::NotFound { kind: IdKind::KeyPair, id: name.to_owned() };
        self.key_pairs.by(&scope.named(name)).next().ok_or_else(missing)
    }

    /// DeleteKeyPair. It succeeds if there is no such key pair. Returns the id if there was one.
    pub fn delete_key_pair(&mut self, caller: &Caller, named: impl Fn(&KeyPair) -> bool) -> Option<String> {
        let id = self.key_pairs.of(&caller.scope).find(|pair| named(pair))?.id.clone();
        self.key_pairs.remove(&id);
        Some(id)
    }
}
