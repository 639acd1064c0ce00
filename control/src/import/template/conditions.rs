//! The conditions of a template. Each is evaluated once, after those that it refers to.

use super::functions::{Conditions, Unknown, Values, parts, plain, text};
use super::order::in_order;
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// The names of the conditions that a condition refers to.
fn mentioned(condition: &Json) -> BTreeSet<&str> {
    match condition {
        Json::Array(items) => items.iter().flat_map(mentioned).collect(),
        Json::Object(members) => {
            let mut names: BTreeSet<&str> = members.values().flat_map(mentioned).collect();
            names.extend(members.get("Condition").and_then(Json::as_str));
            names.extend(members.get("Fn::If").and_then(|arguments| arguments.get(0)?.as_str()));
            names
        }
        _ => BTreeSet::new(),
    }
}

impl Values<'_> {
    /// All conditions of the template.
    pub fn conditions(&self) -> Conditions {
        let none = Map::new();
        let all = self.body.get("Conditions").and_then(Json::as_object).unwrap_or(&none);
        let needs = all.iter().map(|(name, condition)| (name.as_str(), mentioned(condition))).collect();
        let order = in_order(&needs);
        let mut known = Conditions::new();
        for name in order.first_to_last {
            let holds = self.by(&known).holds(&all[name]);
            known.insert(name.to_owned(), holds);
        }
        let circle = || Err("conditions refer to each other in a circle".to_owned());
        known.extend(order.circular.into_iter().map(|name| (name.to_owned(), circle())));
        known
    }

    /// A condition by its name.
    ///
    /// # Errors
    /// Why it is unknown.
    pub fn condition(&self, name: &str) -> Result<bool, Unknown> {
        self.conditions.get(name).cloned().unwrap_or_else(|| Err(format!("there is no condition {name}")))
    }

    /// Whether a condition holds, given those that are known.
    ///
    /// # Errors
    /// Why it is unknown.
    pub fn holds(&self, json: &Json) -> Result<bool, Unknown> {
        let one = json.as_object().filter(|members| members.len() == 1).and_then(|members| members.iter().next());
        let (name, argument) = one.ok_or("a condition is not understood")?;
        let each = || -> Result<Vec<bool>, Unknown> {
            argument.as_array().ok_or("a condition wants a list")?.iter().map(|item| self.holds(item)).collect()
        };
        match name.as_str() {
            "Condition" => self.condition(text(argument)?),
            "Fn::Equals" => {
                let [one, other] = parts(argument)?;
                Ok(plain(&self.of(one)?)? == plain(&self.of(other)?)?)
            }
            "Fn::And" => Ok(each()?.into_iter().all(|holds| holds)),
            "Fn::Or" => Ok(each()?.into_iter().any(|holds| holds)),
            "Fn::Not" => Ok(!each()?.into_iter().all(|holds| holds)),
            other => Err(format!("the condition {other} is not known here")),
        }
    }
}
