//! Users.

use super::tags::{tags_of, tags_shown};
use super::{Result, boundary_shown, paged};
use crate::api::action::{Actions, Change, View};
use model::Caller;
use model::iam::{Class, Error, Identity, Of, Principal};
use shapes::{List, iam};

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(get).write(update).write(delete).read(list).write(put_boundary).write(delete_boundary)
}

pub fn shown(user: &Identity) -> iam::User {
    iam::User {
        path: user.named.path.clone(),
        user_name: user.named.name.clone(),
        user_id: user.named.unique_id.clone(),
        arn: user.arn(),
        create_date: user.named.created,
        permissions_boundary: boundary_shown(user),
        tags: tags_shown(&user.named.tags).unless_empty(),
        ..iam::User::default()
    }
}

/// The user that a request means: the named one, or the sender. `None` is the account itself. A role must name a user.
pub fn meant(caller: &Caller, name: Option<String>) -> Result<Option<String>> {
    match &caller.principal {
        _ if name.is_some() => Ok(name),
        Principal::Root => Ok(None),
        Principal::User { name } => Ok(Some(name.clone())),
        Principal::Role { .. } | Principal::Federated { .. } => Err(Error::MustNameUser {}.into()),
    }
}

fn create(cx: Change, input: iam::CreateUserRequest) -> Result<iam::CreateUserResponse> {
    let iam::CreateUserRequest { path, user_name, permissions_boundary, tags } = input;
    let (account, named) = (&cx.caller.scope.account, (user_name.as_str(), path.as_deref()));
    cx.model.check_usable(account, permissions_boundary.as_deref())?;
    cx.model.create_identity(account, cx.caller.now, named, tags_of(tags)?, Of::new_user())?;
    cx.model.set_boundary(account, Class::User, &user_name, permissions_boundary)?;
    Ok(iam::CreateUserResponse { user: Some(shown(cx.model.identity(account, Class::User, &user_name)?)) })
}

fn put_boundary(cx: Change, input: iam::PutUserPermissionsBoundaryRequest) -> Result<()> {
    let iam::PutUserPermissionsBoundaryRequest { user_name, permissions_boundary } = input;
    Ok(cx.model.set_boundary(&cx.caller.scope.account, Class::User, &user_name, Some(permissions_boundary))?)
}

fn delete_boundary(cx: Change, input: iam::DeleteUserPermissionsBoundaryRequest) -> Result<()> {
    Ok(cx.model.set_boundary(&cx.caller.scope.account, Class::User, &input.user_name, None)?)
}

fn get(cx: View, input: iam::GetUserRequest) -> Result<iam::GetUserResponse> {
    let account = &cx.caller.scope.account;
    let user = match meant(cx.caller, input.user_name)? {
        Some(name) => shown(cx.model.identity(account, Class::User, &name)?),
        // The account itself is shown as a user without a name.
        None => iam::User {
            user_id: account.clone(),
            arn: format!("arn:aws:iam::{account}:root"),
            path: "/".into(),
            user_name: "root".into(),
            create_date: cx.caller.now,
            ..iam::User::default()
        },
    };
    Ok(iam::GetUserResponse { user })
}

fn update(cx: Change, input: iam::UpdateUserRequest) -> Result<()> {
    let iam::UpdateUserRequest { user_name, new_path, new_user_name } = input;
    let new = (new_user_name.as_deref(), new_path.as_deref());
    Ok(cx.model.rename_identity(&cx.caller.scope.account, Class::User, &user_name, new)?)
}

fn delete(cx: Change, input: iam::DeleteUserRequest) -> Result<()> {
    Ok(cx.model.delete_identity(&cx.caller.scope.account, Class::User, &input.user_name)?)
}

fn list(cx: View, input: iam::ListUsersRequest) -> Result<iam::ListUsersResponse> {
    let iam::ListUsersRequest { path_prefix, page } = input;
    let path = path_prefix.as_deref().unwrap_or("/");
    let users = cx.model.identities_of(&cx.caller.scope.account, Class::User, path);
    // Lists leave out boundaries and tags.
    let brief = |user: &Identity| iam::User { permissions_boundary: None, tags: List::default(), ..shown(user) };
    let (users, is_truncated, marker) = paged(page, users, |user| &user.named.name, brief)?;
    Ok(iam::ListUsersResponse { users, is_truncated, marker })
}
