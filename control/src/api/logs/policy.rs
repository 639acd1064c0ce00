//! Policies by which services may put log events into an account's log groups.

use super::{Result, needed, paged};
use crate::api::action::{Actions, Change, View};
use model::logs::LogPolicy;
use shapes::{Paged, logs};

pub fn actions(all: Actions) -> Actions {
    all.write(put).write(delete).read(describe)
}

/// The scope of policies that belong to an account, and not to one log group.
const SCOPE: &str = "ACCOUNT";

fn put(cx: Change, input: logs::PutResourcePolicyRequest) -> Result<logs::PutResourcePolicyResponse> {
    let logs::PutResourcePolicyRequest { policy_name, policy_document } = input;
    let (name, document) = (needed("policyName", policy_name)?, needed("policyDocument", policy_document)?);
    let policy = shown(cx.model.put_log_policy(cx.caller, name, document)?);
    Ok(logs::PutResourcePolicyResponse { resource_policy: Some(policy), revision_id: None })
}

fn delete(cx: Change, input: logs::DeleteResourcePolicyRequest) -> Result<()> {
    Ok(cx.model.delete_log_policy(&cx.caller.scope, &needed("policyName", input.policy_name)?)?)
}

fn describe(cx: View, input: logs::DescribeResourcePoliciesRequest) -> Result<Paged<logs::ResourcePolicy>> {
    let logs::DescribeResourcePoliciesRequest { page, policy_scope } = input;
    let is_wanted = policy_scope.is_none_or(|wanted| wanted == SCOPE);
    let all = cx.model.log_policies_of(&cx.caller.scope).filter(|_| is_wanted);
    Ok(paged(page, all, |row| row.name.as_str(), false)?.map(shown))
}

fn shown(row: &LogPolicy) -> logs::ResourcePolicy {
    logs::ResourcePolicy {
        policy_name: Some(row.name.clone()),
        policy_document: Some(row.document.clone()),
        last_updated_time: Some(super::milliseconds(row.updated)),
        policy_scope: Some(SCOPE.to_owned()),
        ..Default::default()
    }
}
