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
use std::fmt;
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
pub enum Denied {
    /// EC2 adds an encoded message about the policies.
    #[error(
        "You are not authorized to perform this operation. {refusal}. Encoded authorization failure message: {encoded}"
    )]
    ByEc2 {
        /// What the policies refuse.
        refusal: Refusal,
        /// The encoded message.
        encoded: String,
    },
    /// Other services name the policies only.
    #[error("{refusal}")]
    ByService {
        /// What the policies refuse.
        refusal: Refusal,
        /// The service's dialect.
        dialect: Dialect,
    },
    /// IAM treats the credentials of sessions as invalid.
    #[error("The security token included in the request is invalid")]
    SessionByIam,
    /// The action is closed to sessions like the sender's.
    #[error("Cannot call {action} with session credentials")]
    Session {
        /// The action.
        action: String,
    },
}

/// A refusal by policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    principal: String,
    action: String,
    resource: String,
    policies: PolicyType,
    is_explicit: bool,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Refusal { principal, action, resource, policies, is_explicit } = self;
        let (article, noun) = policies.article_and_noun();
        write!(f, "User: {principal} is not authorized to perform: {action} on resource: {resource} ")?;
        match is_explicit {
            true => write!(f, "with an explicit deny in {article} {noun}"),
            false => write!(f, "because no {noun} allows the {action} action"),
        }
    }
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
        let refusal = Refusal {
            principal: query.principals.first().cloned().unwrap_or_default(),
            action: query.action.to_owned(),
            resource: query.resource.to_owned(),
            policies: reason.policies,
            is_explicit: reason.denied_by.is_some(),
        };
        if dialect != Dialect::Ec2 {
            return Denied::ByService { refusal, dialect };
        }
        let encoded = seal(query.account, &content(query, reason.denied_by).to_string()).unwrap_or_default();
        Denied::ByEc2 { refusal, encoded }
    }

    /// A refusal of an action that is closed to sessions like the sender's.
    pub fn to_session(service: &str, action: &str) -> Denied {
        if service == "iam" { Denied::SessionByIam } else { Denied::Session { action: action.to_owned() } }
    }
}

impl ApiError for Denied {
    fn code(&self) -> &'static str {
        match self {
            Denied::ByEc2 { .. } => "UnauthorizedOperation",
            Denied::ByService { dialect: Dialect::Json, .. } => "AccessDeniedException",
            Denied::ByService { .. } | Denied::Session { .. } => "AccessDenied",
            Denied::SessionByIam => "InvalidClientTokenId",
        }
    }

    fn status(&self) -> u16 {
        if self.code() == "AccessDeniedException" { 400 } else { 403 }
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
