//! AWS Query's documents: the members in `ActionResult`, followed by the request's id.

use super::{ApiError, Success, document};
use shapes::Xml;

/// The document of a success.
pub fn reply(success: &Success<'_>, request_id: &str) -> String {
    let action = success.action;
    let mut metadata = Xml::default();
    metadata.within("ResponseMetadata", |node| node.text("RequestId", request_id));
    let metadata = metadata.into_string();
    let (root, namespace) = (format!("{action}Response"), Some(success.namespace));
    match &success.members {
        Some(members) => {
            document(&root, namespace, &["<", action, "Result>", members, "</", action, "Result>", &metadata])
        }
        None => document(&root, namespace, &[&metadata]),
    }
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
    document("ErrorResponse", None, &[&content.into_string()])
}
