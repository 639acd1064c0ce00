//! Reads policy documents.

use super::document::{Choice, Document, Effect, Statement};
use super::grammar::{OfIdentity, OfTrust, Raw, Stored};

/// The use of a policy, which determines what its statements must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// A policy of a user, group or role: statements name resources and no principals.
    Identity,
    /// A managed policy, with the same elements.
    Managed,
    /// A trust policy: statements name principals and no resources.
    Trust,
}

/// Why a policy cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {why}")]
pub struct PolicyError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
    /// The error.
    pub why: String,
}

impl Document {
    /// Reads a policy.
    ///
    /// # Errors
    /// [`PolicyError`] with the place of the error.
    pub fn parse(text: &str, r#use: Use) -> Result<Document, PolicyError> {
        let document = match r#use {
            Use::Identity | Use::Managed => serde_json::from_str::<Raw<OfIdentity>>(text).map(Raw::document),
            Use::Trust => serde_json::from_str::<Raw<OfTrust>>(text).map(Raw::document),
        };
        document.map_err(|error| {
            let whole = error.to_string();
            let place = format!(" at line {} column {}", error.line(), error.column());
            let why = whole.strip_suffix(&place).unwrap_or(&whole).to_owned();
            PolicyError { line: error.line().max(1), column: error.column().max(1), why }
        })
    }

    /// Reads a policy that was accepted earlier, perhaps under rules that were less strict. The document never allows
    /// more than the text: a condition that cannot be read fails in an Allow and holds in a Deny, and a text that is
    /// not a policy denies everything.
    pub fn stored(text: &str) -> Document {
        serde_json::from_str::<Raw<Stored>>(text).map_or_else(|_| Document::denying_everything(), Raw::document)
    }

    fn denying_everything() -> Document {
        let statement = Statement {
            sid: None,
            effect: Effect::Deny,
            principals: None,
            actions: Choice::Except(Vec::new()),
            resources: None,
            conditions: Vec::new(),
        };
        Document { statements: vec![statement] }
    }
}
