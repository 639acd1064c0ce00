//! The trait of operators' questions: a question is a type that names the type of its answer.

use super::{Failure, Operator};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// A question of an operator to a running system, or a command.
pub trait Question {
    /// The type of its answer.
    type Answer: Serialize + DeserializeOwned;

    /// Answers it.
    ///
    /// # Errors
    /// An error message for the operator.
    fn answer(self, operator: &Operator) -> impl Future<Output = Result<Self::Answer, Failure>> + Send;

    /// Answers it with a line of JSON, without its newline.
    ///
    /// # Errors
    /// If the answer cannot be written as JSON.
    fn line(self, operator: &Operator) -> impl Future<Output = serde_json::Result<Vec<u8>>> + Send
    where
        Self: Sized + Send,
    {
        async { serde_json::to_vec(&Answer::from(self.answer(operator).await)) }
    }
}

/// The line that answers a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer<T> {
    /// The answer.
    Ok(T),
    /// Why there is none.
    Error(String),
}

impl<T> From<Result<T, Failure>> for Answer<T> {
    fn from(answer: Result<T, Failure>) -> Self {
        match answer {
            Ok(answer) => Answer::Ok(answer),
            Err(why) => Answer::Error(why.to_string()),
        }
    }
}
