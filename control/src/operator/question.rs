//! What a question of operators is: a type that says what it is answered with and how, beside its meaning.

use super::{Failure, Operator};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What an operator asks a running system, or asks it to do.
pub trait Question {
    /// What it is answered with.
    type Answer: Serialize + DeserializeOwned;

    /// Answers it.
    ///
    /// # Errors
    /// What to tell the operator.
    fn answer(self, operator: &Operator) -> impl Future<Output = Result<Self::Answer, Failure>> + Send;
}
