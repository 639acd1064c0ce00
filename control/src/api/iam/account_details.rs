//! All identities and policies of an account, and their numbers.

use super::tags::tags_shown;
use super::{Result, boundary_shown, encoded, instance_profile, managed_policy, paged, policies, role, user};
use crate::api::action::{Actions, View};
use model::Model;
use model::iam::{Class, Error, Identity, ManagedPolicy, all_aws_managed};
use shapes::{List, iam};

pub fn actions(all: Actions) -> Actions {
    all.read(details).read(summary)
}

/// The values of a filter.
const FILTERS: [&str; 5] = ["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"];

/// One row of the details.
enum Detail<'m> {
    Identity(&'m Identity),
    Policy(&'m ManagedPolicy),
}

fn details(
    View { model, caller }: View,
    input: iam::GetAccountAuthorizationDetailsRequest,
) -> Result<iam::GetAccountAuthorizationDetailsResponse> {
    let iam::GetAccountAuthorizationDetailsRequest { filter, page } = input;
    if let Some(other) = filter.iter().find(|name| !FILTERS.contains(&name.as_str())) {
        return Err(Error::BadValue { field: "filter", value: other.clone() }.into());
    }
    let account = &caller.scope.account;
    let wanted = |name: &str| filter.is_empty() || filter.iter().any(|one| one == name);
    let classes = [("User", Class::User), ("Group", Class::Group), ("Role", Class::Role)];
    let classes = classes.into_iter().filter(|(name, _)| wanted(name));
    let identities = classes.flat_map(|(_, class)| model.identities_of(account, class, "/"));
    let own = model.managed_policies.iter().filter(|one| one.named.account == *account && wanted("LocalManagedPolicy"));
    let aws = all_aws_managed().filter(|_| wanted("AWSManagedPolicy"));
    let rows = identities
        .map(|one| (one.arn(), Detail::Identity(one)))
        .chain(own.chain(aws).map(|one| (one.arn.clone(), Detail::Policy(one))));
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|(one, _), (other, _)| one.cmp(other));
    let (rows, is_truncated, marker) = paged(page, rows, |(arn, _)| arn, |(_, row)| row)?;
    let mut shown = iam::GetAccountAuthorizationDetailsResponse {
        user_detail_list: List::from(Vec::new()),
        group_detail_list: List::from(Vec::new()),
        role_detail_list: List::from(Vec::new()),
        policies: List::from(Vec::new()),
        is_truncated,
        marker,
    };
    for row in rows {
        match row {
            Detail::Identity(one) => match one.class() {
                Class::User => shown.user_detail_list.push(of_user(one)),
                Class::Group => shown.group_detail_list.push(of_group(one)),
                Class::Role => shown.role_detail_list.push(of_role(model, one)),
            },
            Detail::Policy(policy) => shown.policies.push(of_policy(model, account, policy)),
        }
    }
    Ok(shown)
}

fn inline(identity: &Identity) -> List<iam::PolicyDetail> {
    let one = |(name, policy): (&String, &model::iam::Policy)| iam::PolicyDetail {
        policy_name: Some(name.clone()),
        policy_document: Some(encoded(policy)),
    };
    identity.inline.iter().map(one).collect()
}

fn of_user(identity: &Identity) -> iam::UserDetail {
    let user = user::shown(identity);
    iam::UserDetail {
        path: Some(user.path),
        user_name: Some(user.user_name),
        user_id: Some(user.user_id),
        arn: Some(user.arn),
        create_date: Some(user.create_date),
        user_policy_list: inline(identity),
        group_list: identity.groups().map(ToString::to_string).collect(),
        attached_managed_policies: policies::attached(identity, None).into(),
        permissions_boundary: boundary_shown(identity),
        tags: tags_shown(&identity.named.tags),
    }
}

fn of_group(identity: &Identity) -> iam::GroupDetail {
    iam::GroupDetail {
        path: Some(identity.named.path.clone()),
        group_name: Some(identity.named.name.clone()),
        group_id: Some(identity.named.unique_id.clone()),
        arn: Some(identity.arn()),
        create_date: Some(identity.named.created),
        group_policy_list: inline(identity),
        attached_managed_policies: policies::attached(identity, None).into(),
    }
}

