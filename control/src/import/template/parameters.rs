//! The values of a template's parameters.

use super::Template;
use super::functions::{Unknown, Values, plain};
use serde_json::Value as Json;
use std::collections::BTreeMap;

impl Values<'_> {
    /// A parameter's value: the given one, otherwise its default.
    ///
    /// # Errors
    /// It has neither, or its default is only the name under which Systems Manager stores its value.
    pub fn parameter(&self, name: &str, parameter: &Json) -> Result<Json, Unknown> {
        let kind = parameter.get("Type").and_then(Json::as_str).unwrap_or("String");
        let stored = kind.strip_prefix("AWS::SSM::Parameter::Value<").and_then(|kind| kind.strip_suffix('>'));
        let why = if stored.is_some() { "is stored by Systems Manager" } else { "has no default" };
        let default = parameter.get("Default").filter(|_| stored.is_none()).and_then(|default| plain(default).ok());
        let value = self.given.get(name).cloned().or(default);
        let value = value.ok_or_else(|| format!("the parameter {name} {why}: give --parameter {name}=VALUE"))?;
        if self.given.contains_key(name)
            && let Some(allowed) = disallowing(parameter, &value)
        {
            return Err(format!("the parameter {name} cannot be {value}: {allowed}"));
        }
        let kind = stored.unwrap_or(kind);
        match kind.starts_with("List<") || kind == "CommaDelimitedList" {
            true => Ok(value.split(',').map(str::trim).collect::<Vec<_>>().into()),
            false => Ok(value.into()),
        }
    }
}

/// What a parameter may be, if a value is not that.
fn disallowing(parameter: &Json, value: &str) -> Option<String> {
    let allowed = parameter.get("AllowedValues").and_then(Json::as_array);
    let allowed: Option<Vec<String>> = allowed.map(|all| all.iter().filter_map(|one| plain(one).ok()).collect());
    if let Some(allowed) = allowed.filter(|allowed| !allowed.iter().any(|one| one == value)) {
        return Some(format!("the template allows {}", allowed.join(", ")));
    }
    if parameter.get("Type")? != "Number" {
        return None;
    }
    let Ok(number) = value.parse::<f64>() else { return Some("it is a number".to_owned()) };
    let bound = |name: &str| plain(parameter.get(name)?).ok()?.parse::<f64>().ok();
    match (bound("MinValue"), bound("MaxValue")) {
        (Some(least), _) if number < least => Some(format!("it is at least {least}")),
        (_, Some(most)) if number > most => Some(format!("it is at most {most}")),
        _ => None,
    }
}

/// The first of some given parameters that no template has. A dynamic reference may name any parameter of Systems
/// Manager.
pub fn unknown<'g>(templates: &[Template], given: &'g BTreeMap<String, String>) -> Option<&'g str> {
    let has = |body: &Json, name: &str| body.get("Parameters").is_some_and(|all| all.get(name).is_some());
    let refers = |body: &Json| body.to_string().contains("{{resolve:ssm:");
    if templates.iter().any(|template| refers(&template.body)) {
        return None;
    }
    let is_unknown = |name: &&String| !templates.iter().any(|template| has(&template.body, name));
    given.keys().find(is_unknown).map(String::as_str)
}
