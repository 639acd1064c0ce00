//! RPC v2 CBOR, which newer clients prefer for some services with JSON. Its documents are the same in another coding, so requests are
//! translated to JSON, and replies from it.

use axum::http::HeaderMap;
use ciborium::de::Error as CborError;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// The header that names the protocol, in requests and in replies, and its value.
pub const PROTOCOL: (&str, &str) = ("smithy-protocol", "rpc-v2-cbor");
/// The content type.
pub const CONTENT_TYPE: &str = "application/cbor";

/// Whether a client speaks CBOR.
pub fn is_spoken(headers: &HeaderMap) -> bool {
    let (name, value) = PROTOCOL;
    headers.get(name).is_some_and(|sent| sent == value)
}

/// The service and the action in a path, as the header `X-Amz-Target` has them: `Service.Action` of
/// `/service/Service/operation/Action`.
pub fn target(path: &str) -> Option<String> {
    let (service, action) = path.strip_prefix("/service/")?.split_once("/operation/")?;
    Some(format!("{service}.{action}"))
}

/// A document in CBOR as JSON. No bytes are an empty text.
///
/// # Errors
/// If it is not CBOR, if JSON has no such values, or if more follows.
pub fn to_json(document: &[u8]) -> Result<String, CborError<std::io::Error>> {
    if document.is_empty() {
        return Ok(String::new());
    }
    let mut rest = document;
    let Json(text) = ciborium::from_reader(&mut rest)?;
    if rest.is_empty() { Ok(text) } else { Err(CborError::Syntax(document.len() - rest.len())) }
}

/// A document in JSON as CBOR. `None` if it is not JSON.
pub fn of_json(text: &str) -> Option<Vec<u8>> {
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    let mut bytes = Vec::new();
    ciborium::into_writer(&document, &mut bytes).ok()?;
    Some(bytes)
}

/// A value as JSON.
struct Json(String);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Json, D::Error> {
        let mut text = String::new();
        Write(&mut text).deserialize(reader)?;
        Ok(Json(text))
    }
}

/// Writes a value behind a text while the value is read, because a tree takes many times the document's memory.
struct Write<'t>(&'t mut String);

impl<'de> DeserializeSeed<'de> for Write<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Write<'_> {
    type Value = ();

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("a value that JSON has")
    }

    fn visit_none<E>(self) -> Result<(), E> {
        self.0.push_str("null");
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.push_str("null");
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        self.deserialize(reader)
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.0.push_str(&value.to_string());
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.0.push_str(&value.to_string());
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        self.0.push_str(&value.to_string());
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        serde_json::to_string(&value).map(|text| self.0.push_str(&text)).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        quoted(value).map(|text| self.0.push_str(&text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let Write(text) = self;
        text.push('[');
        while items.next_element_seed(Write(&mut *text))?.is_some() {
            text.push(',');
        }
        close(text, ']');
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let Write(text) = self;
        text.push('{');
        while let Some(name) = members.next_key::<String>()? {
            text.push_str(&quoted(&name)?);
            text.push(':');
            members.next_value_seed(Write(&mut *text))?;
            text.push(',');
        }
        close(text, '}');
        Ok(())
    }
}

/// Ends a list or an object. A comma follows each item until then.
fn close(text: &mut String, end: char) {
    if text.ends_with(',') {
        text.pop();
    }
    text.push(end);
}

fn quoted<E: Error>(text: &str) -> Result<String, E> {
    serde_json::to_string(text).map_err(E::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_the_same_in_both_codings() {
        let text = r#"{"ResourceARNList":["a","b"],"Tags":{"a.b":"\"c\""},"Deep":{"No":null,"Yes":true,"Empty":[{},[]]},"Size":100,"Low":-1,"Part":0.5}"#;
        let there_and_back = to_json(&of_json(text).unwrap()).unwrap();
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(parsed(&there_and_back), parsed(text));
        assert_eq!(to_json(b"").unwrap(), "");
    }

    #[test]
    fn what_json_cannot_have_is_refused() {
        // A map with a number as its key, a byte string, a map that ends too early, and two documents.
        for bytes in [&[0xa1, 0x01, 0x02][..], &[0x41, 0x00], &[0xa1, 0x61], &[0xa0, 0xa0]] {
            assert!(to_json(bytes).is_err(), "{bytes:?}");
        }
        // Arrays in arrays, deeper than anything that a service takes.
        assert!(to_json(&[0x81; 10_000]).is_err());
        assert_eq!(of_json("<xml/>"), None);
    }

    #[test]
    fn a_path_names_service_and_action() {
        let path = "/service/ResourceGroupsTaggingAPI_20170126/operation/GetResources";
        assert_eq!(target(path).as_deref(), Some("ResourceGroupsTaggingAPI_20170126.GetResources"));
        assert_eq!(target("/"), None);
    }
}
