//! The values of a template's parameters.

use super::functions::{Unknown, Values, plain};
use serde_json::Value as Json;

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
        let kind = stored.unwrap_or(kind);
        match kind.starts_with("List<") || kind == "CommaDelimitedList" {
            true => Ok(value.split(',').map(str::trim).collect::<Vec<_>>().into()),
            false => Ok(value.into()),
        }
    }
}
