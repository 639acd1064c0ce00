//! CIDR collections, which IP-based routing refers to.

use super::{PAGE, Result, cut, paged, size};
use crate::api::action::{Actions, Change, View};
use ipnet::IpNet;
use model::{CidrChange, CidrCollection, ZoneError};
use shapes::{List, route53};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(change).write(delete).read(list).read(list_locations).read(list_blocks)
}

fn create(cx: Change, input: route53::CreateCidrCollectionRequest) -> Result<route53::CreateCidrCollectionResponse> {
    let route53::CreateCidrCollectionRequest { name, caller_reference } = input;
    let made = cx.model.create_cidr_collection(cx.caller, name, caller_reference)?;
    let collection = route53::CidrCollection {
        arn: Some(made.arn()),
        id: Some(made.id),
        name: Some(made.name),
        version: Some(made.version),
    };
    Ok(route53::CreateCidrCollectionResponse { collection: Some(collection) })
}

fn change(cx: Change, input: route53::ChangeCidrCollectionRequest) -> Result<route53::ChangeCidrCollectionResponse> {
    let route53::ChangeCidrCollectionRequest { id, collection_version, changes } = input;
    let changes = changes.into_iter().map(read).collect::<Result<Vec<_>>>()?;
    cx.model.change_cidr_collection(cx.caller, &id, collection_version, &changes)?;
    Ok(route53::ChangeCidrCollectionResponse { id: cx.model.zone_change_id(cx.caller.now) })
}

fn read(change: route53::CidrCollectionChange) -> Result<CidrChange> {
    let route53::CidrCollectionChange { location_name: location, action, cidr_list } = change;
    let puts = match action.as_str() {
        "PUT" => true,
        "DELETE_IF_EXISTS" => false,
        _ => return Err(ZoneError::NoCidrAction { action }.into()),
    };
    Ok(CidrChange { location, puts, blocks: cidr_list.to_vec() })
}

fn delete(cx: Change, input: route53::DeleteCidrCollectionRequest) -> Result<route53::DeleteCidrCollectionResponse> {
    cx.model.delete_cidr_collection(cx.caller, &input.id)?;
    Ok(route53::DeleteCidrCollectionResponse {})
}

fn list(cx: View, input: route53::ListCidrCollectionsRequest) -> Result<route53::ListCidrCollectionsResponse> {
    let summary = |one: &CidrCollection| route53::CollectionSummary {
        arn: Some(one.arn()),
        id: Some(one.id.clone()),
        name: Some(one.name.clone()),
        version: Some(one.version),
    };
    let own = cx.model.cidr_collections_of(&cx.caller.scope.account);
    let (cidr_collections, next_token, _) = paged(&input.page, own, summary)?;
    Ok(route53::ListCidrCollectionsResponse { next_token, cidr_collections })
}

fn list_locations(cx: View, input: route53::ListCidrLocationsRequest) -> Result<route53::ListCidrLocationsResponse> {
    let route53::ListCidrLocationsRequest { collection_id, page } = input;
    let from = page.token.unwrap_or_default();
    let locations = cx.model.cidr_collection(&cx.caller.scope.account, &collection_id)?.locations().into_iter();
    let (page, next) = cut(locations.filter(|name| *name >= from.as_str()), size(page.size.as_deref(), PAGE)?);
    let shown = |name: &str| route53::LocationSummary { location_name: Some(name.to_owned()) };
    Ok(route53::ListCidrLocationsResponse {
        next_token: next.map(str::to_owned),
        cidr_locations: page.into_iter().map(shown).collect(),
    })
}

fn list_blocks(cx: View, input: route53::ListCidrBlocksRequest) -> Result<route53::ListCidrBlocksResponse> {
    let route53::ListCidrBlocksRequest { collection_id, location_name, page } = input;
    let collection = cx.model.cidr_collection(&cx.caller.scope.account, &collection_id)?;
    if let Some(name) = location_name.clone().filter(|name| !collection.locations().contains(name.as_str())) {
        return Err(ZoneError::NoSuchCidrLocation { name }.into());
    }
    let malformed = |_| ZoneError::BadCidrToken {};
    let from = page.token.map(|token| token.parse::<IpNet>()).transpose().map_err(malformed)?;
    let rows = collection.blocks.iter().filter(|(block, _)| from.is_none_or(|from| **block >= from));
    let rows = rows.filter(|(_, location)| location_name.as_ref().is_none_or(|name| name == *location));
    let (rows, next) = cut(rows, size(page.size.as_deref(), PAGE)?);
    let shown = |(block, location): (&IpNet, &String)| route53::CidrBlockSummary {
        cidr_block: Some(block.to_string()),
        location_name: Some(location.clone()),
    };
    let cidr_blocks: List<_> = rows.into_iter().map(shown).collect();
    Ok(route53::ListCidrBlocksResponse { next_token: next.map(|(block, _)| block.to_string()), cidr_blocks })
}
