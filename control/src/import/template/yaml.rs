//! Templates in YAML, converted to the equivalent JSON: `!Ref x` is `{"Ref": "x"}`, `!GetAtt a.b` is `{"Fn::GetAtt":
//! ["a", "b"]}`.

use granit_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value as Json};

/// The greatest depth of a template.
const DEEPEST: usize = 100;

/// A collection that is being read.
enum Open {
    List(Vec<Json>, Option<String>),
    Object(Map<String, Json>, Option<String>, Option<String>),
}

/// The documents of a YAML text: one, or a list of several.
///
/// # Errors
/// What is wrong, for a person.
pub fn parse(text: &str) -> Result<Json, String> {
    let (mut open, mut documents) = (Vec::<Open>::new(), Vec::new());
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| error.to_string())?;
        let done = match event {
            Event::Scalar(text, style, _, tag) => {
                let tag = tag.map(|tag| tag.suffix().to_owned());
                Some(tagged(tag, scalar(&text, style)))
            }
            Event::SequenceStart(_, _, tag) => {
                open.push(Open::List(Vec::new(), tag.map(|tag| tag.suffix().to_owned())));
                None
            }
            Event::MappingStart(_, _, tag) => {
                open.push(Open::Object(Map::new(), None, tag.map(|tag| tag.suffix().to_owned())));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().map(|closed| match closed {
                Open::List(items, tag) => tagged(tag, Json::Array(items)),
                Open::Object(members, _, tag) => tagged(tag, Json::Object(members)),
            }),
            Event::Alias(_) => return Err("it has an alias (`*name`), which templates cannot have".into()),
            _ => None,
        };
        if open.len() > DEEPEST {
            return Err("it is nested too deeply".into());
        }
        let Some(value) = done else { continue };
        match open.last_mut() {
            None => documents.push(value),
            Some(Open::List(items, _)) => items.push(value),
            Some(Open::Object(members, key, _)) => match (key.take(), value) {
                (Some(key), value) => {
                    if members.insert(key.clone(), value).is_some() {
                        return Err(format!("{key} is there twice"));
                    }
                }
                (None, Json::String(text)) => *key = Some(text),
                (None, other) => *key = Some(other.to_string()),
            },
        }
    }
    // What stands between two marks may be empty.
    documents.retain(|document| !document.is_null());
    match <[Json; 1]>::try_from(documents) {
        Ok([document]) => Ok(document),
        Err(none) if none.is_empty() => Err("it is empty".into()),
        Err(several) => Ok(Json::Array(several)),
    }
}

fn scalar(text: &str, style: ScalarStyle) -> Json {
    match (style, text) {
        (ScalarStyle::Plain, "true" | "True" | "TRUE") => Json::Bool(true),
        (ScalarStyle::Plain, "false" | "False" | "FALSE") => Json::Bool(false),
        (ScalarStyle::Plain, "" | "~" | "null") => Json::Null,
        // Numbers stay text, because an account's number may begin with zeros.
        _ => Json::String(text.to_owned()),
    }
}

/// A function's short form converted to its long one.
fn tagged(tag: Option<String>, value: Json) -> Json {
    let name = match tag.as_deref() {
        None | Some("str" | "int" | "bool" | "float" | "map" | "seq") => return value,
        Some(name @ ("Ref" | "Condition")) => name.to_owned(),
        Some(name) => format!("Fn::{name}"),
    };
    let value = match (name.as_str(), value) {
        ("Fn::GetAtt", Json::String(text)) => match text.split_once('.') {
            Some((resource, attribute)) => Json::from(vec![resource, attribute]),
            None => Json::String(text),
        },
        (_, value) => value,
    };
    Json::Object(Map::from_iter([(name, value)]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn short_forms_are_long_forms() {
        let text = "a: !Ref X\nb: !GetAtt X.Y.Z\nc: !Join [',', [!Ref X, 1]]\nd: {e: yes, f: true, 7: '8'}\n";
        let wanted = json!({
            "a": {"Ref": "X"}, "b": {"Fn::GetAtt": ["X", "Y.Z"]}, "c": {"Fn::Join": [",", [{"Ref": "X"}, "1"]]},
            "d": {"e": "yes", "f": true, "7": "8"},
        });
        assert_eq!(parse(text).unwrap(), wanted);
    }

    #[test]
    fn several_documents_are_a_list() {
        assert_eq!(parse("---\na: 1\n---\n---\nb: 2\n...\n").unwrap(), json!([{"a": "1"}, {"b": "2"}]));
        assert_eq!(parse("---\na: 1\n---\n").unwrap(), json!({"a": "1"}));
        assert!(parse("a: 1\n---\nb: [").is_err());
    }

    #[test]
    fn what_is_no_template_is_told_in_a_sentence() {
        for text in ["", "a: [", "a: &x 1\nb: *x\n", "a: 1\na: 2\n", &"[".repeat(10_000)] {
            assert!(!parse(text).unwrap_err().is_empty(), "{text:.20}");
        }
    }
}
