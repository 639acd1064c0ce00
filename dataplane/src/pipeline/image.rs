//! All that an engine knows but its tables, as plain data: what another one needs to decide as this one would.

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

/// No table was published so often: a flow has so many bits for it.
const MOST_GENERATIONS: u64 = 1 << 44;

/// An engine.
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
    /// All that it knows but its tables. No packet may be on its way meanwhile.
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

    /// The engine of an image, with these tables. Its seed must be the same.
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
