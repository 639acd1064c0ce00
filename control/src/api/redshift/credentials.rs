//! Temporary passwords. No server accepts them.

use super::cluster::THING;
use crate::api::action::{Actions, View};
use model::iam::Principal;
use model::services::{Error, Result};
use model::{Caller, FNV_OFFSET, Model, Time, fnv1a};
use shapes::redshift;

/// The validity of a password in seconds: the default, which is the least, and the most.
const DURATION: (i32, i32) = (900, 3600);

pub fn actions(all: Actions) -> Actions {
    all.read(credentials).read(credentials_with_iam)
}

/// A password for a user of a cluster.
struct Password {
    /// The password.
    text: String,
    /// Its expiration.
    until: Time,
}

impl Password {
    /// The password of a user, which is valid for so many seconds.
    ///
    /// # Errors
    /// The error of a cluster that does not exist, and [`Error::Duration`].
    fn of(
        model: &Model,
        caller: &Caller,
        (cluster, user): (Option<String>, &str),
        seconds: Option<i32>,
    ) -> Result<Password> {
        let name = cluster.ok_or(Error::Missing { name: "ClusterIdentifier".to_owned() })?;
        let row = model.deployment(&caller.scope, THING, &name)?;
        let seconds = seconds.unwrap_or(DURATION.0);
        if !(DURATION.0..=DURATION.1).contains(&seconds) {
            return Err(Error::Duration {});
        }
        let text = format!("{}{user}{}", row.id, caller.now.0);
        let text = format!("{:016x}{:016x}", fnv1a(FNV_OFFSET, &text), fnv1a(row.created.0, &text));
        let millis = u64::try_from(seconds).unwrap_or_default() * 1000;
        Ok(Password { text, until: Time(caller.now.0 + millis) })
    }
}

fn credentials(cx: View, input: redshift::GetClusterCredentialsMessage) -> Result<redshift::ClusterCredentials> {
    let redshift::GetClusterCredentialsMessage { db_user, cluster_identifier, duration_seconds, auto_create } = input;
    let password = Password::of(cx.model, cx.caller, (cluster_identifier, &db_user), duration_seconds)?;
    let kind = if auto_create == Some(true) { "IAMA" } else { "IAM" };
    Ok(redshift::ClusterCredentials {
        db_user: Some(format!("{kind}:{db_user}")),
        db_password: Some(password.text),
        expiration: Some(password.until),
    })
}

/// The password of the database user with the name of the request's sender.
fn credentials_with_iam(
    cx: View,
    input: redshift::GetClusterCredentialsWithIAMMessage,
) -> Result<redshift::ClusterExtendedCredentials> {
    let redshift::GetClusterCredentialsWithIAMMessage { cluster_identifier, duration_seconds, .. } = input;
    let user = match &cx.caller.principal {
        Principal::Root => "IAM:root".to_owned(),
        Principal::User { name } | Principal::Federated { name, .. } => format!("IAM:{name}"),
        Principal::Role { name, .. } => format!("IAMR:{name}"),
    };
    let password = Password::of(cx.model, cx.caller, (cluster_identifier, &user), duration_seconds)?;
    Ok(redshift::ClusterExtendedCredentials {
        db_user: Some(user),
        db_password: Some(password.text),
        expiration: Some(password.until),
        next_refresh_time: Some(password.until),
    })
}
