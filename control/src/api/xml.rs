//! Replies: a small tree, written as XML.

use crate::model::{Tags, not_in_xml, xml_has};
use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use std::borrow::Cow;
use std::io;

/// An element's content: named members in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node(Vec<(&'static str, Content)>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Text(String),
    Node(Node),
}

impl Node {
    /// Nothing yet.
    pub fn new() -> Node {
        Node::default()
    }

    /// Just `<return>true</return>`.
    pub fn done() -> Node {
        Node::new().text("return", true)
    }

    /// Adds an element with text.
    pub fn text(mut self, name: &'static str, text: impl ToString) -> Node {
        self.0.push((name, Content::Text(text.to_string())));
        self
    }

    /// Adds an element with text if there is one.
    pub fn opt(self, name: &'static str, text: Option<impl ToString>) -> Node {
        match text {
            Some(text) => self.text(name, text),
            None => self,
        }
    }

    /// Adds an element with members.
    pub fn node(mut self, name: &'static str, node: Node) -> Node {
        self.0.push((name, Content::Node(node)));
        self
    }

    /// Adds a list: `<name><item>…</item>…</name>`.
    pub fn set(self, name: &'static str, items: impl IntoIterator<Item = Node>) -> Node {
        let items = items.into_iter().map(|item| ("item", Content::Node(item))).collect();
        self.node(name, Node(items))
    }

    /// Adds a list of texts: `<name><item>text</item>…</name>`.
    pub fn texts(self, name: &'static str, items: impl IntoIterator<Item = impl ToString>) -> Node {
        let items = items.into_iter().map(|item| ("item", Content::Text(item.to_string()))).collect();
        self.node(name, Node(items))
    }

    /// Adds tags.
    pub fn tags(self, tags: &Tags) -> Node {
        self.set("tagSet", tags.iter().map(|(key, value)| Node::new().text("key", key).text("value", value)))
    }

    /// Adds an element whose text is in a `<value>`, as the attribute actions answer.
    pub fn value(self, name: &'static str, text: impl ToString) -> Node {
        self.node(name, Node::new().text("value", text))
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        for (name, content) in &self.0 {
            match content {
                Content::Text(text) => {
                    writer.create_element(*name).write_text_content(BytesText::new(&printable(text)))?;
                }
                Content::Node(Node(members)) if members.is_empty() => {
                    writer.create_element(*name).write_empty()?;
                }
                Content::Node(node) => {
                    writer.write_event(Event::Start(BytesStart::new(*name)))?;
                    node.write(writer)?;
                    writer.write_event(Event::End(BytesEnd::new(*name)))?;
                }
            }
        }
        Ok(())
    }
}

/// A text without what XML has not. No request brings that; a store of an older version may.
fn printable(text: &str) -> Cow<'_, str> {
    if not_in_xml(text).is_none() { text.into() } else { text.chars().filter(|c| xml_has(*c)).collect() }
}

fn document(root: &str, namespace: Option<&str>, content: &Node) -> String {
    let mut writer = Writer::new(br#"<?xml version="1.0" encoding="UTF-8"?>"#.to_vec());
    let mut start = BytesStart::new(root);
    start.extend_attributes(namespace.map(|namespace| ("xmlns", namespace)));
    let written = writer
        .write_event(Event::Start(start))
        .and_then(|()| content.write(&mut writer))
        .and_then(|()| writer.write_event(Event::End(BytesEnd::new(root))));
    debug_assert!(written.is_ok(), "writing to memory does not fail");
    String::from_utf8(writer.into_inner()).unwrap_or_default()
}

/// The document of a success.
pub fn reply(action: &str, version: &str, request_id: &str, body: Node) -> String {
    let mut content = Node::new().text("requestId", request_id);
    content.0.extend(body.0);
    document(&format!("{action}Response"), Some(&format!("http://ec2.amazonaws.com/doc/{version}/")), &content)
}

/// The document of a success of the Security Token Service.
pub fn identity(action: &'static str, request_id: &str, result: Node) -> String {
    let content = Node::new().node("GetCallerIdentityResult", result);
    let content = content.node("ResponseMetadata", Node::new().text("RequestId", request_id));
    document(&format!("{action}Response"), Some("https://sts.amazonaws.com/doc/2011-06-15/"), &content)
}

/// The document of an error.
pub fn error(code: &str, message: &str, request_id: &str) -> String {
    let error = Node::new().node("Error", Node::new().text("Code", code).text("Message", message));
    document("Response", None, &Node::new().node("Errors", error).text("RequestID", request_id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_has_not_is_never_written() {
        let written = error("Code", "a\u{0}b\u{1b}c\u{fffe}d\u{ffff}e\u{85}\u{10ffff}", "id");
        assert!(written.contains("<Message>abcde\u{85}\u{10ffff}</Message>"), "{written}");
    }
}
