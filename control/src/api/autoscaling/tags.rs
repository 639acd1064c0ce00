//! Tags of groups.

use super::{Error, Result, fits, group, paged};
use crate::api::action::Actions;
use model::auto_scaling::{Error as Refusal, GroupTag};
use model::{Caller, Model};
use shapes::{List, autoscaling};
use std::collections::{BTreeMap, BTreeSet};

pub fn actions(all: Actions) -> Actions {
    all.write(create_or_update).write(delete).read(describe)
}

/// The only type of resources that have tags here.
const GROUP: &str = "auto-scaling-group";

/// A tag as replies show it.
pub fn shown(group: &str, key: &str, tag: &GroupTag) -> autoscaling::TagDescription {
    autoscaling::TagDescription {
        resource_id: Some(group.to_owned()),
        resource_type: Some(GROUP.to_owned()),
        key: Some(key.to_owned()),
        value: Some(tag.value.clone()),
        propagate_at_launch: Some(tag.propagates),
    }
}

/// The tags that a new group is given; each may name the group.
pub fn of_new_group(name: &str, sent: List<autoscaling::Tag>) -> Result<BTreeMap<String, GroupTag>> {
    let one = |tag: autoscaling::Tag| match tag.resource_id {
        Some(other) if other != name => Err(Error::from(Refusal::invalid("Tags.ResourceId", other))),
        _ => Ok((
            tag.key,
            GroupTag { value: tag.value.unwrap_or_default(), propagates: propagates(tag.propagate_at_launch) },
        )),
    };
    let mut tags = BTreeMap::new();
    for tag in sent {
        let (key, value) = one(tag)?;
        if tags.insert(key.clone(), value).is_some() {
            return Err(Refusal::DuplicateTag { key }.into());
        }
    }
    Ok(tags)
}

/// Whether a tag is propagated to instances.
fn propagates(sent: Option<bool>) -> bool {
    sent.unwrap_or(false)
}

/// The group that a tag names.
fn named(tag: &autoscaling::Tag) -> Result<String> {
    match tag.resource_type.as_deref() {
        None | Some(GROUP) => {}
        Some(other) => return Err(Refusal::invalid("Tags.ResourceType", other).into()),
    }
    tag.resource_id.clone().ok_or_else(|| shapes::Fault::Missing { name: "Tags.ResourceId".into() }.into())
}

fn create_or_update(model: &mut Model, caller: &Caller, input: autoscaling::CreateOrUpdateTagsType) -> Result<()> {
    let mut seen = BTreeSet::new();
    for tag in input.tags {
        let group = named(&tag)?;
        if !seen.insert((group.clone(), tag.key.clone())) {
            return Err(Refusal::DuplicateTag { key: tag.key }.into());
        }
        let value = GroupTag { value: tag.value.unwrap_or_default(), propagates: propagates(tag.propagate_at_launch) };
        model.tag_scaling_group(caller, &group, BTreeMap::from([(tag.key, value)]))?;
    }
    Ok(())
}

fn delete(model: &mut Model, caller: &Caller, input: autoscaling::DeleteTagsType) -> Result<()> {
    for tag in input.tags {
        let value = tag.value.as_deref().filter(|value| !value.is_empty());
        model.untag_scaling_group(caller, &named(&tag)?, &tag.key, value)?;
    }
    Ok(())
}

fn describe(model: &Model, caller: &Caller, input: autoscaling::DescribeTagsType) -> Result<autoscaling::TagsType> {
    let autoscaling::DescribeTagsType { filters, page } = input;
    let mut rows = Vec::new();
    for group in group::of(model, &caller.scope) {
        let tags = group.tags.iter().map(|(key, tag)| (format!("{}:{key}", group.name), shown(&group.name, key, tag)));
        rows.extend(tags);
    }
    for filter in filters.iter() {
        let value: fn(&autoscaling::TagDescription) -> Option<String> = match filter.name.as_deref() {
            Some("auto-scaling-group") => |tag| tag.resource_id.clone(),
            Some("key") => |tag| tag.key.clone(),
            Some("value") => |tag| tag.value.clone(),
            Some("propagate-at-launch") => |tag| tag.propagate_at_launch.map(|on| on.to_string()),
            other => return Err(Error::Filter(other.unwrap_or_default().to_owned())),
        };
        rows.retain(|(_, tag)| value(tag).is_some_and(|value| fits(&filter.values, &value)));
    }
    let (rows, next_token) = paged(page, rows, |(place, _)| place)?;
    Ok(autoscaling::TagsType { tags: rows.into_iter().map(|(_, tag)| tag).collect(), next_token })
}
