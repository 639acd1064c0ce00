//! An engine's state without its tables, as plain data. An engine that is made from it makes the same decisions.

use super::engine::{Engine, Published};
use super::fragments::DatagramImage;
use super::impaired::LegImage;
use super::meter::Meter;
use crate::environment::Environment;
use crate::flow::{FlowTable, ImageError, TableImage};
use crate::policy::Snapshot;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use wire::{PortId, Timeouts};

/// A bound for the generation of an image. It fits the bits that a flow has for a generation, and leaves room to count on.
const MOST_GENERATIONS: u64 = 1 << 44;

/// An engine's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineImage {
    /// The flows.
    pub flows: TableImage,
    generation: u64,
    timeouts: Timeouts,
    datagrams: Vec<DatagramImage>,
    arrivals: Vec<(PortId, u64)>,
    legs: Vec<LegImage>,
}

impl Engine {
    /// The engine's state without its tables. No packet may be processed meanwhile.
    pub fn image(&self) -> EngineImage {
        EngineImage {
            flows: self.flows.image(),
            generation: self.published.load().generation,
            timeouts: self.timeouts.load().0,
            datagrams: self.fragments.images(),
            arrivals: self.meter.image(),
            legs: self.impaired.image(),
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
        image.legs.into_iter().for_each(|leg| engine.impaired.restore(leg));
        engine.meter = Meter::of_image(image.arrivals);
        let generation = image.generation.min(MOST_GENERATIONS);
        engine.generations.store(generation, Relaxed);
        engine.published.store(Arc::new(Published { snapshot: Arc::new(tables), generation }));
        Ok(engine)
    }
}
