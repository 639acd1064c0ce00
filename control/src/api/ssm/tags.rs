//! Tags of parameters.

use super::{Error, Refusal, Result};
use crate::api::action::{Actions, Change, View};
use model::ssm::Selector;
use shapes::{List, ssm};

pub fn actions(all: Actions) -> Actions {
    all.write(add).write(remove).read(list)
}

/// The name of the parameter that a request means.
fn meant(resource_type: String, id: &str) -> Result<String> {
    if resource_type == "Parameter" { Ok(Selector::of(id).0) } else { Err(Error::ResourceType(resource_type)) }
}

fn add(cx: Change, input: ssm::AddTagsToResourceRequest) -> Result<()> {
    let ssm::AddTagsToResourceRequest { resource_type, resource_id, tags } = input;
    let name = meant(resource_type, &resource_id)?;
    let new = tags.into_iter().map(|tag| (tag.key, tag.value));
    Ok(cx.model.tag_parameter(&cx.caller.scope, &name, |tags| tags.extend(new))?)
}

fn remove(cx: Change, input: ssm::RemoveTagsFromResourceRequest) -> Result<()> {
    let ssm::RemoveTagsFromResourceRequest { resource_type, resource_id, tag_keys } = input;
    let name = meant(resource_type, &resource_id)?;
    Ok(cx.model.tag_parameter(&cx.caller.scope, &name, |tags| tags.retain(|key, _| !tag_keys.contains(key)))?)
}

fn list(cx: View, input: ssm::ListTagsForResourceRequest) -> Result<List<ssm::Tag>> {
    let ssm::ListTagsForResourceRequest { resource_type, resource_id } = input;
    let name = meant(resource_type, &resource_id)?;
    let row = cx.model.parameter(&cx.caller.scope, &name).map_err(|_| Refusal::NoResource {})?;
    let tag = |(key, value): (&String, &String)| ssm::Tag { key: key.clone(), value: value.clone() };
    Ok(row.tags.iter().map(tag).collect())
}
