//! Waits for an agent's event, a packet in the record of drops, or the end of the patience, whichever is first.

use super::Play;
use super::drops::{DropQuery, Record};
use super::outcome::{Outcome, PATIENCE};
use crate::agent::protocol::Event;
use crate::format::sentence::Drop;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long to wait for an agent before the record is read again.
const PAUSE: Duration = Duration::from_millis(15);

/// What came first.
pub enum First {
    /// An agent's event.
    Event(Event),
    /// A dropped packet: the index of the query that it matches, and its record.
    Dropped(usize, Record),
    /// The end of the patience.
    Nothing,
}

impl Play<'_> {
    /// Waits for the first event or matching drop.
    pub fn first(&self, events: &Receiver<Event>, queries: &[DropQuery]) -> Outcome<First> {
        let end = Instant::now() + PATIENCE;
        loop {
            match events.recv_timeout(PAUSE) {
                Ok(Event::TimedOut) => return self.dropped(queries).map(|dropped| dropped.unwrap_or(First::Nothing)),
                Ok(event) => return Ok(First::Event(event)),
                Err(RecvTimeoutError::Disconnected) => return Err("the agent is gone".to_owned()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(dropped) = self.dropped(queries)? {
                return Ok(dropped);
            }
            if Instant::now() > end {
                return Ok(First::Nothing);
            }
        }
    }

    /// The first of these drops that is on record.
    fn dropped(&self, queries: &[DropQuery]) -> Outcome<Option<First>> {
        for (index, query) in queries.iter().enumerate() {
            if let Some(record) = self.drops.find(query)? {
                return Ok(Some(First::Dropped(index, record)));
            }
        }
        Ok(None)
    }

    /// The error of a packet that did not arrive, with the reason if its drop is on record.
    pub fn not_arrived(&self, query: &DropQuery) -> Outcome {
        match self.drops.find(query)? {
            Some(record) => Err(format!("it was dropped: {}", record.reason)),
            None => Err("it did not arrive".to_owned()),
        }
    }

    /// Waits for a drop with the expected reason: of the packet (`queries[0]`) or of the answer (`queries[1]`). `got_through` is the
    /// error of an event instead.
    pub fn expect_drop(
        &self,
        expected: &Drop,
        events: &Receiver<Event>,
        queries: &[DropQuery],
        got_through: &str,
    ) -> Outcome {
        match self.first(events, queries)? {
            First::Dropped(index, record) => {
                let (back, reason) = (index == 1, record.reason);
                if reason == expected.reason && back == expected.back {
                    Ok(())
                } else {
                    Err(format!("it was dropped, but for {reason}{}", if back { " on the way back" } else { "" }))
                }
            }
            First::Event(Event::Refused) => Err("it got through: the other side refused it".to_owned()),
            First::Event(Event::Failed { why }) => Err(why),
            First::Event(_) => Err(got_through.to_owned()),
            First::Nothing => Err("nothing came back, but no drop is on record".to_owned()),
        }
    }
}
