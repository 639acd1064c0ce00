//! The rows of the comparison: figures of our own agents, and those that other people's programs report.

use crate::programs::Program;
use measuring::Metric;
use serde::Serialize;

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub enum Row {
    /// Measured by our agents.
    Own(Metric),
    /// Reported by another program.
    Other(Program),
}

impl Row {
    /// All rows, in the order in which they are shown.
    pub fn all() -> impl Iterator<Item = Self> {
        Metric::ALL.into_iter().map(Self::Own).chain(Program::ALL.into_iter().map(Self::Other))
    }

    /// The name on the command line and in the JSON.
    pub fn name(self) -> String {
        // A row is serialised as its name.
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }

    /// The name in the table and the picture.
    pub fn label(self) -> &'static str {
        match self {
            Self::Own(metric) => metric.label(),
            Self::Other(program) => program.label(),
        }
    }

    /// The unit of its figures.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Own(metric) => metric.unit(),
            Self::Other(_) => "k/s",
        }
    }

    /// Whether more is better.
    pub fn more_is_better(self) -> bool {
        match self {
            Self::Own(metric) => metric.more_is_better(),
            Self::Other(_) => true,
        }
    }
}
