//! What a record set's values stand for, and how zones order names.

use hickory_proto::rr::{RData, RecordType};

/// A name, its labels from the last to the first: so names below another follow it.
pub fn reversed(name: &str) -> String {
    let mut labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
    labels.reverse();
    labels.join(".") + "."
}

/// The datum that a value in Route 53's text form stands for. Names there are whole, with or without a dot at their end.
pub fn rdata(kind: RecordType, value: &str) -> Option<RData> {
    let ends_with_name =
        matches!(kind, RecordType::CNAME | RecordType::MX | RecordType::NS | RecordType::PTR | RecordType::SRV);
    let whole = if ends_with_name && !value.ends_with('.') { format!("{value}.") } else { value.to_owned() };
    RData::try_from_str(kind, &whole).ok()
}
