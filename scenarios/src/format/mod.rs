//! The scenario format: what a file says, parsed into types that cannot be wrong.
//!
//! One rule helps the reader: a Capitalised word is the EC2 API's own name, a lower-case word is ours.

pub mod at;
pub mod load;
pub mod network;
pub mod reason;
pub mod rule;
pub mod sentence;
pub mod step;

use at::At;
use network::Network;
use schemars::JsonSchema;
use serde::Deserialize;
use step::Step;

/// A scenario: a network, and what happens in it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it shows, in a few words.
    pub name: String,
    /// The rows of the user guide (M1 …) and the cases (A1 …) that it proves.
    pub proves: Vec<String>,
    /// The network, built by ordinary API calls before the first step.
    #[serde(default)]
    pub network: Network,
    /// What happens, in order. Neighbouring probes (`… can …`, `… cannot …`) run at the same time.
    pub steps: Vec<At<Step>>,
}

/// The JSON Schema of the format, for editors.
pub fn schema() -> String {
    let schema = schemars::schema_for!(Scenario);
    // A schema is plain JSON; it always prints.
    format!("{:#}\n", schema.to_value())
}
