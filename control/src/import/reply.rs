//! Replies of the API to an import's own calls.

use crate::api::Reply;
use std::borrow::Cow;

/// The message of a refusal, or what was refused.
pub(super) fn message_or(refusal: &Reply, refused: &str) -> String {
    element(&refusal.body, "Message").unwrap_or_else(|| refused.to_owned())
}

/// The text of the first element with that name.
pub(super) fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    Some(quick_xml::escape::unescape(text).map_or_else(|_| text.to_owned(), Cow::into_owned))
}
