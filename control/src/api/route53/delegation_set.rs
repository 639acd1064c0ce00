//! Reusable delegation sets.

use super::limit::{number, unknown};
use super::{Result, bare, paged};
use crate::api::action::{Actions, Change, View};
use model::DelegationSet;
use shapes::route53;

/// The most hosted zones of a set (a quota of Route 53; here there may be more).
const ZONES: i64 = 100;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(get).read(list).write(delete).read(limit)
}

pub fn shown(set: &DelegationSet) -> route53::DelegationSet {
    route53::DelegationSet {
        id: Some(format!("/delegationset/{}", set.id)),
        caller_reference: Some(set.reference.clone()),
        name_servers: set.name_servers.clone().into(),
    }
}

fn create(
    cx: Change,
    input: route53::CreateReusableDelegationSetRequest,
) -> Result<route53::CreateReusableDelegationSetResponse> {
    let route53::CreateReusableDelegationSetRequest { caller_reference, hosted_zone_id } = input;
    let made = cx.model.create_delegation_set(cx.caller, caller_reference, hosted_zone_id.as_deref().map(bare))?;
    Ok(route53::CreateReusableDelegationSetResponse { delegation_set: shown(&made) })
}

fn get(cx: View, input: route53::GetReusableDelegationSetRequest) -> Result<route53::GetReusableDelegationSetResponse> {
    let delegation_set = shown(cx.model.delegation_set(&cx.caller.scope.account, bare(&input.id))?);
    Ok(route53::GetReusableDelegationSetResponse { delegation_set })
}

fn list(
    cx: View,
    input: route53::ListReusableDelegationSetsRequest,
) -> Result<route53::ListReusableDelegationSetsResponse> {
    let page = input.page;
    let (delegation_sets, next, max_items) =
        paged(&page, cx.model.delegation_sets_of(&cx.caller.scope.account), shown)?;
    Ok(route53::ListReusableDelegationSetsResponse {
        delegation_sets,
        marker: page.token,
        is_truncated: next.is_some(),
        next_marker: next,
        max_items,
    })
}

fn delete(
    cx: Change,
    input: route53::DeleteReusableDelegationSetRequest,
) -> Result<route53::DeleteReusableDelegationSetResponse> {
    cx.model.delete_delegation_set(cx.caller, bare(&input.id))?;
    Ok(route53::DeleteReusableDelegationSetResponse {})
}

fn limit(
    cx: View,
    input: route53::GetReusableDelegationSetLimitRequest,
) -> Result<route53::GetReusableDelegationSetLimitResponse> {
    let route53::GetReusableDelegationSetLimitRequest { r#type, delegation_set_id } = input;
    let id = bare(&delegation_set_id);
    cx.model.delegation_set(&cx.caller.scope.account, id)?;
    if r#type != "MAX_ZONES_BY_REUSABLE_DELEGATION_SET" {
        return Err(unknown(&r#type).into());
    }
    let count = number(cx.model.zones_of_delegation_set(id));
    let limit = route53::ReusableDelegationSetLimit { r#type, value: ZONES };
    Ok(route53::GetReusableDelegationSetLimitResponse { limit, count })
}
