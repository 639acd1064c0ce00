//! The last changes of the cloud. They are kept in memory, and are lost when the process ends.

use model::{Changes, Kind, Model, Time};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// How many changed rows are kept.
const KEPT: usize = 200;

/// What a change did to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// The row is new.
    Added,
    /// The row has changed.
    Changed,
    /// The row was removed.
    Removed,
}

/// One changed row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRow {
    /// Its number in the order of all changes since control started.
    pub number: u64,
    /// The time by the cloud's clock, in milliseconds since 1970.
    pub at: u64,
    /// The kind of the row: `instances`, `security_groups`, …
    pub kind: String,
    /// The row's id.
    pub id: String,
    /// What happened to the row.
    pub what: What,
    /// An instance's state now, if it has changed.
    pub state: Option<String>,
}

/// The last changes.
#[derive(Debug, Default)]
pub struct RecentChanges {
    kept: Mutex<Kept>,
    news: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    /// How many there were.
    count: u64,
    rows: VecDeque<ChangeRow>,
}

impl RecentChanges {
    /// Adds the rows that a change has touched. `model` is the model after the change.
    pub fn note(&self, model: &Model, changes: &Changes, now: Time) {
        let mut kept = self.kept();
        // Counters, and notes that an account has looked or a key was used, are not shown as changes.
        let news = changes.rows().filter(|(kind, _)| !matches!(kind, Kind::Counters | Kind::Visit | Kind::LastUse));
        for (kind, id) in news {
            let what = match (changes.is_new(kind, id), model.has(kind, id)) {
                (true, true) => What::Added,
                (false, true) => What::Changed,
                (false, false) => What::Removed,
                (true, false) => continue,
            };
            kept.count += 1;
            let state = (kind == Kind::Instance).then(|| new_state(model, changes, id)).flatten();
            let row = ChangeRow { number: kept.count, at: now.0, kind: kind.name().into(), id: id.into(), what, state };
            kept.rows.push_back(row);
        }
        let surplus = kept.rows.len().saturating_sub(KEPT);
        kept.rows.drain(..surplus);
        self.news.send_replace(kept.count);
    }

    /// Forgets the rows. The count continues.
    pub fn forget(&self) {
        self.kept().rows.clear();
    }

    /// Wakes its receiver with every change.
    pub fn news(&self) -> watch::Receiver<u64> {
        self.news.subscribe()
    }

    /// How many rows have changed since control started.
    pub fn count(&self) -> u64 {
        self.kept().count
    }

    /// The changes after the one with that number, as far as they are kept, the oldest first.
    pub fn after(&self, number: u64) -> Vec<ChangeRow> {
        self.kept().rows.iter().filter(|row| row.number > number).cloned().collect()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn new_state(model: &Model, changes: &Changes, id: &str) -> Option<String> {
    let before = changes.instances.get(id)?.as_ref().map(|instance| instance.state);
    let now = model.instances.get(id)?.state;
    (before != Some(now)).then(|| now.name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::HostPlace;

    fn note(recent: &RecentChanges, model: &mut Model) {
        let changes = model.take_changes();
        recent.note(model, &changes, Time(7));
    }

    #[test]
    fn the_last_changes_are_kept_in_order() {
        let (recent, mut model) = (RecentChanges::default(), Model::new(1));
        for number in 0..=KEPT as u32 {
            let address = std::net::Ipv4Addr::from(u32::from_be_bytes([203, 0, 113, 0]) + number);
            model.add_host(&format!("host-{number}"), HostPlace::Internet, address).unwrap();
            note(&recent, &mut model);
        }
        model.remove_host("host-3").unwrap();
        note(&recent, &mut model);
        assert_eq!((recent.count(), recent.after(0).len()), (KEPT as u64 + 2, KEPT));
        let last = recent.after(recent.count() - 1);
        let gone = ChangeRow {
            number: KEPT as u64 + 2,
            at: 7,
            kind: "hosts".into(),
            id: "host-3".into(),
            what: What::Removed,
            state: None,
        };
        assert_eq!(last, [gone]);
    }
}
