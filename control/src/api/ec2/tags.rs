//! Tags: their own actions, and how other actions take and show them.

use super::listing::{Attributes, paged};
use crate::api::action::{Actions, Change, View};
use model::{Error, IdKind, Result, TagFault, Tags};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).write(delete).read(describe)
}

/// One tag of one resource.
struct Tag {
    /// Sorts and pages.
    place: String,
    resource: String,
    kind: String,
    key: String,
    value: String,
}

static ATTRIBUTES: Attributes<Tag> = Attributes(&[
    ("key", |_, tag| vec![tag.key.clone()]),
    ("value", |_, tag| vec![tag.value.clone()]),
    ("resource-id", |_, tag| vec![tag.resource.clone()]),
    ("resource-type", |_, tag| vec![tag.kind.clone()]),
]);

fn create(cx: Change, input: ec2::CreateTagsRequest) -> Result<()> {
    let ec2::CreateTagsRequest { resources, tags } = input;
    let mut new = Tags::new();
    some(&resources)?;
    add(&mut new, tags)?;
    cx.model.create_tags(cx.caller, &resources, &new)
}

/// There must be a resource.
fn some(resources: &[String]) -> Result<()> {
    if resources.is_empty() { Err(Error::missing("resourceIdSet")) } else { Ok(()) }
}

fn delete(cx: Change, input: ec2::DeleteTagsRequest) -> Result<()> {
    let ec2::DeleteTagsRequest { resources, tags } = input;
    some(&resources)?;
    let gone: Vec<_> =
        tags.into_iter().map(|tag| Ok((tag.key.ok_or_else(no_key)?, tag.value))).collect::<Result<_>>()?;
    cx.model.delete_tags(cx.caller, &resources, &gone)
}

fn describe(cx: View, input: ec2::DescribeTagsRequest) -> Result<ec2::DescribeTagsResult> {
    let ec2::DescribeTagsRequest { filters, page } = input;
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let mut rows: Vec<Tag> = cx.model.tagged(&cx.caller.scope).flat_map(|(id, tags)| of_resource(id, tags)).collect();
    rows.retain(|tag| wanted.pass(cx.model, tag, &Tags::from([(tag.key.clone(), tag.value.clone())])));
    let (rows, next_token) = paged(&page, rows, |tag| &tag.place)?;
    let shown = |tag: Tag| ec2::TagDescription {
        key: Some(tag.key),
        resource_id: Some(tag.resource),
        resource_type: Some(tag.kind),
        value: Some(tag.value),
    };
    Ok(ec2::DescribeTagsResult { tags: rows.into_iter().map(shown).collect(), next_token })
}

fn of_resource(id: &str, tags: &Tags) -> impl Iterator<Item = Tag> {
    tags.iter().map(move |(key, value)| Tag {
        place: format!("{id}\0{key}"),
        resource: id.to_owned(),
        kind: IdKind::of(id).map(IdKind::resource_type).unwrap_or_default(),
        key: key.clone(),
        value: value.clone(),
    })
}

/// Tags as every resource shows them.
pub fn shown(tags: &Tags) -> List<ec2::Tag> {
    tags.iter().map(|(key, value)| ec2::Tag { key: Some(key.clone()), value: Some(value.clone()) }).collect()
}

/// Tags as instances, volumes, images and new keys show them: without any there is no list.
pub fn if_any(tags: &Tags) -> List<ec2::Tag> {
    shown(tags).unless_empty()
}

/// The tags that a request has for the one type of resource that it makes.
pub fn of(specifications: List<ec2::TagSpecification>, resource_type: &str) -> Result<Tags> {
    let [tags] = of_each(specifications, [resource_type])?;
    Ok(tags)
}

/// The tags that a request has for each of the types of resources that it makes.
pub fn of_each<const N: usize>(
    specifications: List<ec2::TagSpecification>,
    resource_types: [&str; N],
) -> Result<[Tags; N]> {
    let mut all = [(); N].map(|()| Tags::new());
    for specification in specifications {
        let kind = specification.resource_type.ok_or_else(|| refused(&resource_types, TagFault::NoType))?;
        let place = resource_types.iter().position(|known| *known == kind);
        let place = place.ok_or_else(|| refused(&resource_types, TagFault::OtherType(kind)))?;
        if specification.tags.is_empty() {
            return Err(refused(&resource_types, TagFault::NoTags));
        }
        add(&mut all[place], specification.tags)?;
    }
    Ok(all)
}

/// The types of resources that compute, as against networks; EC2 has another code for each.
const COMPUTE: [&str; 10] = [
    "instance",
    "volume",
    "snapshot",
    "image",
    "spot-instances-request",
    "launch-template",
    "fleet",
    "dedicated-host",
    "key-pair",
    "placement-group",
];

fn refused(resource_types: &[&str], fault: TagFault) -> Error {
    match resource_types.iter().any(|kind| COMPUTE.contains(kind)) {
        true => Error::TagSpecification { fault },
        false => Error::NetworkTagSpecification { fault },
    }
}

fn no_key() -> Error {
    Error::missing("Tag.Key")
}

/// Adds keys and values; a key must be there, and once, a value may be empty.
fn add(tags: &mut Tags, given: List<ec2::Tag>) -> Result<()> {
    for tag in given {
        let key = tag.key.ok_or_else(no_key)?;
        if tags.contains_key(&key) {
            return Err(Error::TagKeyTwice { key });
        }
        tags.insert(key, tag.value.unwrap_or_default());
    }
    Ok(())
}
