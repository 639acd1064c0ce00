//! The parameters of a request: a tree of dotted names. An action takes the parameters that it knows. The others are
//! unknown.

mod source;

use model::{Error, LaunchForm, Result, not_in_xml, xml_has};
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use std::ops::Range;

/// The greatest number of parameters in a request.
pub(super) const PARAMETERS: usize = 5000;
/// The greatest number of levels in a name. EC2's deepest has seven.
const DEPTH: usize = 12;
/// The greatest length of a name in bytes. EC2's longest has about a hundred.
pub(super) const NAME: usize = 255;
/// The greatest length of a value in bytes. EC2's longest, user data in base64, has 21,848.
const VALUE: usize = 32 << 10;

/// The structure of a launch template. Ids in it are checked when it is launched.
const FORM: &str = "LaunchTemplateData";

/// The structures that are kept as they were sent.
const KEPT: [&str; 3] = [FORM, "LaunchSpecification", "SpotFleetRequestConfig"];

/// One place in the tree, and what was sent below it: `Filter.1.Name=x` is the value `x` at `Filter` → `1` → `Name`.
#[derive(Clone, Debug, Default)]
pub struct Params {
    /// The node's name: `Filter.1`. Empty at the root.
    path: String,
    /// The node's own value.
    value: Option<String>,
    /// The whole names and values below it, sorted by the parts of their names.
    below: Vec<(String, String)>,
    /// The offset in those names at which the part below the node begins.
    start: usize,
    /// Whether the parameters come from a document. In a document, a list's only item has no number.
    of_document: bool,
}

impl Params {
    /// Parses form-encoded parameters. If several have one name, the last one applies.
    ///
    /// # Errors
    /// [`Error::TooManyParameters`]; [`Error::UnknownParameter`] and [`Error::ValueLength`] if a name or a value is too
    /// long; [`Error::NotUtf8`]; [`Error::BadCharacter`] if XML cannot represent a character.
    pub fn parse(form: &str) -> Result<Params> {
        let sent = || form.split('&').filter(|pair| !pair.is_empty());
        let count = sent().take(PARAMETERS + 1).count();
        if count > PARAMETERS {
            return Err(Error::TooManyParameters { most: PARAMETERS });
        }
        let mut pairs = Vec::with_capacity(count);
        for pair in sent() {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = take_name(name)?;
            let value = take_value(&name, value)?;
            pairs.push((name, value));
        }
        Params::of_pairs(pairs)
    }

    /// The parameters with these names and values. If several have one name, the last one applies.
    ///
    /// # Errors
    /// Those of [`Params::parse`], except [`Error::NotUtf8`].
    pub fn of_pairs(pairs: Vec<(String, String)>) -> Result<Params> {
        if pairs.len() > PARAMETERS {
            return Err(Error::TooManyParameters { most: PARAMETERS });
        }
        for (name, value) in &pairs {
            check_name(name)?;
            check_value(name, value)?;
        }
        let mut below = pairs;
        below.reverse();
        sort(&mut below);
        below.dedup_by(|(later, _), (first, _)| later == first);
        Ok(Params { below, ..Params::default() })
    }

    /// Adds the parameters in a document.
    ///
    /// # Errors
    /// [`Error::ValueLength`]; [`Error::BadCharacter`] if XML cannot represent a character.
    pub fn with_document(self, document: impl Iterator<Item = (String, String)>) -> Result<Params> {
        let mut params = Params { of_document: true, ..self };
        for (name, value) in document {
            check_characters(&name, name_of_parameter)?;
            check_value(&name, &value)?;
            params.below.push((name, value));
        }
        sort(&mut params.below);
        Ok(params)
    }

    /// Replaces the values for which `change` gives others.
    pub fn change_values(&mut self, change: impl Fn(&str) -> Option<String>) {
        for (_, value) in &mut self.below {
            if let Some(new) = change(value) {
                *value = new;
            }
        }
    }

