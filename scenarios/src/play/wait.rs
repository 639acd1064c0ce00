//! Waits for the first of these: an agent's event, a packet in the record of drops, or the end of the patience.

use super::drops::{Record, Sought};
use super::{Outcome, PATIENCE, Play};
use crate::agent::protocol::Event;
use crate::format::sentence::Drop;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

/// How long to wait for an agent before the record is read again.
const GLANCE: Duration = Duration::from_millis(15);

/// The first of them.
pub enum First {
    /// An event.
    News(Event),
    /// One of the packets sought was dropped: its index and record.
    Dropped(usize, Record),
    /// Neither.
    Nothing,
}

impl Play<'_> {
    /// Waits.
    pub fn first(&self, news: &Receiver<Event>, sought: &[Sought]) -> Outcome<First> {
        let end = Instant::now() + PATIENCE;
        loop {
            match news.recv_timeout(GLANCE) {
                Ok(Event::TimedOut) => return self.record(sought).map(|dropped| dropped.unwrap_or(First::Nothing)),
                Ok(event) => return Ok(First::News(event)),
                Err(RecvTimeoutError::Disconnected) => return Err("the agent is gone".to_owned()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(dropped) = self.record(sought)? {
                return Ok(dropped);
            }
            if Instant::now() > end {
                return Ok(First::Nothing);
            }
        }
    }

    fn record(&self, sought: &[Sought]) -> Outcome<Option<First>> {
        for (index, sought) in sought.iter().enumerate() {
            if let Some(record) = self.drops.find(sought)? {
                return Ok(Some(First::Dropped(index, record)));
            }
        }
        Ok(None)
    }

    /// Waits for a drop with the expected reason: of the packet (`sought[0]`) or of the answer (`sought[1]`).
    /// `got_through` describes the agent's event in the error.
    pub fn expect_drop(
        &self,
        expected: &Drop,
        news: &Receiver<Event>,
        sought: &[Sought],
        got_through: &str,
    ) -> Outcome {
        match self.first(news, sought)? {
            First::Dropped(index, record) => {
                let (back, reason) = (index == 1, record.reason);
                if reason == expected.reason && back == expected.back {
                    Ok(())
                } else {
                    Err(format!("it was dropped, but for {reason}{}", if back { " on the way back" } else { "" }))
                }
            }
            First::News(Event::Refused) => Err("it got through: the other side refused it".to_owned()),
            First::News(Event::Failed { why }) => Err(why),
            First::News(_) => Err(got_through.to_owned()),
            First::Nothing => Err("nothing came back, but no drop is on record".to_owned()),
        }
    }
}
