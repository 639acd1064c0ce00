//! An engine's state without its tables, as plain data: another engine that is given it decides alike.

use super::engine::{Engine, Published};
use super::fragments::DatagramImage;
use super::impaired::LineImage;
use super::meter::Meter;
use crate::environment::Environment;
use crate::flow::{FlowTable, ImageError, TableImage};
use crate::policy::Snapshot;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use wire::{PortId, Timeouts};

/// More generations than any run publishes. A flow has as many bits for its generation.
const MOST_GENERATIONS: u64 = 1 << 44;

/// An engine's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineImage {
    /// The flows.
    pub flows: TableImage,
    generation: u64,
    timeouts: Timeouts,
    datagrams: Vec<DatagramImage>,
    spent: Vec<(PortId, u64)>,
    lines: Vec<LineImage>,
}

impl Engine {
    /// The engine's state without its tables. No packet may be processed meanwhile.
    pub fn image(&self) -> EngineImage {
        EngineImage {
            flows: self.flows.image(),
            generation: self.published.load().generation,
            timeouts: self.timeouts.load().0,
            datagrams: self.fragments.images(),
            spent: self.meter.image(),
            lines: self.impaired.image(),
        }
    }

    /// Makes an engine from an image and tables. Its environment must have the same seed.
    ///
    /// # Errors
    /// [`ImageError`].
    pub fn of_image(image: EngineImage, tables: Snapshot, environment: Environment) -> Result<Self, ImageError> {
        let flows = FlowTable::of_image(image.flows, environment.seed.clone())?;
        let mut engine = Self::with_flows(flows, environment);
        engine.set_timeouts(&image.timeouts);
        image.datagrams.into_iter().for_each(|datagram| engine.fragments.restore(datagram));
        image.lines.into_iter().for_each(|line| engine.impaired.restore(line));
        engine.meter = Meter::of_image(image.spent);
        let generation = image.generation.min(MOST_GENERATIONS);
        engine.generations.store(generation, Relaxed);
        engine.published.store(Arc::new(Published { snapshot: Arc::new(tables), generation }));
        Ok(engine)
    }
}
