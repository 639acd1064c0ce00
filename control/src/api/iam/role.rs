//! Roles.

use super::tags::{tags_of, tags_shown};
use super::{Result, boundary_shown, encoded, paged};
use crate::api::action::{Actions, Change, View};
use model::Model;
use model::iam::{Class, Identity, Of, Policy, Role};
use shapes::{List, iam};

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .read(get)
        .write(update)
        .write(update_trust)
        .write(update_description)
        .write(put_boundary)
        .write(delete_boundary)
        .write(delete)
        .read(list)
}

pub fn shown(identity: &Identity) -> iam::Role {
    let role = identity.role();
    iam::Role {
        path: identity.named.path.clone(),
        role_name: identity.named.name.clone(),
        role_id: identity.named.unique_id.clone(),
        arn: identity.arn(),
        create_date: identity.named.created,
        assume_role_policy_document: role.map(|role| encoded(&role.trust)),
        description: role.and_then(|role| role.description.clone()),
        max_session_duration: role.and_then(|role| i32::try_from(role.longest.as_secs()).ok()),
        permissions_boundary: boundary_shown(identity),
        tags: tags_shown(&identity.named.tags).unless_empty(),
        ..iam::Role::default()
    }
}

fn create(cx: Change, input: iam::CreateRoleRequest) -> Result<iam::CreateRoleResponse> {
    let iam::CreateRoleRequest {
        path,
        role_name,
        assume_role_policy_document,
        description,
        max_session_duration,
        permissions_boundary,
        tags,
    } = input;
    let trust = Policy::of_trust(&assume_role_policy_document)?;
    let longest = max_session_duration.map_or(Ok(Role::DEFAULT), Role::check_longest)?;
    let of = Of::Role(Role { trust, description, longest });
    let (account, named) = (&cx.caller.scope.account, (role_name.as_str(), path.as_deref()));
    cx.model.check_usable(account, permissions_boundary.as_deref())?;
    cx.model.create_identity(account, cx.caller.now, named, tags_of(tags)?, of)?;
    // This also refuses the path of service-linked roles.
    cx.model.set_boundary(account, Class::Role, &role_name, permissions_boundary)?;
    let made = shown(cx.model.identity(account, Class::Role, &role_name)?);
    // This reply has fewer members than GetRole's.
    Ok(iam::CreateRoleResponse { role: iam::Role { max_session_duration: None, ..made } })
}

fn put_boundary(cx: Change, input: iam::PutRolePermissionsBoundaryRequest) -> Result<()> {
    let iam::PutRolePermissionsBoundaryRequest { role_name, permissions_boundary } = input;
    Ok(cx.model.set_boundary(&cx.caller.scope.account, Class::Role, &role_name, Some(permissions_boundary))?)
}

fn delete_boundary(cx: Change, input: iam::DeleteRolePermissionsBoundaryRequest) -> Result<()> {
    Ok(cx.model.set_boundary(&cx.caller.scope.account, Class::Role, &input.role_name, None)?)
}

fn update_description(
    cx: Change,
    input: iam::UpdateRoleDescriptionRequest,
) -> Result<iam::UpdateRoleDescriptionResponse> {
    let iam::UpdateRoleDescriptionRequest { role_name, description } = input;
    let account = &cx.caller.scope.account;
    cx.model.update_role(account, &role_name, |role| role.description = Some(description))?;
    Ok(iam::UpdateRoleDescriptionResponse { role: Some(shown(cx.model.identity(account, Class::Role, &role_name)?)) })
}

fn get(cx: View, input: iam::GetRoleRequest) -> Result<iam::GetRoleResponse> {
    let role = cx.model.identity(&cx.caller.scope.account, Class::Role, &input.role_name)?;
    let role_last_used = Some(last_used(cx.model, role));
    Ok(iam::GetRoleResponse { role: iam::Role { role_last_used, ..shown(role) } })
}

/// The last use of a role, for which IAM has an empty structure if it was never used.
pub fn last_used(model: &Model, role: &Identity) -> iam::RoleLastUsed {
    let last = model.last_use(&role.named.unique_id);
    iam::RoleLastUsed { last_used_date: last.map(|one| one.at), region: last.map(|one| one.region.clone()) }
}

fn update(cx: Change, input: iam::UpdateRoleRequest) -> Result<iam::UpdateRoleResponse> {
    let iam::UpdateRoleRequest { role_name, description, max_session_duration } = input;
    let longest = max_session_duration.map(Role::check_longest).transpose()?;
    cx.model.update_role(&cx.caller.scope.account, &role_name, |role| {
        role.longest = longest.unwrap_or(role.longest);
        role.description = description.or(role.description.take());
    })?;
    Ok(iam::UpdateRoleResponse {})
}

fn update_trust(cx: Change, input: iam::UpdateAssumeRolePolicyRequest) -> Result<()> {
    let trust = Policy::of_trust(&input.policy_document)?;
    Ok(cx.model.set_trust(&cx.caller.scope.account, &input.role_name, trust)?)
}

fn delete(cx: Change, input: iam::DeleteRoleRequest) -> Result<()> {
    Ok(cx.model.delete_identity(&cx.caller.scope.account, Class::Role, &input.role_name)?)
}

fn list(cx: View, input: iam::ListRolesRequest) -> Result<iam::ListRolesResponse> {
    let iam::ListRolesRequest { path_prefix, page } = input;
    let path = path_prefix.as_deref().unwrap_or("/");
    let roles = cx.model.identities_of(&cx.caller.scope.account, Class::Role, path);
    // Lists leave out boundaries and tags.
    let brief = |role: &Identity| iam::Role { permissions_boundary: None, tags: List::default(), ..shown(role) };
    let (roles, is_truncated, marker) = paged(page, roles, |role| &role.named.name, brief)?;
    Ok(iam::ListRolesResponse { roles, is_truncated, marker })
}
