//! The texts that arrive on a connection.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// The texts that have arrived on a connection.
#[derive(Clone, Default)]
pub struct Inbox(Arc<(Mutex<Vec<String>>, Condvar)>);

impl Inbox {
    /// Adds a text that has arrived.
    pub fn put(&self, text: String) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        self.0.1.notify_all();
    }

    /// Whether a text that contains this one has arrived, or arrives within `patience`.
    pub fn wait_for(&self, text: &str, patience: Duration) -> bool {
        let texts = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = |texts: &mut Vec<String>| !texts.iter().any(|arrived| arrived.contains(text));
        let (_texts, result) =
            self.0.1.wait_timeout_while(texts, patience, waiting).unwrap_or_else(PoisonError::into_inner);
        !result.timed_out()
    }

    /// The first text that has arrived, or an empty one.
    pub fn first(&self) -> String {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).first().cloned().unwrap_or_default()
    }
}
