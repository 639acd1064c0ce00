//! The API's XML as JSON. An element whose children are all `item` or `member` is a list, and so is `DBInstances` with
//! only `DBInstance` children. One with other children is an object, and any other is text.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// The content of the document's root element.
///
/// # Errors
/// If the document is not well-formed.
pub fn parse(xml: &str) -> Result<Value, String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => return element(&mut reader, start.local_name().as_ref()),
            Event::Eof => return Err("no XML element".to_owned()),
            _ => {}
        }
    }
}

fn element(reader: &mut Reader<&[u8]>, name: &str) -> Result<Value, String> {
    let (mut text, mut children) = (String::new(), Vec::<(String, Value)>::new());
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                let child = start.local_name().as_ref().to_owned();
                let value = element(reader, &child)?;
                children.push((child, value));
            }
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(reference) => text.push(entity(&reference)?),
            Event::CData(part) => text.push_str(&part),
            Event::End(_) => break,
            Event::Eof => return Err("the XML ends too early".to_owned()),
            _ => {}
        }
    }
    Ok(if children.is_empty() {
        Value::String(text)
    } else if is_list(name, &children) {
        Value::Array(children.into_iter().map(|(_, value)| value).collect())
    } else {
        Value::Object(children.into_iter().collect::<Map<_, _>>())
    })
}

/// Whether an element is a list. EC2's names are in lower case and its lists have `item`s; other services' lists are
/// named after their items.
fn is_list(name: &str, children: &[(String, Value)]) -> bool {
    let Some((first, _)) = children.first() else { return false };
    let is_plural = name.ends_with('s') && name.starts_with(|c: char| c.is_ascii_uppercase());
    let is_item = matches!(first.as_str(), "item" | "member") || is_plural && first != name;
    is_item && children.iter().all(|(child, _)| child == first)
}

/// The character of a character or entity reference.
fn entity(reference: &quick_xml::events::BytesRef<'_>) -> Result<char, String> {
    if let Some(character) = reference.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(character);
    }
    quick_xml::escape::resolve_predefined_entity(reference)
        .and_then(|text| text.chars().next())
        .ok_or_else(|| format!("unknown entity &{};", &**reference))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn elements_become_lists_objects_and_text() {
        let xml = "<?xml version=\"1.0\"?><R xmlns=\"x\"><requestId>1</requestId><vpcSet><item><vpcId>a&amp;b&#33;</vpcId>\
                   <tagSet/></item></vpcSet></R>";
        assert_eq!(parse(xml).unwrap(), json!({"requestId": "1", "vpcSet": [{"vpcId": "a&b!", "tagSet": ""}]}));
        let xml =
            "<R><DBInstances><DBInstance><Port>1</Port></DBInstance></DBInstances><Tags><member>x</member></Tags></R>";
        assert_eq!(parse(xml).unwrap(), json!({"DBInstances": [{"Port": "1"}], "Tags": ["x"]}));
        assert!(parse("<R><a></R>").is_err());
    }
}
