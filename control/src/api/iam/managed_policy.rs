//! Managed policies and their versions: the account's own and AWS's.

use super::tags::{tags_of, tags_shown};
use super::{Result, encoded, paged};
use crate::api::action::{Actions, Change, View};
use model::Model;
use model::iam::{Class, Error, Identity, ManagedPolicy, Policy, PolicyVersion, all_aws_managed};
use shapes::{List, iam};

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .read(get)
        .write(delete)
        .read(list)
        .write(create_version)
        .read(get_version)
        .write(delete_version)
        .read(list_versions)
        .write(set_default_version)
        .read(list_entities)
}

fn attachments(model: &Model, account: &str, arn: &str) -> Option<i32> {
    i32::try_from(model.attached_to(account, arn).count()).ok()
}

fn boundaries(model: &Model, account: &str, arn: &str) -> Option<i32> {
    i32::try_from(model.bounded_by(account, arn).count()).ok()
}

pub fn shown(model: &Model, account: &str, policy: &ManagedPolicy) -> iam::Policy {
    iam::Policy {
        policy_name: Some(policy.named.name.clone()),
        policy_id: Some(policy.named.unique_id.clone()),
        arn: Some(policy.arn.clone()),
        path: Some(policy.named.path.clone()),
        default_version_id: Some(format!("v{}", policy.default)),
        attachment_count: attachments(model, account, &policy.arn),
        permissions_boundary_usage_count: boundaries(model, account, &policy.arn),
        is_attachable: Some(true),
        description: policy.description.clone(),
        create_date: Some(policy.named.created),
        update_date: Some(policy.updated),
        tags: tags_shown(&policy.named.tags).unless_empty(),
    }
}

/// The versions of a policy, with their documents.
pub fn versions_shown(policy: &ManagedPolicy) -> impl Iterator<Item = iam::PolicyVersion> {
    policy.versions.iter().map(|(number, version)| version_shown(policy, (*number, version)))
}

fn version_shown(policy: &ManagedPolicy, (number, version): (u32, &PolicyVersion)) -> iam::PolicyVersion {
    iam::PolicyVersion {
        document: Some(encoded(&version.policy)),
        version_id: Some(format!("v{number}")),
        is_default_version: Some(number == policy.default),
        create_date: Some(version.created),
    }
}

fn create(cx: Change, input: iam::CreatePolicyRequest) -> Result<iam::CreatePolicyResponse> {
    let iam::CreatePolicyRequest { policy_name, path, policy_document, description, tags } = input;
    let policy = Policy::managed(&policy_document)?;
    let (account, named) = (&cx.caller.scope.account, (policy_name.as_str(), path.as_deref()));
    let made = cx.model.create_policy(account, cx.caller.now, named, (policy, description), tags_of(tags)?)?.clone();
    // This reply leaves the description out.
    let policy = iam::Policy { description: None, ..shown(cx.model, account, &made) };
    Ok(iam::CreatePolicyResponse { policy: Some(policy) })
}

fn get(cx: View, input: iam::GetPolicyRequest) -> Result<iam::GetPolicyResponse> {
    let account = &cx.caller.scope.account;
    let policy = cx.model.policy_in(account, &input.policy_arn)?;
    let policy = iam::Policy { tags: tags_shown(&policy.named.tags), ..shown(cx.model, account, policy) };
    Ok(iam::GetPolicyResponse { policy: Some(policy) })
}

fn delete(cx: Change, input: iam::DeletePolicyRequest) -> Result<()> {
    Ok(cx.model.delete_policy(&cx.caller.scope.account, &input.policy_arn)?)
}

fn list(cx: View, input: iam::ListPoliciesRequest) -> Result<iam::ListPoliciesResponse> {
    let iam::ListPoliciesRequest { scope, only_attached, path_prefix, policy_usage_filter, page } = input;
    let account = &cx.caller.scope.account;
    let (ours, aws) = match scope.as_deref() {
        None | Some("All") => (true, true),
        Some("Local") => (true, false),
        Some("AWS") => (false, true),
        Some(other) => return Err(Error::BadValue { field: "scope", value: other.to_owned() }.into()),
    };
    let own = cx.model.managed_policies.iter().filter(|policy| ours && policy.named.account == *account);
    // Lists leave out descriptions and tags.
    let brief = |policy| iam::Policy { description: None, tags: List::default(), ..shown(cx.model, account, policy) };
    let path = path_prefix.as_deref().unwrap_or("/");
    let wanted = |policy: &iam::Policy| {
        let some = |count: Option<i32>| count.is_some_and(|count| count > 0);
        let used = match policy_usage_filter.as_deref() {
            Some("PermissionsBoundary") => some(policy.permissions_boundary_usage_count),
            Some(_) => some(policy.attachment_count),
            None => only_attached != Some(true) || some(policy.attachment_count),
        };
        used && policy.path.as_deref().is_some_and(|is| is.starts_with(path))
    };
    let policies = own.chain(all_aws_managed().filter(|_| aws)).map(brief).filter(wanted);
    let (policies, is_truncated, marker) =
        paged(page, policies, |policy| policy.arn.as_deref().unwrap_or_default(), |policy| policy)?;
    Ok(iam::ListPoliciesResponse { policies, is_truncated, marker })
}

