//! The API's XML as JSON: an element whose children are all `item` is a list, one with other children an object, any other text.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// The content of the document's root element.
///
/// # Errors
/// What is wrong with the XML.
pub fn parse(xml: &str) -> Result<Value, String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(_) => return element(&mut reader),
            Event::Eof => return Err("no XML element".to_owned()),
            _ => {}
        }
    }
}

fn element(reader: &mut Reader<&[u8]>) -> Result<Value, String> {
    let (mut text, mut children) = (String::new(), Vec::<(String, Value)>::new());
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_owned();
                children.push((name, element(reader)?));
            }
            Event::Text(part) => text.push_str(&part),
            Event::GeneralRef(name) => text.push(entity(&name)?),
            Event::CData(part) => text.push_str(&part),
            Event::End(_) => break,
            Event::Eof => return Err("the XML ends too early".to_owned()),
            _ => {}
        }
    }
    Ok(if children.is_empty() {
        Value::String(text)
    } else if children.iter().all(|(name, _)| name == "item") {
        Value::Array(children.into_iter().map(|(_, value)| value).collect())
    } else {
        Value::Object(children.into_iter().collect::<Map<_, _>>())
    })
}

fn entity(name: &quick_xml::events::BytesRef<'_>) -> Result<char, String> {
    if let Some(character) = name.resolve_char_ref().map_err(|error| error.to_string())? {
        return Ok(character);
    }
    quick_xml::escape::resolve_predefined_entity(name)
        .and_then(|text| text.chars().next())
        .ok_or_else(|| format!("unknown entity &{};", &**name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_objects_and_text() {
        let xml = "<?xml version=\"1.0\"?><R xmlns=\"x\"><requestId>1</requestId><vpcSet><item><vpcId>a&amp;b&#33;</vpcId>\
                   <tagSet/></item></vpcSet></R>";
        assert_eq!(parse(xml).unwrap(), json!({"requestId": "1", "vpcSet": [{"vpcId": "a&b!", "tagSet": ""}]}));
        assert!(parse("<R><a></R>").is_err());
    }
}
