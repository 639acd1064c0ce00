//! Hosted zones.

use super::{PAGE, Result, bare, change, cut, delegation_set, paged, size};
use crate::api::action::{Actions, Change, View};
use model::{HostedZone, Model, ZoneError, ZoneVpc, domain_name, escaped_name, reversed};
use shapes::route53;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .write(delete)
        .write(comment)
        .read(get)
        .read(list)
        .read(list_by_name)
        .read(count)
        .read(get_change)
        .read(dnssec)
}

fn create(cx: Change, input: route53::CreateHostedZoneRequest) -> Result<route53::CreateHostedZoneResponse> {
    let route53::CreateHostedZoneRequest { name, vpc, caller_reference, hosted_zone_config, delegation_set_id } = input;
    let comment = hosted_zone_config.and_then(|config| config.comment);
    let seen_by = vpc.as_ref().map(|vpc| zone_vpc(cx.model, vpc)).transpose()?;
    let set = delegation_set_id.as_deref().map(bare);
    let id = cx.model.create_hosted_zone(cx.caller, &name, caller_reference, (comment, set), seen_by.as_ref())?;
    let zone = cx.model.zone_of(&cx.caller.scope.account, &id)?;
    Ok(route53::CreateHostedZoneResponse {
        hosted_zone: shown(zone),
        change_info: change(cx.model, cx.caller, None),
        delegation_set: servers(cx.model, zone)?,
        vpc,
    })
}

fn delete(cx: Change, input: route53::DeleteHostedZoneRequest) -> Result<route53::DeleteHostedZoneResponse> {
    cx.model.delete_hosted_zone(cx.caller, bare(&input.id))?;
    Ok(route53::DeleteHostedZoneResponse { change_info: change(cx.model, cx.caller, None) })
}

fn comment(
    cx: Change,
    input: route53::UpdateHostedZoneCommentRequest,
) -> Result<route53::UpdateHostedZoneCommentResponse> {
    let route53::UpdateHostedZoneCommentRequest { id, comment } = input;
    cx.model.comment_hosted_zone(cx.caller, bare(&id), comment)?;
    let hosted_zone = shown(cx.model.zone_of(&cx.caller.scope.account, bare(&id))?);
    Ok(route53::UpdateHostedZoneCommentResponse { hosted_zone })
}

fn get(cx: View, input: route53::GetHostedZoneRequest) -> Result<route53::GetHostedZoneResponse> {
    let zone = cx.model.zone_of(&cx.caller.scope.account, bare(&input.id))?;
    Ok(route53::GetHostedZoneResponse {
        hosted_zone: shown(zone),
        delegation_set: (!zone.private).then(|| servers(cx.model, zone)).transpose()?,
        vp_cs: zone.vpcs.iter().map(|(id, region)| vpc(id, region)).collect(),
    })
}

/// In the order of their ids, from the marker on.
fn list(cx: View, input: route53::ListHostedZonesRequest) -> Result<route53::ListHostedZonesResponse> {
    let route53::ListHostedZonesRequest { page, delegation_set_id, hosted_zone_type } = input;
    let only_private = match hosted_zone_type.as_deref() {
        None => false,
        Some("PrivateHostedZone") => true,
        Some(other) => return Err(ZoneError::NoZoneType { kind: other.to_owned() }.into()),
    };
    let own = cx.model.hosted_zones.iter().filter(|zone| zone.account == cx.caller.scope.account);
    let set = delegation_set_id.as_deref().map(bare);
    let is_of_set = |zone: &&HostedZone| set.is_none_or(|set| zone.delegation_set.as_deref() == Some(set));
    let own = own.filter(|zone| is_of_set(zone) && (zone.private || !only_private));
    let (hosted_zones, next, max_items) = paged(&page, own, shown)?;
    Ok(route53::ListHostedZonesResponse {
        hosted_zones,
        marker: page.token,
        is_truncated: next.is_some(),
        next_marker: next,
        max_items,
    })
}