fn create_version(cx: Change, input: iam::CreatePolicyVersionRequest) -> Result<iam::CreatePolicyVersionResponse> {
    let iam::CreatePolicyVersionRequest { policy_arn, policy_document, set_as_default } = input;
    let (policy, default) = (Policy::managed(&policy_document)?, set_as_default.unwrap_or(false));
    let number =
        cx.model.create_policy_version(&cx.caller.scope.account, cx.caller.now, &policy_arn, policy, default)?;
    let policy = cx.model.policy_in(&cx.caller.scope.account, &policy_arn)?;
    let made = version_shown(policy, policy.version(&format!("v{number}"))?);
    let policy_version = Some(iam::PolicyVersion { document: None, ..made });
    Ok(iam::CreatePolicyVersionResponse { policy_version })
}

fn get_version(cx: View, input: iam::GetPolicyVersionRequest) -> Result<iam::GetPolicyVersionResponse> {
    let policy = cx.model.policy_in(&cx.caller.scope.account, &input.policy_arn)?;
    let policy_version = Some(version_shown(policy, policy.version(&input.version_id)?));
    Ok(iam::GetPolicyVersionResponse { policy_version })
}

fn delete_version(cx: Change, input: iam::DeletePolicyVersionRequest) -> Result<()> {
    Ok(cx.model.delete_policy_version(&cx.caller.scope.account, &input.policy_arn, &input.version_id)?)
}

fn list_versions(cx: View, input: iam::ListPolicyVersionsRequest) -> Result<iam::ListPolicyVersionsResponse> {
    let iam::ListPolicyVersionsRequest { policy_arn, page } = input;
    let policy = cx.model.policy_in(&cx.caller.scope.account, &policy_arn)?;
    let brief = versions_shown(policy).map(|version| iam::PolicyVersion { document: None, ..version });
    let (versions, is_truncated, marker) =
        paged(page, brief, |version| version.version_id.as_deref().unwrap_or_default(), |version| version)?;
    Ok(iam::ListPolicyVersionsResponse { versions, is_truncated, marker })
}

fn set_default_version(cx: Change, input: iam::SetDefaultPolicyVersionRequest) -> Result<()> {
    Ok(cx.model.set_default_version(&cx.caller.scope.account, cx.caller.now, &input.policy_arn, &input.version_id)?)
}

fn list_entities(cx: View, input: iam::ListEntitiesForPolicyRequest) -> Result<iam::ListEntitiesForPolicyResponse> {
    let iam::ListEntitiesForPolicyRequest { policy_arn, entity_filter, path_prefix, policy_usage_filter, page } = input;
    cx.model.policy_in(&cx.caller.scope.account, &policy_arn)?;
    let wanted = |class: Class| match entity_filter.as_deref() {
        Some("User") => class == Class::User,
        Some("Group") => class == Class::Group,
        Some("Role") => class == Class::Role,
        _ => true,
    };
    let path = path_prefix.as_deref().unwrap_or("/");
    let usage = policy_usage_filter.as_deref();
    let below = |one: &&Identity| wanted(one.class()) && one.named.path.starts_with(path);
    let account = &cx.caller.scope.account;
    let attached = cx.model.attached_to(account, &policy_arn).filter(|_| usage != Some("PermissionsBoundary"));
    let bounded = cx.model.bounded_by(account, &policy_arn).filter(|_| usage != Some("PermissionsPolicy"));
    let mut all: Vec<&Identity> = attached.chain(bounded).filter(below).collect();
    all.sort_by_key(|one| &one.id);
    all.dedup_by_key(|one| &one.id);
    let (all, is_truncated, marker) = paged(page, all, |one| &one.id, |one| one)?;
    let of = |class: Class| all.iter().filter(move |one| one.class() == class).map(|one| &one.named);
    Ok(iam::ListEntitiesForPolicyResponse {
        policy_groups: of(Class::Group)
            .map(|one| iam::PolicyGroup { group_name: Some(one.name.clone()), group_id: Some(one.unique_id.clone()) })
            .collect(),
        policy_users: of(Class::User)
            .map(|one| iam::PolicyUser { user_name: Some(one.name.clone()), user_id: Some(one.unique_id.clone()) })
            .collect(),
        policy_roles: of(Class::Role)
            .map(|one| iam::PolicyRole { role_name: Some(one.name.clone()), role_id: Some(one.unique_id.clone()) })
            .collect(),
        is_truncated,
        marker,
    })
}