    /// Replaces the value of the parameter with this name.
    pub fn replace(&mut self, name: &str, new: String) {
        if let Some((_, value)) = self.below.iter_mut().find(|(sent, _)| sent == name) {
            *value = new;
        }
    }

    /// The parameters of a kept structure.
    pub fn of_form(form: impl IntoIterator<Item = (String, String)>) -> Params {
        let mut below: Vec<_> = form.into_iter().collect();
        sort(&mut below);
        Params { below, ..Params::default() }
    }

    /// The parameters of a launch template as those of a request. Ids in them are not checked.
    pub fn within_form(form: impl IntoIterator<Item = (String, String)>) -> Params {
        let named = form.into_iter().map(|(name, value)| (format!("{FORM}.{name}"), value));
        Params { path: FORM.to_owned(), start: FORM.len() + 1, ..Params::of_form(named) }
    }

    /// The names and values within the kept structure.
    pub fn form(&self) -> LaunchForm {
        let within = |(whole, value): &(String, String)| {
            let name = KEPT.iter().find_map(|kept| whole.strip_prefix(kept)?.strip_prefix('.'))?;
            Some((name.to_owned(), value.clone()))
        };
        self.below.iter().filter_map(within).collect()
    }

    /// All names and values.
    pub fn all(&self) -> LaunchForm {
        self.below.iter().cloned().collect()
    }

