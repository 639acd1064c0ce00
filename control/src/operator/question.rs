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

/// The line of JSON that answers a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer<T> {
    /// The answer.
    Ok(T),
    /// The answer follows the line: this many bytes of postcard, since JSON would take much longer.
    Bytes(u64),
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

impl<T: Serialize> Answer<T> {
    /// The line with its newline.
    ///
    /// # Errors
    /// If the answer cannot be written as JSON.
    pub fn line(&self) -> serde_json::Result<Vec<u8>> {
        let mut line = serde_json::to_vec(self)?;
        line.push(b'\n');
        Ok(line)
    }
}

/// A line and the bytes that follow it.
///
/// # Errors
/// If the answer cannot be written.
pub(crate) fn in_bytes<T: Serialize>(answer: &T) -> Result<Vec<u8>, Failure> {
    let bytes = postcard::to_stdvec(answer)?;
    let line = Answer::<()>::Bytes(bytes.len() as u64).line()?;
    Ok([line, bytes].concat())
}
