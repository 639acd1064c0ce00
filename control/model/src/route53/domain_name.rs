//! Domain names in Route 53's text form ("DNS domain name format", Route 53 developer guide): any byte of a label may be
//! written as three octal digits behind a backslash.

use hickory_proto::rr::Name;

/// A name as DNS has it. `None` if the text is no name.
pub fn dns_name(text: &str) -> Option<Name> {
    match text {
        "." => Some(Name::root()),
        _ => Name::from_labels(labels(text.strip_suffix('.').unwrap_or(text))?).ok(),
    }
}

fn labels(text: &str) -> Option<Vec<Vec<u8>>> {
    let (mut labels, mut label, mut rest) = (Vec::new(), Vec::new(), text.as_bytes());
    loop {
        let (byte, after) = match (octal(rest), rest) {
            (Some(found), _) => found,
            (None, [b'.', after @ ..]) => {
                labels.push(std::mem::take(&mut label));
                rest = after;
                continue;
            }
            (None, [byte @ b'!'..=b'~', after @ ..]) if *byte != b'\\' => (*byte, after),
            (None, []) => {
                labels.push(label);
                return Some(labels);
            }
            _ => return None,
        };
        label.push(byte);
        rest = after;
    }
}

/// The byte that a text begins with in octal, and what comes after it.
pub(super) fn octal(text: &[u8]) -> Option<(u8, &[u8])> {
    match text {
        [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..] => {
            Some((((a - b'0') << 6) | ((b - b'0') << 3) | (c - b'0'), after))
        }
        _ => None,
    }
}

/// A name as the model has it: in lower case and without a final dot. Dots and backslashes within labels, and bytes that
/// are not printable, are in octal.
pub fn spelled(name: &Name) -> String {
    let letter = |byte: &u8| match byte.to_ascii_lowercase() {
        byte @ b'!'..=b'~' if !matches!(byte, b'.' | b'\\') => char::from(byte).to_string(),
        byte => format!("\\{byte:03o}"),
    };
    let labels: Vec<String> = name.iter().map(|label| label.iter().map(letter).collect()).collect();
    labels.join(".")
}

/// The same with a dot at its end, if the text is a name other than the root's.
pub fn domain_name(text: &str) -> Option<String> {
    let name = dns_name(text).filter(|name| !name.is_root())?;
    Some(spelled(&name) + ".")
}

/// A name of the model as Route 53 writes it: all but letters, digits, hyphens and underscores in octal.
pub fn escaped_name(name: &str) -> String {
    let written = |letter: char| match letter {
        'a'..='z' | '0'..='9' | '-' | '_' | '.' | '\\' => letter.to_string(),
        other => format!("\\{:03o}", u32::from(other)),
    };
    name.chars().map(written).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_labels_and_a_dot_at_their_end() {
        for name in ["*.corp.example", "\\052.corp.example.", "a.*.corp.example", "*x.corp.example", "-x.corp.example"]
        {
            assert!(domain_name(name).is_some_and(|name| name.ends_with("corp.example.")), "{name}");
        }
        let long = format!("{}.example", "x".repeat(64));
        let whole = ["x".repeat(63).as_str(); 4].join(".");
        for name in ["corp.example..", "corp..example", ".", "", "a b.example", "bücher.example", "a\\.example"] {
            assert_eq!(domain_name(name), None, "{name}");
        }
        for name in [long, whole] {
            assert_eq!(domain_name(&name), None, "{name}");
        }
    }

    #[test]
    fn letters_are_small_and_others_in_octal() {
        for (name, kept, shown) in [
            ("0/25.2.0.192.IN-ADDR.arpa", "0/25.2.0.192.in-addr.arpa.", "0\\05725.2.0.192.in-addr.arpa."),
            ("\\101\\100b.example", "a@b.example.", "a\\100b.example."),
            ("a\\056b\\134.example", "a\\056b\\134.example.", "a\\056b\\134.example."),
            ("ex\\344mple.com", "ex\\344mple.com.", "ex\\344mple.com."),
        ] {
            assert_eq!(domain_name(name).as_deref(), Some(kept));
            assert_eq!(escaped_name(kept), shown);
            assert_eq!(domain_name(shown).as_deref(), Some(kept), "it is the same when it is sent back");
        }
        assert_eq!(dns_name("a\\056b.example").unwrap().iter().next(), Some(&b"a.b"[..]));
    }
}
