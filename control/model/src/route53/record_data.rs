//! What a record set's values stand for, and how zones order names.

use super::domain_name::{dns_name, octal};
use super::error::TextFault;
use hickory_proto::rr::rdata::{CNAME, MX, NAPTR, NS, PTR, SRV, TXT};
use hickory_proto::rr::{RData, RecordType};
use std::str::FromStr;

/// The longest string of a TXT record, in bytes (RFC 1035 §3.3).
const LONGEST_STRING: usize = 255;
/// The longest value of a TXT record, in characters (a quota of Route 53).
const LONGEST_TEXT: usize = 4000;

/// A name, its labels from the last to the first: so names below another follow it.
pub fn reversed(name: &str) -> String {
    let mut labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
    labels.reverse();
    labels.join(".") + "."
}

/// The datum that a value in Route 53's text form stands for. Names there are whole, with or without a dot at their end.
pub fn rdata(kind: RecordType, value: &str) -> Option<RData> {
    if kind == RecordType::TXT {
        let strings = strings(value).filter(|strings| strings.iter().all(|string| string.len() <= LONGEST_STRING))?;
        return Some(RData::TXT(TXT::from_bytes(strings.iter().map(Vec::as_slice).collect())));
    }
    match kind {
        RecordType::CNAME | RecordType::NS | RecordType::PTR => ending_in_name(kind, value, 0),
        RecordType::MX => ending_in_name(kind, value, 1),
        RecordType::SRV => ending_in_name(kind, value, 3),
        RecordType::NAPTR => ending_in_name(kind, value, 5),
        _ if fields(kind).is_some_and(|fields| count_fields(value) != fields) => None,
        _ => RData::try_from_str(kind, value).ok(),
    }
}

/// Whether a value is one of a type. DS and SPF are only kept: DS is for public zones, and nobody asks for SPF any more (RFC 7208).
pub(crate) fn is_value(kind: &str, value: &str) -> bool {
    match kind {
        "DS" => is_delegation(value),
        "SPF" => text_fault(value).is_none(),
        _ => RecordType::from_str(kind).is_ok_and(|kind| rdata(kind, value).is_some()),
    }
}

/// Whether a value has a key tag, an algorithm, a digest type and a digest (RFC 4034 §5.3).
fn is_delegation(value: &str) -> bool {
    let is_digest =
        |text: &str| text.len() >= 2 && text.len().is_multiple_of(2) && text.bytes().all(|b| b.is_ascii_hexdigit());
    match value.split_whitespace().collect::<Vec<_>>().as_slice() {
        [tag, algorithm, digest_type, digest] => {
            tag.parse::<u16>().is_ok()
                && [algorithm, digest_type].iter().all(|number| number.parse::<u8>().is_ok())
                && is_digest(digest)
        }
        _ => false,
    }
}

/// The datum of a kind whose text ends with a name, after so many other fields. The name is read apart, since the parser takes only
/// names that hosts can have.
fn ending_in_name(kind: RecordType, value: &str, fields: usize) -> Option<RData> {
    let value = value.trim();
    let (before, name) = value.split_at(value.rfind([' ', '\t']).map_or(0, |space| space + 1));
    if count_fields(before) != fields {
        return None;
    }
    let name = dns_name(name)?;
    let mut data = RData::try_from_str(kind, &format!("{before}.")).ok()?;
    match &mut data {
        RData::CNAME(CNAME(own))
        | RData::NS(NS(own))
        | RData::PTR(PTR(own))
        | RData::MX(MX { exchange: own, .. })
        | RData::SRV(SRV { target: own, .. })
        | RData::NAPTR(NAPTR { replacement: own, .. }) => *own = name,
        _ => return None,
    }
    Some(data)
}

/// How many fields a value has, for types without a name at the end.
fn fields(kind: RecordType) -> Option<usize> {
    match kind {
        RecordType::A | RecordType::AAAA => Some(1),
        RecordType::SOA => Some(7),
        _ => None,
    }
}

/// How many fields a text has. In quotation marks, spaces do not separate fields.
fn count_fields(text: &str) -> usize {
    let mut is_quoted = false;
    let fields = text.split(|c: char| {
        is_quoted ^= c == '"';
        !is_quoted && c.is_whitespace()
    });
    fields.filter(|field| !field.is_empty()).count()
}

/// What is wrong with a TXT record's value.
pub(super) fn text_fault(value: &str) -> Option<TextFault> {
    match strings(value) {
        None => Some(TextFault::NoStrings),
        Some(strings)
            if value.chars().count() > LONGEST_TEXT || strings.iter().any(|string| string.len() > LONGEST_STRING) =>
        {
            Some(TextFault::TooLong)
        }
        Some(_) => None,
    }
}

