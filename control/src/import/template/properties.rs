//! The properties of a resource, and which of them nobody has asked for.

use super::functions::plain;
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

/// Parameters of the API, by name.
pub type Parameters = Vec<(String, String)>;

/// A resource's properties, functions carried out, or those of a part of it.
pub struct Properties<'j> {
    json: &'j Json,
    /// Where the part stands: nothing, or `NetworkInterfaces.0.`, say.
    path: String,
    /// What was asked for, of all parts.
    asked: Rc<RefCell<BTreeSet<String>>>,
}

impl<'j> Properties<'j> {
    /// Of a resource.
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

    /// A text, a number or a truth value.
    pub fn text(&self, name: &str) -> Option<String> {
        plain(self.get(name)?).ok()
    }

    /// Whether it is true.
    pub fn is(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text == "true")
    }

    /// Those of these names that are there, as the API's parameters.
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

    /// All that is in one, as it is.
    pub fn whole(&self, name: &str) -> Option<&'j Json> {
        self.get(name)
    }

    /// The properties in one.
    pub fn inner(&self, name: &str) -> Option<Self> {
        Some(self.part(name, self.get(name)?))
    }

    /// The properties in each item of a list.
    pub fn each(&self, name: &str) -> Vec<Self> {
        let items = self.items(name).iter().enumerate();
        items.map(|(index, item)| self.part(&format!("{name}.{index}"), item)).collect()
    }

    /// Says of properties that they mean nothing here.
    pub fn pass_over(&self, names: &[&str]) {
        names.iter().for_each(|name| _ = self.get(name));
    }

    /// The properties that nobody has asked for.
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
                // A part that nobody looked into was taken as a whole.
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
    fn what_nobody_asks_for_is_known() {
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
