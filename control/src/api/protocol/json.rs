//! AWS JSON: the action is in the header `X-Amz-Target`, parameters are an object.

use super::super::Params;
use super::ApiError;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// Why a request cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// No header names an action.
    #[error("The request names no operation.")]
    NoAction,
    /// The body is not JSON.
    #[error("The request's body is not JSON: {0}")]
    Malformed(String),
    /// A parameter is invalid.
    #[error(transparent)]
    Parameter(#[from] model::Error),
}

impl ApiError for JsonError {
    fn code(&self) -> &'static str {
        match self {
            JsonError::NoAction => "UnknownOperationException",
            JsonError::Malformed(_) => "SerializationException",
            JsonError::Parameter(_) => "ValidationException",
        }
    }

    fn status(&self) -> u16 {
        400
    }
}

/// The action of a request, and its parameters, named as in AWS Query.
pub fn read(target: Option<&str>, body: &str) -> Result<(String, Params), JsonError> {
    let (_, action) = target.and_then(|target| target.split_once('.')).ok_or(JsonError::NoAction)?;
    let body = if body.trim().is_empty() { "{}" } else { body };
    let sent = serde_json::from_str(body).map_err(|error| JsonError::Malformed(error.to_string()))?;
    let mut form = Vec::new();
    flatten("", &sent, &mut form);
    Ok((action.to_owned(), Params::parse(&form.join("&"))?))
}

/// The parameters in a value, form-encoded: `Names.member.1=…`.
fn flatten(name: &str, value: &Value, form: &mut Vec<String>) {
    let below = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
    let mut add = |text: &str| {
        let [name, text] = [name, text].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC));
        form.push(format!("{name}={text}"));
    };
    match value {
        Value::Null => {}
        Value::Bool(value) => add(&value.to_string()),
        Value::Number(value) => add(&value.to_string()),
        Value::String(value) => add(value),
        Value::Array(items) => {
            for (item, number) in items.iter().zip(1..) {
                flatten(&below(&format!("member.{number}")), item, form);
            }
        }
        Value::Object(members) => {
            for (member, value) in members {
                flatten(&below(member), value, form);
            }
        }
    }
}

/// The document of an error.
pub fn error(error: &dyn ApiError) -> String {
    json!({ "__type": error.code(), "message": error.to_string() }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_those_of_an_object() {
        let (action, params) =
            read(Some("AmazonSSM.GetParameters"), r#"{"Names":["/a b","c&d"],"Deep":{"Yes":true},"No":null}"#).unwrap();
        let sent: Vec<(&str, &str)> = params.sent().collect();
        assert_eq!(action, "GetParameters");
        assert_eq!(sent, [("Deep.Yes", "true"), ("Names.member.1", "/a b"), ("Names.member.2", "c&d")]);
        assert_eq!(read(None, "{}").map(|_| ()), Err(JsonError::NoAction));
        assert!(matches!(read(Some("A.B"), "{").map(|_| ()), Err(JsonError::Malformed(_))));
        assert_eq!(read(Some("A.B"), "").map(|(_, params)| params.sent().count()), Ok(0));
    }
}
