//! Users' words on a terminal.

/// A text without control characters, which a terminal would obey: a tag or a file may come from anybody.
pub fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter }).collect()
}

/// How a host is called in a line: by its Name, otherwise by its id.
pub fn shown_name(name: Option<&String>, id: &str) -> String {
    printable(name.map_or(id, String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_control_a_terminal() {
        assert_eq!(printable("\u{1b}[31mred\nnew"), "\u{fffd}[31mred\u{fffd}new");
        assert_eq!(shown_name(Some(&"Zürich".to_owned()), "i-1"), "Zürich");
        assert_eq!(shown_name(None, "i-1"), "i-1");
    }
}
