//! The parameters of a request: a tree of dotted names. An action takes what it knows; what is left is unknown.

mod source;

use crate::model::{Error, IdKind, Result, Tags};
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

/// The most levels a name has; EC2's deepest has seven.
const DEPTH: usize = 12;

/// A node of the tree: `Filter.1.Name=x` is the value `x` at `Filter` → `1` → `Name`.
#[derive(Clone, Debug, Default)]
pub struct Params {
    /// The name so far, for error messages.
    path: String,
    value: Option<String>,
    children: BTreeMap<String, Params>,
}

impl Params {
    /// Reads form-encoded parameters.
    pub fn parse(form: &str) -> Result<Params> {
        let mut root = Params::default();
        for (name, value) in form_urlencoded::parse(form.as_bytes()) {
            if name.split('.').count() > DEPTH {
                return Err(Error::UnknownParameter { name: name.into_owned() });
            }
            let mut node = &mut root;
            for part in name.split('.') {
                let path = if node.path.is_empty() { part.to_owned() } else { format!("{}.{part}", node.path) };
                node = node.children.entry(part.to_owned()).or_default();
                node.path = path;
            }
            node.value = Some(value.into_owned());
        }
        Ok(root)
    }

    fn name(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// An error about the value of a parameter.
    pub fn invalid(&self, name: &str, value: impl ToString) -> Error {
        Error::InvalidValue { name: self.name(name), value: value.to_string() }
    }

    /// An error about a parameter that must be there.
    pub fn missing(&self, name: &str) -> Error {
        Error::MissingParameter { name: self.name(name) }
    }

    /// Whether a parameter of that name, or below it, was sent.
    pub fn has(&self, name: &str) -> bool {
        self.children.contains_key(name)
    }

    /// A value as it was sent, the empty one included.
    pub fn raw(&mut self, name: &str) -> Option<String> {
        let node = self.children.get_mut(name)?;
        let value = node.value.take();
        if node.children.is_empty() {
            self.children.remove(name);
        }
        value
    }

    /// A value; an empty one counts as none.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.raw(name).filter(|value| !value.is_empty())
    }

    /// A value that must be there.
    pub fn required(&mut self, name: &str) -> Result<String> {
        self.text(name).ok_or_else(|| self.missing(name))
    }

    /// A value of some type.
    pub fn get<T: FromStr>(&mut self, name: &str) -> Result<Option<T>> {
        match self.text(name) {
            Some(value) => value.parse().map(Some).map_err(|_| self.invalid(name, value)),
            None => Ok(None),
        }
    }

    /// A value of some type that must be there.
    pub fn need<T: FromStr>(&mut self, name: &str) -> Result<T> {
        self.get(name)?.ok_or_else(|| self.missing(name))
    }

