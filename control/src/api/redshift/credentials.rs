//! Passwords for a while. They are nobody's: no server knows them.

use super::cluster::THING;
use crate::api::action::Actions;
use model::services::{Error, Result};
use model::{Caller, FNV_OFFSET, Model, Time, fnv1a};
use shapes::redshift;

/// For how many seconds a password is good: the least, which it is if nothing is said, and the most.
const DURATION: (i32, i32) = (900, 3600);

pub fn actions(all: Actions) -> Actions {
    all.read(credentials)
}

fn credentials(
    model: &Model,
    caller: &Caller,
    input: redshift::GetClusterCredentialsMessage,
) -> Result<redshift::ClusterCredentials> {
    let redshift::GetClusterCredentialsMessage { db_user, cluster_identifier, duration_seconds, auto_create } = input;
    let name = cluster_identifier.ok_or(Error::Missing { name: "ClusterIdentifier".to_owned() })?;
    let row = model.deployment(&caller.scope, THING, &name)?;
    let seconds = duration_seconds.unwrap_or(DURATION.0);
    if !(DURATION.0..=DURATION.1).contains(&seconds) {
        return Err(Error::Duration {});
    }
    let kind = if auto_create == Some(true) { "IAMA" } else { "IAM" };
    let text = format!("{}{db_user}{}", row.id, caller.now.0);
    let db_password = format!("{:016x}{:016x}", fnv1a(FNV_OFFSET, &text), fnv1a(row.created.0, &text));
    let millis = u64::try_from(seconds).unwrap_or_default() * 1000;
    Ok(redshift::ClusterCredentials {
        db_user: Some(format!("{kind}:{db_user}")),
        db_password: Some(db_password),
        expiration: Some(Time(caller.now.0 + millis)),
    })
}
