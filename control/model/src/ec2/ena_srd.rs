//! ENA Express: whether an attached interface sends over several paths at once. It is kept, and packets are as without it.

use serde::{Deserialize, Serialize};

/// What is said of ENA Express; what is absent is off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnaSrd {
    /// Whether it is on.
    pub enabled: Option<bool>,
    /// Whether it is on for UDP, too.
    pub udp: Option<bool>,
}

impl EnaSrd {
    /// What is said, with a change in its place.
    pub(crate) fn with(self, change: Self) -> Self {
        Self { enabled: change.enabled.or(self.enabled), udp: change.udp.or(self.udp) }
    }
}