    /// The part of a whole name below the node.
    fn part<'a>(&self, name: &'a str) -> &'a str {
        name[self.start..].split('.').next().unwrap_or_default()
    }

    /// The range of a name and everything below it.
    fn find(&self, part: &str) -> Range<usize> {
        let start = self.below.partition_point(|(name, _)| self.part(name) < part);
        let length = self.below[start..].partition_point(|(name, _)| self.part(name) == part);
        start..start + length
    }

    /// Takes a name and everything below it out of the tree.
    fn subtree(&mut self, part: &str) -> Option<Params> {
        let found = self.find(part);
        let path = self.name(part);
        let mut below: Vec<_> = self.below.drain(found).collect();
        let itself = below.first().is_some_and(|(name, _)| *name == path);
        let value = itself.then(|| below.remove(0).1);
        let (start, of_document) = (path.len() + 1, self.of_document);
        (value.is_some() || !below.is_empty()).then_some(Params { path, value, below, start, of_document })
    }

    fn name(&self, name: &str) -> String {
        if self.start == 0 { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// The whole names and values as they were sent.
    pub fn sent(&self) -> impl Iterator<Item = (&str, &str)> {
        self.below.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A value by its whole name, without taking it.
    pub fn value(&self, name: &str) -> Option<&str> {
        let place = self.below.partition_point(|(sent, _)| sent.split('.').lt(name.split('.')));
        let (sent, value) = self.below.get(place)?;
        (sent == name && !value.is_empty()).then_some(value)
    }

    /// Whether a boolean is true. Actions read a digit as one, too.
    pub fn is_true(&self, name: &str) -> bool {
        self.value(name).is_some_and(|value| value == "1" || value.eq_ignore_ascii_case("true"))
    }

    /// Whether a parameter with that name, or below it, was sent.
    pub fn has(&self, name: &str) -> bool {
        !self.find(name).is_empty()
    }

    /// Takes a value as it was sent, even if it is empty.
    pub fn raw(&mut self, name: &str) -> Option<String> {
        let first = self.find(name).next()?;
        let itself = self.below[first].0.len() == self.start + name.len();
        itself.then(|| self.below.remove(first).1)
    }

    /// Takes a value. An empty one counts as absent.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.raw(name).filter(|value| !value.is_empty())
    }

    fn items(&mut self, name: &str) -> Result<Vec<Params>> {
        let Some(mut list) = self.subtree(name) else { return Ok(Vec::new()) };
        if list.of_document && !list.below.iter().any(|(name, _)| list.part(name).parse::<u32>().is_ok()) {
            return Ok(vec![list]);
        }
        // An empty value is an empty list, and any other is the list's only item.
        match list.value.as_deref().map(str::is_empty) {
            None => {}
            Some(true) => return Ok(Vec::new()),
            Some(false) if list.below.is_empty() => return Ok(vec![list]),
            Some(false) => return Err(list.unknown()),
        }
        let mut items = Vec::new();
        // Items are taken from the end, so that the others stay in place.
        while let Some((last, _)) = list.below.last() {
            let part = list.part(last).to_owned();
            let item = list.subtree(&part).unwrap_or_default();
            let index = part.parse::<u32>().map_err(|_| item.unknown())?;
            items.push((index, item));
        }
        items.reverse();
        items.sort_by_key(|(index, _)| *index);
        Ok(items.into_iter().map(|(_, item)| item).collect())
    }

    /// Takes parameters that have no effect.
    pub fn ignore(&mut self, names: &[&str]) {
        for name in names {
            self.subtree(name);
        }
    }

    fn unknown(&self) -> Error {
        let name = self.below.first().map_or(&self.path, |(name, _)| name);
        Error::UnknownParameter { name: name.clone() }
    }

    fn nothing_left(&self) -> Result<()> {
        // boto 2 sends a list's name with an empty value beside the list's items.
        let says_nothing = self.value.as_deref().is_none_or(str::is_empty);
        if says_nothing && self.below.is_empty() { Ok(()) } else { Err(self.unknown()) }
    }

    /// A number that identifies the parameters without `ClientToken`: always the same for the same request.
    pub fn digest(&self) -> u64 {
        let mut hasher = Sha256::new();
        for (name, value) in self.below.iter().filter(|(name, _)| name != "ClientToken") {
            for text in [name, value] {
                hasher.update((text.len() as u64).to_be_bytes());
                hasher.update(text);
            }
        }
        hasher.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}

/// Sorts names and values by the parts of the names. The order of equal names stays.
fn sort(pairs: &mut [(String, String)]) {
    pairs.sort_by(|(one, _), (other, _)| one.split('.').cmp(other.split('.')));
}

fn take_name(sent: &str) -> Result<String> {
    // A character of a name takes at most three bytes encoded.
    if sent.len() > 3 * NAME {
        return Err(unknown_name(sent));
    }
    decode(sent, name_of_parameter)
}

fn check_name(name: &str) -> Result<()> {
    check_characters(name, name_of_parameter)?;
    if name.len() > NAME || name.split('.').count() > DEPTH { Err(unknown_name(name)) } else { Ok(()) }
}

fn take_value(name: &str, sent: &str) -> Result<String> {
    if sent.len() > 3 * VALUE {
        return Err(too_long(name));
    }
    decode(sent, || value_of(name))
}

fn check_value(name: &str, value: &str) -> Result<()> {
    if value.len() > VALUE { Err(too_long(name)) } else { check_characters(value, || value_of(name)) }
}

fn too_long(name: &str) -> Error {
    Error::ValueLength { name: name.to_owned(), most: VALUE }
}

/// The error for an unknown name, of which only the beginning is repeated.
fn unknown_name(name: &str) -> Error {
    let beginning: String = name.chars().filter(|c| xml_has(*c)).take(50).collect();
    Error::UnknownParameter { name: format!("{beginning}…") }
}

/// Decodes form-encoded text. `what` names it in the error.
fn decode(sent: &str, what: impl Fn() -> String) -> Result<String> {
    let spaced = sent.replace('+', " ");
    let text = percent_decode_str(&spaced).decode_utf8().map_err(|_| Error::NotUtf8 { what: what() })?;
    Ok(text.into_owned())
}

/// Checks that XML can represent a text, because errors repeat it. `what` names it in the error.
fn check_characters(text: &str, what: impl Fn() -> String) -> Result<()> {
    not_in_xml(text).map_or(Ok(()), |character| Err(Error::BadCharacter { what: what(), character }))
}

fn name_of_parameter() -> String {
    "The name of a parameter".to_owned()
}

fn value_of(name: &str) -> String {
    format!("The value of parameter {name}")
}

#[cfg(test)]
mod tests;
