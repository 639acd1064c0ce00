//! Capturing: copies of packets and verdicts for whoever watches. While nobody does, a worker asks one flag a batch.

mod filter;
mod ring;

pub use filter::{Filter, FilterError};

use arc_swap::ArcSwap;
use ring::Ring;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use thiserror::Error;
use wire::{CaptureOrder, Captured, CapturedPackets, Direction, PortId, Verdict};

/// How many there can be at a time.
const MOST: usize = 8;
/// How many bytes all that is kept for one of them may have.
const LARGEST_RING: u64 = 1 << 30;
/// One that nobody has asked for this long ends.
const FORGOTTEN: Duration = Duration::from_secs(10);

/// Why a capture does not begin.
#[derive(Debug, Error)]
pub enum CaptureError {
    /// The filter is none.
    #[error("the filter cannot be used: {0}")]
    Filter(#[from] FilterError),
    /// There are enough.
    #[error("{MOST} captures are running: end one of them")]
    TooMany,
    /// So much cannot wait.
    #[error("a ring has 1 GiB at most: ask for less")]
    Ring,
}

/// All captures that are running.
#[derive(Debug, Default)]
pub struct Captures {
    any: AtomicBool,
    /// How many bytes of a packet the one that wants most needs.
    needed: AtomicUsize,
    running: ArcSwap<Vec<Arc<Capture>>>,
    begun: AtomicU64,
}

/// A packet as it is seen at one interface.
#[derive(Debug)]
pub struct Observation<'a> {
    /// The interface.
    pub port: PortId,
    /// Whether its host sent it, or was given it.
    pub direction: Direction,
    /// Its bytes, or the first of them.
    pub bytes: &'a [u8],
    /// How many it has.
    pub length: usize,
    /// What became of it.
    pub verdict: Verdict,
    /// The port that its end is put down to, where it has one.
    pub blamed: Option<PortId>,
}

#[derive(Debug)]
struct Capture {
    id: u64,
    ports: Option<BTreeSet<PortId>>,
    filter: Filter,
    snap: usize,
    ring: Mutex<Ring>,
    asked: Mutex<Instant>,
}

impl Captures {
    /// Whether anything is captured.
    #[inline]
    pub fn any(&self) -> bool {
        self.any.load(Relaxed)
    }

    /// The bytes of a packet that anybody needs.
    pub fn needed<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(..self.needed.load(Relaxed)).unwrap_or(bytes)
    }

    /// Begins one; its number.
    ///
    /// # Errors
    /// [`CaptureError`].
    pub fn begin(&self, order: CaptureOrder) -> Result<u64, CaptureError> {
        if order.ring > LARGEST_RING {
            return Err(CaptureError::Ring);
        }
        let capture = Arc::new(Capture {
            // Numbers of another process's captures mean nothing here.
            id: u64::from(std::process::id()) << 32 | self.begun.fetch_add(1, Relaxed),
            ports: order.ports.map(BTreeSet::from_iter),
            filter: Filter::new(order.filter)?,
            snap: order.snap as usize,
            ring: Mutex::new(Ring::new(order.ring)),
            asked: Mutex::new(Instant::now()),
        });
        let id = capture.id;
        self.change(|running| running.extend((running.len() < MOST).then(|| Arc::clone(&capture))));
        let has_begun = self.running.load().iter().any(|running| running.id == id);
        has_begun.then_some(id).ok_or(CaptureError::TooMany)
    }

    /// Ends one, if it is still running.
    pub fn end(&self, id: u64) {
        self.change(|running| running.retain(|capture| capture.id != id));
    }

    /// Ends those that nobody asks any more.
    pub fn end_forgotten(&self) {
        if self.any() {
            self.change(|running| running.retain(|capture| lock(&capture.asked).elapsed() < FORGOTTEN));
        }
    }

    /// Takes about so many bytes out of what one has captured; `None` if it is not running.
    pub fn take(&self, id: u64, bytes: usize) -> Option<CapturedPackets> {
        let running = self.running.load();
        let capture = running.iter().find(|capture| capture.id == id)?;
        *lock(&capture.asked) = Instant::now();
        // What it holds is put together when workers can go on.
        let taken = lock(&capture.ring).take(bytes);
        Some(taken.together())
    }

    /// Notes a packet, as it is seen at the interfaces that see it, now.
    pub fn note(&self, at: u64, observations: &[Observation<'_>]) {
        for capture in self.running.load().iter().filter(|capture| capture.wants(observations)) {
            let mut ring = lock(&capture.ring);
            for observation in observations {
                let kept = observation.bytes.get(..capture.snap).unwrap_or(observation.bytes);
                ring.push(seen(at, observation, kept.len()), kept);
            }
        }
    }

    fn change(&self, change: impl Fn(&mut Vec<Arc<Capture>>)) {
        self.running.rcu(|running| {
            let mut running = Vec::clone(running);
            change(&mut running);
            running
        });
        let running = self.running.load();
        self.needed.store(running.iter().map(|capture| capture.needs()).max().unwrap_or(0), Relaxed);
        self.any.store(!running.is_empty(), Relaxed);
    }
}

