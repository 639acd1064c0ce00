//! Values of members: how each type is read from a request and written to a reply.

use crate::json::{Form, JsonFault, Node, fill_members, members_json, number, of_scalar, time};
use crate::{Fault, List, Member, Result, Shape, Source, Time, Xml};
use serde_json::Value as Json;
use std::str::FromStr;

/// The value of a member, which may be absent.
pub trait Value {
    /// Reads it from a structure's node.
    ///
    /// # Errors
    /// [`Fault`] if the parameter is invalid.
    fn read(&mut self, member: &Member, structure: &mut dyn Source) -> Result<()>;
    /// Writes it, if it is present.
    fn write(&self, member: &Member, to: &mut Xml);
    /// The value as JSON, from a structure of a reply. `None` if it is absent.
    fn json(&self, member: &Member, structure: &Node, form: Form) -> Option<Json>;
    /// Fills it from JSON.
    ///
    /// # Errors
    /// [`JsonFault`] if the JSON has another type.
    fn fill(&mut self, json: &Json) -> std::result::Result<(), JsonFault>;
}

/// A value with a node, or an element, of its own.
pub trait Element: Default {
    /// Reads it from its node. A scalar leaves nodes below it, which are then found to be unknown.
    ///
    /// # Errors
    /// [`Fault`] if the parameter is invalid.
    fn take(&mut self, member: &Member, node: &mut dyn Source) -> Result<()>;
    /// Writes it as an element with that name.
    fn put(&self, name: &str, to: &mut Xml);
    /// The value as JSON, from its node in a reply.
    fn node_json(node: &Node, form: Form) -> Json;
    /// Fills it from JSON.
    ///
    /// # Errors
    /// [`JsonFault`] if the JSON has another type.
    fn fill_from(&mut self, json: &Json) -> std::result::Result<(), JsonFault>;
}

impl<T: Element> Value for Option<T> {
    fn read(&mut self, member: &Member, structure: &mut dyn Source) -> Result<()> {
        structure.enter(member.request, &mut |node| {
            if node.is_blank() && !member.keeps_empty {
                node.take();
                return Ok(());
            }
            self.get_or_insert_default().take(member, node)
        })?;
        Ok(())
    }

    fn write(&self, member: &Member, to: &mut Xml) {
        if let Some(value) = self {
            value.put(member.reply, to);
        }
    }

    fn json(&self, member: &Member, structure: &Node, form: Form) -> Option<Json> {
        structure.child(member.reply).map(|node| T::node_json(node, form))
    }

    fn fill(&mut self, json: &Json) -> std::result::Result<(), JsonFault> {
        self.get_or_insert_default().fill_from(json)
    }
}

/// A required value.
impl<T: Element> Value for T {
    fn read(&mut self, member: &Member, structure: &mut dyn Source) -> Result<()> {
        let mut value = None;
        value.read(member, structure)?;
        *self = value.ok_or_else(|| Fault::Missing { name: structure.name(member.request) })?;
        Ok(())
    }

    fn write(&self, member: &Member, to: &mut Xml) {
        self.put(member.reply, to);
    }

    fn json(&self, member: &Member, structure: &Node, form: Form) -> Option<Json> {
        structure.child(member.reply).map(|node| T::node_json(node, form))
    }

    fn fill(&mut self, json: &Json) -> std::result::Result<(), JsonFault> {
        self.fill_from(json)
    }
}

impl<T: Element> Value for List<T> {
    fn read(&mut self, member: &Member, structure: &mut dyn Source) -> Result<()> {
        let sent = structure.each(member.request, member.request_item, &mut |node| {
            let mut item = T::default();
            item.take(member, node)?;
            self.push(item);
            Ok(())
        })?;
        if member.required && self.is_empty() && !(sent && member.keeps_empty) {
            return Err(Fault::Missing { name: structure.name(member.request) });
        }
        Ok(())
    }

    fn write(&self, member: &Member, to: &mut Xml) {
        match self.shown() {
            None => {}
            Some(items) if member.reply_item.is_empty() => items.iter().for_each(|item| item.put(member.reply, to)),
            Some(items) => to.within(member.reply, |to| items.iter().for_each(|item| item.put(member.reply_item, to))),
        }
    }

    fn json(&self, member: &Member, structure: &Node, form: Form) -> Option<Json> {
        let item = |node| T::node_json(node, form);
        if member.reply_item.is_empty() {
            let items: Vec<Json> = structure.children(member.reply).map(item).collect();
            return (!items.is_empty()).then_some(Json::Array(items));
        }
        let list = structure.child(member.reply)?;
        Some(Json::Array(list.children(member.reply_item).map(item).collect()))
    }

