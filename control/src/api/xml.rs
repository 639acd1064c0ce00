//! Replies built by hand: a small tree, written as XML.

use crate::model::Tags;
use shapes::{Element, Xml};

/// An element's content: named members in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Node(Vec<(&'static str, Content)>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Text(String),
    Node(Node),
    /// Elements that are written already.
    Xml(String),
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

    /// Adds a list of structures of the API.
    pub fn shapes<T: Element>(self, name: &'static str, shapes: &[T]) -> Node {
        let items = shapes.iter().map(|shape| ("item", Content::Xml(in_element("item", shape)))).collect();
        self.node(name, Node(items))
    }

    /// The members, one after the other.
    pub fn into_xml(self) -> String {
        let mut xml = Xml::default();
        self.write(&mut xml);
        xml.into_string()
    }

    fn write(&self, xml: &mut Xml) {
        for (name, content) in &self.0 {
            match content {
                Content::Text(text) => xml.text(name, text),
                Content::Node(node) => xml.within(name, |xml| node.write(xml)),
                Content::Xml(text) => xml.raw(text),
            }
        }
    }
}

fn in_element(name: &str, shape: &impl Element) -> String {
    let mut xml = Xml::default();
    shape.put(name, &mut xml);
    xml.into_string()
}
