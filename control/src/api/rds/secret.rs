//! Master passwords that RDS manages. The secret is described; there is no password in it.

use crate::api::deployment::{said_over, unsaid};
use model::Scope;
use model::services::{Clash, Result};
use shapes::rds;

/// The parameters for the password's management.
pub struct Change {
    /// Whether it is managed.
    pub manage: Option<bool>,
    /// Whether it is rotated.
    pub rotate: bool,
    /// Whether the change is applied immediately.
    pub at_once: bool,
    /// The key that encrypts it.
    pub key: Option<String>,
}

/// The secret after a change.
pub enum Outcome {
    /// It is unchanged.
    Same(Option<rds::MasterUserSecret>),
    /// It is new or rotated.
    New(rds::MasterUserSecret, &'static str),
    /// RDS no longer manages it.
    Gone,
}

impl Change {
    /// What becomes of a secret.
    ///
    /// # Errors
    /// [`Clash::RotatesAtOnce`]
    pub fn of(self, scope: &Scope, name: &str, before: Option<rds::MasterUserSecret>) -> Result<Outcome> {
        if self.rotate && !self.at_once {
            return Err(Clash::RotatesAtOnce {}.into());
        }
        Ok(match (self.manage, before) {
            (Some(false), _) => Outcome::Gone,
            (Some(true), None) => Outcome::New(of(scope, name, self.key), "creating"),
            (_, Some(before)) if self.rotate => Outcome::New(before, "rotating"),
            (_, before) => Outcome::Same(before),
        })
    }
}

impl Outcome {
    /// The stored structure of a resource with its present secret.
    pub fn keep(&self, told: &str) -> String {
        match self {
            Outcome::New(secret, _) => {
                let with = rds::DBInstance { master_user_secret: Some(secret.clone()), ..Default::default() };
                said_over(told, &with)
            }
            Outcome::Gone => unsaid(told, &["MasterUserSecret"]),
            Outcome::Same(_) => told.to_owned(),
        }
    }

    /// The secret as the reply to its change shows it.
    pub fn shown(&self) -> Option<rds::MasterUserSecret> {
        match self {
            Outcome::Same(secret) => secret.clone(),
            Outcome::New(secret, status) => {
                Some(rds::MasterUserSecret { secret_status: Some((*status).to_owned()), ..secret.clone() })
            }
            Outcome::Gone => None,
        }
    }
}

/// The secret of a new resource if RDS is asked to manage its password, with a key if one is named.
pub fn managed(
    scope: &Scope,
    name: &str,
    (manage, key): (Option<bool>, &Option<String>),
) -> Option<rds::MasterUserSecret> {
    (manage == Some(true)).then(|| of(scope, name, key.clone()))
}

/// The secret of a resource, whose kind and name are `name`.
fn of(scope: &Scope, name: &str, key: Option<String>) -> rds::MasterUserSecret {
    let Scope { account, region } = scope;
    let arn = |service: &str, what: &str| format!("arn:{}:{service}:{region}:{account}:{what}", scope.partition());
    rds::MasterUserSecret {
        secret_arn: Some(arn("secretsmanager", &format!("secret:rds!{}-1a2b3c", name.to_ascii_lowercase()))),
        secret_status: Some("active".to_owned()),
        kms_key_id: key.or_else(|| Some(arn("kms", "alias/aws/secretsmanager"))),
    }
}
