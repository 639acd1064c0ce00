//! A small HTTP client of the API: of EC2, of Route 53, and of the services with EC2's protocol.
//!
//! The product checks no signatures here, so a request's signature only has the right form. Its access key (an
//! account's id) and credential scope say which account and Region it is for.

use super::reply;
use super::rest::{self, Rest};
use super::service::Service;
use serde_json::{Map, Value};
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The account of requests unless a scenario names another.
pub const ACCOUNT: &str = "111122223333";
/// The Region of requests unless a scenario names another.
pub const REGION: &str = "us-east-1";
/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// An endpoint of the API.
#[derive(Clone, Debug)]
pub struct Api {
    endpoint: SocketAddr,
}

/// The account and the Region of a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The account id.
    pub account: String,
    /// The Region.
    pub region: String,
}

impl Default for Caller {
    fn default() -> Self {
        Self { account: ACCOUNT.to_owned(), region: REGION.to_owned() }
    }
}

/// Why a call has no result.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The API refused.
    #[error("{code}: {message}")]
    Refused {
        /// The error code.
        code: String,
        /// The API's message.
        message: String,
    },
    /// The API cannot be reached.
    #[error("no answer from the API: {0}")]
    Transport(#[from] io::Error),
    /// The reply cannot be parsed.
    #[error("the API's answer is not understood: {0}")]
    Answer(String),
}

impl Api {
    /// The API at `http://ADDRESS:PORT`.
    ///
    /// # Errors
    /// If the text is not such an address.
    pub fn at(url: &str) -> Result<Self, ApiError> {
        let address = url.trim().trim_start_matches("http://").trim_end_matches('/');
        let endpoint = address.parse().map_err(|_| ApiError::Answer(format!("`{url}` is no endpoint")))?;
        Ok(Self { endpoint })
    }

    /// Its address.
    pub fn endpoint(&self) -> SocketAddr {
        self.endpoint
    }

    /// Calls an action. Returns the reply as JSON, with lists as arrays and everything else as text.
    ///
    /// # Errors
    /// The API's error, or why there is no answer.
    pub fn call(&self, caller: &Caller, action: &str, parameters: &Map<String, Value>) -> Result<Value, ApiError> {
        let service = Service::of(action);
        let request = rest::request(action, parameters).unwrap_or_else(|| query(service, action, parameters));
        let (status, answer) = self.send(caller, service, &request)?;
        let mut parsed = reply::parse(&answer).map_err(|why| ApiError::Answer(format!("{why}: {answer}")))?;
        if (200..300).contains(&status) {
            // In AWS Query's documents the reply is one level down.
            let result = parsed.get_mut(format!("{action}Result")).map(Value::take);
            return Ok(result.unwrap_or(parsed));
        }
        let error = parsed.pointer("/Errors/0").unwrap_or(&parsed["Error"]);
        match (error["Code"].as_str(), error["Message"].as_str()) {
            (Some(code), message) => {
                Err(ApiError::Refused { code: code.to_owned(), message: message.unwrap_or_default().to_owned() })
            }
            (None, _) => Err(ApiError::Answer(format!("status {status}: {answer}"))),
        }
    }

    fn send(
        &self,
        caller: &Caller,
        service: &Service,
        Rest { method, path, body }: &Rest,
    ) -> io::Result<(u16, String)> {
        let mut stream = TcpStream::connect_timeout(&self.endpoint, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        let Caller { account, region } = caller;
        let (service, content) = match path.as_str() {
            "/" => (service.name, "application/x-www-form-urlencoded; charset=utf-8"),
            _ => ("route53", "text/xml"),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\n\
             Host: {}\r\n\
             Connection: close\r\n\
             Content-Type: {content}\r\n\
             X-Amz-Date: 20170101T000000Z\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={account}/20170101/{region}/{service}/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, Signature={:064}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            self.endpoint,
            0,
            body.len(),
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let broken = || io::Error::new(io::ErrorKind::InvalidData, "not an HTTP response");
        let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(broken)?;
        Ok((status, body.to_owned()))
    }
}

/// The request for an action of EC2, or of a service with AWS Query.
fn query(service: &Service, action: &str, parameters: &Map<String, Value>) -> Rest {
    let mut form = vec![("Action".to_owned(), action.to_owned()), ("Version".to_owned(), service.version.to_owned())];
    flatten("", &Value::Object(parameters.clone()), &mut form);
    let pairs: Vec<_> = form.iter().map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    Rest { method: "POST", path: "/".to_owned(), body: pairs.join("&") }
}

/// The Query protocol's flat form: `{Filter: [{Name: x}]}` becomes `Filter.1.Name=x`.
fn flatten(prefix: &str, value: &Value, form: &mut Vec<(String, String)>) {
    let under = |key: &str| if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| flatten(&under(name), value, form)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| flatten(&under(&(index + 1).to_string()), value, form));
        }
        Value::Null => form.push((prefix.to_owned(), String::new())),
        scalar => form.push((prefix.to_owned(), scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned))),
    }
}

/// Percent-encodes what is not unreserved (RFC 3986 §2.3).
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(byte.into()),
            byte => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_of_lists_are_numbered_from_one() {
        let mut form = Vec::new();
        flatten("", &json!({"Filter": [{"Name": "vpc-id", "Value": ["a", "b"]}], "DryRun": true}), &mut form);
        let pairs: Vec<_> = form.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(pairs, ["DryRun=true", "Filter.1.Name=vpc-id", "Filter.1.Value.1=a", "Filter.1.Value.2=b"]);
        assert_eq!(escape("0.0.0.0/0 é"), "0.0.0.0%2F0%20%C3%A9");
    }
}
