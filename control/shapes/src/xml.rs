//! Writes replies as XML.

use quick_xml::escape::escape;
use std::borrow::Cow;

/// A part of an XML document, written in order.
#[derive(Clone, Debug, Default)]
pub struct Xml(String);

impl Xml {
    /// An element with text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.tag("<", name, ">");
        match text.bytes().all(is_plain) {
            true => self.0.push_str(text),
            false => self.0.push_str(&escape(printable(text))),
        }
        self.tag("</", name, ">");
    }

    /// An element with the content that is written by the closure.
    pub fn within(&mut self, name: &str, content: impl FnOnce(&mut Xml)) {
        self.tag("<", name, ">");
        let start = self.0.len();
        content(self);
        if self.0.len() == start {
            self.0.truncate(start - 1);
            return self.0.push_str("/>");
        }
        self.tag("</", name, ">");
    }

    /// Adds elements that were written elsewhere.
    pub fn raw(&mut self, xml: &str) {
        self.0.push_str(xml);
    }

    /// The text written.
    pub fn into_string(self) -> String {
        self.0
    }

    fn tag(&mut self, open: &str, name: &str, close: &str) {
        self.0.push_str(open);
        self.0.push_str(name);
        self.0.push_str(close);
    }
}

/// Whether a byte is written as it is: nearly all are.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~') && !matches!(byte, b'<' | b'>' | b'&' | b'"' | b'\'')
}

/// XML 1.0 cannot carry most control characters, nor two others, however they are escaped (its production `Char`).
fn printable(text: &str) -> Cow<'_, str> {
    let allowed = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    if text.chars().all(allowed) { text.into() } else { text.chars().filter(|c| allowed(*c)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_xml_lacks_are_never_written() {
        let mut xml = Xml::default();
        xml.text("Message", "a\u{0}b\u{1b}c\u{fffe}d\u{ffff}e\u{85}\u{10ffff}");
        assert_eq!(xml.into_string(), "<Message>abcde\u{85}\u{10ffff}</Message>");
    }

    #[test]
    fn every_character_of_markup_is_escaped() {
        let mut xml = Xml::default();
        xml.text("a", "plain text, ~ too");
        xml.text("b", "<a href=\"x\">'&'</a>");
        let escaped = "&lt;a href=&quot;x&quot;&gt;&apos;&amp;&apos;&lt;/a&gt;";
        assert_eq!(xml.into_string(), format!("<a>plain text, ~ too</a><b>{escaped}</b>"));
    }
}
