//! Tags of groups.

use super::{Error, Result, fits, groups_of, paged};
use crate::api::action::{Actions, Change, View};
use model::auto_scaling::{Error as Refusal, GroupTag};
use shapes::{List, Paged, autoscaling as api};
use std::collections::{BTreeMap, BTreeSet};

pub fn actions(all: Actions) -> Actions {
    all.write(create_or_update).write(delete).read(describe)
}

/// The only type of resources that have tags here.
const GROUP: &str = "auto-scaling-group";

/// A tag as replies show it.
pub fn shown(group: &str, key: &str, tag: &GroupTag) -> api::TagDescription {
    api::TagDescription {
        resource_id: Some(group.to_owned()),
        resource_type: Some(GROUP.to_owned()),
        key: Some(key.to_owned()),
        value: Some(tag.value.clone()),
        propagate_at_launch: Some(tag.propagates),
    }
}

/// A tag as requests give it: its key, and the rest.
fn read(sent: api::Tag) -> (String, GroupTag) {
    let propagates = sent.propagate_at_launch.unwrap_or(false);
    (sent.key, GroupTag { value: sent.value.unwrap_or_default(), propagates })
}

/// The tags that a new group is given; each may name the group.
pub fn of_new_group(name: &str, sent: List<api::Tag>) -> Result<BTreeMap<String, GroupTag>> {
    let mut tags = BTreeMap::new();
    for tag in sent {
        if let Some(other) = tag.resource_id.as_ref().filter(|group| *group != name) {
            return Err(Refusal::invalid("Tags.ResourceId", other).into());
        }
        let (key, value) = read(tag);
        if tags.insert(key.clone(), value).is_some() {
            return Err(Refusal::DuplicateTag { key }.into());
        }
    }
    Ok(tags)
}

/// The group that a tag names.
fn named(tag: &api::Tag) -> Result<String> {
    match tag.resource_type.as_deref() {
        None | Some(GROUP) => {}
        Some(other) => return Err(Refusal::invalid("Tags.ResourceType", other).into()),
    }
    tag.resource_id.clone().ok_or_else(|| shapes::Fault::Missing { name: "Tags.ResourceId".into() }.into())
}

fn create_or_update(cx: Change, input: api::CreateOrUpdateTagsType) -> Result<()> {
    let mut seen = BTreeSet::new();
    for tag in input.tags {
        let group = named(&tag)?;
        if !seen.insert((group.clone(), tag.key.clone())) {
            return Err(Refusal::DuplicateTag { key: tag.key }.into());
        }
        cx.model.tag_scaling_group(cx.caller, &group, BTreeMap::from([read(tag)]))?;
    }
    Ok(())
}

fn delete(cx: Change, input: api::DeleteTagsType) -> Result<()> {
    for tag in input.tags {
        let value = tag.value.as_deref().filter(|value| !value.is_empty());
        cx.model.untag_scaling_group(cx.caller, &named(&tag)?, &tag.key, value)?;
    }
    Ok(())
}

fn describe(cx: View, input: api::DescribeTagsType) -> Result<Paged<api::TagDescription>> {
    let mut rows = Vec::new();
    for group in groups_of(cx.model, &cx.caller.scope) {
        let tags = group.tags.iter().map(|(key, tag)| (format!("{}:{key}", group.name), shown(&group.name, key, tag)));
        rows.extend(tags);
    }
    for filter in input.filters.iter() {
        let value: fn(&api::TagDescription) -> Option<String> = match filter.name.as_deref() {
            Some("auto-scaling-group") => |tag| tag.resource_id.clone(),
            Some("key") => |tag| tag.key.clone(),
            Some("value") => |tag| tag.value.clone(),
            Some("propagate-at-launch") => |tag| tag.propagate_at_launch.map(|on| on.to_string()),
            other => return Err(Error::Filter(other.unwrap_or_default().to_owned())),
        };
        rows.retain(|(_, tag)| value(tag).is_some_and(|value| fits(&filter.values, &value)));
    }
    Ok(paged(input.page, rows, |(place, _)| place)?.map(|(_, tag)| tag))
}
