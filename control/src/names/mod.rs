//! Names: who has which, and what a resolver answers to whom (semantics.md §7).
//!
//! [`Book`] is an index of the model by address and by name, kept up to date with it. [`answer()`] is a pure function of both.

mod answer;
mod asker;
mod book;
mod endpoint;
mod hosted;
mod hostname;

#[cfg(test)]
pub(crate) mod tests;

pub use answer::{Answer, answer};
pub use asker::{Asker, Network};
pub use book::Book;
pub use hosted::told;
pub use hostname::{private_name, public_name};

use model::Model;

/// What answers are made of.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The cloud.
    pub model: &'a Model,
    /// Its index.
    pub book: &'a Book,
    /// Any number: what is left to chance (weighted records, the order of several) follows from it.
    pub chance: u64,
}
