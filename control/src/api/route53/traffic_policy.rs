//! Traffic policies.

use super::{PAGE, Result, cut, paged, size};
use crate::api::action::{Actions, Change, View};
use model::{Caller, Model, TrafficPolicy, TrafficPolicyVersion, ZoneError};
use shapes::{Page, route53};

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).write(create_version).read(get).write(comment).write(delete);
    all.read(list).read(list_versions)
}

fn shown(policy: &TrafficPolicy, version: &TrafficPolicyVersion) -> route53::TrafficPolicy {
    route53::TrafficPolicy {
        id: policy.id.clone(),
        version: version.number,
        name: policy.name.clone(),
        r#type: version.record_type.clone(),
        document: version.document.clone(),
        comment: version.comment.clone(),
    }
}

/// A version of one of the caller's policies.
fn found(model: &Model, caller: &Caller, id: &str, number: i32) -> Result<route53::TrafficPolicy> {
    let (policy, version) = model.traffic_policy_version(&caller.scope.account, id, number)?;
    Ok(shown(policy, version))
}

fn create(cx: Change, input: route53::CreateTrafficPolicyRequest) -> Result<route53::CreateTrafficPolicyResponse> {
    let route53::CreateTrafficPolicyRequest { name, document, comment } = input;
    let id = cx.model.create_traffic_policy(cx.caller, name, document, comment)?;
    Ok(route53::CreateTrafficPolicyResponse { traffic_policy: found(cx.model, cx.caller, &id, 1)? })
}

fn create_version(
    cx: Change,
    input: route53::CreateTrafficPolicyVersionRequest,
) -> Result<route53::CreateTrafficPolicyVersionResponse> {
    let route53::CreateTrafficPolicyVersionRequest { id, document, comment } = input;
    let number = cx.model.create_traffic_policy_version(cx.caller, &id, document, comment)?;
    Ok(route53::CreateTrafficPolicyVersionResponse { traffic_policy: found(cx.model, cx.caller, &id, number)? })
}

fn get(cx: View, input: route53::GetTrafficPolicyRequest) -> Result<route53::GetTrafficPolicyResponse> {
    let traffic_policy = found(cx.model, cx.caller, &input.id, input.version)?;
    Ok(route53::GetTrafficPolicyResponse { traffic_policy })
}

fn comment(
    cx: Change,
    input: route53::UpdateTrafficPolicyCommentRequest,
) -> Result<route53::UpdateTrafficPolicyCommentResponse> {
    let route53::UpdateTrafficPolicyCommentRequest { id, version, comment } = input;
    cx.model.comment_traffic_policy(cx.caller, &id, version, comment)?;
    Ok(route53::UpdateTrafficPolicyCommentResponse { traffic_policy: found(cx.model, cx.caller, &id, version)? })
}

fn delete(cx: Change, input: route53::DeleteTrafficPolicyRequest) -> Result<route53::DeleteTrafficPolicyResponse> {
    cx.model.delete_traffic_policy(cx.caller, &input.id, input.version)?;
    Ok(route53::DeleteTrafficPolicyResponse {})
}

fn list(
    View { model, caller }: View,
    input: route53::ListTrafficPoliciesRequest,
) -> Result<route53::ListTrafficPoliciesResponse> {
    let route53::ListTrafficPoliciesRequest { traffic_policy_id_marker, max_items } = input;
    let page = Page { size: max_items, token: traffic_policy_id_marker, ..Page::default() };
    let summary = |policy: &TrafficPolicy| {
        let versions = || model.versions_of_traffic_policy(&policy.id);
        route53::TrafficPolicySummary {
            id: policy.id.clone(),
            name: policy.name.clone(),
            r#type: versions().next_back().map(|version| version.record_type.clone()).unwrap_or_default(),
            latest_version: versions().next_back().map_or(policy.latest, |version| version.number),
            traffic_policy_count: i32::try_from(versions().count()).unwrap_or(i32::MAX),
        }
    };
    let own = model.traffic_policies_of(&caller.scope.account);
    let (traffic_policy_summaries, next, max_items) = paged(&page, own, summary)?;
    Ok(route53::ListTrafficPoliciesResponse {
        traffic_policy_summaries,
        is_truncated: next.is_some(),
        traffic_policy_id_marker: next,
        max_items,
    })
}

fn list_versions(
    cx: View,
    input: route53::ListTrafficPolicyVersionsRequest,
) -> Result<route53::ListTrafficPolicyVersionsResponse> {
    let route53::ListTrafficPolicyVersionsRequest { id, traffic_policy_version_marker, max_items } = input;
    let size = size(max_items.as_deref(), PAGE)?;
    let number = |number: String| number.parse::<i32>().map_err(|_| ZoneError::NoVersionNumber { number });
    let from = traffic_policy_version_marker.map(number).transpose()?;
    let policy = cx.model.traffic_policy(&cx.caller.scope.account, &id)?;
    let later =
        cx.model.versions_of_traffic_policy(&id).filter(|version| from.is_none_or(|from| version.number >= from));
    let (versions, next) = cut(later, size);
    Ok(route53::ListTrafficPolicyVersionsResponse {
        traffic_policies: versions.into_iter().map(|version| shown(policy, version)).collect(),
        is_truncated: next.is_some(),
        traffic_policy_version_marker: next.map(|version| version.number.to_string()),
        max_items: size.to_string(),
    })
}
