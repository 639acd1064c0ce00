//! The properties of a resource, and those that were never read.

use super::functions::plain;
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Parameters of the API, by name.
pub type Parameters = Vec<(String, String)>;

/// A resource's properties with functions evaluated, or those of a part of it.
pub struct Properties<'j> {
    json: &'j Json,
    /// The path of the part: empty, or `NetworkInterfaces.0.` for example.
    path: String,
    /// The properties of all parts that were read.
    asked: Rc<RefCell<BTreeSet<String>>>,
}

impl<'j> Properties<'j> {
    /// The properties of a resource.
    pub fn new(json: &'j Json) -> Self {
        Self { json, path: String::new(), asked: Rc::default() }
    }

    fn get(&self, name: &str) -> Option<&'j Json> {
        self.asked.borrow_mut().insert(format!("{}{name}", self.path));
        self.json.get(name)
    }

    fn items(&self, name: &str) -> &'j [Json] {
        self.get(name).and_then(Json::as_array).map_or(&[], Vec::as_slice)
    }

    fn part(&self, name: &str, json: &'j Json) -> Self {
        Self { json, path: format!("{}{name}.", self.path), asked: self.asked.clone() }
    }

    /// A text, number or boolean as text.
    pub fn text(&self, name: &str) -> Option<String> {
        plain(self.get(name)?).ok()
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

    /// A list as `Parameter.1`, `Parameter.2`, …
    pub fn list(&self, name: &str, parameter: &str) -> Parameters {
        numbered(parameter, self.texts(name))
    }

    /// A property's whole value.
    pub fn whole(&self, name: &str) -> Option<&'j Json> {
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

    /// Marks properties as read, because they have no effect here.
    pub fn pass_over(&self, names: &[&str]) {
        names.iter().for_each(|name| _ = self.get(name));
    }

    /// The properties that were never read.
    pub fn ignored(&self) -> Vec<String> {
        let mut ignored = Vec::new();
        self.ignored_in(self.json, &self.path, &mut ignored);
        ignored
    }

    fn ignored_in(&self, json: &Json, path: &str, ignored: &mut Vec<String>) {
        for (name, value) in json.as_object().into_iter().flatten() {
            let property = format!("{path}{name}");
            if !self.asked.borrow().contains(&property) {
                ignored.push(property);
                continue;
            }
            let parts = value.as_array().into_iter().flatten().enumerate();
            let parts = parts.map(|(index, part)| (format!("{property}.{index}."), part));
            for (path, part) in parts.chain([(format!("{property}."), value)]) {
                let asked = self.asked.borrow();
                // A part into which nothing looked was read as a whole.
                if asked.range(path.clone()..).next().is_some_and(|first| first.starts_with(&path)) {
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
        let properties = Properties::new(&json);
        assert_eq!(properties.named(&["A", "Missing"]), [("A".to_owned(), "1".to_owned())]);
        let asked: Vec<_> = properties.each("List").iter().map(|item| item.text("C")).collect();
        assert_eq!(asked, [Some("3".to_owned()), None]);
        assert!(properties.inner("Inner").unwrap().text("F").is_some());
        properties.pass_over(&["Whole"]);
        assert_eq!(properties.ignored(), ["B", "Inner.G", "List.0.D", "List.1.E"]);
    }
}
