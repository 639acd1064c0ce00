//! Traffic policies. They have no instances, so that they route nothing.

use super::{Result, paged, size};
use crate::api::action::Actions;
use model::{Caller, Model, TrafficPolicy, ZoneError};
use shapes::route53;

/// The most policies or versions in a page.
const PAGE: usize = 100;

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).write(create_version).read(get).write(comment).write(delete);
    all.read(list).read(list_versions).read(list_instances).read(count_instances)
}

/// A version of a policy.
fn shown(policy: &TrafficPolicy, number: i32) -> Result<route53::TrafficPolicy> {
    let version = policy.versions.get(&number).ok_or(ZoneError::NoSuchTrafficPolicy)?;
    Ok(route53::TrafficPolicy {
        id: policy.id.clone(),
        version: number,
        name: policy.name.clone(),
        r#type: version.record_type.clone(),
        document: version.document.clone(),
        comment: version.comment.clone(),
    })
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: route53::CreateTrafficPolicyRequest,
) -> Result<route53::CreateTrafficPolicyResponse> {
    let route53::CreateTrafficPolicyRequest { name, document, comment } = input;
    let made = model.create_traffic_policy(caller, name, document, comment)?;
    Ok(route53::CreateTrafficPolicyResponse { traffic_policy: shown(&made, made.latest)? })
}

fn create_version(
    model: &mut Model,
    caller: &Caller,
    input: route53::CreateTrafficPolicyVersionRequest,
) -> Result<route53::CreateTrafficPolicyVersionResponse> {
    let route53::CreateTrafficPolicyVersionRequest { id, document, comment } = input;
    let made = model.create_traffic_policy_version(caller, &id, document, comment)?;
    Ok(route53::CreateTrafficPolicyVersionResponse { traffic_policy: shown(&made, made.latest)? })
}

fn get(
    model: &Model,
    caller: &Caller,
    input: route53::GetTrafficPolicyRequest,
) -> Result<route53::GetTrafficPolicyResponse> {
    let policy = model.traffic_policy(&caller.scope.account, &input.id)?;
    Ok(route53::GetTrafficPolicyResponse { traffic_policy: shown(policy, input.version)? })
}

fn comment(
    model: &mut Model,
    caller: &Caller,
    input: route53::UpdateTrafficPolicyCommentRequest,
) -> Result<route53::UpdateTrafficPolicyCommentResponse> {
    let route53::UpdateTrafficPolicyCommentRequest { id, version, comment } = input;
    let changed = model.comment_traffic_policy(caller, &id, version, comment)?;
    Ok(route53::UpdateTrafficPolicyCommentResponse { traffic_policy: shown(&changed, version)? })
}

fn delete(
    model: &mut Model,
    caller: &Caller,
    input: route53::DeleteTrafficPolicyRequest,
) -> Result<route53::DeleteTrafficPolicyResponse> {
    model.delete_traffic_policy(caller, &input.id, input.version)?;
    Ok(route53::DeleteTrafficPolicyResponse {})
}

fn list(
    model: &Model,
    caller: &Caller,
    input: route53::ListTrafficPoliciesRequest,
) -> Result<route53::ListTrafficPoliciesResponse> {
    let route53::ListTrafficPoliciesRequest { traffic_policy_id_marker, max_items } = input;
    let size = size(max_items.as_deref(), PAGE)?;
    let from = traffic_policy_id_marker.unwrap_or_default();
    let own = model.traffic_policies_of(&caller.scope.account).filter(|policy| policy.id >= from);
    let (policies, next) = paged(own, size);
    let summary = |policy: &TrafficPolicy| {
        let (number, version) = policy.versions.last_key_value()?;
        Some(route53::TrafficPolicySummary {
            id: policy.id.clone(),
            name: policy.name.clone(),
            r#type: version.record_type.clone(),
            latest_version: *number,
            traffic_policy_count: i32::try_from(policy.versions.len()).unwrap_or(i32::MAX),
        })
    };
    Ok(route53::ListTrafficPoliciesResponse {
        traffic_policy_summaries: policies.into_iter().filter_map(summary).collect(),
        is_truncated: next.is_some(),
        traffic_policy_id_marker: next,
        max_items: size.to_string(),
    })
}

fn list_versions(
    model: &Model,
    caller: &Caller,
    input: route53::ListTrafficPolicyVersionsRequest,
) -> Result<route53::ListTrafficPolicyVersionsResponse> {
    let route53::ListTrafficPolicyVersionsRequest { id, traffic_policy_version_marker, max_items } = input;
    let size = size(max_items.as_deref(), PAGE)?;
    let no_marker = |text: String| ZoneError::InvalidInput(format!("{text} is not the number of a version"));
    let from =
        traffic_policy_version_marker.map(|text| text.parse::<i32>().map_err(|_| no_marker(text))).transpose()?;
    let policy = model.traffic_policy(&caller.scope.account, &id)?;
    let mut numbers = policy.versions.range(from.unwrap_or(1)..).map(|(number, _)| *number);
    let versions = numbers.by_ref().take(size).map(|number| shown(policy, number)).collect::<Result<Vec<_>>>()?;
    let next = numbers.next();
    Ok(route53::ListTrafficPolicyVersionsResponse {
        traffic_policies: versions.into(),
        is_truncated: next.is_some(),
        traffic_policy_version_marker: next.map(|number| number.to_string()),
        max_items: size.to_string(),
    })
}

fn list_instances(
    _: &Model,
    _: &Caller,
    input: route53::ListTrafficPolicyInstancesRequest,
) -> Result<route53::ListTrafficPolicyInstancesResponse> {
    Ok(route53::ListTrafficPolicyInstancesResponse {
        traffic_policy_instances: Vec::new().into(),
        is_truncated: false,
        max_items: size(input.max_items.as_deref(), PAGE)?.to_string(),
        ..Default::default()
    })
}

fn count_instances(
    _: &Model,
    _: &Caller,
    _: route53::GetTrafficPolicyInstanceCountRequest,
) -> Result<route53::GetTrafficPolicyInstanceCountResponse> {
    Ok(route53::GetTrafficPolicyInstanceCountResponse { traffic_policy_instance_count: 0 })
}
