//! Tags, by the ARN of their resource.

use crate::api::action::{Actions, Change};
use crate::api::deployment::tags_of;
use model::Tags;
use model::services::Result;
use shapes::{List, redshift};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(delete)
}

/// Tags as a request gives them.
pub fn of(sent: List<redshift::Tag>) -> Result<Tags> {
    tags_of("InvalidTagFault", sent.into_iter().map(|tag| (tag.key, tag.value)))
}

/// Tags as replies show them.
pub fn shown(tags: &Tags) -> List<redshift::Tag> {
    tags.iter().map(|(key, value)| redshift::Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

/// Whether tags have any of the keys and any of the values that are asked for.
pub fn pass(tags: &Tags, keys: &[String], values: &[String]) -> bool {
    (keys.is_empty() || keys.iter().any(|key| tags.contains_key(key)))
        && (values.is_empty() || tags.values().any(|value| values.contains(value)))
}

fn create(cx: Change, input: redshift::CreateTagsMessage) -> Result<()> {
    let redshift::CreateTagsMessage { resource_name, tags } = input;
    let new = of(tags)?;
    cx.model.change_service_tags(&cx.caller.scope, &resource_name, |tags| tags.extend(new))
}

fn delete(cx: Change, input: redshift::DeleteTagsMessage) -> Result<()> {
    let redshift::DeleteTagsMessage { resource_name, tag_keys } = input;
    cx.model.change_service_tags(&cx.caller.scope, &resource_name, |tags| tags.retain(|key, _| !tag_keys.contains(key)))
}
