//! Names: the names of addresses, and a resolver's answers to its clients (semantics.md §7).
//!
//! [`NameIndex`] is an index of the model by address and by name, kept up to date with it. [`answer()`] is a pure
//! function of both.

mod answer;
mod client;
mod empty_non_terminal;
mod endpoint;
mod hosted;
mod hostname;
mod index;
mod location;
mod routing;

#[cfg(test)]
pub(crate) mod tests;

pub use answer::{Answer, answer};
pub use client::{Client, Network, has_names};
pub use endpoint::GOV_CLOUD;
pub use hosted::test_answer;
pub use hostname::{private_name, public_name};
pub use index::NameIndex;

use model::Model;

/// The longest chain of names that lead to each other. A longer one is a loop.
const LONGEST_CHAIN: usize = 16;

/// The state that answers depend on.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The cloud.
    pub model: &'a Model,
    /// Its index.
    pub index: &'a NameIndex,
    /// A random number, which decides between weighted records and orders several values.
    pub chance: u64,
}
