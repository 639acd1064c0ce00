//! Access keys of users. A request that names no user means the sender.

use super::{Result, credential::is_active, paged, secret, user::meant};
use crate::api::action::{Actions, Change, View};
use model::iam::{AccessKey, Class};
use shapes::iam;

/// The length of secrets, as AWS's.
pub const SECRET: usize = 40;

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(update).write(delete).read(list)
}

fn status(key: &AccessKey) -> &'static str {
    if key.active { "Active" } else { "Inactive" }
}

fn create(cx: Change, input: iam::CreateAccessKeyRequest) -> Result<iam::CreateAccessKeyResponse> {
    let user = meant(cx.caller, input.user_name)?;
    let key = cx.model.create_access_key(&cx.caller.scope.account, cx.caller.now, user.as_deref(), secret(SECRET)?)?;
    let access_key = iam::AccessKey {
        user_name: user.unwrap_or_default(),
        access_key_id: key.id.clone(),
        status: status(key).into(),
        secret_access_key: key.secret.clone(),
        create_date: Some(key.created),
    };
    Ok(iam::CreateAccessKeyResponse { access_key })
}

fn update(cx: Change, input: iam::UpdateAccessKeyRequest) -> Result<()> {
    let iam::UpdateAccessKeyRequest { user_name, access_key_id, status } = input;
    let user = meant(cx.caller, user_name)?;
    Ok(cx.model.activate_access_key(&cx.caller.scope.account, user.as_deref(), &access_key_id, is_active(status)?)?)
}

fn delete(cx: Change, input: iam::DeleteAccessKeyRequest) -> Result<()> {
    let user = meant(cx.caller, input.user_name)?;
    Ok(cx.model.delete_access_key(&cx.caller.scope.account, user.as_deref(), &input.access_key_id)?)
}

fn list(cx: View, input: iam::ListAccessKeysRequest) -> Result<iam::ListAccessKeysResponse> {
    let iam::ListAccessKeysRequest { user_name, page } = input;
    let (account, user) = (&cx.caller.scope.account, meant(cx.caller, user_name)?);
    if let Some(name) = &user {
        cx.model.identity(account, Class::User, name)?;
    }
    let shown = |key: &AccessKey| iam::AccessKeyMetadata {
        user_name: key.user.clone(),
        access_key_id: Some(key.id.clone()),
        status: Some(status(key).into()),
        create_date: Some(key.created),
    };
    let keys = cx.model.keys_of(account, user.as_deref());
    let (access_key_metadata, is_truncated, marker) = paged(page, keys, |key| &key.id, shown)?;
    Ok(iam::ListAccessKeysResponse { access_key_metadata, is_truncated, marker })
}
