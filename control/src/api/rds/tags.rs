//! Tags, by the ARN of their resource.

use super::filter;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::tags_of;
use model::services::{Error, Result, Thing, Wanted};
use model::{ManagedService, Tags};
use shapes::{List, rds};

pub fn actions(all: Actions) -> Actions {
    all.write(add).write(remove).read(list)
}

/// Tags as a request gives them.
pub fn of(sent: List<rds::Tag>) -> Result<Tags> {
    tags_of("InvalidParameterValue", sent.into_iter().map(|tag| (tag.key, tag.value)))
}

/// Tags as replies show them.
pub fn shown(tags: &Tags) -> List<rds::Tag> {
    tags.iter().map(|(key, value)| rds::Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

/// Refuses a value that is not an ARN of this service.
fn check(arn: &str) -> Result<()> {
    match Thing::of_arn(arn) {
        Some((thing, _)) if thing.service() == ManagedService::Rds => Ok(()),
        _ => Err(Error::Value { name: "ResourceName", value: arn.to_owned(), why: Wanted::Arn {} }),
    }
}

fn add(cx: Change, input: rds::AddTagsToResourceMessage) -> Result<()> {
    let rds::AddTagsToResourceMessage { resource_name, tags } = input;
    check(&resource_name)?;
    let new = of(tags)?;
    cx.model.change_service_tags(&cx.caller.scope, &resource_name, |tags| tags.extend(new))
}

fn remove(cx: Change, input: rds::RemoveTagsFromResourceMessage) -> Result<()> {
    let rds::RemoveTagsFromResourceMessage { resource_name, tag_keys } = input;
    check(&resource_name)?;
    cx.model.change_service_tags(&cx.caller.scope, &resource_name, |tags| tags.retain(|key, _| !tag_keys.contains(key)))
}

fn list(cx: View, input: rds::ListTagsForResourceMessage) -> Result<List<rds::Tag>> {
    filter::check(&input.filters)?;
    check(&input.resource_name)?;
    let tags = cx.model.service_tags(&cx.caller.scope, &input.resource_name)?;
    Ok(shown(tags))
}
