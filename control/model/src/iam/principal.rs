//! The senders of requests, within an account.

use super::{Class, Error, Identity, Policy, Result};
use crate::{Model, Tags};
use policy::Document;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The sender of a request, within an account.
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
    /// A session of a role.
    Role {
        /// The role's name.
        name: String,
        /// The session's name.
        session: String,
        /// The session policy.
        policy: Option<Policy>,
        /// The ARNs of managed policies that are session policies, too.
        #[serde(default)]
        managed: Vec<String>,
        /// The session's tags.
        #[serde(default)]
        tags: SessionTags,
        /// The source identity: the person behind the session. Sessions that it begins have the same.
        #[serde(default)]
        source: Option<String>,
        /// The instance whose profile gave the credentials.
        #[serde(default)]
        instance: Option<String>,
    },
    /// A federated user (GetFederationToken).
    Federated {
        /// Its name.
        name: String,
        /// The user who requested the credentials. `None`: the account itself.
        user: Option<String>,
        /// The session policy, which limits the permissions of that user. Without one nothing is allowed.
        policy: Option<Policy>,
        /// The ARNs of managed policies that are session policies, too.
        #[serde(default)]
        managed: Vec<String>,
        /// The session's tags.
        #[serde(default)]
        tags: SessionTags,
    },
}

/// The tags of a session.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionTags {
    /// All tags.
    pub all: Tags,
    /// The keys of transitive tags, which later sessions inherit.
    pub transitive: BTreeSet<String>,
}

impl SessionTags {
    /// The tags of a session that is begun by one with these tags.
    ///
    /// # Errors
    /// If a key is given twice, is transitive and not given, or would replace an inherited one.
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
    /// Its ARNs: its own, and for a session its role's.
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

    /// Its id in `aws:userid` and in GetCallerIdentity's reply.
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

    /// The tags of its session.
    pub fn session_tags(&self) -> Option<&SessionTags> {
        match self {
            Principal::Role { tags, .. } | Principal::Federated { tags, .. } => Some(tags),
            Principal::Root | Principal::User { .. } => None,
        }
    }

    /// The source identity of its session.
    pub fn source_identity(&self) -> Option<&str> {
        match self {
            Principal::Role { source, .. } => source.as_deref(),
            _ => None,
        }
    }

    /// The session policies that limit it, by name. `None` if its session has none and needs none.
    pub fn session_policies<'m>(&'m self, model: &'m Model) -> Option<Vec<(&'m str, &'m Document)>> {
        let (policy, managed) = match self {
            Principal::Role { policy, managed, .. } if policy.is_some() || !managed.is_empty() => (policy, managed),
            Principal::Federated { policy, managed, .. } => (policy, managed),
            _ => return None,
        };
        let inline = policy.iter().map(|policy| ("session", policy.document()));
        let managed = managed.iter().filter_map(|arn| Some((arn.as_str(), model.policy_document(arn)?)));
        Some(inline.chain(managed).collect())
    }

    /// Whether it is the account itself, or acts for it. The account may do everything.
    pub fn is_of_account(&self) -> bool {
        matches!(self, Principal::Root | Principal::Federated { user: None, .. })
    }

    /// The user or role behind it.
    pub fn identity<'m>(&self, model: &'m Model, account: &str) -> Option<&'m Identity> {
        let (class, name) = self.class_and_name()?;
        model.identity(account, class, name).ok()
    }

    /// The kind and name of the user or role behind it.
    pub(super) fn class_and_name(&self) -> Option<(Class, &str)> {
        match self {
            Principal::Root => None,
            Principal::Federated { user, .. } => user.as_deref().map(|user| (Class::User, user)),
            Principal::User { name } => Some((Class::User, name)),
            Principal::Role { name, .. } => Some((Class::Role, name)),
        }
    }

    /// Renames the user or role behind it.
    pub(super) fn rename(&mut self, new: &str) {
        match self {
            Principal::Root | Principal::Federated { user: None, .. } => {}
            Principal::Federated { user: Some(name), .. } => new.clone_into(name),
            Principal::User { name } | Principal::Role { name, .. } => new.clone_into(name),
        }
    }
}

impl Model {
    /// The identities whose policies apply to an identity: itself, and the groups of a user.
    pub fn policy_owners<'m>(&'m self, identity: &'m Identity) -> impl Iterator<Item = &'m Identity> {
        let account = &identity.named.account;
        let groups = identity.groups().filter_map(move |group| self.identity(account, Class::Group, group).ok());
        std::iter::once(identity).chain(groups)
    }

    /// The policies of a user or role, by name: inline ones, attached ones, and those of a user's groups.
    pub fn policies_of<'m>(&'m self, identity: &'m Identity) -> Vec<(&'m str, &'m Document)> {
        let mut all = Vec::new();
        for owner in self.policy_owners(identity) {
            all.extend(owner.inline.iter().map(|(name, policy)| (name.as_str(), policy.document())));
            all.extend(owner.attached.iter().filter_map(|arn| Some((arn.as_str(), self.policy_document(arn)?))));
        }
        all
    }
}
