//! Policy documents.

use super::Pattern;
use super::condition::Condition;
use super::grammar::{OfIdentity, OfTrust, Raw, Stored};
use super::operator::Wanted;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

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

/// A policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Its statements in order.
    pub statements: Vec<Statement>,
}

/// The effect of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Effect {
    /// The statement allows.
    Allow,
    /// The statement denies, whatever other statements allow.
    Deny,
}

/// One rule of a policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its name, if it has one.
    pub sid: Option<String>,
    /// Its effect.
    pub effect: Effect,
    /// The principals, in policies that have them.
    pub principals: Option<Principals>,
    /// The actions.
    pub actions: Choice,
    /// The resources. Trust policies have none.
    pub resources: Option<Choice>,
    /// The conditions, all of which must hold.
    pub conditions: Vec<Condition>,
}

/// A set of patterns, or everything else.
#[derive(Clone, Debug, PartialEq)]
pub enum Choice {
    /// Texts that match one of the patterns.
    Of(Vec<Pattern>),
    /// Texts that match none of the patterns.
    Except(Vec<Pattern>),
}

/// The principals of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principals {
    /// Whether all others are meant (`NotPrincipal`).
    pub except: bool,
    /// By kind (`AWS`, `Service`, `Federated`, …): ARNs, accounts, names; `*` is everybody.
    pub named: BTreeMap<String, Vec<String>>,
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

    /// The keys of a request's context in its conditions, and in the variables of their values and of its resources.
    pub fn context_keys(&self) -> BTreeSet<&str> {
        let conditions = || self.statements.iter().flat_map(|one| &one.conditions);
        let values = conditions().flat_map(|condition| &condition.wanted).filter_map(Wanted::pattern);
        let patterns =
            self.statements.iter().filter_map(|one| one.resources.as_ref()).flat_map(|choice| match choice {
                Choice::Of(patterns) | Choice::Except(patterns) => patterns,
            });
        conditions().map(|one| one.key.as_str()).chain(patterns.chain(values).flat_map(Pattern::keys)).collect()
    }
}
