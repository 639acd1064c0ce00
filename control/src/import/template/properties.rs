//! The properties of a resource, and those that were never read.

use super::functions::{Unknown, Values, is_function, plain};
use serde_json::{Map, Value as Json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A parameter of the API: its name and its value.
pub type Parameter = (String, String);

/// Parameters of the API, by name.
pub type Parameters = Vec<Parameter>;

/// The paths of properties whose value is unknown, with the reason.
pub type UnknownProperties = BTreeMap<String, Unknown>;

impl Values<'_> {
    /// A resource's properties with functions evaluated, and those whose value is unknown.
    pub fn properties(&self, properties: Option<&Json>) -> (Json, UnknownProperties) {
        let mut unknown = UnknownProperties::new();
        let members = properties.and_then(Json::as_object);
        let known = members.map(|members| self.members(members, "", &mut unknown));
        (Json::Object(known.unwrap_or_default()), unknown)
    }

    fn members(&self, members: &Map<String, Json>, path: &str, unknown: &mut UnknownProperties) -> Map<String, Json> {
        let mut known = Map::new();
        for (name, value) in members {
            let path = format!("{path}{name}");
            match self.property(value, &path, unknown) {
                // AWS::NoValue removes a property.
                Ok(Json::Null) => {}
                Ok(value) => _ = known.insert(name.clone(), value),
                Err(why) => _ = unknown.insert(path, why),
            }
        }
        known
    }

    fn property(&self, value: &Json, path: &str, unknown: &mut UnknownProperties) -> Result<Json, Unknown> {
        match value {
            Json::Object(members) if !is_function(members) => {
                Ok(Json::Object(self.members(members, &format!("{path}."), unknown)))
            }
            Json::Array(items) => {
                let mut known = Vec::new();
                for item in items {
                    let item = self.property(item, &format!("{path}.{}", known.len()), unknown)?;
                    known.extend(Some(item).filter(|item| !item.is_null()));
                }
                Ok(Json::Array(known))
            }
            value => self.of(value),
        }
    }
}

/// A resource's properties with functions evaluated, or those of a part of it.
pub struct Properties<'j> {
    json: &'j Json,
    unknown: &'j UnknownProperties,
    /// The path of the part: empty, or `NetworkInterfaces.0.` for example.
    path: String,
    /// The properties of all parts that were read, and whether their values matter.
    asked: Rc<RefCell<BTreeMap<String, bool>>>,
}

impl<'j> Properties<'j> {
    /// The properties of a resource.
    pub fn new(json: &'j Json, unknown: &'j UnknownProperties) -> Self {
        Self { json, unknown, path: String::new(), asked: Rc::default() }
    }

