//! Captures: copies of packets with their verdicts. While none runs, a worker checks one flag a batch.

mod filter;
mod ring;

pub use filter::{Filter, FilterError};

use arc_swap::{ArcSwap, Guard};
use ring::Ring;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use thiserror::Error;
use wire::{CaptureOrder, CapturedPackets, PacketMeta, PortId};

/// The greatest number of captures at a time.
const MOST: usize = 8;
/// The greatest ring of a capture, in bytes.
const LARGEST_RING: u64 = 1 << 30;
/// A capture ends if nobody has fetched its packets for this long. Whoever fetches them runs only where a processor is idle, which may
/// be rare.
const FORGOTTEN: Duration = Duration::from_secs(60);

/// Why a capture cannot begin.
#[derive(Debug, Error)]
pub enum CaptureError {
    /// The filter is invalid.
    #[error("the filter cannot be used: {0}")]
    Filter(#[from] FilterError),
    /// Too many captures run.
    #[error("{MOST} captures are running: end one of them")]
    TooMany,
    /// The ring is too large.
    #[error("a ring has 1 GiB at most: ask for less")]
    Ring,
}

/// All running captures.
#[derive(Debug, Default)]
pub struct Captures {
    any: AtomicBool,
    /// The greatest number of a packet's bytes that any capture needs.
    needed: AtomicUsize,
    running: ArcSwap<Vec<Arc<Capture>>>,
    begun: AtomicU64,
}

/// The captures that run during a batch of packets.
#[derive(Debug)]
pub struct RunningCaptures(Guard<Arc<Vec<Arc<Capture>>>>);

/// A packet as it is seen at one interface.
#[derive(Debug)]
pub struct Observation<'a> {
    /// The interface, the direction and the verdict.
    pub meta: PacketMeta,
    /// Its first bytes, or all of them.
    pub bytes: &'a [u8],
    /// Its length in bytes.
    pub length: usize,
    /// The port that is to blame for its drop, if one is.
    pub blamed: Option<PortId>,
}

#[derive(Debug)]
struct Capture {
    id: u64,
    hosts: Option<BTreeSet<String>>,
    /// The ports that the hosts have had since it began.
    ports: ArcSwap<BTreeSet<PortId>>,
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

