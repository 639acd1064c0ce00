//! Associations of VPCs with private zones, and their authorisation across accounts.

use super::hosted_zone::{vpc, zone_vpc};
use super::{Result, bare, change, size};
use crate::api::action::{Actions, Change, View};
use model::{ZoneError, escaped_name};
use shapes::route53;
use std::collections::BTreeMap;

/// The most associations or authorisations in a page.
const PAGE: usize = 50;

pub fn actions(all: Actions) -> Actions {
    all.write(associate)
        .write(disassociate)
        .write(authorise)
        .write(deauthorise)
        .read(list_authorisations)
        .read(list_by_vpc)
}

fn associate(
    cx: Change,
    input: route53::AssociateVPCWithHostedZoneRequest,
) -> Result<route53::AssociateVPCWithHostedZoneResponse> {
    let route53::AssociateVPCWithHostedZoneRequest { hosted_zone_id, vpc, comment } = input;
    let seen_by = zone_vpc(cx.model, &vpc)?;
    cx.model.associate_zone(cx.caller, bare(&hosted_zone_id), &seen_by)?;
    Ok(route53::AssociateVPCWithHostedZoneResponse { change_info: change(cx.model, cx.caller, comment) })
}

fn disassociate(
    cx: Change,
    input: route53::DisassociateVPCFromHostedZoneRequest,
) -> Result<route53::DisassociateVPCFromHostedZoneResponse> {
    let route53::DisassociateVPCFromHostedZoneRequest { hosted_zone_id, vpc, comment } = input;
    let seen_by = zone_vpc(cx.model, &vpc)?;
    cx.model.disassociate_zone(cx.caller, bare(&hosted_zone_id), &seen_by)?;
    Ok(route53::DisassociateVPCFromHostedZoneResponse { change_info: change(cx.model, cx.caller, comment) })
}

fn authorise(
    cx: Change,
    input: route53::CreateVPCAssociationAuthorizationRequest,
) -> Result<route53::CreateVPCAssociationAuthorizationResponse> {
    let route53::CreateVPCAssociationAuthorizationRequest { hosted_zone_id, vpc } = input;
    let seen_by = zone_vpc(cx.model, &vpc)?;
    cx.model.authorise_zone(cx.caller, bare(&hosted_zone_id), &seen_by)?;
    Ok(route53::CreateVPCAssociationAuthorizationResponse { hosted_zone_id, vpc })
}

fn deauthorise(
    cx: Change,
    input: route53::DeleteVPCAssociationAuthorizationRequest,
) -> Result<route53::DeleteVPCAssociationAuthorizationResponse> {
    let route53::DeleteVPCAssociationAuthorizationRequest { hosted_zone_id, vpc } = input;
    let seen_by = zone_vpc(cx.model, &vpc)?;
    cx.model.deauthorise_zone(cx.caller, bare(&hosted_zone_id), &seen_by)?;
    Ok(route53::DeleteVPCAssociationAuthorizationResponse {})
}

fn list_authorisations(
    cx: View,
    input: route53::ListVPCAssociationAuthorizationsRequest,
) -> Result<route53::ListVPCAssociationAuthorizationsResponse> {
    let route53::ListVPCAssociationAuthorizationsRequest { hosted_zone_id, page: asked } = input;
    let zone = cx.model.zone_of(&cx.caller.scope.account, bare(&hosted_zone_id))?;
    let (page, next_token) = page(&zone.authorised, asked.token, size(asked.size.as_deref(), PAGE)?);
    let vp_cs = page.into_iter().map(|(id, region)| vpc(id, region)).collect();
    Ok(route53::ListVPCAssociationAuthorizationsResponse { hosted_zone_id, next_token, vp_cs })
}

/// The private zones, of any account, that one of the caller's VPCs is associated with.
fn list_by_vpc(cx: View, input: route53::ListHostedZonesByVPCRequest) -> Result<route53::ListHostedZonesByVPCResponse> {
    let route53::ListHostedZonesByVPCRequest { vpc_id, vpc_region, max_items, next_token } = input;
    let own = cx.model.vpcs.get(&vpc_id).filter(|vpc| vpc.scope.account == cx.caller.scope.account);
    if own.is_none_or(|vpc| vpc.scope.region != vpc_region) {
        return Err(ZoneError::InvalidVpcId { vpc: vpc_id, region: vpc_region }.into());
    }
    let size = size(max_items.as_deref(), PAGE)?;
    let seen = cx.model.hosted_zones.iter().filter(|zone| zone.vpcs.contains_key(&vpc_id));
    let seen: BTreeMap<String, _> = seen.map(|zone| (zone.id.clone(), zone)).collect();
    let (page, next_token) = page(&seen, next_token, size);
    let summary = |(id, zone): (&String, &&model::HostedZone)| route53::HostedZoneSummary {
        hosted_zone_id: id.clone(),
        name: escaped_name(&zone.name),
        owner: route53::HostedZoneOwner { owning_account: Some(zone.account.clone()), owning_service: None },
    };
    Ok(route53::ListHostedZonesByVPCResponse {
        hosted_zone_summaries: page.into_iter().map(summary).collect(),
        max_items: size.to_string(),
        next_token,
    })
}

/// A page of rows from the token on, and the token of the next page.
fn page<T>(rows: &BTreeMap<String, T>, token: Option<String>, size: usize) -> (Vec<(&String, &T)>, Option<String>) {
    let mut page: Vec<_> = rows.range(token.unwrap_or_default()..).take(size + 1).collect();
    let next = if page.len() > size { page.pop().map(|(id, _)| id.clone()) } else { None };
    (page, next)
}
