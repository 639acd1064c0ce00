//! The file of `up --accounts`: accounts, their users and keys, and what each may do.
//!
//! JSON, so that policies stand in it as they are:
//!
//! ```json
//! { "accounts": [ {
//!     "id": "111122223333",
//!     "keys": [ { "id": "AKIAROOT", "secret": "…" } ],
//!     "policies": { "link-all": { "Version": "2012-10-17", "Statement": … } },
//!     "groups": [ { "name": "ops", "attached": [ "link-all" ] } ],
//!     "users": [ { "name": "alice", "keys": [ … ], "groups": [ "ops" ], "policies": { "own": … } } ],
//!     "roles": [ { "name": "linker", "trust": …, "attached": [ "AmazonEC2FullAccess" ] } ]
//! } ] }
//! ```
//!
//! Its contents are put into the model at every start and are not stored.

use model::iam::{AccessKey, Class, Error, Of, Policy, Role};
use model::{Model, Tags, Time};
use policy::{PolicyError, Use};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Why a file of accounts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// It cannot be read.
    #[error("{}: {why}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        why: io::Error,
    },
    /// It is not valid JSON of this structure.
    #[error("{}: {why}", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        why: serde_json::Error,
    },
    /// A policy in it is invalid.
    #[error("{}, {why}", path.display())]
    Policy {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where in the file.
        why: PolicyError,
    },
    /// It names something that it does not define, or defines something twice.
    #[error("{}, account {account}: {why}", path.display())]
    Model {
        /// The file.
        path: PathBuf,
        /// The account.
        account: String,
        /// The error.
        why: Box<Error>,
    },
    /// An account's id is invalid.
    #[error("{}: {id:?} is no account: give 12 digits", path.display())]
    Account {
        /// The file.
        path: PathBuf,
        /// The id.
        id: String,
    },
    /// A key has no id or no secret, so that everybody could sign with it.
    #[error("{}: the access key {id:?} has an empty id or secret", path.display())]
    EmptyKey {
        /// The file.
        path: PathBuf,
        /// The key.
        id: String,
    },
    /// A key is defined twice.
    #[error("{}: the access key {id} is defined twice: remove one of them", path.display())]
    KeyTwice {
        /// The file.
        path: PathBuf,
        /// The key.
        id: String,
    },
}

/// A file of accounts.
#[derive(Clone, Debug)]
pub struct Accounts {
    path: PathBuf,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    #[serde(borrow)]
    accounts: Vec<Account<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Account<'a> {
    id: String,
    #[serde(default)]
    keys: Vec<Key>,
    #[serde(default, borrow)]
    policies: BTreeMap<String, &'a RawValue>,
    #[serde(default, borrow)]
    groups: Vec<Group<'a>>,
    #[serde(default, borrow)]
    users: Vec<User<'a>>,
    #[serde(default, borrow)]
    roles: Vec<RoleOf<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Key {
    id: String,
    secret: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Group<'a> {
    name: String,
    #[serde(default, borrow)]
    policies: BTreeMap<String, &'a RawValue>,
    #[serde(default)]
    attached: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct User<'a> {
    name: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(default)]
    keys: Vec<Key>,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default, borrow)]
    policies: BTreeMap<String, &'a RawValue>,
    #[serde(default)]
    attached: Vec<String>,
    #[serde(default)]
    tags: Tags,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleOf<'a> {
    name: String,
    #[serde(default)]
    path: Option<String>,
    #[serde(borrow)]
    trust: &'a RawValue,
    #[serde(default, borrow)]
    policies: BTreeMap<String, &'a RawValue>,
    #[serde(default)]
    attached: Vec<String>,
    #[serde(default)]
    tags: Tags,
}

impl Accounts {
    /// Reads a file and checks it.
    ///
    /// # Errors
    /// [`AccountsError`].
    pub fn read(path: &Path) -> Result<Accounts, AccountsError> {
        let text = fs::read_to_string(path).map_err(|why| AccountsError::Io { path: path.to_owned(), why })?;
        let accounts = Accounts { path: path.to_owned(), text };
        accounts.declare(&mut Model::new(0), Time(0))?;
        Ok(accounts)
    }

