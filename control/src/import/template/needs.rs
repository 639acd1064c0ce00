//! The references and dependencies of a resource.

use super::functions::Values;
use serde_json::Value as Json;
use std::collections::BTreeSet;

impl Values<'_> {
    /// The names that a resource needs: those in its references, and those of DependsOn.
    pub fn needs<'j>(&self, resource: &'j Json) -> BTreeSet<&'j str> {
        let mut names = BTreeSet::new();
        match resource.get("DependsOn") {
            Some(Json::String(name)) => _ = names.insert(name.as_str()),
            Some(Json::Array(all)) => names.extend(all.iter().filter_map(Json::as_str)),
            _ => {}
        }
        resource.get("Properties").into_iter().for_each(|properties| self.referenced(properties, &mut names));
        names
    }

    fn referenced<'j>(&self, json: &'j Json, names: &mut BTreeSet<&'j str>) {
        match json {
            Json::Array(items) => items.iter().for_each(|item| self.referenced(item, names)),
            Json::Object(members) => {
                for (name, argument) in members {
                    self.referenced_by(name, argument, names);
                }
            }
            _ => {}
        }
    }

    /// The names that a function's argument refers to, or a property's value.
    fn referenced_by<'j>(&self, function: &str, argument: &'j Json, names: &mut BTreeSet<&'j str>) {
        let first = argument.get(0).unwrap_or(argument);
        match (function, first) {
            ("Ref" | "Fn::GetAtt", Json::String(name)) => names.extend(name.split('.').next()),
            ("Fn::Sub", Json::String(text)) => {
                let is_own = |name: &str| argument.get(1).is_some_and(|own| own.get(name).is_some());
                names.extend(substituted(text).filter(|name| !is_own(name)));
            }
            // Only the chosen value is needed. Two conditional resources may refer to each other otherwise.
            ("Fn::If", Json::String(condition)) => {
                if let Ok(holds) = self.condition(condition) {
                    let chosen = argument.get(if holds { 1 } else { 2 });
                    return chosen.into_iter().for_each(|chosen| self.referenced(chosen, names));
                }
            }
            _ => {}
        }
        self.referenced(argument, names);
    }
}

/// The resources in `${Resource}` and `${Resource.Attribute}`.
fn substituted(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|rest| rest.split(['}', '.']).next())
}
