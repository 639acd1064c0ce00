//! Inline and attached policies of users, groups and roles. The actions differ only in their names.

use super::{Result, encoded, paged};
use crate::api::action::{Actions, Change, View};
use model::iam::{Class, Identity};
use shapes::iam;

pub fn actions(all: Actions) -> Actions {
    [of_users::actions, of_groups::actions, of_roles::actions].into_iter().fold(all, |all, add| add(all))
}

/// The attached policies of an identity below a path, as replies show them.
pub fn attached(identity: &Identity, path: Option<&str>) -> Vec<iam::AttachedPolicy> {
    let below = |arn: &&String| {
        let behind = arn.split_once(":policy").map_or("", |(_, behind)| behind);
        behind.starts_with(path.unwrap_or("/"))
    };
    let name = |arn: &String| arn.rsplit('/').next().unwrap_or_default().to_owned();
    let one = |arn: &String| iam::AttachedPolicy { policy_name: Some(name(arn)), policy_arn: Some(arn.clone()) };
    identity.attached.iter().filter(below).map(one).collect()
}

macro_rules! policies {
    (
        $module:ident, $class:expr, $name:ident,
        $put:ident, $get:ident -> $got:ident, $delete:ident, $list:ident -> $listed:ident,
        $attach:ident, $detach:ident, $list_attached:ident -> $listed_attached:ident
    ) => {
        mod $module {
            use super::*;

            pub fn actions(all: Actions) -> Actions {
                all.write(put).read(get).write(delete).read(list).write(attach).write(detach).read(list_attached)
            }

            fn put(cx: Change, input: iam::$put) -> Result<()> {
                let iam::$put { $name, policy_name, policy_document } = input;
                Ok(cx.model.put_inline(&cx.caller.scope.account, $class, &$name, &policy_name, &policy_document)?)
            }

            fn get(cx: View, input: iam::$get) -> Result<iam::$got> {
                let iam::$get { $name, policy_name } = input;
                let policy = cx.model.inline(&cx.caller.scope.account, $class, &$name, &policy_name)?;
                Ok(iam::$got { $name, policy_name, policy_document: encoded(policy) })
            }

            fn delete(cx: Change, input: iam::$delete) -> Result<()> {
                Ok(cx.model.delete_inline(&cx.caller.scope.account, $class, &input.$name, &input.policy_name)?)
            }

            fn list(cx: View, input: iam::$list) -> Result<iam::$listed> {
                let iam::$list { $name, page } = input;
                let names = cx.model.identity(&cx.caller.scope.account, $class, &$name)?.inline.keys();
                let (policy_names, is_truncated, marker) = paged(page, names, |name| name, String::clone)?;
                Ok(iam::$listed { policy_names, is_truncated, marker })
            }

            fn attach(cx: Change, input: iam::$attach) -> Result<()> {
                Ok(cx.model.attach_policy(&cx.caller.scope.account, $class, &input.$name, &input.policy_arn)?)
            }

            fn detach(cx: Change, input: iam::$detach) -> Result<()> {
                Ok(cx.model.detach_policy(&cx.caller.scope.account, $class, &input.$name, &input.policy_arn)?)
            }

            fn list_attached(cx: View, input: iam::$list_attached) -> Result<iam::$listed_attached> {
                let iam::$list_attached { $name, path_prefix, page } = input;
                let all =
                    attached(cx.model.identity(&cx.caller.scope.account, $class, &$name)?, path_prefix.as_deref());
                let (attached_policies, is_truncated, marker) =
                    paged(page, all, |policy| policy.policy_arn.as_deref().unwrap_or_default(), |policy| policy)?;
                Ok(iam::$listed_attached { attached_policies, is_truncated, marker })
            }
        }
    };
}

policies!(
    of_users, Class::User, user_name,
    PutUserPolicyRequest, GetUserPolicyRequest -> GetUserPolicyResponse, DeleteUserPolicyRequest,
    ListUserPoliciesRequest -> ListUserPoliciesResponse,
    AttachUserPolicyRequest, DetachUserPolicyRequest, ListAttachedUserPoliciesRequest -> ListAttachedUserPoliciesResponse
);
policies!(
    of_groups, Class::Group, group_name,
    PutGroupPolicyRequest, GetGroupPolicyRequest -> GetGroupPolicyResponse, DeleteGroupPolicyRequest,
    ListGroupPoliciesRequest -> ListGroupPoliciesResponse,
    AttachGroupPolicyRequest, DetachGroupPolicyRequest, ListAttachedGroupPoliciesRequest -> ListAttachedGroupPoliciesResponse
);
policies!(
    of_roles, Class::Role, role_name,
    PutRolePolicyRequest, GetRolePolicyRequest -> GetRolePolicyResponse, DeleteRolePolicyRequest,
    ListRolePoliciesRequest -> ListRolePoliciesResponse,
    AttachRolePolicyRequest, DetachRolePolicyRequest, ListAttachedRolePoliciesRequest -> ListAttachedRolePoliciesResponse
);
