//! Tags of log groups, by ARN and, in the older actions, by name.

use super::{Error, Refusal, Result};
use crate::api::action::{Actions, Change, View};
use crate::api::arn::is_arn;
use model::logs::name_in;
use model::{Model, Scope, Tags};
use shapes::{Map, logs};

pub fn actions(all: Actions) -> Actions {
    all.write(add).write(remove).read(list).write(add_by_name).write(remove_by_name).read(list_by_name)
}

/// The tags that a request sends.
pub fn sent(tags: &Map<String>) -> Tags {
    tags.shown().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The name of the log group with an ARN.
fn meant<'a>(model: &Model, scope: &Scope, arn: &'a str) -> Result<&'a str> {
    if !is_arn(arn) {
        return Err(Error::Arn(arn.to_owned()));
    }
    let name = name_in(scope, arn).filter(|name| model.log_group(scope, name).is_ok());
    Ok(name.ok_or(Refusal::NoResource {})?)
}

fn add(cx: Change, input: logs::TagResourceRequest) -> Result<()> {
    let name = meant(cx.model, &cx.caller.scope, &input.resource_arn)?;
    Ok(cx.model.tag_log_group(&cx.caller.scope, name, |tags| tags.extend(sent(&input.tags)))?)
}

fn remove(cx: Change, input: logs::UntagResourceRequest) -> Result<()> {
    let logs::UntagResourceRequest { resource_arn, tag_keys: keys } = input;
    let name = meant(cx.model, &cx.caller.scope, &resource_arn)?;
    Ok(cx.model.tag_log_group(&cx.caller.scope, name, |tags| tags.retain(|key, _| !keys.contains(key)))?)
}

fn list(cx: View, input: logs::ListTagsForResourceRequest) -> Result<Map<String>> {
    let scope = &cx.caller.scope;
    shown(cx.model, scope, meant(cx.model, scope, &input.resource_arn)?)
}

fn add_by_name(cx: Change, input: logs::TagLogGroupRequest) -> Result<()> {
    let logs::TagLogGroupRequest { log_group_name, tags: new } = input;
    Ok(cx.model.tag_log_group(&cx.caller.scope, &log_group_name, |tags| tags.extend(sent(&new)))?)
}

fn remove_by_name(cx: Change, input: logs::UntagLogGroupRequest) -> Result<()> {
    let logs::UntagLogGroupRequest { log_group_name, tags: keys } = input;
    Ok(cx.model.tag_log_group(&cx.caller.scope, &log_group_name, |tags| tags.retain(|key, _| !keys.contains(key)))?)
}

fn list_by_name(cx: View, input: logs::ListTagsLogGroupRequest) -> Result<Map<String>> {
    shown(cx.model, &cx.caller.scope, &input.log_group_name)
}

fn shown(model: &Model, scope: &Scope, name: &str) -> Result<Map<String>> {
    let tags = &model.log_group(scope, name)?.tags;
    Ok(tags.iter().map(|(key, value)| (key.clone(), value.clone())).collect())
}
