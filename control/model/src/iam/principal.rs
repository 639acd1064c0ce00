//! Who asks, within an account.

use super::{Class, Error, Identity, Policy, Result};
use crate::{Model, Tags};
use policy::Document;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who asks, within an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Principal {
    /// The account itself, which may do everything.
    #[default]
    Root,
    /// A user.
    User {
        /// Its name.
        name: String,
    },
    /// Somebody in a role.
    Role {
        /// The role's name.
        name: String,
        /// What who assumed it calls the session.
        session: String,
        /// What the session may do at most.
        policy: Option<Policy>,
        /// The session's tags.
        #[serde(default)]
        tags: SessionTags,
    },
    /// Somebody whom the account knows nothing of, for whom a user or the account itself asked for credentials.
    Federated {
        /// What who asked calls it.
        name: String,
        /// The user who asked.
        user: Option<String>,
        /// What it may do, of what who asked may; without one, nothing.
        policy: Option<Policy>,
    },
}

/// The tags of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionTags {
    /// All of them.
    pub all: Tags,
    /// The keys of those that sessions have, too, which this one begins.
    pub transitive: BTreeSet<String>,
}

impl SessionTags {
    /// Those of a session that one with these tags begins.
    ///
    /// # Errors
    /// If a key is there twice, is passed on without being there, or would replace one that is passed on.
    pub fn next(&self, given: Vec<(String, String)>, transitive: Vec<String>) -> Result<SessionTags> {
        let mut seen = BTreeSet::new();
        if given.iter().any(|(key, _)| !seen.insert(key.to_ascii_lowercase())) {
            return Err(Error::SessionTagTwice {});
        }
        if self.transitive.iter().any(|key| seen.contains(&key.to_ascii_lowercase())) {
            return Err(Error::SessionTagHeld {});
        }
        if transitive.iter().any(|key| !given.iter().any(|(one, _)| one == key)) {
            return Err(Error::SessionTagMissing {});
        }
        let inherited = self.all.iter().filter(|(key, _)| self.transitive.contains(*key));
        let inherited = inherited.map(|(key, value)| (key.clone(), value.clone()));
        Ok(SessionTags {
            all: inherited.chain(given).collect(),
            transitive: self.transitive.iter().cloned().chain(transitive).collect(),
        })
    }
}

impl Principal {
    /// The ARNs it is known by, the first being its own.
    pub fn arns(&self, model: &Model, account: &str) -> Vec<String> {
        let arn = |class: Class, name: &str| match model.identity(account, class, name) {
            Ok(identity) => identity.arn(),
            Err(_) => format!("arn:aws:iam::{account}:{}/{name}", class.noun()),
        };
        match self {
            Principal::Root => vec![format!("arn:aws:iam::{account}:root")],
            Principal::User { name } => vec![arn(Class::User, name)],
            Principal::Federated { name, .. } => vec![format!("arn:aws:sts::{account}:federated-user/{name}")],
            Principal::Role { name, session, .. } => {
                vec![format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"), arn(Class::Role, name)]
            }
        }
    }

    /// What `aws:userid` and GetCallerIdentity call it.
    pub fn user_id(&self, model: &Model, account: &str) -> String {
        let unique = |class, name: &str| model.identity(account, class, name).map(|one| one.named.unique_id.clone());
        match self {
            Principal::Root => account.to_owned(),
            Principal::User { name } => unique(Class::User, name).unwrap_or_default(),
            Principal::Federated { name, .. } => format!("{account}:{name}"),
            Principal::Role { name, session, .. } => {
                format!("{}:{session}", unique(Class::Role, name).unwrap_or_default())
            }
        }
    }

    /// Whether the account itself is behind it, which may do everything.
    pub fn is_of_account(&self) -> bool {
        matches!(self, Principal::Root | Principal::Federated { user: None, .. })
    }

    /// The user or role behind it.
    pub fn identity<'m>(&self, model: &'m Model, account: &str) -> Option<&'m Identity> {
        let (class, name) = self.class_and_name()?;
        model.identity(account, class, name).ok()
    }

    /// Whether a user or a role is behind it, and its name.
    pub(super) fn class_and_name(&self) -> Option<(Class, &str)> {
        match self {
            Principal::Root => None,
            Principal::Federated { user, .. } => user.as_deref().map(|user| (Class::User, user)),
            Principal::User { name } => Some((Class::User, name)),
            Principal::Role { name, .. } => Some((Class::Role, name)),
        }
    }

    /// Goes by another name from now on.
    pub(super) fn rename(&mut self, new: &str) {
        match self {
            Principal::Root | Principal::Federated { user: None, .. } => {}
            Principal::Federated { user: Some(name), .. } => new.clone_into(name),
            Principal::User { name } | Principal::Role { name, .. } => new.clone_into(name),
        }
    }
}

impl Model {
    /// Every policy that says what a user or role may do, by name: its own, the attached ones, and those of a user's groups.
    pub fn policies_of<'m>(&'m self, identity: &'m Identity) -> Vec<(&'m str, &'m Document)> {
        let groups =
            identity.groups().filter_map(|group| self.identity(&identity.named.account, Class::Group, group).ok());
        let mut all = Vec::new();
        for owner in std::iter::once(identity).chain(groups) {
            all.extend(owner.inline.iter().map(|(name, policy)| (name.as_str(), policy.document())));
            all.extend(owner.attached.iter().filter_map(|arn| Some((arn.as_str(), self.policy_document(arn)?))));
        }
        all
    }
}
