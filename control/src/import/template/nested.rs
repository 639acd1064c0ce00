//! Nested stacks: a resource that another template of the files describes, found by the file's name.

use super::functions::{Unknown, Values, plain};
use super::order::in_order;
use super::properties::Properties;
use super::{Builder, Template};
use crate::import::Importer;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The type of a nested stack.
pub const STACK: &str = "AWS::CloudFormation::Stack";

/// How many nested stacks an import makes. A few templates that each nest the next one twice would make any number, and
/// a longer chain would not fit a thread's stack.
const MOST: usize = 100;

/// Where the template that a URL or a path names is, if one file alone has its name.
fn place(templates: &[Template], outer: &Template, url: &str) -> Option<usize> {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let name = Path::new(path).file_name()?;
    let is_meant = |inner: &Template| {
        inner.scope == outer.scope && inner.file != outer.file && Path::new(&inner.file).file_name() == Some(name)
    };
    let mut meant = (0..templates.len()).filter(|place| is_meant(&templates[*place]));
    meant.next().filter(|_| meant.next().is_none())
}

/// The URLs of the templates that a template nests, and the parameters that it gives them: one may be the URL of a
/// template that they nest.
fn urls(values: &Values<'_>) -> Vec<String> {
    let resources = values.body.get("Resources").and_then(Json::as_object).into_iter().flatten();
    let stacks = resources.filter(|(_, resource)| resource.get("Type").is_some_and(|kind| kind == STACK));
    let known = |json: &Json| plain(&values.of(json).ok()?).ok();
    let urls = |stack: &Json| {
        let url = stack.pointer("/Properties/TemplateURL");
        let given = stack.pointer("/Properties/Parameters").and_then(Json::as_object).into_iter().flat_map(Map::values);
        let url = url.and_then(|url| known(url).or_else(|| ending(url)));
        url.into_iter().chain(given.filter_map(known)).collect::<Vec<String>>()
    };
    stacks.flat_map(|(_, stack)| urls(stack)).collect()
}

/// The end of a URL whose beginning is not known yet, for example because an outer template gives it.
fn ending(url: &Json) -> Option<String> {
    let sub = url.get("Fn::Sub").and_then(|sub| sub.get(0).unwrap_or(sub).as_str());
    let joined = || url.pointer("/Fn::Join/1")?.as_array()?.last()?.as_str();
    sub.or_else(joined)?.rsplit('}').next().map(str::to_owned)
}

impl Importer<'_> {
    /// Those of the templates that no other one nests, each with all that it nests, itself included.
    pub(super) fn outermost(&mut self, templates: &[Template]) -> BTreeMap<usize, BTreeSet<usize>> {
        let inner = |outer: &Template| {
            outer.ask(urls).iter().filter_map(|url| place(templates, outer, url)).collect::<BTreeSet<usize>>()
        };
        let nested: BTreeMap<usize, BTreeSet<usize>> = templates.iter().map(inner).enumerate().collect();
        let order = in_order(&nested);
        for place in order.circular {
            let file = &templates[place].file;
            self.leave_out(format!(
                "{file}: templates nest each other in a circle, and it is in it or nests one that is"
            ));
        }
        let mut whole: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for place in order.first_to_last {
            let inner = nested[&place].iter().filter_map(|inner| whole.get(inner)).flatten().copied();
            let all = inner.chain([place]).collect();
            whole.insert(place, all);
        }
        let inner: BTreeSet<usize> = nested.into_values().flatten().collect();
        whole.retain(|place, _| !inner.contains(place));
        whole
    }
}

/// Makes the resources of a nested stack, and keeps its outputs.
pub fn stack(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let url = p.text("TemplateURL").unwrap_or_default();
    let given = p.known_parts("Parameters").and_then(Json::as_object).into_iter().flatten();
    let given = given.map(|(name, value)| parameter(value).map(|value| (name.clone(), value)));
    let given = given.collect::<Result<Vec<_>, _>>()?;
    if let Some(why) = p.missed() {
        return Err(why);
    }
    let templates = b.importer.templates.clone();
    let place = place(&templates, b.template, &url);
    let place = place.ok_or_else(|| format!("its template {url} is not in the files, or several have its name"))?;
    b.importer.stacks += 1;
    if b.importer.stacks > MOST {
        return Err(format!("the files nest more than {MOST} stacks"));
    }
    let mut inner = templates[place].clone();
    inner.parameters.extend(given);
    let outputs = b.importer.template(&inner);
    let name = b.made_up_name();
    b.stacks.insert(name.clone(), outputs);
    Ok(Some(name))
}

/// The value of a parameter, which may be a list.
fn parameter(value: &Json) -> Result<String, Unknown> {
    match value.as_array() {
        Some(items) => Ok(items.iter().map(plain).collect::<Result<Vec<_>, _>>()?.join(",")),
        None => plain(value),
    }
}
