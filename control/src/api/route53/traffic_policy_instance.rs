//! Traffic policy instances.

use super::record_set::name_of;
use super::{PAGE, Result, bare, cut, size};
use crate::api::action::{Actions, Change, View};
use model::{AppliedPolicy, Caller, Model, TrafficPolicyInstance, ZoneError, escaped_name, reversed};
use shapes::{List, route53};

pub fn actions(all: Actions) -> Actions {
    let all = all.write(create).write(update).write(delete).read(get).read(count);
    all.read(list).read(list_by_zone).read(list_by_policy)
}

fn shown(instance: &TrafficPolicyInstance) -> route53::TrafficPolicyInstance {
    route53::TrafficPolicyInstance {
        id: instance.id.clone(),
        hosted_zone_id: instance.zone.clone(),
        name: escaped_name(&instance.name),
        ttl: instance.applied.ttl.into(),
        state: "Applied".to_owned(),
        message: String::new(),
        traffic_policy_id: instance.applied.policy.clone(),
        traffic_policy_version: instance.applied.version,
        traffic_policy_type: instance.kind.clone(),
    }
}

fn applied(policy: String, version: i32, ttl: i64) -> Result<AppliedPolicy> {
    let most = i32::MAX.into();
    match u32::try_from(ttl) {
        Ok(ttl) if i64::from(ttl) <= most => Ok(AppliedPolicy { policy, version, ttl }),
        _ => Err(ZoneError::OutOfRange { name: "TTL", least: 0, most, value: ttl.to_string() }.into()),
    }
}

fn create(
    cx: Change,
    input: route53::CreateTrafficPolicyInstanceRequest,
) -> Result<route53::CreateTrafficPolicyInstanceResponse> {
    let route53::CreateTrafficPolicyInstanceRequest {
        hosted_zone_id,
        name,
        ttl,
        traffic_policy_id,
        traffic_policy_version,
    } = input;
    let applied = applied(traffic_policy_id, traffic_policy_version, ttl)?;
    let made = cx.model.create_traffic_policy_instance(cx.caller, bare(&hosted_zone_id), &name, applied)?;
    Ok(route53::CreateTrafficPolicyInstanceResponse { traffic_policy_instance: shown(&made) })
}

fn update(
    cx: Change,
    input: route53::UpdateTrafficPolicyInstanceRequest,
) -> Result<route53::UpdateTrafficPolicyInstanceResponse> {
    let route53::UpdateTrafficPolicyInstanceRequest { id, ttl, traffic_policy_id, traffic_policy_version } = input;
    let applied = applied(traffic_policy_id, traffic_policy_version, ttl)?;
    let changed = cx.model.update_traffic_policy_instance(cx.caller, &id, applied)?;
    Ok(route53::UpdateTrafficPolicyInstanceResponse { traffic_policy_instance: shown(&changed) })
}

fn delete(
    cx: Change,
    input: route53::DeleteTrafficPolicyInstanceRequest,
) -> Result<route53::DeleteTrafficPolicyInstanceResponse> {
    cx.model.delete_traffic_policy_instance(cx.caller, &input.id)?;
    Ok(route53::DeleteTrafficPolicyInstanceResponse {})
}

fn get(cx: View, input: route53::GetTrafficPolicyInstanceRequest) -> Result<route53::GetTrafficPolicyInstanceResponse> {
    let traffic_policy_instance = shown(cx.model.traffic_policy_instance(&cx.caller.scope.account, &input.id)?);
    Ok(route53::GetTrafficPolicyInstanceResponse { traffic_policy_instance })
}

fn count(
    cx: View,
    _: route53::GetTrafficPolicyInstanceCountRequest,
) -> Result<route53::GetTrafficPolicyInstanceCountResponse> {
    let count = cx.model.traffic_policy_instances_of(&cx.caller.scope.account).len();
    Ok(route53::GetTrafficPolicyInstanceCountResponse {
        traffic_policy_instance_count: i32::try_from(count).unwrap_or(i32::MAX),
    })
}

/// The markers of a page: the zone, the name and the type of its first instance.
type Markers<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>);

