//! The whole table as plain data. A table that is restored from it behaves the same: it has the same flows in the same
//! slots, and they make room for others in the same order.

use super::FlowTable;
use crate::environment::Seed;
use crate::flow::path::FlowKey;
use crate::flow::ports::PortsInUse;
use crate::flow::shares::List;
use crate::flow::slot::WORDS;
use crate::flow::state::Side;
use serde::{Deserialize, Serialize};
use std::io;
use std::sync::atomic::Ordering::Relaxed;
use thiserror::Error;
use wire::PortId;

/// The greatest limit of a table in an image.
const MOST: u32 = 1 << 24;

/// A table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableImage {
    limit: u32,
    share: u32,
    used: u32,
    /// The flows, by slot.
    pub flows: Vec<FlowImage>,
    /// Slots that are empty again. The last one is used first.
    free: Vec<u32>,
    /// The slots of flows that make room for others, by port, the oldest first.
    lists: Vec<List>,
    longest: (PortId, u32),
    ports: Vec<FlowKey>,
    begun: u64,
}

/// A flow and its slot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowImage {
    slot: u32,
    words: [u64; WORDS],
    /// Whether each side's key finds the flow. Another flow may have taken one.
    is_found: [bool; 2],
}

/// Why an image is invalid.
#[derive(Debug, Error)]
pub enum ImageError {
    /// Its parts contradict each other.
    #[error("its flows contradict each other")]
    Contradiction,
    /// There is no memory.
    #[error("not enough memory for the flows: {0}")]
    Memory(#[from] io::Error),
}

impl FlowTable {
    /// The image of the table. No packet may be processed meanwhile.
    pub fn image(&self) -> TableImage {
        let writer = self.lock();
        let flow = |slot: u32| {
            let (_, flow) = self.slot(slot).flow()?;
            let is_found = [Side::Forward, Side::Reply].map(|side| {
                let key = flow.key(side);
                self.find(&key, self.hash(&key)).is_some_and(|hit| (hit.slot, hit.side) == (slot, side))
            });
            Some(FlowImage { slot, words: self.slot(slot).words(), is_found })
        };
        let (lists, longest) = writer.shares.lists();
        let (ports, begun) = writer.ports.image();
        TableImage {
            limit: self.limit,
            share: self.share,
            used: writer.used,
            flows: (0..writer.used).filter_map(flow).collect(),
            free: writer.free.clone(),
            lists,
            longest,
            ports,
            begun,
        }
    }

    /// Restores a table from an image.
    ///
    /// # Errors
    /// [`ImageError`].
    pub fn of_image(image: TableImage, seed: Seed) -> Result<Self, ImageError> {
        image.check()?;
        let TableImage { limit, share, used, flows, free, lists, longest, ports, begun } = image;
        let table = Self::new(limit, seed)?.with_share(share);
        {
            let mut writer = table.lock();
            writer.use_slots(&table.slots, used, limit)?;
            for FlowImage { slot, words, is_found } in &flows {
                table.slot(*slot).set_words(words);
                let (_, flow) = table.slot(*slot).flow().ok_or(ImageError::Contradiction)?;
                for side in [Side::Forward, Side::Reply].into_iter().filter(|side| is_found[*side as usize]) {
                    table.index.insert(table.hash(&flow.key(side)), *slot, side);
                }
                writer.shares.add(*slot, flow.key(Side::Forward).port, false);
                table.count.fetch_add(1, Relaxed);
            }
            let is_flow = |slot: &u32| flows.binary_search_by_key(slot, |flow| flow.slot).is_ok();
            for slot in lists.iter().flat_map(|(_, slots)| slots).filter(|slot| is_flow(slot)) {
                writer.shares.list(*slot);
            }
            writer.shares.set_longest(longest);
            writer.free = free;
            writer.ports = PortsInUse::of_image(ports, begun);
        }
        Ok(table)
    }
}

impl TableImage {
    /// Checks that every used slot has a flow or is free, exactly once.
    fn check(&self) -> Result<(), ImageError> {
        let in_order = self.flows.is_sorted_by(|one, next| one.slot < next.slot);
        let mut slots: Vec<u32> = self.flows.iter().map(|flow| flow.slot).chain(self.free.iter().copied()).collect();
        slots.sort_unstable();
        let is_whole = in_order && slots.into_iter().eq(0..self.used);
        let is_table = self.limit > 0 && self.limit <= MOST && self.used <= self.limit;
        if is_whole && is_table { Ok(()) } else { Err(ImageError::Contradiction) }
    }
}
