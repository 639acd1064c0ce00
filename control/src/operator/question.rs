//! The trait of operators' questions: a question is a type that names the type of its answer.

use super::{Answer, Failure, Operator};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A question of an operator to a running system, or a command.
pub trait Question {
    /// The type of its answer.
    type Answer: Serialize + DeserializeOwned;

    /// Answers it.
    ///
    /// # Errors
    /// An error message for the operator.
    fn answer(self, operator: &Operator) -> impl Future<Output = Result<Self::Answer, Failure>> + Send;

    /// Answers it as the operator protocol does: with a line of JSON, and with bytes if there are many.
    ///
    /// # Errors
    /// If the answer cannot be written as JSON.
    fn reply(self, operator: &Operator) -> impl Future<Output = serde_json::Result<Vec<u8>>> + Send
    where
        Self: Sized + Send,
    {
        async { Answer::from(self.answer(operator).await).line() }
    }
}
