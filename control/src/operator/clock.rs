//! `classiclink clock`, `interrupt` and `reset`: what would come with time, at once, and back to the first start.

use super::{Failure, Operator, Question};
use crate::explain::names;
use model::Model;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wire::{HostState, Request};

/// Lets the clocks of the cloud and of idle connections jump ahead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdvanceClock {
    /// How far.
    pub seconds: f64,
}

impl Question for AdvanceClock {
    type Answer = ();

    async fn answer(self, operator: &Operator) -> Result<(), Failure> {
        let by = Duration::try_from_secs_f64(self.seconds)?;
        // Packets counted so far passed before the jump.
        operator.service.record_flows(false).await;
        operator.service.link().ask_when_up(Request::AdvanceClock(by)).await?;
        let advanced = operator.change(move |model| model.advance_clock(by)).await;
        // What was scheduled for the time that was skipped is done when this is answered.
        operator.service.tend_groups().await?;
        operator.service.record_flows(false).await;
        advanced
    }
}

/// Has a Spot instance interrupted. Answered by the time when it is, in words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InterruptInstance {
    /// What the user calls it.
    pub instance: String,
}

impl Question for InterruptInstance {
    type Answer = String;

    async fn answer(self, operator: &Operator) -> Result<String, Failure> {
        let instance = operator.service.look(|model| names::host(model, &self.instance))?;
        let now = operator.service.now();
        let interrupt = move |model: &mut Model| model.interrupt(&instance, now).map(|due| due.to_seconds());
        let due = operator.change(interrupt).await?;
        // One that hibernates does so at once.
        operator.service.tend_groups().await?;
        Ok(due)
    }
}

/// Takes the system back to its first start.
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
