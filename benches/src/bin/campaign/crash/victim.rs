//! The processes that are killed.

use fastrand::Rng;

/// The process that a kill hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Victim {
    /// The process that answers the API.
    Control,
    /// The process that moves packets.
    Dataplane,
    /// The process that starts the others, which end with it; it is started again.
    Up,
    /// All three at once.
    All,
}

impl Victim {
    /// All victims.
    pub const EVERY: [Self; 4] = [Self::Control, Self::Dataplane, Self::Up, Self::All];

    /// A random victim. The dataplane, whose gaps are measured, is chosen most often.
    pub fn choose(random: &mut Rng) -> Self {
        match random.u8(..10) {
            0..3 => Self::Control,
            3..7 => Self::Dataplane,
            7..9 => Self::Up,
            _ => Self::All,
        }
    }

    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Dataplane => "dataplane",
            Self::Up => "up",
            Self::All => "all",
        }
    }
}
