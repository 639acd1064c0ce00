//! What the model counts: ids, numbers for the dataplane, and how far the cloud's clock is ahead.

use crate::{IdKind, Model, Result, Row, Time, ids};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The first number that the model gives; below are [`INTERNET`](crate::INTERNET), [`PLATFORM`](crate::PLATFORM) and those of the
/// Classic networks ([`Region::classic`](crate::Region::classic)).
pub const FIRST_NUMBER: u32 = 1000;

/// What the model counts. One row, so that it is stored as everything else is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Sets one cloud's ids apart from another's.
    pub seed: u64,
    /// The next id's place in the sequence, of which random choices take places too.
    pub next_id: u64,
    /// The next number for the dataplane's tables.
    pub next_number: u32,
    /// How far the cloud's clock is ahead of the world's, in milliseconds.
    #[serde(default)]
    pub ahead: u64,
}

impl Row for Counters {
    fn id(&self) -> &str {
        "counters"
    }
}

impl Model {
    /// A cloud with nothing in it. Clouds with different seeds give different ids. The counters are stored with the first change.
    pub fn new(seed: u64) -> Model {
        let mut model = Model::empty();
        model.counters.load(Counters { seed, next_id: 0, next_number: FIRST_NUMBER, ahead: 0 });
        model
    }

    /// The cloud's time, `world` being the world's.
    pub fn now(&self, world: Time) -> Time {
        let ahead = self.counters.get("counters").map_or(0, |counters| counters.ahead);
        Time(world.0.saturating_add(ahead))
    }

    /// Lets the cloud's clock jump ahead, so that what waits need not be waited for.
    pub fn advance_clock(&mut self, by: Duration) -> Result<()> {
        if let Some(counters) = self.counters.get_mut("counters") {
            counters.ahead = Time(counters.ahead).after(by).0;
        }
        Ok(())
    }

    /// What sets this cloud apart from others.
    pub fn seed(&self) -> u64 {
        self.counters.get("counters").map_or(0, |counters| counters.seed)
    }

    /// The next number for the dataplane's tables; never given twice.
    pub fn number(&mut self) -> u32 {
        match self.counters.get_mut("counters") {
            Some(counters) => {
                counters.next_number += 1;
                counters.next_number - 1
            }
            None => unreachable!("new() made the row and nothing removes it"),
        }
    }

    /// Something nobody can tell in advance without knowing the seed.
    pub(crate) fn next_random(&mut self) -> u64 {
        match self.counters.get_mut("counters") {
            Some(counters) => {
                counters.next_id += 1;
                ids::mix(counters.seed ^ counters.next_id.wrapping_mul(0xd134_2543_de82_ef95))
            }
            None => unreachable!("new() made the row and nothing removes it"),
        }
    }

    /// The same without a change: another after every new id.
    pub(crate) fn chance(&self) -> u64 {
        let counters = self.counters.get("counters");
        counters.map_or(0, |counters| ids::mix(counters.seed ^ counters.next_id.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Lets the sequence of ids go on at another place; where it was.
    pub(crate) fn move_ids(&mut self, place: u64) -> u64 {
        self.counters.get_mut("counters").map_or(0, |counters| std::mem::replace(&mut counters.next_id, place))
    }

    /// Sorts ids by when they were made: what an account found first, then what it made, then what came from elsewhere.
    pub fn place_of_id(&self, id: &str) -> u64 {
        let Some(counters) = self.counters.get("counters") else { return u64::MAX };
        // The ids of what an account finds are in the second half of the sequence.
        let is_own = |place: &u64| *place <= counters.next_id || place >> 63 == 1;
        ids::place(counters.seed, id).filter(is_own).map_or(u64::MAX, |place| place.wrapping_add(1 << 63))
    }

    /// A copy that does not know which of its ids was made when, and has them in one order wherever they were made.
    pub fn of_any_age(&self) -> Model {
        let mut copy = self.clone();
        if let Some(counters) = copy.counters.get_mut("counters") {
            (counters.seed, counters.next_id) = (0, 0);
        }
        copy
    }

    /// A new id of that kind.
    pub fn new_id(&mut self, kind: IdKind) -> String {
        match self.counters.get_mut("counters") {
            Some(counters) => {
                counters.next_id += 1;
                kind.make(counters.seed, counters.next_id)
            }
            None => unreachable!("new() made the row and nothing removes it"),
        }
    }
}
