//! ENA Express, which sends over several paths at once. It has no effect on packets.

use serde::{Deserialize, Serialize};

/// The settings of ENA Express. Absent ones are off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnaSrd {
    /// Whether it is on.
    pub enabled: Option<bool>,
    /// Whether it is on for UDP, too.
    pub udp: Option<bool>,
}

impl EnaSrd {
    /// The settings after a change.
    pub(crate) fn with(self, change: Self) -> Self {
        Self { enabled: change.enabled.or(self.enabled), udp: change.udp.or(self.udp) }
    }
}
