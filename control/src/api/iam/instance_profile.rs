//! Instance profiles.

use super::tags::{tags_of, tags_shown};
use super::{Result, paged, role};
use crate::api::action::{Actions, Change, View};
use model::Model;
use model::iam::{Class, InstanceProfile};
use shapes::iam;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(get).write(delete).read(list).read(list_for_role).write(add_role).write(remove_role)
}

pub fn shown(model: &Model, profile: &InstanceProfile) -> iam::InstanceProfile {
    let role = profile.role.iter().filter_map(|name| model.identity(&profile.named.account, Class::Role, name).ok());
    iam::InstanceProfile {
        path: profile.named.path.clone(),
        instance_profile_name: profile.named.name.clone(),
        instance_profile_id: profile.named.unique_id.clone(),
        arn: profile.named.arn("instance-profile"),
        create_date: profile.named.created,
        roles: role.map(role::shown).collect(),
        tags: tags_shown(&profile.named.tags),
    }
}

fn create(cx: Change, input: iam::CreateInstanceProfileRequest) -> Result<iam::CreateInstanceProfileResponse> {
    let iam::CreateInstanceProfileRequest { instance_profile_name, path, tags } = input;
    let account = &cx.caller.scope.account;
    let named = (instance_profile_name.as_str(), path.as_deref());
    cx.model.create_instance_profile(account, cx.caller.now, named, tags_of(tags)?)?;
    let instance_profile = shown(cx.model, cx.model.instance_profile(account, &instance_profile_name)?);
    Ok(iam::CreateInstanceProfileResponse { instance_profile })
}

fn get(cx: View, input: iam::GetInstanceProfileRequest) -> Result<iam::GetInstanceProfileResponse> {
    let profile = cx.model.instance_profile(&cx.caller.scope.account, &input.instance_profile_name)?;
    Ok(iam::GetInstanceProfileResponse { instance_profile: shown(cx.model, profile) })
}

fn delete(cx: Change, input: iam::DeleteInstanceProfileRequest) -> Result<()> {
    Ok(cx.model.delete_instance_profile(&cx.caller.scope.account, &input.instance_profile_name)?)
}

fn list(cx: View, input: iam::ListInstanceProfilesRequest) -> Result<iam::ListInstanceProfilesResponse> {
    let iam::ListInstanceProfilesRequest { path_prefix, page } = input;
    let (account, path) = (&cx.caller.scope.account, path_prefix.as_deref().unwrap_or("/"));
    let wanted = |one: &&InstanceProfile| one.named.account == *account && one.named.path.starts_with(path);
    let profiles = cx.model.instance_profiles.iter().filter(wanted);
    let (instance_profiles, is_truncated, marker) =
        paged(page, profiles, |one| &one.named.name, |one| shown(cx.model, one))?;
    Ok(iam::ListInstanceProfilesResponse { instance_profiles, is_truncated, marker })
}

fn list_for_role(
    cx: View,
    input: iam::ListInstanceProfilesForRoleRequest,
) -> Result<iam::ListInstanceProfilesForRoleResponse> {
    let iam::ListInstanceProfilesForRoleRequest { role_name, page } = input;
    let account = &cx.caller.scope.account;
    let role = cx.model.identity(account, Class::Role, &role_name)?;
    let profiles = cx.model.profiles_with(account, &role.named.name);
    let (instance_profiles, is_truncated, marker) =
        paged(page, profiles, |one| &one.named.name, |one| shown(cx.model, one))?;
    Ok(iam::ListInstanceProfilesForRoleResponse { instance_profiles, is_truncated, marker })
}

fn add_role(cx: Change, input: iam::AddRoleToInstanceProfileRequest) -> Result<()> {
    Ok(cx.model.add_role_to_profile(&cx.caller.scope.account, &input.instance_profile_name, &input.role_name)?)
}

fn remove_role(cx: Change, input: iam::RemoveRoleFromInstanceProfileRequest) -> Result<()> {
    Ok(cx.model.remove_role_from_profile(&cx.caller.scope.account, &input.instance_profile_name, &input.role_name)?)
}