/// The strings of a TXT record's value, each in quotation marks. `\ooo` in them is a byte in octal, and a backslash before anything but
/// a digit stands for what follows ("TXT record type", Route 53 developer guide).
fn strings(text: &str) -> Option<Vec<Vec<u8>>> {
    let (mut strings, mut rest) = (Vec::new(), text.trim().as_bytes());
    while !rest.is_empty() {
        let (string, after) = first_string(rest)?;
        strings.push(string);
        rest = after.trim_ascii_start();
    }
    (!strings.is_empty()).then_some(strings)
}

/// The string that a text begins with, and what comes after it.
fn first_string(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (mut string, mut rest) = (Vec::new(), text.strip_prefix(b"\"")?);
    loop {
        let (byte, after) = match (octal(rest), rest) {
            (Some(found), _) => found,
            (None, [b'"', after @ ..]) => return Some((string, after)),
            (None, [b'\\', b'0'..=b'9', ..] | []) => return None,
            (None, [b'\\', byte, after @ ..] | [byte, after @ ..]) => (*byte, after),
        };
        string.push(byte);
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_strings_with_bytes_in_octal() {
        assert_eq!(strings(r#""a b" "c""#), Some(vec![b"a b".to_vec(), b"c".to_vec()]));
        assert_eq!(strings(r#""\101\377\"\\""#), Some(vec![b"A\xff\"\\".to_vec()]));
        assert_eq!(strings(r#""""#), Some(vec![Vec::new()]));
        for wrong in ["", "bare", r#"""#, r#""half"#, r#""\400""#, r#""\18""#, r#""a" b"#, r#""a\""#] {
            assert_eq!(strings(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_only_kept_is_checked_too() {
        assert!(is_value("DS", "12345 3 1 49fd46e6c4b45c55d4ac") && is_value("SPF", r#""v=spf1 -all""#));
        for (kind, value) in [("DS", "12345 3 1"), ("DS", "70000 3 1 49fd"), ("DS", "1 3 1 49f"), ("SPF", "v=spf1")] {
            assert!(!is_value(kind, value), "{value}");
        }
    }

    #[test]
    fn a_value_has_the_fields_of_its_type_and_no_more() {
        let right = [
            (RecordType::PTR, "a.example"),
            (RecordType::MX, "10 mx.example."),
            (RecordType::A, "192.0.2.1 "),
            (RecordType::NAPTR, r#"100 10 "u" "sip+E2U" "!^a b$!sip:a@b.example!" ."#),
        ];
        for (kind, value) in right {
            assert!(rdata(kind, value).is_some(), "{value}");
        }
        for (kind, value) in [
            (RecordType::PTR, "not a name"),
            (RecordType::CNAME, "a.example b.example"),
            (RecordType::MX, "10 a.example b.example"),
            (RecordType::SRV, "1 2 3 a.example 4"),
            (RecordType::NAPTR, r#"100 10 "u" "sip+E2U" "!^a b$!sip:a@b.example!""#),
            (RecordType::A, "192.0.2.1 192.0.2.2"),
        ] {
            assert_eq!(rdata(kind, value), None, "{value}");
        }
    }

    #[test]
    fn names_in_values_may_have_underscores() {
        for (kind, value, name) in [
            (RecordType::CNAME, "order_test.example.com", "order_test.example.com."),
            (RecordType::MX, "10 mail_1.example.com.", "mail_1.example.com."),
            (RecordType::SRV, "1 10 5269 _xmpp._tcp.example.com", "_xmpp._tcp.example.com."),
        ] {
            assert!(rdata(kind, value).is_some_and(|data| data.to_string().ends_with(name)), "{value}");
        }
        for (kind, value) in [(RecordType::MX, "example.com"), (RecordType::CNAME, "a b.example.com")] {
            assert_eq!(rdata(kind, value), None, "{value}");
        }
    }

    #[test]
    fn a_text_has_its_limits() {
        let string = |length| format!("\"{}\"", "a".repeat(length));
        assert_eq!(text_fault(&string(255)), None);
        assert!(rdata(RecordType::TXT, &string(255)).is_some() && rdata(RecordType::TXT, &string(256)).is_none());
        let many = vec![string(255); 16].join(" ");
        for long in [string(256), many] {
            assert_eq!(text_fault(&long), Some(TextFault::TooLong));
        }
    }
}
