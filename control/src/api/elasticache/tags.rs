//! Tags, by the ARN of their resource.

use crate::api::action::Actions;
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

fn add(model: &mut Model, caller: &Caller, input: elasticache::AddTagsToResourceMessage) -> Result<List<Tag>> {
    let elasticache::AddTagsToResourceMessage { resource_name, tags } = input;
    check(&resource_name)?;
    let new = of(tags)?;
    model.change_service_tags(&caller.scope, &resource_name, |tags| tags.extend(new))?;
    told(model, caller, &resource_name)
}

fn remove(model: &mut Model, caller: &Caller, input: elasticache::RemoveTagsFromResourceMessage) -> Result<List<Tag>> {
    let elasticache::RemoveTagsFromResourceMessage { resource_name, tag_keys } = input;
    check(&resource_name)?;
    model.change_service_tags(&caller.scope, &resource_name, |tags| tags.retain(|key, _| !tag_keys.contains(key)))?;
    told(model, caller, &resource_name)
}

fn list(model: &Model, caller: &Caller, input: elasticache::ListTagsForResourceMessage) -> Result<List<Tag>> {
    told(model, caller, &input.resource_name)
}
