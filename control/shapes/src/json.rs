//! Replies as JSON, with members named as in the API's model.

use crate::{Shape, Time};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Map, Value as Json};
use std::fmt;
use std::str::FromStr;

/// A form of JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As `aws --output json` prints it: times are texts.
    Printed,
    /// AWS JSON: times are seconds since 1970.
    Json,
    /// The JSON of AWS Query: times are seconds since 1970, and absent members are null.
    Query,
}

/// JSON of another type than the member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonFault {
    place: String,
    wanted: &'static str,
}

impl JsonFault {
    pub(crate) fn of(wanted: &'static str) -> Self {
        Self { place: String::new(), wanted }
    }

    /// Prepends the outer place.
    pub fn within(mut self, outer: &str) -> Self {
        self.place.insert_str(0, outer);
        self
    }
}

impl fmt::Display for JsonFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not {}", self.place.trim_start_matches('.'), self.wanted)
    }
}

impl std::error::Error for JsonFault {}

/// An element of a reply.
#[derive(Clone, Debug, Default)]
pub struct Node {
    name: String,
    pub(crate) text: String,
    nodes: Vec<Node>,
}

impl Node {
    pub(crate) fn child(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }

    pub(crate) fn children<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Node> {
        self.nodes.iter().filter(move |node| node.name == name)
    }
}

/// Converts a reply, or its members, to the JSON that is printed.
///
/// # Errors
/// If the text is not XML.
pub fn json_of_xml<S: Shape + Default>(xml: &str) -> Result<Json, quick_xml::Error> {
    json_in_form::<S>(xml, Form::Printed)
}

/// Converts a reply, or its members, to JSON.
pub(crate) fn json_in_form<S: Shape + Default>(xml: &str, form: Form) -> Result<Json, quick_xml::Error> {
    let document = parse(xml)?;
    // A whole document has one element with the members.
    let root = match document.nodes.as_slice() {
        [only] if only.name.ends_with("Response") => only,
        _ => &document,
    };
    Ok(members_json(&S::default(), root, form))
}

/// Parses a structure from JSON. Unknown members are ignored.
///
/// # Errors
/// [`JsonFault`] if a member has another type.
pub fn of_json<S: Shape + Default>(json: &Json) -> Result<S, JsonFault> {
    let mut shape = S::default();
    fill_members(&mut shape, json)?;
    Ok(shape)
}

fn parse(xml: &str) -> Result<Node, quick_xml::Error> {
    let mut reader = Reader::from_str(xml);
    let mut open = vec![Node::default()];
    loop {
        match reader.read_event()? {
            Event::Start(tag) => open.push(named(tag.name().as_ref())),
            Event::Empty(tag) => add(&mut open, named(tag.name().as_ref())),
            Event::End(_) => {
                if let Some(node) = open.pop() {
                    add(&mut open, node);
                }
            }
            Event::Text(text) => write(&mut open, &text),
            Event::GeneralRef(entity) => {
                let entity = format!("&{};", &*entity);
                write(&mut open, &quick_xml::escape::unescape(&entity)?);
            }
            Event::Eof => return Ok(open.pop().unwrap_or_default()),
            _ => {}
        }
    }
}

fn named(name: &str) -> Node {
    Node { name: name.to_owned(), ..Node::default() }
}

fn add(open: &mut [Node], node: Node) {
    if let Some(parent) = open.last_mut() {
        parent.nodes.push(node);
    }
}

fn write(open: &mut [Node], text: &str) {
    if let Some(node) = open.last_mut() {
        node.text.push_str(text);
    }
}

/// The members of a structure in a node.
pub(crate) fn members_json(shape: &dyn Shape, node: &Node, form: Form) -> Json {
    let absent = (form == Form::Query).then_some(Json::Null);
    let members = shape.members().iter().enumerate();
    let members = members.filter_map(|(index, member)| {
        let value = shape.value(index).json(member, node, form).or(absent.clone())?;
        Some((member.name.to_owned(), value))
    });
    Json::Object(members.collect::<Map<_, _>>())
}

/// Fills a structure's members from JSON. Null means absent.
pub(crate) fn fill_members(shape: &mut dyn Shape, json: &Json) -> Result<(), JsonFault> {
    let object = json.as_object().ok_or_else(|| JsonFault::of("an object"))?;
    for (index, member) in shape.members().iter().enumerate() {
        if let Some(value) = object.get(member.name).filter(|value| !value.is_null()) {
            let filled = shape.value_mut(index).fill(value);
            filled.map_err(|fault| fault.within(&format!(".{}", member.name)))?;
        }
    }
    Ok(())
}

/// A number, in every form.
pub(crate) fn number(text: &str, _: Form) -> Json {
    match serde_json::from_str(text) {
        Ok(Json::Number(number)) => Json::Number(number),
        _ => Json::String(text.to_owned()),
    }
}

/// A time, as a text or in seconds.
pub(crate) fn time(text: &str, form: Form) -> Json {
    match text.parse::<Time>() {
        Ok(time) if form != Form::Printed => time.since(Time(0)).as_secs_f64().into(),
        _ => Json::String(text.to_owned()),
    }
}

/// Parses a number or string.
pub(crate) fn of_scalar<T: FromStr>(json: &Json) -> Result<T, JsonFault> {
    let text = match json {
        Json::String(text) => text.clone(),
        Json::Number(number) => number.to_string(),
        _ => return Err(JsonFault::of("a number or a time")),
    };
    text.parse().map_err(|_| JsonFault::of("a number or a time"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{List, Xml, ec2, write_members};

    fn vpcs() -> ec2::DescribeVpcsResult {
        let vpc = ec2::Vpc {
            vpc_id: Some("vpc-11111111".into()),
            is_default: Some(false),
            tags: [ec2::Tag { key: Some("Name".into()), value: Some("<a> & \"b\"\n".into()) }].into_iter().collect(),
            cidr_block_association_set: List::default(),
            ..ec2::Vpc::default()
        };
        ec2::DescribeVpcsResult { vpcs: [vpc].into_iter().collect(), ..Default::default() }
    }

    #[test]
    fn a_reply_is_the_json_of_the_command_line_and_back() {
        let mut xml = Xml::default();
        xml.within("DescribeVpcsResponse", |xml| write_members(&vpcs(), xml));
        let json = json_of_xml::<ec2::DescribeVpcsResult>(&xml.into_string()).unwrap();
        let tags = serde_json::json!([{"Key": "Name", "Value": "<a> & \"b\"\n"}]);
        let wanted = serde_json::json!({"Vpcs": [{"VpcId": "vpc-11111111", "IsDefault": false, "Tags": tags}]});
        assert_eq!(json, wanted);
        assert_eq!(of_json::<ec2::DescribeVpcsResult>(&json).unwrap(), vpcs());
    }

    #[test]
    fn a_fault_says_where() {
        let fault = |json| of_json::<ec2::DescribeVpcsResult>(&json).unwrap_err().to_string();
        assert_eq!(fault(serde_json::json!({"Vpcs": [{}, {"VpcId": 7}]})), "Vpcs[1].VpcId is not a string");
        assert_eq!(fault(serde_json::json!({"Vpcs": "x"})), "Vpcs is not a list");
        assert_eq!(fault(serde_json::json!([])), " is not an object");
    }
}
