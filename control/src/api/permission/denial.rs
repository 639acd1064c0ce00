//! A refusal for lack of permission, and the encoded message in which EC2 gives the reason to those who may decode it.
//!
//! The sender may not be allowed to read policies, so the message is encrypted. The action
//! sts:DecodeAuthorizationMessage decrypts it. The key is made at every start of control.

use super::{Dialect, Query};
use crate::api::protocol::ApiError;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use policy::{Effect, Match};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// The length of a nonce, which makes messages with the same content differ.
const NONCE: usize = 24;

/// The cipher with this process's key.
static SEAL: LazyLock<Option<XChaCha20Poly1305>> = LazyLock::new(|| {
    let mut key = [0; 32];
    getrandom::fill(&mut key).ok()?;
    Some(XChaCha20Poly1305::new(&key.into()))
});

/// The sender is not allowed the action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Denied {
    message: String,
    code: &'static str,
    status: u16,
}

/// The message was not made by this system for this account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Invalid authorization message: this system has not made it for this account since its last start.")]
pub struct BadMessage;

/// A type of policies, as refusals call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyType {
    /// Policies of a user or role.
    Identity,
    /// The permissions boundary of a user or role.
    Boundary,
    /// Policies that limit a session.
    Session,
    /// The policy that says who may assume a role.
    Trust,
}

impl PolicyType {
    fn article_and_noun(self) -> (&'static str, &'static str) {
        match self {
            PolicyType::Identity => ("an", "identity-based policy"),
            PolicyType::Boundary => ("a", "permissions boundary"),
            PolicyType::Session => ("a", "session policy"),
            PolicyType::Trust => ("the", "role trust policy"),
        }
    }
}

/// Why a request is refused: the policies of a type do not allow it, or one of their statements denies it.
#[derive(Clone, Copy, Debug)]
pub struct Reason<'m> {
    /// The policies' type.
    pub policies: PolicyType,
    /// The statement that denies it. `None` if none allows it.
    pub denied_by: Option<Match<'m>>,
}

impl Denied {
    /// A refusal on one resource.
    pub fn new(dialect: Dialect, query: &Query<'_>, reason: Reason<'_>) -> Denied {
        let Query { principals, action, resource, account, .. } = query;
        let principal = principals.first().map_or("", String::as_str);
        let Reason { policies, denied_by: by } = reason;
        let (article, noun) = policies.article_and_noun();
        let because = match by {
            Some(_) => format!("with an explicit deny in {article} {noun}"),
            None => format!("because no {noun} allows the {action} action"),
        };
        let what =
            format!("User: {principal} is not authorized to perform: {action} on resource: {resource} {because}");
        let message = match dialect {
            Dialect::Ec2 => {
                let sealed = seal(account, &content(query, by).to_string()).unwrap_or_default();
                let ec2 = "You are not authorized to perform this operation.";
                format!("{ec2} {what}. Encoded authorization failure message: {sealed}")
            }
            _ => what,
        };
        let (code, status) = match dialect {
            Dialect::Ec2 => ("UnauthorizedOperation", 403),
            Dialect::Json => ("AccessDeniedException", 400),
            _ => ("AccessDenied", 403),
        };
        Denied { message, code, status }
    }

    /// A refusal of an action that is closed to sessions like the sender's. IAM treats its credentials as invalid.
    pub fn to_session(service: &str, action: &str) -> Denied {
        let (code, message) = match service {
            "iam" => ("InvalidClientTokenId", "The security token included in the request is invalid".to_owned()),
            _ => ("AccessDenied", format!("Cannot call {action} with session credentials")),
        };
        Denied { message, code, status: 403 }
    }
}

impl ApiError for Denied {
    fn code(&self) -> &'static str {
        self.code
    }

    fn status(&self) -> u16 {
        self.status
    }
}

/// The contents of an encoded message, with the members that AWS documents.
fn content(query: &Query<'_>, by: Option<Match<'_>>) -> Value {
    let items = |items: Vec<Value>| json!({ "items": items });
    let statement = |found: Match<'_>| {
        let effect = if found.statement.effect == Effect::Deny { "DENY" } else { "ALLOW" };
        let id = found.statement.sid.clone().unwrap_or_else(|| format!("statement {}", found.place));
        json!({ "statementId": id, "effect": effect, "policy": found.policy, "place": found.place })
    };
    let condition = |(key, values): (&str, &[String])| {
        let values = values.iter().map(|value| json!({ "value": value })).collect();
        json!({ "key": key, "values": items(values) })
    };
    let principal = query.principals.first().map_or("", String::as_str);
    json!({
        "allowed": false,
        "explicitDeny": by.is_some(),
        "matchedStatements": items(by.into_iter().map(statement).collect()),
        "failures": items(Vec::new()),
        "context": {
            "principal": {
                "id": query.context.get("aws:userid").and_then(|values| values.first()),
                "name": query.context.get("aws:username").and_then(|values| values.first()),
                "arn": principal,
            },
            "action": query.action,
            "resource": query.resource,
            "conditions": items(query.context.iter().map(condition).collect()),
        },
    })
}

/// Encrypts a message for an account. `None` if the operating system gives no random numbers.
fn seal(account: &str, text: &str) -> Option<String> {
    let mut nonce = [0; NONCE];
    getrandom::fill(&mut nonce).ok()?;
    let payload = Payload { msg: text.as_bytes(), aad: account.as_bytes() };
    let sealed = SEAL.as_ref()?.encrypt(&XNonce::from(nonce), payload).ok()?;
    Some(URL_SAFE_NO_PAD.encode([nonce.as_slice(), &sealed].concat()))
}

/// Decrypts a message that was made for an account.
///
/// # Errors
/// [`BadMessage`] if the message was not made for the account, or was made before the last start.
pub fn open(account: &str, message: &str) -> Result<String, BadMessage> {
    let bytes = URL_SAFE_NO_PAD.decode(message.trim()).map_err(|_| BadMessage)?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>().ok_or(BadMessage)?;
    let payload = Payload { msg: sealed, aad: account.as_bytes() };
    let text = SEAL.as_ref().and_then(|seal| seal.decrypt(&XNonce::from(*nonce), payload).ok());
    text.and_then(|text| String::from_utf8(text).ok()).ok_or(BadMessage)
}
