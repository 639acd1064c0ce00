//! The canonical encoding in which texts are signed (RFC 3986).

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All characters except RFC 3986's unreserved ones.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The text with reserved characters as `%XY`.
pub fn encoded(text: &[u8]) -> String {
    percent_encoding::percent_encode(text, RESERVED).to_string()
}

/// A part of a URL's query in canonical encoding, however it was sent.
pub fn reencoded(sent: &str) -> String {
    encoded(&percent_decode_str(sent).collect::<Vec<u8>>())
}

/// A path as version 4 signs it: without empty parts, `.` and `..`, and with encoded characters encoded once more.
pub fn path(sent: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in sent.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let open = sent.len() > 1 && (sent.ends_with('/') || sent.ends_with("/.") || sent.ends_with("/.."));
    let whole: String = parts.iter().map(|part| format!("/{}", utf8_percent_encode(part, RESERVED))).collect();
    if whole.is_empty() || open { whole + "/" } else { whole }
}

/// Names and values, as they were sent.
pub fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// `name=value&…`, sorted.
pub fn joined(mut pairs: Vec<(String, String)>) -> String {
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}
