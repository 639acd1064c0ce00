//! Users.

use super::tags::{tags_of, tags_shown};
use super::{Result, boundary_shown, paged};
use crate::api::action::Actions;
use model::iam::{Class, Error, Identity, Of, Principal};
use model::{Caller, Model};
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

fn create(model: &mut Model, caller: &Caller, input: iam::CreateUserRequest) -> Result<iam::CreateUserResponse> {
    let iam::CreateUserRequest { path, user_name, permissions_boundary, tags } = input;
    let (account, named) = (&caller.scope.account, (user_name.as_str(), path.as_deref()));
    model.check_usable(account, permissions_boundary.as_deref())?;
    model.create_identity(account, caller.now, named, tags_of(tags)?, Of::new_user())?;
    model.set_boundary(account, Class::User, &user_name, permissions_boundary)?;
    Ok(iam::CreateUserResponse { user: Some(shown(model.identity(account, Class::User, &user_name)?)) })
}

fn put_boundary(model: &mut Model, caller: &Caller, input: iam::PutUserPermissionsBoundaryRequest) -> Result<()> {
    let iam::PutUserPermissionsBoundaryRequest { user_name, permissions_boundary } = input;
    Ok(model.set_boundary(&caller.scope.account, Class::User, &user_name, Some(permissions_boundary))?)
}

fn delete_boundary(model: &mut Model, caller: &Caller, input: iam::DeleteUserPermissionsBoundaryRequest) -> Result<()> {
    Ok(model.set_boundary(&caller.scope.account, Class::User, &input.user_name, None)?)
}

fn get(model: &Model, caller: &Caller, input: iam::GetUserRequest) -> Result<iam::GetUserResponse> {
    let account = &caller.scope.account;
    let user = match meant(caller, input.user_name)? {
        Some(name) => shown(model.identity(account, Class::User, &name)?),
        // The account itself is shown as a user without a name.
        None => iam::User {
            user_id: account.clone(),
            arn: format!("arn:aws:iam::{account}:root"),
            path: "/".into(),
            user_name: "root".into(),
            create_date: caller.now,
            ..iam::User::default()
        },
    };
    Ok(iam::GetUserResponse { user })
}

fn update(model: &mut Model, caller: &Caller, input: iam::UpdateUserRequest) -> Result<()> {
    let iam::UpdateUserRequest { user_name, new_path, new_user_name } = input;
    let new = (new_user_name.as_deref(), new_path.as_deref());
    Ok(model.rename_identity(&caller.scope.account, Class::User, &user_name, new)?)
}

fn delete(model: &mut Model, caller: &Caller, input: iam::DeleteUserRequest) -> Result<()> {
    Ok(model.delete_identity(&caller.scope.account, Class::User, &input.user_name)?)
}

fn list(model: &Model, caller: &Caller, input: iam::ListUsersRequest) -> Result<iam::ListUsersResponse> {
    let iam::ListUsersRequest { path_prefix, page } = input;
    let path = path_prefix.as_deref().unwrap_or("/");
    let users = model.identities_of(&caller.scope.account, Class::User, path);
    // Lists leave out boundaries and tags.
    let brief = |user: &Identity| iam::User { permissions_boundary: None, tags: List::default(), ..shown(user) };
    let (users, is_truncated, marker) = paged(page, users, |user| &user.named.name, brief)?;
    Ok(iam::ListUsersResponse { users, is_truncated, marker })
}
