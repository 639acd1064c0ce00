//! What instances have printed on their consoles.

use crate::{Model, Row, Time};
use serde::{Deserialize, Serialize};

/// The end of what an instance has printed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Console {
    /// The instance's id.
    pub id: String,
    /// The bytes; at most [`Console::KEPT`].
    pub output: Vec<u8>,
    /// When it was last printed on.
    pub printed: Time,
}

impl Console {
    /// How much is kept, in bytes: as much as EC2 keeps (API reference, GetConsoleOutput).
    pub const KEPT: usize = 64 << 10;
}

impl Row for Console {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Model {
    /// Notes what an instance has printed up to now; what is too much goes, the oldest first.
    pub fn note_console(&mut self, instance: &str, mut output: Vec<u8>, now: Time) {
        if self.instances.get(instance).is_some() {
            output.drain(..output.len().saturating_sub(Console::KEPT));
            self.consoles.insert(Console { id: instance.to_owned(), output, printed: now });
        }
    }
}
