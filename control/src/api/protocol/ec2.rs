//! EC2's documents (semantics.md §1.1): the request's id first, and `RequestID` in errors.

use super::{ApiError, Success, document};
use shapes::Xml;

/// Actions that have `return` beside their results: EC2 sends it and old clients look for it, although the model does
/// not have it.
const RETURNS: [&str; 2] = ["AssignPrivateIpAddresses", "AssociateAddress"];

/// The namespace follows the version of the request.
pub fn reply(success: &Success<'_>, request_id: &str) -> String {
    let mut content = Xml::default();
    content.text("requestId", request_id);
    if success.members.is_none() || RETURNS.contains(&success.action) {
        content.text("return", "true");
    }
    let content = [&content.into_string(), success.members.as_deref().unwrap_or_default()];
    let namespace = format!("http://ec2.amazonaws.com/doc/{}/", success.version);
    document(&format!("{}Response", success.action), Some(&namespace), &content)
}

/// The document of an error.
pub fn error(error: &dyn ApiError, request_id: &str) -> String {
    let mut content = Xml::default();
    content.within("Errors", |errors| {
        errors.within("Error", |node| {
            node.text("Code", error.code());
            node.text("Message", &error.to_string());
        });
    });
    content.text("RequestID", request_id);
    document("Response", None, &[&content.into_string()])
}