/// A page of the caller's instances that are wanted, the first instance of the next page, and the page's size.
fn page<'m>(
    model: &'m Model,
    caller: &Caller,
    (markers, max_items): (Markers<'_>, Option<&str>),
    is_wanted: impl Fn(&TrafficPolicyInstance) -> bool,
) -> Result<(List<route53::TrafficPolicyInstance>, Option<&'m TrafficPolicyInstance>, String)> {
    let (zone, name, kind) = markers;
    let size = size(max_items, PAGE)?;
    let name = name.map(name_of).transpose()?.map(|name| reversed(&name));
    let from =
        (zone.map(bare).unwrap_or_default().to_owned(), name.unwrap_or_default(), kind.unwrap_or_default().to_owned());
    let own = model.traffic_policy_instances_of(&caller.scope.account).into_iter();
    let (rows, next) = cut(own.filter(|instance| is_wanted(instance) && instance.place() >= from), size);
    Ok((rows.into_iter().map(shown).collect(), next, size.to_string()))
}

fn list(
    cx: View,
    input: route53::ListTrafficPolicyInstancesRequest,
) -> Result<route53::ListTrafficPolicyInstancesResponse> {
    let route53::ListTrafficPolicyInstancesRequest {
        hosted_zone_id_marker: zone,
        traffic_policy_instance_name_marker: name,
        traffic_policy_instance_type_marker: kind,
        max_items,
    } = input;
    let markers = (zone.as_deref(), name.as_deref(), kind.as_deref());
    let (traffic_policy_instances, next, max_items) =
        page(cx.model, cx.caller, (markers, max_items.as_deref()), |_| true)?;
    Ok(route53::ListTrafficPolicyInstancesResponse {
        traffic_policy_instances,
        hosted_zone_id_marker: next.map(|next| next.zone.clone()),
        traffic_policy_instance_name_marker: next.map(|next| escaped_name(&next.name)),
        traffic_policy_instance_type_marker: next.map(|next| next.kind.clone()),
        is_truncated: next.is_some(),
        max_items,
    })
}

fn list_by_zone(
    cx: View,
    input: route53::ListTrafficPolicyInstancesByHostedZoneRequest,
) -> Result<route53::ListTrafficPolicyInstancesByHostedZoneResponse> {
    let route53::ListTrafficPolicyInstancesByHostedZoneRequest {
        hosted_zone_id,
        traffic_policy_instance_name_marker: name,
        traffic_policy_instance_type_marker: kind,
        max_items,
    } = input;
    let zone = &cx.model.zone_of(&cx.caller.scope.account, bare(&hosted_zone_id))?.id;
    let markers = (Some(zone.as_str()), name.as_deref(), kind.as_deref());
    let of_zone = |instance: &TrafficPolicyInstance| instance.zone == *zone;
    let (traffic_policy_instances, next, max_items) =
        page(cx.model, cx.caller, (markers, max_items.as_deref()), of_zone)?;
    Ok(route53::ListTrafficPolicyInstancesByHostedZoneResponse {
        traffic_policy_instances,
        traffic_policy_instance_name_marker: next.map(|next| escaped_name(&next.name)),
        traffic_policy_instance_type_marker: next.map(|next| next.kind.clone()),
        is_truncated: next.is_some(),
        max_items,
    })
}

fn list_by_policy(
    cx: View,
    input: route53::ListTrafficPolicyInstancesByPolicyRequest,
) -> Result<route53::ListTrafficPolicyInstancesByPolicyResponse> {
    let route53::ListTrafficPolicyInstancesByPolicyRequest {
        traffic_policy_id: policy,
        traffic_policy_version: version,
        hosted_zone_id_marker: zone,
        traffic_policy_instance_name_marker: name,
        traffic_policy_instance_type_marker: kind,
        max_items,
    } = input;
    cx.model.traffic_policy_version(&cx.caller.scope.account, &policy, version)?;
    let markers = (zone.as_deref(), name.as_deref(), kind.as_deref());
    let of_version =
        |instance: &TrafficPolicyInstance| (&instance.applied.policy, instance.applied.version) == (&policy, version);
    let (traffic_policy_instances, next, max_items) =
        page(cx.model, cx.caller, (markers, max_items.as_deref()), of_version)?;
    Ok(route53::ListTrafficPolicyInstancesByPolicyResponse {
        traffic_policy_instances,
        hosted_zone_id_marker: next.map(|next| next.zone.clone()),
        traffic_policy_instance_name_marker: next.map(|next| escaped_name(&next.name)),
        traffic_policy_instance_type_marker: next.map(|next| next.kind.clone()),
        is_truncated: next.is_some(),
        max_items,
    })
}
