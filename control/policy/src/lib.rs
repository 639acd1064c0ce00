//! IAM's policy language: documents and their evaluation. Pure: without model, clock or wire.
//!
//! A [`Document`] is parsed from JSON; an error has its line and column. A [`Query`] is one action on one resource,
//! with what is known ([`Context`]). [`evaluate`] evaluates documents for a query: an explicit deny decides, then an
//! allow; without either nothing is allowed (IAM User Guide, "Policy evaluation logic").

mod condition;
mod context;
mod document;
mod evaluation;
mod operator;
mod pattern;
mod strings;
mod unique;
pub mod wildcard;

pub use context::Context;
pub use document::{Document, Effect, PolicyError, Principals, Statement, Use};
pub use evaluation::{Match, Query, Verdict, allows_directly, allows_session, evaluate};
pub use pattern::Pattern;

#[cfg(test)]
mod tests;
