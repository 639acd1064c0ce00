//! AWS Query's documents: the members in `ActionResult`, followed by the request's id. They are XML, or JSON for clients that
//! ask for it.

use super::{ApiError, Success, document};
use serde_json::json;
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

/// The document of an error. REST-XML has the same.
pub fn error(error: &dyn ApiError, request_id: &str) -> String {
    let mut content = Xml::default();
    content.within("Error", |node| {
        node.text("Type", blame(error));
        node.text("Code", error.code());
        node.text("Message", &error.to_string());
    });
    content.text("RequestId", request_id);
    document("ErrorResponse", None, &[&content.into_string()])
}

/// The party at fault.
fn blame(error: &dyn ApiError) -> &'static str {
    if error.status() < 500 { "Sender" } else { "Receiver" }
}

/// The JSON of a success.
pub fn reply_in_json(success: &Success<'_>, request_id: &str) -> String {
    let action = success.action;
    let metadata = json!({ "RequestId": request_id });
    let result = success.members.as_ref().map(|members| format!("\"{action}Result\":{members},")).unwrap_or_default();
    format!("{{\"{action}Response\":{{{result}\"ResponseMetadata\":{metadata}}}}}")
}

/// The JSON of an error.
pub fn error_in_json(error: &dyn ApiError, request_id: &str) -> String {
    let content = json!({ "Type": blame(error), "Code": error.code(), "Message": error.to_string() });
    json!({ "Error": content, "RequestId": request_id }).to_string()
}
