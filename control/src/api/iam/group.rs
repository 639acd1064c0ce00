//! Groups of users.

use super::{Result, paged, user};
use crate::api::action::Actions;
use model::iam::{Class, Identity, Of};
use model::{Caller, Model, Tags};
use shapes::iam;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .read(get)
        .write(update)
        .write(delete)
        .read(list)
        .read(list_for_user)
        .write(add_user)
        .write(remove_user)
}

fn shown(group: &Identity) -> iam::Group {
    iam::Group {
        path: group.named.path.clone(),
        group_name: group.named.name.clone(),
        group_id: group.named.unique_id.clone(),
        arn: group.arn(),
        create_date: group.named.created,
    }
}

fn create(model: &mut Model, caller: &Caller, input: iam::CreateGroupRequest) -> Result<iam::CreateGroupResponse> {
    let iam::CreateGroupRequest { path, group_name } = input;
    let named = (group_name.as_str(), path.as_deref());
    let group = model.create_identity(&caller.scope.account, caller.now, named, Tags::new(), Of::Group)?;
    Ok(iam::CreateGroupResponse { group: shown(group) })
}

fn get(model: &Model, caller: &Caller, input: iam::GetGroupRequest) -> Result<iam::GetGroupResponse> {
    let iam::GetGroupRequest { group_name, page } = input;
    let account = &caller.scope.account;
    let group = shown(model.identity(account, Class::Group, &group_name)?);
    let users = model.users_in(account, &group_name);
    let (users, is_truncated, marker) = paged(page, users, |user| &user.named.name, user::shown)?;
    Ok(iam::GetGroupResponse { group, users, is_truncated, marker })
}

fn update(model: &mut Model, caller: &Caller, input: iam::UpdateGroupRequest) -> Result<()> {
    let iam::UpdateGroupRequest { group_name, new_path, new_group_name } = input;
    let new = (new_group_name.as_deref(), new_path.as_deref());
    Ok(model.rename_identity(&caller.scope.account, Class::Group, &group_name, new)?)
}

fn delete(model: &mut Model, caller: &Caller, input: iam::DeleteGroupRequest) -> Result<()> {
    Ok(model.delete_identity(&caller.scope.account, Class::Group, &input.group_name)?)
}

fn list(model: &Model, caller: &Caller, input: iam::ListGroupsRequest) -> Result<iam::ListGroupsResponse> {
    let iam::ListGroupsRequest { path_prefix, page } = input;
    let path = path_prefix.as_deref().unwrap_or("/");
    let groups = model.identities_of(&caller.scope.account, Class::Group, path);
    let (groups, is_truncated, marker) = paged(page, groups, |group| &group.named.name, shown)?;
    Ok(iam::ListGroupsResponse { groups, is_truncated, marker })
}

fn list_for_user(
    model: &Model,
    caller: &Caller,
    input: iam::ListGroupsForUserRequest,
) -> Result<iam::ListGroupsForUserResponse> {
    let iam::ListGroupsForUserRequest { user_name, page } = input;
    let account = &caller.scope.account;
    let names = model.identity(account, Class::User, &user_name)?.groups();
    let groups = names.filter_map(|name| model.identity(account, Class::Group, name).ok());
    let (groups, is_truncated, marker) = paged(page, groups, |group| &group.named.name, shown)?;
    Ok(iam::ListGroupsForUserResponse { groups, is_truncated, marker })
}

fn add_user(model: &mut Model, caller: &Caller, input: iam::AddUserToGroupRequest) -> Result<()> {
    Ok(model.add_user_to_group(&caller.scope.account, &input.user_name, &input.group_name)?)
}

fn remove_user(model: &mut Model, caller: &Caller, input: iam::RemoveUserFromGroupRequest) -> Result<()> {
    Ok(model.remove_user_from_group(&caller.scope.account, &input.user_name, &input.group_name)?)
}
