//! Tags of hosted zones. Health checks could have some, too, if there were any.

use super::{Result, bare};
use crate::api::action::Actions;
use model::{Caller, HostedZone, Model, Tags, ZoneError};
use shapes::route53;

/// The most resources of one request.
const RESOURCES: usize = 10;

pub fn actions(all: Actions) -> Actions {
    all.write(change).read(list).read(list_of_several)
}

fn change(
    model: &mut Model,
    caller: &Caller,
    input: route53::ChangeTagsForResourceRequest,
) -> Result<route53::ChangeTagsForResourceResponse> {
    let route53::ChangeTagsForResourceRequest { resource_type, resource_id, add_tags, remove_tag_keys } = input;
    zone(model, caller, &resource_type, &resource_id)?;
    if add_tags.is_empty() && remove_tag_keys.is_empty() {
        return Err(ZoneError::InvalidInput("Give tags to add, or keys of tags to remove".into()).into());
    }
    let add: Tags =
        add_tags.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect();
    let remove: Vec<String> = remove_tag_keys.into_iter().collect();
    model.change_zone_tags(caller, bare(&resource_id), add, &remove)?;
    Ok(route53::ChangeTagsForResourceResponse {})
}

fn list(
    model: &Model,
    caller: &Caller,
    input: route53::ListTagsForResourceRequest,
) -> Result<route53::ListTagsForResourceResponse> {
    let route53::ListTagsForResourceRequest { resource_type, resource_id } = input;
    let resource_tag_set = shown(zone(model, caller, &resource_type, &resource_id)?);
    Ok(route53::ListTagsForResourceResponse { resource_tag_set })
}

fn list_of_several(
    model: &Model,
    caller: &Caller,
    input: route53::ListTagsForResourcesRequest,
) -> Result<route53::ListTagsForResourcesResponse> {
    let route53::ListTagsForResourcesRequest { resource_type, resource_ids } = input;
    if resource_ids.len() > RESOURCES {
        let wrong = format!("At most {RESOURCES} resources can be asked about at a time");
        return Err(ZoneError::InvalidInput(wrong).into());
    }
    let sets = resource_ids.iter().map(|id| Ok(shown(zone(model, caller, &resource_type, id)?)));
    Ok(route53::ListTagsForResourcesResponse { resource_tag_sets: sets.collect::<Result<_>>()? })
}

fn zone<'m>(model: &'m Model, caller: &Caller, kind: &str, id: &str) -> std::result::Result<&'m HostedZone, ZoneError> {
    match kind {
        "hostedzone" => model.zone_of(&caller.scope.account, bare(id)),
        "healthcheck" => Err(ZoneError::NoSuchHealthCheck { id: id.into() }),
        other => Err(ZoneError::InvalidInput(format!("{other} is no type of resources that have tags"))),
    }
}

fn shown(zone: &HostedZone) -> route53::ResourceTagSet {
    let tag = |(key, value): (&String, &String)| route53::Tag { key: Some(key.clone()), value: Some(value.clone()) };
    route53::ResourceTagSet {
        resource_type: Some("hostedzone".into()),
        resource_id: Some(zone.id.clone()),
        tags: zone.tags.iter().map(tag).collect(),
    }
}
