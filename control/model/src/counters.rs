//! The model's counters: of ids, of numbers for the dataplane, and the offset of the cloud's clock.

use crate::{IdKind, Model, Result, Row, Time, ids};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The first number that is assigned. Smaller ones are reserved: [`INTERNET`](crate::INTERNET),
/// [`PLATFORM`](crate::PLATFORM) and the networks of EC2-Classic ([`Region::classic`](crate::Region::classic)).
pub const FIRST_NUMBER: u32 = 1000;

/// The counters. They are a row, so that they are stored as all rows are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// A random number that makes the ids of two clouds differ.
    pub seed: u64,
    /// The last used position in the sequence of ids. Random choices use positions, too.
    pub next_id: u64,
    /// The next number for the dataplane's tables.
    pub next_number: u32,
    /// How far the cloud's clock is ahead of the real time, in milliseconds.
    #[serde(default)]
    pub ahead: u64,
}

impl Row for Counters {
    fn id(&self) -> &str {
        "counters"
    }
}

impl Model {
    /// An empty cloud. Clouds with different seeds have different ids. The counters are stored with the first change.
    pub fn new(seed: u64) -> Model {
        let mut model = Model::empty();
        model.counters.load(Counters { seed, next_id: 0, next_number: FIRST_NUMBER, ahead: 0 });
        model
    }

    /// The cloud's time. `world` is the real time.
    pub fn now(&self, world: Time) -> Time {
        let ahead = self.counters.get("counters").map_or(0, |counters| counters.ahead);
        Time(world.0.saturating_add(ahead))
    }

    /// Advances the cloud's clock.
    pub fn advance_clock(&mut self, by: Duration) -> Result<()> {
        let counters = self.counters_mut();
        counters.ahead = Time(counters.ahead).after(by).0;
        Ok(())
    }

    /// The seed of this cloud's ids.
    pub fn seed(&self) -> u64 {
        self.counters.get("counters").map_or(0, |counters| counters.seed)
    }

    /// A number for the dataplane's tables. No number is assigned twice.
    pub fn number(&mut self) -> u32 {
        let counters = self.counters_mut();
        counters.next_number += 1;
        counters.next_number - 1
    }

    /// A random number, which depends on the seed. It uses a position of the sequence.
    pub(crate) fn next_random(&mut self) -> u64 {
        let counters = self.counters_mut();
        counters.next_id += 1;
        ids::mix(counters.seed ^ counters.next_id.wrapping_mul(0xd134_2543_de82_ef95))
    }

    /// A random number without a change of the model. It stays the same until the next id is assigned.
    pub(crate) fn chance(&self) -> u64 {
        let counters = self.counters.get("counters");
        counters.map_or(0, |counters| ids::mix(counters.seed ^ counters.next_id.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
    }

    /// Moves to another position in the sequence of ids. Returns the previous one.
    pub(crate) fn move_ids(&mut self, place: u64) -> u64 {
        std::mem::replace(&mut self.counters_mut().next_id, place)
    }

    /// A sort key that orders ids by creation: first those of default resources, then the account's own, then imported ones.
    pub fn place_of_id(&self, id: &str) -> u64 {
        let Some(counters) = self.counters.get("counters") else { return u64::MAX };
        // The ids of default resources are in the second half of the sequence.
        let is_own = |place: &u64| *place <= counters.next_id || place >> 63 == 1;
        ids::place(counters.seed, id).filter(is_own).map_or(u64::MAX, |place| place.wrapping_add(1 << 63))
    }

    /// A copy without the positions of its ids. It sorts all ids alike, whatever cloud they were made in.
    pub fn without_id_order(&self) -> Model {
        let mut copy = self.clone();
        let counters = copy.counters_mut();
        (counters.seed, counters.next_id) = (0, 0);
        copy
    }

    /// A new id of this kind: the given one, if there is one.
    pub fn new_id(&mut self, kind: IdKind) -> String {
        if let Some(id) = self.platform.given_ids.remove(&kind) {
            return id;
        }
        let counters = self.counters_mut();
        counters.next_id += 1;
        kind.make(counters.seed, counters.next_id)
    }

    /// The counters, to be changed. Every model has them: `new` adds the row, and nothing removes it.
    fn counters_mut(&mut self) -> &mut Counters {
        self.counters.get_mut("counters").unwrap_or_else(|| unreachable!("a model without counters"))
    }
}
