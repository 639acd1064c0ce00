//! AWS Query's documents: the members in `ActionResult`, followed by the request's id.

use super::{ApiError, Success, document};
use shapes::Xml;

/// The document of a success.
pub fn reply(success: &Success<'_>, request_id: &str) -> String {
    let action = success.action;
    let mut metadata = Xml::default();
    metadata.within("ResponseMetadata", |node| node.text("RequestId", request_id));
    let members = success.members.as_ref().map(|members| format!("<{action}Result>{members}</{action}Result>"));
    let content = members.unwrap_or_default() + &metadata.into_string();
    document(&format!("{action}Response"), Some(success.namespace), &content)
}

/// The document of an error, which REST-XML has too.
pub fn error(error: &dyn ApiError, request_id: &str) -> String {
    let mut content = Xml::default();
    content.within("Error", |node| {
        node.text("Type", if error.status() < 500 { "Sender" } else { "Receiver" });
        node.text("Code", error.code());
        node.text("Message", &error.to_string());
    });
    content.text("RequestId", request_id);
    document("ErrorResponse", None, &content.into_string())
}
