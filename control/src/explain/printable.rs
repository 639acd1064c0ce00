//! Users' words on a terminal.

/// A text without characters that a terminal would obey or that hide others: a tag or a file may come from anybody.
pub fn printable(text: &str) -> String {
    let shown =
        |letter: char| if letter.is_control() || is_format(letter) { char::REPLACEMENT_CHARACTER } else { letter };
    text.chars().map(shown).collect()
}

/// A word as one types it into a shell: in quotes, unless the shell takes it as it is.
pub fn shell_word(word: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "@%+=:,./_-".contains(letter);
    let shown = printable(word);
    match !shown.is_empty() && shown.chars().all(is_plain) {
        true => shown,
        false => format!("'{}'", shown.replace('\'', r"'\''")),
    }
}

/// Whether a character is invisible, and changes the order or the lines of others. Words of some scripts, and emoji,
/// need the joiners U+200C and U+200D.
fn is_format(letter: char) -> bool {
    matches!(
        letter,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
    )
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
        assert_eq!(printable("a\u{202e}b\u{2066}c\u{200b}\u{e0041}"), "a\u{fffd}b\u{fffd}c\u{fffd}\u{fffd}");
        assert_eq!(shown_name(Some(&"Zürich 👩‍🚀".to_owned()), "i-1"), "Zürich 👩‍🚀");
        assert_eq!(shown_name(None, "i-1"), "i-1");
    }

    #[test]
    fn a_shell_takes_a_word_as_it_is_meant() {
        assert_eq!(shell_word("web-1.a"), "web-1.a");
        assert_eq!(shell_word("db server"), "'db server'");
        assert_eq!(shell_word("$(x)'"), r"'$(x)'\'''");
        assert_eq!(shell_word("a\nb"), "'a\u{fffd}b'");
        assert_eq!(shell_word(""), "''");
    }
}