    /// A boolean.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>> {
        match self.text(name) {
            Some(value) if value.eq_ignore_ascii_case("true") || value == "1" => Ok(Some(true)),
            Some(value) if value.eq_ignore_ascii_case("false") || value == "0" => Ok(Some(false)),
            Some(value) => Err(self.invalid(name, value)),
            None => Ok(None),
        }
    }

    /// A boolean wrapped as the Modify…Attribute actions do: `EnableDnsSupport.Value=true`.
    pub fn flag_value(&mut self, name: &str) -> Result<Option<bool>> {
        if !self.has(name) {
            return Ok(None);
        }
        Ok(self.nested(name, |value| value.flag("Value"))?.flatten())
    }

    /// An id of that kind.
    pub fn opt_id(&mut self, name: &str, kind: IdKind) -> Result<Option<String>> {
        self.text(name).map(|id| well_formed(kind, id)).transpose()
    }

    /// An id of that kind that must be there.
    pub fn id(&mut self, name: &str, kind: IdKind) -> Result<String> {
        self.opt_id(name, kind)?.ok_or_else(|| self.missing(name))
    }

    /// A list of ids of that kind.
    pub fn ids(&mut self, name: &str, kind: IdKind) -> Result<Vec<String>> {
        self.list(name)?.into_iter().map(|id| well_formed(kind, id)).collect()
    }

    /// A list of values: `Name.1`, `Name.2`, …
    pub fn list(&mut self, name: &str) -> Result<Vec<String>> {
        let items = self.items(name)?;
        items.into_iter().map(|mut item| item.value.take().ok_or_else(|| item.unknown())).collect()
    }

    /// A list of structures: `Name.1.X`, `Name.1.Y`, `Name.2.X`, …
    pub fn structs<T>(&mut self, name: &str, mut read: impl FnMut(&mut Params) -> Result<T>) -> Result<Vec<T>> {
        let mut all = Vec::new();
        for mut item in self.items(name)? {
            all.push(read(&mut item)?);
            item.nothing_left()?;
        }
        Ok(all)
    }

    /// A structure: `Name.X`, `Name.Y`.
    pub fn nested<T>(&mut self, name: &str, read: impl FnOnce(&mut Params) -> Result<T>) -> Result<Option<T>> {
        let Some(mut node) = self.children.remove(name) else { return Ok(None) };
        let value = read(&mut node)?;
        node.nothing_left()?;
        Ok(Some(value))
    }

    fn items(&mut self, name: &str) -> Result<Vec<Params>> {
        let Some(list) = self.children.remove(name) else { return Ok(Vec::new()) };
        if list.value.is_some() {
            // Nothing may stand on the list itself; EC2 takes an empty one for an empty list.
            return if list.value.as_deref() == Some("") { Ok(Vec::new()) } else { Err(list.unknown()) };
        }
        let mut items = Vec::new();
        for (index, item) in list.children {
            match index.parse::<u32>() {
                Ok(index) => items.push((index, item)),
                Err(_) => return Err(item.unknown()),
            }
        }
        items.sort_by_key(|(index, _)| *index);
        Ok(items.into_iter().map(|(_, item)| item).collect())
    }

    /// `TagSpecification.N`: the tags for that resource type (`vpc`, `instance`, …); others are an error.
    pub fn tags(&mut self, resource_type: &str) -> Result<Tags> {
        Ok(self.tags_of(&[resource_type])?.remove(resource_type).unwrap_or_default())
    }

    /// `TagSpecification.N` where one call may make several types of resources.
    pub fn tags_of(&mut self, resource_types: &[&str]) -> Result<BTreeMap<String, Tags>> {
        let mut all: BTreeMap<String, Tags> = BTreeMap::new();
        let specifications = self.structs("TagSpecification", |specification| {
            let kind = specification.required("ResourceType")?;
            if !resource_types.contains(&kind.as_str()) {
                let why = "It is no type of resource that this action creates.".into();
                return Err(Error::InvalidValueWhy { name: specification.name("ResourceType"), value: kind, why });
            }
            Ok((kind, specification.tag_list()?))
        })?;
        for (kind, tags) in specifications {
            all.entry(kind).or_default().extend(tags);
        }
        Ok(all)
    }

    /// `Tag.N.Key`, `Tag.N.Value`.
    pub fn tag_list(&mut self) -> Result<Tags> {
        let tags = self.structs("Tag", |tag| Ok((tag.required("Key")?, tag.raw("Value").unwrap_or_default())))?;
        Ok(tags.into_iter().collect())
    }

    /// Takes parameters that mean nothing here.
    pub fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.children.remove(*name);
        }
    }

    fn unknown(&self) -> Error {
        let deepest = self.children.values().next();
        deepest.map_or_else(|| Error::UnknownParameter { name: self.path.clone() }, Params::unknown)
    }

    fn nothing_left(&self) -> Result<()> {
        if self.value.is_none() && self.children.is_empty() { Ok(()) } else { Err(self.unknown()) }
    }

    /// All parameters have been taken: what is left is unknown, and a dry run ends here (semantics.md §1.6).
    pub fn finish(mut self) -> Result<()> {
        let dry = self.flag("DryRun")?;
        self.nothing_left()?;
        if dry == Some(true) { Err(Error::DryRun {}) } else { Ok(()) }
    }
}

fn well_formed(kind: IdKind, id: String) -> Result<String> {
    kind.check(&id).map(|()| id)
}

impl Params {
    /// A number that tells parameters from others: the same for the same request, `ClientToken` apart.
    pub fn digest(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for (name, child) in self.children.iter().filter(|(name, _)| *name != "ClientToken") {
            (name, &child.value, child.digest()).hash(&mut hasher);
        }
        hasher.finish()
    }
}
