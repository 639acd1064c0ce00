//! IAM's policy language: documents and their evaluation. It needs no model, no clock and no input or output.
//!
//! A [`Document`] is read from JSON, and errors have a line and a column. [`check`] returns the error that IAM would
//! report. A [`Query`] is one action on one resource, with the values of condition keys ([`Context`]). [`evaluate`]
//! evaluates documents for a query: an explicit deny decides, then an allow, and without either the action is not
//! allowed (IAM User Guide, "Policy evaluation logic").

mod condition;
mod context;
mod date;
mod document;
mod evaluation;
mod grammar;
mod malformed;
mod operator;
mod parse;
mod pattern;
mod strings;
mod unique;
pub mod wildcard;

pub use context::Context;
pub use document::{Document, Effect, Principals, Statement};
pub use evaluation::{Match, Query, Verdict, allows_directly, allows_session, evaluate, may_allow};
pub use malformed::{Malformed, check};
pub use parse::{PolicyError, Use};
pub use pattern::Pattern;

#[cfg(test)]
mod tests;
