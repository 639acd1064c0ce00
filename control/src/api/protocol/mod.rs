//! The dialects of AWS's clients: how a reply and an error are written in each.
//!
//! Both Query dialects have the same parameters ([`Params`](super::Params)). How lists are named in each is a fact of
//! the service, in `shapes`.

mod ec2;
mod error;
pub mod json;
mod query;
pub mod rest_xml;

pub use error::{ApiError, RequestError, ServiceError};

use shapes::Form;
use std::fmt;
use std::hash::{BuildHasher, RandomState};

/// A way of writing requests, replies and errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// EC2's own kind of AWS Query.
    Ec2,
    /// AWS Query: IAM, STS, RDS, load balancers and others.
    Query,
    /// AWS Query whose replies are JSON. boto 2 asks for it with `ContentType=JSON`.
    QueryInJson,
    /// XML bodies, with actions named by paths: Route 53, S3.
    RestXml,
    /// JSON bodies, and the action in `X-Amz-Target`.
    Json,
}

/// The text of a value, for an optional member of a reply.
pub fn text(value: impl ToString) -> Option<String> {
    Some(value.to_string())
}

/// A success to be written.
pub struct Success<'a> {
    /// The action.
    pub action: &'a str,
    /// The version of the API that the client asked for.
    pub version: &'a str,
    /// The namespace of the service's documents.
    pub namespace: &'a str,
    /// The HTTP status.
    pub status: u16,
    /// The members of the result, as XML or, in the dialects that use it, as JSON. `None` if the action returns nothing.
    pub members: Option<String>,
}

/// An HTTP reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The request's id. It is in the document and in the header `x-amzn-requestid`.
    pub request_id: String,
    /// The header `Content-Type`.
    pub content_type: &'static str,
    /// The header `Location`: the URL of a created resource.
    pub location: Option<String>,
    /// The document.
    pub body: String,
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.status, self.body)
    }
}

/// The content type of XML documents.
const XML: &str = "text/xml;charset=UTF-8";

impl Dialect {
    /// The document of a success.
    pub fn reply(self, success: &Success<'_>) -> Reply {
        let request_id = request_id();
        let body = match self {
            Dialect::Ec2 => ec2::reply(success, &request_id),
            Dialect::RestXml => rest_xml::reply(success),
            Dialect::Json => success.members.clone().unwrap_or_else(|| "{}".to_owned()),
            Dialect::Query => query::reply(success, &request_id),
            Dialect::QueryInJson => query::reply_in_json(success, &request_id),
        };
        let location = if self == Dialect::RestXml { rest_xml::location(success) } else { None };
        Reply { status: success.status, request_id, content_type: self.content_type(), location, body }
    }

    /// The document of an error.
    pub fn error(self, error: &dyn ApiError) -> Reply {
        let request_id = request_id();
        let body = match self {
            Dialect::Ec2 => ec2::error(error, &request_id),
            Dialect::Query | Dialect::RestXml => query::error(error, &request_id),
            Dialect::QueryInJson => query::error_in_json(error, &request_id),
            Dialect::Json => json::error(error),
        };
        Reply { status: error.status(), request_id, content_type: self.content_type(), location: None, body }
    }

    fn content_type(self) -> &'static str {
        match self {
            Dialect::Json => "application/x-amz-json-1.1",
            Dialect::QueryInJson => "application/json",
            _ => XML,
        }
    }

    /// The form of the members of replies, if they are JSON.
    pub fn json(self) -> Option<Form> {
        match self {
            Dialect::Json => Some(Form::Json),
            Dialect::QueryInJson => Some(Form::Query),
            _ => None,
        }
    }
}

/// A document with its declaration. The namespace is an attribute of its root. The content comes in parts because it
/// may be large.
fn document(root: &str, namespace: Option<&str>, content: &[&str]) -> String {
    let attribute = namespace.map(|namespace| format!(" xmlns=\"{namespace}\"")).unwrap_or_default();
    let open = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><{root}{attribute}>");
    [&[open.as_str()], content, &["</", root, ">"]].concat().concat()
}

/// A random UUID (RFC 9562, version 4).
fn request_id() -> String {
    model::random_uuid(RandomState::new().hash_one(0), RandomState::new().hash_one(1))
}

#[cfg(test)]
mod tests;
