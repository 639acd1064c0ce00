//! Tags of hosted zones and health checks.

use super::{Result, bare};
use crate::api::action::{Actions, Change, View};
use model::{Caller, Model, Tags, ZoneError};
use shapes::route53;

/// The resource type of health checks.
const HEALTH_CHECK: &str = "healthcheck";
/// The longest id of a hosted zone. It is sent without `/hostedzone/`.
const LONGEST_ID: usize = 32;
/// The most resources of one request.
const RESOURCES: usize = 10;

pub fn actions(all: Actions) -> Actions {
    all.write(change).read(list).read(list_of_several)
}

fn change(cx: Change, input: route53::ChangeTagsForResourceRequest) -> Result<route53::ChangeTagsForResourceResponse> {
    let route53::ChangeTagsForResourceRequest { resource_type, resource_id, add_tags, remove_tag_keys } = input;
    tags_of(cx.model, cx.caller, &resource_type, &resource_id)?;
    if add_tags.is_empty() && remove_tag_keys.is_empty() {
        return Err(ZoneError::NoTagChange {}.into());
    }
    let add: Tags =
        add_tags.into_iter().map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect();
    let remove: Vec<String> = remove_tag_keys.into_iter().collect();
    match resource_type.as_str() {
        HEALTH_CHECK => cx.model.change_health_check_tags(cx.caller, bare(&resource_id), add, &remove)?,
        _ => cx.model.change_zone_tags(cx.caller, bare(&resource_id), add, &remove)?,
    }
    Ok(route53::ChangeTagsForResourceResponse {})
}

fn list(cx: View, input: route53::ListTagsForResourceRequest) -> Result<route53::ListTagsForResourceResponse> {
    let route53::ListTagsForResourceRequest { resource_type, resource_id } = input;
    let resource_tag_set = shown(cx.model, cx.caller, &resource_type, &resource_id)?;
    Ok(route53::ListTagsForResourceResponse { resource_tag_set })
}

fn list_of_several(
    cx: View,
    input: route53::ListTagsForResourcesRequest,
) -> Result<route53::ListTagsForResourcesResponse> {
    let route53::ListTagsForResourcesRequest { resource_type, resource_ids } = input;
    if resource_ids.len() > RESOURCES {
        return Err(ZoneError::TooManyResources { most: RESOURCES }.into());
    }
    let sets = resource_ids.iter().map(|id| shown(cx.model, cx.caller, &resource_type, id));
    Ok(route53::ListTagsForResourcesResponse { resource_tag_sets: sets.collect::<Result<_>>()? })
}

/// The tags of a hosted zone or a health check.
fn tags_of<'m>(model: &'m Model, caller: &Caller, kind: &str, id: &str) -> Result<&'m Tags> {
    let account = &caller.scope.account;
    match kind {
        "hostedzone" if id.len() > LONGEST_ID => Err(ZoneError::LongId { id: id.to_owned(), most: LONGEST_ID }.into()),
        "hostedzone" => Ok(&model.zone_of(account, bare(id))?.tags),
        HEALTH_CHECK => Ok(&model.health_check(account, bare(id))?.tags),
        other => Err(ZoneError::NotTaggable { kind: other.to_owned() }.into()),
    }
}

fn shown(model: &Model, caller: &Caller, kind: &str, id: &str) -> Result<route53::ResourceTagSet> {
    let tag = |(key, value): (&String, &String)| route53::Tag { key: Some(key.clone()), value: Some(value.clone()) };
    let tags = tags_of(model, caller, kind, id)?.iter().map(tag).collect();
    Ok(route53::ResourceTagSet { resource_type: Some(kind.to_owned()), resource_id: Some(bare(id).to_owned()), tags })
}
