//! The characters that texts may have. Replies repeat stored texts as XML, so they are those of XML.

/// Whether XML 1.0 has a character (its production `Char`). It cannot contain others in escaped form either.
pub fn xml_has(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

/// The first character of a text that XML does not have, in the form `U+FFFE`.
pub fn not_in_xml(text: &str) -> Option<String> {
    text.chars().find(|c| !xml_has(*c)).map(|c| format!("U+{:04X}", u32::from(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_has_what_its_production_says() {
        let has =
            ['\t', '\n', '\r', ' ', '\u{7f}', '\u{85}', '\u{d7ff}', '\u{e000}', '\u{fffd}', '\u{10000}', '\u{10ffff}'];
        let has_not = ['\0', '\u{8}', '\u{b}', '\u{c}', '\u{e}', '\u{1f}', '\u{fffe}', '\u{ffff}'];
        assert!(has.into_iter().all(xml_has) && !has_not.into_iter().any(xml_has));
        assert_eq!(not_in_xml("a\u{b}"), Some("U+000B".into()));
    }
}
