//! `classiclink clock`, `interrupt` and `reset`: makes time pass at once, and returns to the first start.

use super::{Failure, Operator, Question};
use crate::explain::names;
use model::Model;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wire::{HostState, Request};

/// Advances the clocks of the cloud and of idle connections.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdvanceClock {
    /// By how much.
    pub seconds: f64,
}

impl Question for AdvanceClock {
    type Answer = ();

    async fn answer(self, operator: &Operator) -> Result<(), Failure> {
        let by = Duration::try_from_secs_f64(self.seconds)?;
        // Packets counted so far belong before the jump.
        operator.service.record_flows(false).await;
        operator.service.link().ask_when_up(Request::AdvanceClock(by)).await?;
        let advanced = operator.change(move |model| model.advance_clock(by)).await;
        // Scheduled actions in the skipped time are done before this is answered.
        operator.service.tend_groups().await?;
        operator.service.record_flows(false).await;
        advanced
    }
}

/// Has a Spot instance interrupted. The answer is the time of the interruption, in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InterruptInstance {
    /// An id or Name tag.
    pub instance: String,
}

impl Question for InterruptInstance {
    type Answer = String;

    async fn answer(self, operator: &Operator) -> Result<String, Failure> {
        let instance = operator.service.look(|model| names::host(model, &self.instance))?;
        let now = operator.service.now();
        let interrupt = move |model: &mut Model| model.interrupt(&instance, now).map(|due| due.to_seconds());
        let due = operator.change(interrupt).await?;
        // An instance that hibernates does so at once.
        operator.service.tend_groups().await?;
        Ok(due)
    }
}

/// Returns the system to its first start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reset;

impl Question for Reset {
    type Answer = ();

    async fn answer(self, operator: &Operator) -> Result<(), Failure> {
        operator.service.reset().await.map_err(|error| error.to_string())?;
        let is_leaving = |(_, state): (&str, &HostState)| *state == HostState::Leaving;
        operator.wait_until_gone(|hosts| !hosts.iter().any(is_leaving)).await
    }
}