impl Capture {
    /// How many bytes of a packet: a filter may look anywhere.
    fn needs(&self) -> usize {
        if self.filter.takes_all() { self.snap } else { usize::MAX }
    }

    fn wants(&self, observations: &[Observation<'_>]) -> bool {
        let is_one = |ports: &BTreeSet<PortId>| {
            let mut seen = observations.iter().flat_map(|observation| [Some(observation.port), observation.blamed]);
            seen.any(|port| port.is_some_and(|port| ports.contains(&port)))
        };
        self.ports.as_ref().is_none_or(is_one)
            && observations.iter().any(|observation| self.filter.takes(observation.bytes, observation.length))
    }
}

fn seen(at: u64, observation: &Observation<'_>, kept: usize) -> Captured {
    let Observation { port, direction, length, .. } = *observation;
    Captured { at, port, direction, length: length as u32, kept: kept as u32, verdict: observation.verdict.clone() }
}

/// Nothing is left half done by a panic under one of these locks.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Culprit, Drop, DropReason};

    fn dropped(port: u32, bytes: &[u8]) -> Observation<'_> {
        let drop = Drop::new(DropReason::IngressFilter, Culprit::Port(PortId(9)));
        let (direction, verdict, blamed) = (Direction::Egress, Verdict::Dropped(drop), Some(PortId(9)));
        Observation { port: PortId(port), direction, bytes, length: bytes.len(), verdict, blamed }
    }

    fn order(ports: &[u32]) -> CaptureOrder {
        let ports = Some(ports.iter().copied().map(PortId).collect()).filter(|ports: &Vec<_>| !ports.is_empty());
        CaptureOrder { ports, filter: Vec::new(), snap: 4, ring: 1 << 20 }
    }

    #[test]
    fn who_watches_gets_what_was_asked_for() {
        let captures = Captures::default();
        assert!(!captures.any());
        let ids = [&[][..], &[1], &[9]].map(|ports| captures.begin(order(ports)).unwrap());
        captures.note(7, &[dropped(1, b"packet")]);
        captures.note(8, &[dropped(2, b"other")]);
        let seen = ids.map(|id| captures.take(id, usize::MAX).unwrap());
        let counts = seen.each_ref().map(|page| page.packets.len());
        assert_eq!(counts, [2, 1, 2], "all; its own; those that it is to blame for");
        let (first, bytes) = seen[0].each().next().unwrap();
        assert_eq!((first.at, first.length, bytes), (7, 6, &b"pack"[..]));
        assert_eq!(captures.needed(b"packet"), b"pack");
        ids.iter().for_each(|id| captures.end(*id));
        assert!(!captures.any() && captures.take(ids[0], 1).is_none());
    }

    #[test]
    fn there_are_not_more_than_can_be_kept() {
        let captures = Captures::default();
        let begun: Vec<_> = (0..MOST).map(|_| captures.begin(order(&[])).unwrap()).collect();
        assert!(matches!(captures.begin(order(&[])), Err(CaptureError::TooMany)));
        captures.end(begun[0]);
        captures.begin(order(&[])).unwrap();
        let large = CaptureOrder { ring: LARGEST_RING + 1, ..order(&[]) };
        assert!(matches!(captures.begin(large), Err(CaptureError::Ring)));
    }
}
