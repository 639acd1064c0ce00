//! The console output of instances.

use crate::{Model, Row, Time};
use serde::{Deserialize, Serialize};

/// The end of an instance's console output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Console {
    /// The instance's id.
    pub id: String,
    /// The bytes, of which there are at most [`Console::KEPT`].
    pub output: Vec<u8>,
    /// The time of the last output.
    pub printed: Time,
}

impl Console {
    /// How many bytes are kept: as many as EC2 keeps (API reference, GetConsoleOutput).
    pub const KEPT: usize = 64 << 10;
}

impl Row for Console {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Model {
    /// Stores an instance's output so far. Its oldest part is dropped if it is too long.
    pub fn note_console(&mut self, instance: &str, mut output: Vec<u8>, now: Time) {
        if self.instances.get(instance).is_some() {
            output.drain(..output.len().saturating_sub(Console::KEPT));
            self.consoles.insert(Console { id: instance.to_owned(), output, printed: now });
        }
    }
}
