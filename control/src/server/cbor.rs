//! RPC v2 CBOR, which newer clients prefer for some services with JSON. Its documents are the same in another coding, so requests are
//! translated to JSON, and replies from it.

use axum::http::HeaderMap;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
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
/// If it is not CBOR, or JSON has no such values.
pub fn to_json(document: &[u8]) -> Result<String, ciborium::de::Error<std::io::Error>> {
    if document.is_empty() {
        return Ok(String::new());
    }
    ciborium::from_reader(document).map(|Json(text)| text)
}

/// A document in JSON as CBOR. `None` if it is not JSON.
pub fn of_json(text: &str) -> Option<Vec<u8>> {
    let document: serde_json::Value = serde_json::from_str(text).ok()?;
    let mut bytes = Vec::new();
    ciborium::into_writer(&document, &mut bytes).ok()?;
    Some(bytes)
}

/// A value as JSON. It is written while it is read, because a tree takes many times the document's memory.
struct Json(String);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Json, D::Error> {
        reader.deserialize_any(Write)
    }
}

struct Write;

impl<'de> Visitor<'de> for Write {
    type Value = Json;

    fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        text.write_str("a value that JSON has")
    }

    fn visit_none<E: Error>(self) -> Result<Json, E> {
        Ok(Json("null".to_owned()))
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        self.visit_none()
    }

    fn visit_some<D: Deserializer<'de>>(self, reader: D) -> Result<Json, D::Error> {
        Json::deserialize(reader)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        serde_json::to_string(&value).map(Json).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        quoted(value).map(Json)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut text = String::from("[");
        while let Some(Json(item)) = items.next_element()? {
            if text.len() > 1 {
                text.push(',');
            }
            text.push_str(&item);
        }
        text.push(']');
        Ok(Json(text))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut text = String::from("{");
        while let Some(name) = members.next_key::<String>()? {
            if text.len() > 1 {
                text.push(',');
            }
            let Json(value) = members.next_value()?;
            text.push_str(&quoted(&name)?);
            text.push(':');
            text.push_str(&value);
        }
        text.push('}');
        Ok(Json(text))
    }
}

fn quoted<E: Error>(text: &str) -> Result<String, E> {
    serde_json::to_string(text).map_err(E::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_the_same_in_both_codings() {
        let text = r#"{"ResourceARNList":["a","b"],"Tags":{"a.b":"\"c\""},"Deep":{"No":null,"Yes":true},"Size":100,"Low":-1,"Part":0.5}"#;
        let there_and_back = to_json(&of_json(text).unwrap()).unwrap();
        let parsed = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(parsed(&there_and_back), parsed(text));
        assert_eq!(to_json(b"").unwrap(), "");
    }

    #[test]
    fn what_json_cannot_have_is_refused() {
        // A map with a number as its key, a byte string, and a map that ends too early.
        for bytes in [&[0xa1, 0x01, 0x02][..], &[0x41, 0x00], &[0xa1, 0x61]] {
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