fn of_role(model: &Model, identity: &Identity) -> iam::RoleDetail {
    let named = &identity.named;
    let profiles = model.profiles_with(&named.account, &named.name);
    iam::RoleDetail {
        path: Some(named.path.clone()),
        role_name: Some(named.name.clone()),
        role_id: Some(named.unique_id.clone()),
        arn: Some(identity.arn()),
        create_date: Some(named.created),
        assume_role_policy_document: role::shown(identity).assume_role_policy_document,
        instance_profile_list: profiles.map(|profile| instance_profile::shown(model, profile)).collect(),
        role_policy_list: inline(identity),
        attached_managed_policies: policies::attached(identity, None).into(),
        permissions_boundary: boundary_shown(identity),
        tags: tags_shown(&named.tags),
        role_last_used: Some(role::last_used(model, identity)),
    }
}

/// A policy's details, with all its versions.
fn of_policy(model: &Model, account: &str, policy: &ManagedPolicy) -> iam::ManagedPolicyDetail {
    let shown = managed_policy::shown(model, account, policy);
    iam::ManagedPolicyDetail {
        policy_name: shown.policy_name,
        policy_id: shown.policy_id,
        arn: shown.arn,
        path: shown.path,
        default_version_id: shown.default_version_id,
        attachment_count: shown.attachment_count,
        permissions_boundary_usage_count: shown.permissions_boundary_usage_count,
        is_attachable: shown.is_attachable,
        description: shown.description,
        create_date: shown.create_date,
        update_date: shown.update_date,
        policy_version_list: managed_policy::versions_shown(policy).collect(),
    }
}

/// Quotas that are the same for every account ("IAM and AWS STS quotas", IAM's guide).
const QUOTAS: [(&str, i32); 21] = [
    ("AccessKeysPerUserQuota", 2),
    ("AssumeRolePolicySizeQuota", 2048),
    ("AttachedPoliciesPerGroupQuota", 10),
    ("AttachedPoliciesPerRoleQuota", 10),
    ("AttachedPoliciesPerUserQuota", 10),
    ("GlobalEndpointTokenVersion", 1),
    ("GroupPolicySizeQuota", 5120),
    ("GroupsPerUserQuota", 10),
    ("GroupsQuota", 300),
    ("InstanceProfilesQuota", 1000),
    ("PoliciesQuota", 1500),
    ("PolicySizeQuota", 6144),
    ("PolicyVersionsInUseQuota", 10_000),
    ("RolePolicySizeQuota", 10_240),
    ("RolesQuota", 1000),
    ("ServerCertificatesQuota", 20),
    ("SigningCertificatesPerUserQuota", 2),
    ("UserPolicySizeQuota", 2048),
    ("UsersQuota", 5000),
    ("VersionsPerPolicyQuota", 5),
    ("AccountSigningCertificatesPresent", 0),
];

fn summary(View { model, caller }: View, _: iam::GetAccountSummaryRequest) -> Result<iam::GetAccountSummaryResponse> {
    let account = &caller.scope.account;
    let of_class = |class| model.identities_of(account, class, "/").count();
    let own = || model.managed_policies.iter().filter(|one| one.named.account == *account);
    let devices = || model.mfa_devices_of(account);
    let counts = [
        ("AccountAccessKeysPresent", usize::from(model.keys_of(account, None).next().is_some())),
        ("AccountMFAEnabled", usize::from(model.mfa_devices_with(account, "").next().is_some())),
        ("Groups", of_class(Class::Group)),
        ("InstanceProfiles", model.instance_profiles.iter().filter(|one| one.named.account == *account).count()),
        ("MFADevices", devices().count()),
        ("MFADevicesInUse", devices().filter(|device| device.holder.is_some()).count()),
        ("Policies", own().count()),
        ("PolicyVersionsInUse", own().map(|policy| policy.versions.len()).sum()),
        ("Providers", model.identity_providers_of(account).count()),
        ("Roles", of_class(Class::Role)),
        ("ServerCertificates", model.server_certificates_of(account).count()),
        ("Users", of_class(Class::User)),
    ];
    let counts = counts.into_iter().map(|(key, count)| (key, i32::try_from(count).unwrap_or(i32::MAX)));
    let all = counts.chain(QUOTAS).map(|(key, value)| iam::SummaryMapTypeEntry { key: key.to_owned(), value });
    Ok(iam::GetAccountSummaryResponse { summary_map: all.collect() })
}
