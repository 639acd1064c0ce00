//! Tags, by the ARN of their resource.

use crate::api::action::{Actions, Change, View};
use crate::api::deployment::tags_of;
use model::services::{Error, Result, Thing};
use model::{Caller, ManagedService, Model, Tags};
use shapes::List;
use shapes::elasticache::{self, Tag};

pub fn actions(all: Actions) -> Actions {
    all.write(add).write(remove).read(list)
}

/// Tags as a request gives them.
pub fn of(sent: List<Tag>) -> Result<Tags> {
    tags_of("InvalidParameterValue", sent.into_iter().map(|tag| (tag.key, tag.value)))
}

/// Refuses a value that is not an ARN of this service.
fn check(arn: &str) -> Result<()> {
    match Thing::of_arn(arn) {
        Some((thing, _)) if thing.service() == ManagedService::ElastiCache => Ok(()),
        _ => Err(Error::BadArn { arn: arn.to_owned() }),
    }
}

fn told(model: &Model, caller: &Caller, arn: &str) -> Result<List<Tag>> {
    check(arn)?;
    let tags = model.service_tags(&caller.scope, arn)?;
    let tag = |(key, value): (&String, &String)| Tag { key: Some(key.clone()), value: Some(value.clone()) };
    Ok(tags.iter().map(tag).collect())
}

fn add(cx: Change, input: elasticache::AddTagsToResourceMessage) -> Result<List<Tag>> {
    let elasticache::AddTagsToResourceMessage { resource_name, tags } = input;
    check(&resource_name)?;
    let new = of(tags)?;
    cx.model.change_service_tags(&cx.caller.scope, &resource_name, |tags| tags.extend(new))?;
    told(cx.model, cx.caller, &resource_name)
}

fn remove(cx: Change, input: elasticache::RemoveTagsFromResourceMessage) -> Result<List<Tag>> {
    let elasticache::RemoveTagsFromResourceMessage { resource_name, tag_keys } = input;
    check(&resource_name)?;
    cx.model
        .change_service_tags(&cx.caller.scope, &resource_name, |tags| tags.retain(|key, _| !tag_keys.contains(key)))?;
    told(cx.model, cx.caller, &resource_name)
}

fn list(cx: View, input: elasticache::ListTagsForResourceMessage) -> Result<List<Tag>> {
    told(cx.model, cx.caller, &input.resource_name)
}