    fn fill(&mut self, json: &Json) -> std::result::Result<(), JsonFault> {
        let items = json.as_array().ok_or_else(|| JsonFault::of("a list"))?.iter().enumerate();
        let item = |(index, json): (usize, &Json)| {
            let mut item = T::default();
            item.fill_from(json).map_err(|fault| fault.within(&format!("[{index}]")))?;
            Ok(item)
        };
        *self = items.map(item).collect::<std::result::Result<_, JsonFault>>()?;
        Ok(())
    }
}

impl<S: Shape + Default> Element for S {
    fn take(&mut self, _: &Member, node: &mut dyn Source) -> Result<()> {
        read_members(self, node)
    }

    fn put(&self, name: &str, to: &mut Xml) {
        to.within(name, |to| write_members(self, to));
    }

    fn node_json(node: &Node, form: Form) -> Json {
        members_json(&S::default(), node, form)
    }

    fn fill_from(&mut self, json: &Json) -> std::result::Result<(), JsonFault> {
        fill_members(self, json)
    }
}

/// Fills a structure. Unknown parameters stay in the source.
pub(crate) fn read_members(shape: &mut dyn Shape, source: &mut dyn Source) -> Result<()> {
    if let Some(name) = shape.refused().iter().find(|name| source.skip(name)) {
        return Err(Fault::Unsupported { name: source.name(name) });
    }
    for name in shape.ignored() {
        source.skip(name);
    }
    // A missing parameter is reported before an invalid one (semantics.md §1.6).
    let mut wrong = None;
    for (index, member) in shape.members().iter().enumerate() {
        match shape.value_mut(index).read(member, source) {
            Err(fault @ Fault::Missing { .. }) => return Err(fault),
            Err(fault) => wrong = wrong.or(Some(fault)),
            Ok(()) => {}
        }
    }
    wrong.map_or(Ok(()), Err)
}

/// Writes the members of a structure in order.
pub fn write_members(shape: &dyn Shape, to: &mut Xml) {
    for (index, member) in shape.members().iter().enumerate() {
        shape.value(index).write(member, to);
    }
}

impl Element for String {
    fn take(&mut self, member: &Member, node: &mut dyn Source) -> Result<()> {
        let Some(text) = node.take() else { return Ok(()) };
        *self = text;
        if member.id.is_empty() || node.is_id(member.id, self) {
            return Ok(());
        }
        Err(Fault::Malformed { shape: member.id, id: self.clone() })
    }

    fn put(&self, name: &str, to: &mut Xml) {
        to.text(name, self);
    }

    fn node_json(node: &Node, _: Form) -> Json {
        Json::String(node.text.clone())
    }

    fn fill_from(&mut self, json: &Json) -> std::result::Result<(), JsonFault> {
        *self = json.as_str().ok_or_else(|| JsonFault::of("a string"))?.to_owned();
        Ok(())
    }
}

impl Element for bool {
    fn take(&mut self, _: &Member, node: &mut dyn Source) -> Result<()> {
        let Some(value) = node.take() else { return Ok(()) };
        *self = match value.to_ascii_lowercase().as_str() {
            "true" | "1" => true,
            "false" | "0" => false,
            _ => return Err(Fault::Invalid { name: node.name(""), value }),
        };
        Ok(())
    }

    fn put(&self, name: &str, to: &mut Xml) {
        to.text(name, if *self { "true" } else { "false" });
    }

    fn node_json(node: &Node, _: Form) -> Json {
        Json::Bool(node.text == "true")
    }

    fn fill_from(&mut self, json: &Json) -> std::result::Result<(), JsonFault> {
        *self = json.as_bool().ok_or_else(|| JsonFault::of("true or false"))?;
        Ok(())
    }
}

/// Parses a value whose text has Rust's form.
fn parse<T: FromStr + Default>(node: &mut dyn Source) -> Result<T> {
    let Some(value) = node.take() else { return Ok(T::default()) };
    value.parse().map_err(|_| Fault::Invalid { name: node.name(""), value })
}

macro_rules! as_rust_writes {
    ($($type:ty: $json:path),*) => {$(
        impl Element for $type {
            fn take(&mut self, _: &Member, node: &mut dyn Source) -> Result<()> {
                *self = parse(node)?;
                Ok(())
            }

            fn put(&self, name: &str, to: &mut Xml) {
                to.text(name, &self.to_string());
            }

            fn node_json(node: &Node, form: Form) -> Json {
                $json(&node.text, form)
            }

            fn fill_from(&mut self, json: &Json) -> std::result::Result<(), JsonFault> {
                *self = of_scalar(json)?;
                Ok(())
            }
        }
    )*};
}
as_rust_writes!(i32: number, i64: number, f64: number, Time: time);
