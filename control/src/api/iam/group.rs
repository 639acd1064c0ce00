//! Groups of users.

use super::{Result, paged, user};
use crate::api::action::{Actions, Change, View};
use model::Tags;
use model::iam::{Class, Identity, Of};
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

fn create(cx: Change, input: iam::CreateGroupRequest) -> Result<iam::CreateGroupResponse> {
    let iam::CreateGroupRequest { path, group_name } = input;
    let named = (group_name.as_str(), path.as_deref());
    let group = cx.model.create_identity(&cx.caller.scope.account, cx.caller.now, named, Tags::new(), Of::Group)?;
    Ok(iam::CreateGroupResponse { group: shown(group) })
}

fn get(cx: View, input: iam::GetGroupRequest) -> Result<iam::GetGroupResponse> {
    let iam::GetGroupRequest { group_name, page } = input;
    let account = &cx.caller.scope.account;
    let group = shown(cx.model.identity(account, Class::Group, &group_name)?);
    let users = cx.model.users_in(account, &group_name);
    let (users, is_truncated, marker) = paged(page, users, |user| &user.named.name, user::shown)?;
    Ok(iam::GetGroupResponse { group, users, is_truncated, marker })
}

fn update(cx: Change, input: iam::UpdateGroupRequest) -> Result<()> {
    let iam::UpdateGroupRequest { group_name, new_path, new_group_name } = input;
    let new = (new_group_name.as_deref(), new_path.as_deref());
    Ok(cx.model.rename_identity(&cx.caller.scope.account, Class::Group, &group_name, new)?)
}

fn delete(cx: Change, input: iam::DeleteGroupRequest) -> Result<()> {
    Ok(cx.model.delete_identity(&cx.caller.scope.account, Class::Group, &input.group_name)?)
}

fn list(cx: View, input: iam::ListGroupsRequest) -> Result<iam::ListGroupsResponse> {
    let iam::ListGroupsRequest { path_prefix, page } = input;
    let path = path_prefix.as_deref().unwrap_or("/");
    let groups = cx.model.identities_of(&cx.caller.scope.account, Class::Group, path);
    let (groups, is_truncated, marker) = paged(page, groups, |group| &group.named.name, shown)?;
    Ok(iam::ListGroupsResponse { groups, is_truncated, marker })
}

fn list_for_user(
    View { model, caller }: View,
    input: iam::ListGroupsForUserRequest,
) -> Result<iam::ListGroupsForUserResponse> {
    let iam::ListGroupsForUserRequest { user_name, page } = input;
    let account = &caller.scope.account;
    let names = model.identity(account, Class::User, &user_name)?.groups();
    let groups = names.filter_map(|name| model.identity(account, Class::Group, name).ok());
    let (groups, is_truncated, marker) = paged(page, groups, |group| &group.named.name, shown)?;
    Ok(iam::ListGroupsForUserResponse { groups, is_truncated, marker })
}

fn add_user(cx: Change, input: iam::AddUserToGroupRequest) -> Result<()> {
    Ok(cx.model.add_user_to_group(&cx.caller.scope.account, &input.user_name, &input.group_name)?)
}

fn remove_user(cx: Change, input: iam::RemoveUserFromGroupRequest) -> Result<()> {
    Ok(cx.model.remove_user_from_group(&cx.caller.scope.account, &input.user_name, &input.group_name)?)
}
