//! Structures that are stored as they were sent and returned as they were stored, as JSON.

use serde_json::Value as Json;
use shapes::{Shape, Xml, json_of_xml, of_json, write_members};

/// The JSON of a stored structure after a request: the members of `said`, and those members of the stored `before` that
/// `said` does not have.
pub fn said_over<S: Shape + Default>(before: &str, said: &S) -> String {
    let mut xml = Xml::default();
    write_members(said, &mut xml);
    let mut all = members(before);
    if let Ok(Json::Object(new)) = json_of_xml::<S>(&xml.into_string()) {
        all.extend(new);
    }
    Json::Object(all).to_string()
}

/// The JSON of a stored structure without these members.
pub fn unsaid(before: &str, gone: &[&str]) -> String {
    let mut all = members(before);
    all.retain(|name, _| !gone.contains(&name.as_str()));
    Json::Object(all).to_string()
}

/// The members of a stored structure. An empty text has none.
fn members(told: &str) -> serde_json::Map<String, Json> {
    serde_json::from_str(told).unwrap_or_default()
}

/// A stored structure. Members that its JSON does not have get their defaults.
pub fn said<S: Shape + Default>(told: &str) -> S {
    serde_json::from_str(told).ok().and_then(|json: Json| of_json(&json).ok()).unwrap_or_default()
}

/// A structure with the members of another one that have the same names.
pub fn same_members<S: Shape + Default, T: Shape + Default>(other: &S) -> T {
    said(&said_over("", other))
}