    fn get(&self, name: &str) -> Option<&'j Json> {
        self.ask(name, true);
        self.json.get(name)
    }

    fn ask(&self, name: &str, matters: bool) {
        self.asked.borrow_mut().insert(format!("{}{name}", self.path), matters);
    }

    fn items(&self, name: &str) -> &'j [Json] {
        self.get(name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }

    fn part(&self, name: &str, json: &'j Json) -> Self {
        Self { json, unknown: self.unknown, path: format!("{}{name}.", self.path), asked: self.asked.clone() }
    }

    /// A text, number or boolean as text.
    pub fn text(&self, name: &str) -> Option<String> {
        plain(self.get(name)?).ok()
    }

    /// A text, if it fits. Otherwise the property counts as never read.
    pub fn text_if(&self, name: &str, fits: impl FnOnce(&str) -> bool) -> Option<String> {
        let text = plain(self.json.get(name)?).ok()?;
        fits(&text).then(|| self.text(name)).flatten()
    }

    /// Whether a property is true.
    pub fn is(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text == "true")
    }

    /// The properties with these names that exist, as the API's parameters.
    pub fn named(&self, names: &[&str]) -> Parameters {
        names.iter().filter_map(|name| Some(((*name).to_owned(), self.text(name)?))).collect()
    }

    /// A list of texts.
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.items(name).iter().filter_map(|item| plain(item).ok()).collect()
    }

    /// A list of texts, if all of them are known: the resource can be made without them.
    pub fn known_texts(&self, name: &str) -> Vec<String> {
        if self.is_unknown(name) { Vec::new() } else { self.texts(name) }
    }

    /// A policy as the API's parameter of that name, without the statements of which a part is unknown. If none is left,
    /// there is no policy.
    pub fn policy(&self, name: &str) -> Option<Parameter> {
        let mut policy = self.json.get(name).and_then(|_| self.get(name))?.clone();
        let statements = format!("{}{name}.Statement", self.path);
        let is_known = |path: &str| !self.unknown.keys().any(|unknown| unknown.starts_with(path));
        match policy.get_mut("Statement") {
            Some(Json::Array(all)) => {
                let mut places = 0..;
                all.retain(|_| places.next().is_some_and(|place| is_known(&format!("{statements}.{place}."))));
                if all.is_empty() {
                    return None;
                }
            }
            _ if !is_known(&statements) => return None,
            _ => {}
        }
        Some((name.to_owned(), plain(&policy).unwrap_or_else(|_| policy.to_string())))
    }

    /// A list as `Parameter.1`, `Parameter.2`, …
    pub fn list(&self, name: &str, parameter: &str) -> Parameters {
        numbered(parameter, self.texts(name))
    }

    /// Those of the properties with these names whose value is known: the resource can be made without the others.
    pub fn known(&self, names: &[&str]) -> Parameters {
        let known: Vec<&str> = names.iter().copied().filter(|name| self.json.get(name).is_some()).collect();
        self.named(&known)
    }

    /// Whether a property is there, and its value unknown.
    pub fn is_unknown(&self, name: &str) -> bool {
        self.unknown.contains_key(&format!("{}{name}", self.path))
    }

    /// A property's whole value. It can be used without the parts that are named.
    pub fn whole(&self, name: &str, spare: &[&str]) -> Option<&'j Json> {
        let path = format!("{name}.");
        let is_spare = |part: &str| spare.iter().any(|name| part.split('.').next() == Some(*name));
        let parts = self.unknown.keys().filter_map(|unknown| unknown.strip_prefix(&self.path)?.strip_prefix(&path));
        parts.filter(|part| !is_spare(part)).for_each(|part| self.ask(&format!("{path}{part}"), true));
        self.get(name)
    }

    /// A property's value without the parts that are unknown.
    pub fn known_parts(&self, name: &str) -> Option<&'j Json> {
        self.get(name)
    }

    /// The properties in a property.
    pub fn inner(&self, name: &str) -> Option<Self> {
        Some(self.part(name, self.get(name)?))
    }

    /// The properties in each item of a list.
    pub fn each(&self, name: &str) -> Vec<Self> {
        let items = self.items(name).iter().enumerate();
        items.map(|(index, item)| self.part(&format!("{name}.{index}"), item)).collect()
    }

    /// The tags as `Parameter.1.Key`, `Parameter.1.Value`, …, without values that are unknown.
    pub fn tags(&self, parameter: &str) -> Parameters {
        let members = |(index, tag): (usize, Self)| {
            let members = tag.known(&["Key", "Value"]).into_iter();
            members.map(|(name, value)| (format!("{parameter}.{}.{name}", index + 1), value)).collect::<Parameters>()
        };
        self.each("Tags").into_iter().enumerate().flat_map(members).collect()
    }

    /// Marks properties as read, because they have no effect here.
    pub fn pass_over(&self, names: &[&str]) {
        names.iter().for_each(|name| self.ask(name, false));
    }

    /// Why a property that matters is unknown.
    pub fn missed(&self) -> Option<Unknown> {
        let asked = self.asked.borrow();
        let mut missed = self.unknown.iter().filter(|(name, _)| asked.get(*name) == Some(&true));
        missed.next().map(|(_, why)| why.clone())
    }

    /// The properties that were never read.
    pub fn ignored(&self) -> Vec<String> {
        let is_passed_over = |name: &String| self.asked.borrow().contains_key(name);
        let unknown = self.unknown.iter().filter(|(name, _)| !is_passed_over(name));
        let mut ignored: Vec<String> = unknown.map(|(name, why)| format!("{name}: {why}")).collect();
        self.ignored_in(self.json, &self.path, &mut ignored);
        ignored
    }

    fn ignored_in(&self, json: &Json, path: &str, ignored: &mut Vec<String>) {
        for (name, value) in json.as_object().into_iter().flatten() {
            let property = format!("{path}{name}");
            if !self.asked.borrow().contains_key(&property) {
                ignored.push(property);
                continue;
            }
            let parts = value.as_array().into_iter().flatten().enumerate();
            let parts = parts.map(|(index, part)| (format!("{property}.{index}."), part));
            for (path, part) in parts.chain([(format!("{property}."), value)]) {
                let asked = self.asked.borrow();
                // A part into which nothing looked was read as a whole.
                if asked.range(path.clone()..).next().is_some_and(|(first, _)| first.starts_with(&path)) {
                    drop(asked);
                    self.ignored_in(part, &path, ignored);
                }
            }
        }
    }
}

/// A list as the API's parameters.
pub fn numbered(parameter: &str, items: Vec<String>) -> Parameters {
    items.into_iter().enumerate().map(|(index, item)| (format!("{parameter}.{}", index + 1), item)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unread_properties_are_known() {
        let json =
            json!({"A": 1, "B": 2, "List": [{"C": 3, "D": 4}, {"E": 5}], "Inner": {"F": 6, "G": 7}, "Whole": {"H": 8}});
        let unknown = UnknownProperties::new();
        let properties = Properties::new(&json, &unknown);
        assert_eq!(properties.named(&["A", "Missing"]), [("A".to_owned(), "1".to_owned())]);
        let asked: Vec<_> = properties.each("List").iter().map(|item| item.text("C")).collect();
        assert_eq!(asked, [Some("3".to_owned()), None]);
        assert!(properties.inner("Inner").unwrap().text("F").is_some());
        properties.pass_over(&["Whole"]);
        assert_eq!(properties.text_if("B", |text| text == "3"), None);
        assert_eq!(properties.ignored(), ["B", "Inner.G", "List.0.D", "List.1.E"]);
    }

    #[test]
    fn only_properties_that_matter_are_missed() {
        let json = json!({"Data": {"ImageId": "ami-1"}});
        let unknown = ["Data.Groups", "Data.UserData", "Image", "Key", "Subnet"];
        let unknown: UnknownProperties = unknown.map(|name| (name.to_owned(), format!("no {name}"))).into();
        let properties = Properties::new(&json, &unknown);
        properties.pass_over(&["Image"]);
        assert!(properties.known(&["Key"]).is_empty() && properties.whole("Data", &["UserData", "Groups"]).is_some());
        assert_eq!(properties.missed(), None);
        let told =
            ["Data.Groups: no Data.Groups", "Data.UserData: no Data.UserData", "Key: no Key", "Subnet: no Subnet"];
        assert_eq!(properties.ignored(), told);
        properties.whole("Data", &["UserData"]);
        assert_eq!(properties.missed().as_deref(), Some("no Data.Groups"));
        assert_eq!(properties.text("Subnet"), None);
    }
}
