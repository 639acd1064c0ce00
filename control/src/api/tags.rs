//! Tags on the wire.

use super::describe::{Filters, Page, Values};
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, IdKind, Model, Result, Tags};

pub const ACTIONS: Actions = &[
    ("CreateTags", Handler::Write(create)),
    ("DeleteTags", Handler::Write(delete)),
    ("DescribeTags", Handler::Read(describe)),
];

/// One tag of one resource.
struct Tag {
    /// Sorts and pages.
    place: String,
    resource: String,
    kind: String,
    key: String,
    value: String,
}

static FILTERS: &[(&str, Values<Tag>)] = &[
    ("key", |_, tag| vec![tag.key.clone()]),
    ("value", |_, tag| vec![tag.value.clone()]),
    ("resource-id", |_, tag| vec![tag.resource.clone()]),
    ("resource-type", |_, tag| vec![tag.kind.clone()]),
];

fn take_resources(params: &mut Params) -> Result<Vec<String>> {
    let ids = params.list("ResourceId")?;
    if ids.is_empty() { Err(params.missing("ResourceId")) } else { Ok(ids) }
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let ids = take_resources(&mut params)?;
    let tags = params.tag_list()?;
    if tags.is_empty() {
        return Err(params.missing("Tag"));
    }
    params.finish()?;
    model.create_tags(caller, &ids, &tags)?;
    Ok(Node::done())
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let ids = take_resources(&mut params)?;
    let gone = params.structs("Tag", |tag| Ok((tag.required("Key")?, tag.raw("Value"))))?;
    params.finish()?;
    model.delete_tags(caller, &ids, &gone)?;
    Ok(Node::done())
}

fn describe(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let filters = Filters::take(&mut params, FILTERS)?;
    let page = Page::take(&mut params)?;
    params.finish()?;
    let mut rows: Vec<Tag> = model.tagged(&caller.scope).flat_map(|(id, tags)| of(id, tags)).collect();
    rows.retain(|tag| filters.pass(model, tag, &Tags::from([(tag.key.clone(), tag.value.clone())])));
    rows.sort_by(|one, other| one.place.cmp(&other.place));
    let cut = page.cut(rows, |tag| &tag.place);
    Ok(cut.render("tagSet", |tag| {
        Node::new()
            .text("resourceId", tag.resource)
            .text("resourceType", tag.kind)
            .text("key", tag.key)
            .text("value", tag.value)
    }))
}

fn of(id: &str, tags: &Tags) -> impl Iterator<Item = Tag> {
    tags.iter().map(move |(key, value)| Tag {
        place: format!("{id}\0{key}"),
        resource: id.to_owned(),
        kind: IdKind::of(id).map(IdKind::resource_type).unwrap_or_default(),
        key: key.clone(),
        value: value.clone(),
    })
}