/// In the order of their names, label by label from the last.
fn list_by_name(
    cx: View,
    input: route53::ListHostedZonesByNameRequest,
) -> Result<route53::ListHostedZonesByNameResponse> {
    let route53::ListHostedZonesByNameRequest { dns_name, hosted_zone_id, max_items } = input;
    let size = size(max_items.as_deref(), PAGE)?;
    let name = |name: &String| domain_name(name).ok_or_else(|| ZoneError::InvalidDomainName { name: name.clone() });
    let first = dns_name.as_ref().map(name).transpose()?.map(|name| reversed(&name)).unwrap_or_default();
    let from = (first, hosted_zone_id.as_deref().map(bare).unwrap_or_default().to_owned());
    let own = cx.model.zones_of(&cx.caller.scope.account).into_iter();
    let (zones, next) = cut(own.filter(|zone| (reversed(&zone.name), zone.id.clone()) >= from), size);
    Ok(route53::ListHostedZonesByNameResponse {
        hosted_zones: zones.into_iter().map(shown).collect(),
        dns_name,
        hosted_zone_id,
        is_truncated: next.is_some(),
        next_dns_name: next.map(|zone| escaped_name(&zone.name)),
        next_hosted_zone_id: next.map(|zone| zone.id.clone()),
        max_items: size.to_string(),
    })
}

fn count(cx: View, _: route53::GetHostedZoneCountRequest) -> Result<route53::GetHostedZoneCountResponse> {
    let count = cx.model.zones_of(&cx.caller.scope.account).len();
    Ok(route53::GetHostedZoneCountResponse { hosted_zone_count: i64::try_from(count).unwrap_or(i64::MAX) })
}

fn get_change(cx: View, input: route53::GetChangeRequest) -> Result<route53::GetChangeResponse> {
    let id = bare(&input.id);
    let submitted = cx.model.zone_change(id)?;
    let change_info = route53::ChangeInfo {
        id: format!("/change/{id}"),
        status: "INSYNC".into(),
        submitted_at: submitted,
        comment: None,
    };
    Ok(route53::GetChangeResponse { change_info })
}

fn shown(zone: &HostedZone) -> route53::HostedZone {
    route53::HostedZone {
        id: format!("/hostedzone/{}", zone.id),
        name: escaped_name(&zone.name),
        caller_reference: zone.reference.clone(),
        config: Some(route53::HostedZoneConfig {
            comment: zone.comment.clone(),
            private_zone: Some(zone.private),
            hosted_zone_tier: None,
        }),
        resource_record_set_count: i64::try_from(zone.listed_count()).ok(),
        linked_service: None,
        features: None,
    }
}

fn servers(model: &Model, zone: &HostedZone) -> Result<route53::DelegationSet> {
    let set = zone.delegation_set.as_ref().and_then(|id| model.delegation_sets.get(id));
    let name_servers = model.name_servers_of(&zone.account, &zone.id)?.into();
    let own = || route53::DelegationSet { id: None, caller_reference: None, name_servers };
    Ok(set.map_or_else(own, delegation_set::shown))
}

/// DNSSEC signing is not supported: no zone is signed.
fn dnssec(cx: View, input: route53::GetDNSSECRequest) -> Result<route53::GetDNSSECResponse> {
    cx.model.zone_of(&cx.caller.scope.account, bare(&input.hosted_zone_id))?;
    let status = route53::DNSSECStatus { serve_signature: Some("NOT_SIGNING".to_owned()), status_message: None };
    Ok(route53::GetDNSSECResponse { status, key_signing_keys: Vec::new().into() })
}

/// A VPC in a reply.
pub(super) fn vpc(id: &str, region: &str) -> route53::VPC {
    route53::VPC { vpc_region: Some(region.to_owned()), vpc_id: Some(id.to_owned()) }
}

/// The VPC that a request names. Its Region may be left out.
pub(super) fn zone_vpc(model: &Model, vpc: &route53::VPC) -> std::result::Result<ZoneVpc, ZoneError> {
    let missing = || ZoneError::NoVpcRegion {};
    let id = vpc.vpc_id.clone().ok_or_else(missing)?;
    let of_id = || model.vpcs.get(&id).map(|vpc| vpc.scope.region.clone());
    let region = vpc.vpc_region.clone().or_else(of_id).ok_or_else(missing)?;
    Ok(ZoneVpc { id, region })
}