    /// The first bytes of a packet, as many as the running captures need.
    pub fn needed<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        bytes.get(..self.needed.load(Relaxed)).unwrap_or(bytes)
    }

    /// Begins a capture. Returns its number. The ports of its hosts are added by [`Self::add_ports`].
    ///
    /// # Errors
    /// [`CaptureError`].
    pub fn begin(&self, order: CaptureOrder) -> Result<u64, CaptureError> {
        if order.ring > LARGEST_RING {
            return Err(CaptureError::Ring);
        }
        let capture = Arc::new(Capture {
            // Captures of an earlier process must not be mistaken for this one's, so numbers include the process id.
            id: u64::from(std::process::id()) << 32 | self.begun.fetch_add(1, Relaxed),
            hosts: order.hosts.map(BTreeSet::from_iter),
            ports: ArcSwap::default(),
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

    /// Adds ports to the captures of their hosts. A host that is started again, or gets another interface, has new ports.
    pub fn add_ports<'h>(&self, ports: impl IntoIterator<Item = (PortId, &'h str)>) {
        let running = self.running.load();
        for (port, host) in ports {
            let of_host =
                running.iter().filter(|capture| capture.hosts.as_ref().is_some_and(|hosts| hosts.contains(host)));
            for capture in of_host {
                capture.ports.rcu(|ports| {
                    let mut ports = BTreeSet::clone(ports);
                    ports.insert(port);
                    ports
                });
            }
        }
    }

    /// Ends a capture, if it is still running.
    pub fn end(&self, id: u64) {
        self.change(|running| running.retain(|capture| capture.id != id));
    }

    /// Ends the captures whose packets nobody fetches any more.
    pub fn end_forgotten(&self) {
        if self.any() {
            self.change(|running| running.retain(|capture| lock(&capture.asked).elapsed() < FORGOTTEN));
        }
    }

    /// Removes about this many bytes of captured packets from a capture. `None` if it is not running.
    pub fn take(&self, id: u64, bytes: usize) -> Option<CapturedPackets> {
        let running = self.running.load();
        let capture = running.iter().find(|capture| capture.id == id)?;
        *lock(&capture.asked) = Instant::now();
        // The result is assembled after the lock is released, so that workers do not wait.
        let taken = lock(&capture.ring).take(bytes);
        let (page, spare) = taken.together();
        lock(&capture.ring).take_back(spare);
        Some(page)
    }

    /// The captures that run now.
    pub fn running(&self) -> RunningCaptures {
        RunningCaptures(self.running.load())
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

impl RunningCaptures {
    /// Adds a packet, as it is seen at each of its interfaces. `at` is the time in nanoseconds since 1970.
    pub fn note(&self, at: u64, observations: &[Observation<'_>]) {
        for capture in self.0.iter().filter(|capture| capture.wants(observations)) {
            let mut ring = lock(&capture.ring);
            for observation in observations {
                let kept = observation.bytes.get(..capture.snap).unwrap_or(observation.bytes);
                ring.push(at, observation.length as u32, &observation.meta, kept);
            }
        }
    }
}

impl Capture {
    /// How many bytes of each packet the capture needs. A filter may look at any byte.
    fn needs(&self) -> usize {
        if self.filter.accepts_all() { self.snap } else { usize::MAX }
    }

    fn wants(&self, observations: &[Observation<'_>]) -> bool {
        let is_of_host = || {
            let ports = self.ports.load();
            let mut seen =
                observations.iter().flat_map(|observation| [Some(observation.meta.port), observation.blamed]);
            seen.any(|port| port.is_some_and(|port| ports.contains(&port)))
        };
        (self.hosts.is_none() || is_of_host())
            && observations.iter().any(|observation| self.filter.accepts(observation.bytes, observation.length))
    }
}

/// Locks a mutex. A panic under one of these locks leaves nothing half done.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Culprit, Direction, Drop, DropReason, Verdict};

    fn dropped(port: u32, bytes: &[u8]) -> Observation<'_> {
        let drop = Drop::new(DropReason::IngressFilter, Culprit::Port(PortId(9)));
        let meta = PacketMeta { port: PortId(port), direction: Direction::Egress, verdict: Verdict::Dropped(drop) };
        Observation { meta, bytes, length: bytes.len(), blamed: Some(PortId(9)) }
    }

    fn order(hosts: &[&str]) -> CaptureOrder {
        let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
        CaptureOrder {
            hosts: Some(hosts).filter(|hosts| !hosts.is_empty()),
            filter: Vec::new(),
            snap: 4,
            ring: 1 << 20,
        }
    }

    #[test]
    fn a_capture_gets_what_it_asked_for() {
        let captures = Captures::default();
        assert!(!captures.any());
        let ids = [&[][..], &["a"], &["b"]].map(|hosts| captures.begin(order(hosts)).unwrap());
        captures.add_ports([(PortId(1), "a"), (PortId(2), "other"), (PortId(9), "b")]);
        captures.running().note(7, &[dropped(1, b"packet")]);
        captures.running().note(8, &[dropped(2, b"other")]);
        let seen = ids.map(|id| captures.take(id, usize::MAX).unwrap());
        let counts = seen.each_ref().map(|page| page.packets.each().count());
        assert_eq!(counts, [2, 1, 2], "every packet; the packets of the port; those that the port is to blame for");
        let (first, _, bytes) = seen[0].each().next().unwrap();
        assert_eq!((first.at, first.length, bytes), (7, 6, &b"pack"[..]));
        assert_eq!(captures.needed(b"packet"), b"pack");
        ids.iter().for_each(|id| captures.end(*id));
        assert!(!captures.any() && captures.take(ids[0], 1).is_none());
    }

    #[test]
    fn a_capture_follows_its_hosts_to_new_ports() {
        let captures = Captures::default();
        let id = captures.begin(order(&["a"])).unwrap();
        for (port, host) in [(1, "a"), (2, "other"), (3, "a")] {
            captures.add_ports([(PortId(port), host)]);
        }
        for (at, port) in [(7, 3), (8, 2), (9, 1)] {
            captures.running().note(at, &[Observation { blamed: None, ..dropped(port, b"packet") }]);
        }
        let seen = captures.take(id, usize::MAX).unwrap();
        assert_eq!(seen.packets.each().map(|(packet, _)| packet.at).collect::<Vec<_>>(), [7, 9]);
    }

    #[test]
    fn the_number_of_captures_is_limited() {
        let captures = Captures::default();
        let begun: Vec<_> = (0..MOST).map(|_| captures.begin(order(&[])).unwrap()).collect();
        assert!(matches!(captures.begin(order(&[])), Err(CaptureError::TooMany)));
        captures.end(begun[0]);
        captures.begin(order(&[])).unwrap();
        let large = CaptureOrder { ring: LARGEST_RING + 1, ..order(&[]) };
        assert!(matches!(captures.begin(large), Err(CaptureError::Ring)));
    }
}
