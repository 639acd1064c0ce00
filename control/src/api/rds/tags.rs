//! Tags, by the ARN of what has them.

use crate::api::action::Actions;
use crate::api::deployment::tags_of;
use model::services::Result;
use model::{Caller, Model, Tags};
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

fn add(model: &mut Model, caller: &Caller, input: rds::AddTagsToResourceMessage) -> Result<()> {
    let rds::AddTagsToResourceMessage { resource_name, tags } = input;
    let new = of(tags)?;
    model.change_service_tags(&caller.scope, &resource_name, |tags| tags.extend(new))
}

fn remove(model: &mut Model, caller: &Caller, input: rds::RemoveTagsFromResourceMessage) -> Result<()> {
    let rds::RemoveTagsFromResourceMessage { resource_name, tag_keys } = input;
    model.change_service_tags(&caller.scope, &resource_name, |tags| tags.retain(|key, _| !tag_keys.contains(key)))
}

fn list(model: &Model, caller: &Caller, input: rds::ListTagsForResourceMessage) -> Result<rds::TagListMessage> {
    let tags = model.service_tags(&caller.scope, &input.resource_name)?;
    Ok(rds::TagListMessage { tag_list: shown(tags) })
}
