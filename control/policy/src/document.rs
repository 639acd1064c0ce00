//! Policy documents.

use super::Pattern;
use super::condition::Condition;
use super::operator::Wanted;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

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

impl Document {
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
