//! The outcome of a step.

use std::fmt::Display;
use std::time::Duration;

/// How long something that must happen may take.
pub const PATIENCE: Duration = Duration::from_secs(6);

/// A result, or why a step failed, as a sentence.
pub type Outcome<T = ()> = Result<T, String>;

/// An error as a sentence.
pub fn sentence(error: impl Display) -> String {
    error.to_string()
}