    /// Puts the file's contents into a model, replacing what has the same names. It does not count as a change.
    ///
    /// # Errors
    /// [`AccountsError`].
    pub fn declare(&self, model: &mut Model, now: Time) -> Result<(), AccountsError> {
        let json = |why| AccountsError::Json { path: self.path.clone(), why };
        let file: File<'_> = serde_json::from_str(&self.text).map_err(json)?;
        let keys = file
            .accounts
            .iter()
            .flat_map(|account| account.keys.iter().chain(account.users.iter().flat_map(|u| &u.keys)));
        if let Some(key) = keys.clone().find(|key| key.id.is_empty() || key.secret.is_empty()) {
            return Err(AccountsError::EmptyKey { path: self.path.clone(), id: key.id.clone() });
        }
        let mut seen = BTreeSet::new();
        if let Some(key) = keys.into_iter().find(|key| !seen.insert(&key.id)) {
            return Err(AccountsError::KeyTwice { path: self.path.clone(), id: key.id.clone() });
        }
        model
            .declare(|model| file.accounts.iter().try_for_each(|account| self.declare_account(model, now, account)))?;
        model.platform.accounts_known = true;
        Ok(())
    }

    fn declare_account(&self, model: &mut Model, now: Time, account: &Account<'_>) -> Result<(), AccountsError> {
        let id = account.id.as_str();
        if id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(AccountsError::Account { path: self.path.clone(), id: id.to_owned() });
        }
        let refused =
            |why| AccountsError::Model { path: self.path.clone(), account: id.to_owned(), why: Box::new(why) };
        for (name, text) in &account.policies {
            let policy = self.policy(text, Use::Identity)?;
            model.forget_policy(id, name);
            model.create_policy(id, now, (name, None), (policy, None), Tags::new()).map_err(refused)?;
        }
        self.keys(model, now, id, None, &account.keys);
        for Group { name, policies, attached } in &account.groups {
            model.forget_identity(id, Class::Group, name);
            model.create_identity(id, now, (name, None), Tags::new(), Of::Group).map_err(refused)?;
            self.policies(model, (id, Class::Group, name), policies, attached)?;
        }
        for User { name, path, keys, groups, policies, attached, tags } in &account.users {
            let of = Of::new_user();
            model.forget_identity(id, Class::User, name);
            model.create_identity(id, now, (name, path.as_deref()), tags.clone(), of).map_err(refused)?;
            self.keys(model, now, id, Some(name), keys);
            groups.iter().try_for_each(|group| model.add_user_to_group(id, name, group)).map_err(refused)?;
            self.policies(model, (id, Class::User, name), policies, attached)?;
        }
        for RoleOf { name, path, trust, policies, attached, tags } in &account.roles {
            let trust = self.policy(trust, Use::Trust)?;
            let of = Of::Role(Role { trust, description: None, longest: Role::DEFAULT });
            model.forget_identity(id, Class::Role, name);
            model.create_identity(id, now, (name, path.as_deref()), tags.clone(), of).map_err(refused)?;
            self.policies(model, (id, Class::Role, name), policies, attached)?;
        }
        Ok(())
    }

    fn keys(&self, model: &mut Model, created: Time, account: &str, user: Option<&str>, keys: &[Key]) {
        for Key { id, secret } in keys {
            let (account, user) = (account.to_owned(), user.map(str::to_owned));
            model.add_declared_key(AccessKey {
                id: id.clone(),
                secret: secret.clone(),
                account,
                user,
                active: true,
                created,
            });
        }
    }

    /// An identity's own and attached policies. A name without a colon is that of a policy of the account or of AWS.
    fn policies(
        &self,
        model: &mut Model,
        (account, class, name): (&str, Class, &str),
        own: &BTreeMap<String, &RawValue>,
        attached: &[String],
    ) -> Result<(), AccountsError> {
        let refused =
            |why| AccountsError::Model { path: self.path.clone(), account: account.to_owned(), why: Box::new(why) };
        for (policy, text) in own {
            self.policy(text, Use::Identity)?;
            model.put_inline(account, class, name, policy, text.get()).map_err(refused)?;
        }
        for policy in attached {
            let named = model.policy_called(account, policy);
            let arn = if policy.contains(':') { Some(policy.clone()) } else { named };
            let arn = arn.ok_or_else(|| refused(Error::NoSuchPolicy { arn: policy.clone() }))?;
            model.attach_policy(account, class, name, &arn).map_err(refused)?;
        }
        Ok(())
    }

    /// Parses a policy of the file. Errors have their place in the file.
    fn policy(&self, text: &RawValue, r#use: Use) -> Result<Policy, AccountsError> {
        Policy::parse(text.get(), r#use).map_err(|why| {
            let start = text.get().as_ptr() as usize - self.text.as_ptr() as usize;
            let before = self.text.get(..start).unwrap_or_default();
            let lines = before.matches('\n').count();
            let indent = before.rsplit('\n').next().map_or(0, str::len);
            let column = if why.line == 1 { why.column + indent } else { why.column };
            let why = PolicyError { line: why.line + lines, column, why: why.why };
            AccountsError::Policy { path: self.path.clone(), why }
        })
    }
}

#[cfg(test)]
mod tests;
