//! AWS JSON: the action is in the header `X-Amz-Target`, parameters are an object.

use super::super::Params;
use super::super::params::{NAME, PARAMETERS};
use super::ApiError;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, json};
use shapes::escaped;
use std::fmt;

/// Why a request cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// No header names an action.
    #[error("The request names no operation.")]
    NoAction,
    /// The body is not JSON.
    #[error("The request's body is not JSON: {0}")]
    Malformed(#[from] serde_json::Error),
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
}

/// The action of a request, and its parameters, named as in AWS Query.
///
/// # Errors
/// [`JsonError`] if there is no action, the body is malformed, or a parameter is invalid.
pub fn read(target: Option<&str>, body: &str) -> Result<(String, Params), JsonError> {
    let (_, action) = target.and_then(|target| target.split_once('.')).ok_or(JsonError::NoAction)?;
    let body = if body.trim().is_empty() { "{}" } else { body };
    let mut pairs = Vec::new();
    flatten(body, &mut pairs)?;
    Ok((action.to_owned(), Params::of_pairs(pairs)?))
}

/// Collects the parameters in a document: `Names.member.1`, and its value.
fn flatten(document: &str, pairs: &mut Vec<(String, String)>) -> serde_json::Result<()> {
    let mut reader = serde_json::Deserializer::from_str(document);
    Flatten { name: String::new(), pairs }.deserialize(&mut reader)?;
    reader.end()
}

/// Collects the parameters in a value while it is read. As a tree it could take a hundred times the body's memory.
struct Flatten<'p> {
    name: String,
    pairs: &'p mut Vec<(String, String)>,
}

impl Flatten<'_> {
    /// Adds a parameter. Of too many, one more than the allowed number is kept.
    fn add(self, value: String) {
        if self.pairs.len() <= PARAMETERS {
            self.pairs.push((self.name, value));
        }
    }

    /// The collector of a part of the value. A name that is too long is cut, and stays too long.
    fn below(&mut self, part: &str) -> Flatten<'_> {
        let part: String = part.chars().take(NAME + 1).collect();
        let name = match self.name.len() {
            0 => part,
            1..=NAME => format!("{}.{part}", self.name),
            _ => self.name.clone(),
        };
        Flatten { name, pairs: &mut *self.pairs }
    }
}

impl<'de> DeserializeSeed<'de> for Flatten<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Flatten<'_> {
    type Value = ();

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.add(value.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.add(value.to_string());
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.add(value.to_string());
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        // JSON has no infinite numbers.
        self.add(Number::from_f64(value).map_or_else(String::new, |number| number.to_string()));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.add(value.to_owned());
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<(), A::Error> {
        for number in 1.. {
            if items.next_element_seed(self.below(&format!("member.{number}")))?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<(), A::Error> {
        while let Some(member) = members.next_key::<String>()? {
            members.next_value_seed(self.below(&escaped(&member)))?;
        }
        Ok(())
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
        assert!(matches!(read(None, "{}"), Err(JsonError::NoAction)));
        assert!(matches!(read(Some("A.B"), "{"), Err(JsonError::Malformed(_))));
        assert_eq!(read(Some("A.B"), "").unwrap().1.sent().count(), 0);
    }

    #[test]
    fn a_body_of_many_values_takes_little_memory() {
        let body = |start: &str, item: &str, end: &str| format!("{start}{}{end}", item.repeat(1 << 16));
        let pairs = |body: &str| {
            let mut pairs = Vec::new();
            flatten(body, &mut pairs).unwrap();
            pairs
        };
        for item in ["0,", r#"{"":0},"#, r#"["a"],"#] {
            assert_eq!(pairs(&body(r#"{"Names":["#, item, "0]}")).len(), PARAMETERS + 1, "{item}");
        }
        assert!(pairs(&body("[", "null,[],{},", "null]")).is_empty());
        let long = "n".repeat(1 << 16);
        let deep = format!(r#"{}0{}"#, format!(r#"{{"{long}":"#).repeat(100), "}".repeat(100));
        let found = pairs(&deep);
        let [(name, _)] = &found[..] else { panic!("one value") };
        assert!(name.len() > NAME && name.len() < 2 * NAME);
        for body in [body(r#"{"Names":["#, "0,", "0]}"), deep] {
            assert!(matches!(read(Some("A.B"), &body).map(|_| ()), Err(JsonError::Parameter(_))));
        }
    }
}
