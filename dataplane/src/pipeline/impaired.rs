//! Bad networks: what happens to packets on their way out of a port and into one, where the tables ask for that.
//!
//! It happens behind the decision: a packet is decided when it is read, and lost, late or damaged after that. What all workers know of
//! one leg of a port is here; the packets that are on it are with the worker that has put them there.

use super::batch::{Batch, Outcome};
use crate::environment::{Environment, Seed};
use crate::packet::View;
use crate::policy::Snapshot;
use dashmap::DashMap;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wire::{Address, Direction, DropReason, FarEnd, FiveTuple, Impairment, PortId, Share};

/// How long a packet may wait for its turn where the rate is limited.
const LONGEST_WAIT: Duration = Duration::from_millis(200);
/// How many bytes may be on one leg. 50 ms of 1 Gbit/s are 6 MB.
const MOST_BYTES: usize = 8 << 20;
/// What a packet takes beside its bytes while it is on its way, in bytes.
const EACH: usize = 160;
/// How much later a packet is that is overtaken.
const OVERTAKEN: Duration = Duration::from_millis(10);

/// One direction of a port, in which a network may be bad: with everything else or, where there is a `peer`, with that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Leg {
    /// Whose.
    pub port: PortId,
    /// Of what it sends, or of what it is given.
    pub direction: Direction,
    /// To whom, or from whom.
    pub peer: Option<FarEnd>,
}

impl Leg {
    /// What a port sends.
    pub fn out_of(port: PortId) -> Self {
        Self { port, direction: Direction::Egress, peer: None }
    }

    /// What a port is given.
    pub fn into(port: PortId) -> Self {
        Self { port, direction: Direction::Ingress, peer: None }
    }

    /// What the tables say of it.
    pub fn impairment(self, tables: &Snapshot) -> Option<Impairment> {
        let there = match self.peer {
            Some(peer) => tables.path_with(self.port, peer),
            None => tables.impairments(self.port),
        };
        there.map(|there| if self.direction == Direction::Egress { there.from } else { there.to })
    }
}

/// The path of a packet over bad networks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImpairedPath {
    /// The sender's port.
    pub from: PortId,
    /// The receiver's port.
    pub to: PortId,
    /// As it was sent.
    pub sent: FiveTuple,
    /// Its source as the receiver sees it.
    pub seen: Address,
}

impl ImpairedPath {
    /// How many legs it has.
    pub const LEGS: usize = 4;

    /// Its legs, in their order; `None`: the tables say nothing of it.
    pub fn legs(&self, tables: &Snapshot) -> [Option<Leg>; Self::LEGS] {
        let Self { from, to, sent, seen } = *self;
        let (out, inward) = (Leg::out_of(from), Leg::into(to));
        let there = tables.path(from, to, sent.destination).map(|(peer, _)| Leg { peer: Some(peer), ..out });
        let here = tables.path(to, from, seen).map(|(peer, _)| Leg { peer: Some(peer), ..inward });
        [Some(out), there, here, Some(inward)]
    }
}

/// What happens to a packet on a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LegOutcome {
    /// It ends.
    Lost(DropReason),
    /// It arrives.
    Arrives {
        /// When.
        at: Duration,
        /// The bit that is turned, counted round and round.
        turned: Option<u64>,
        /// Whether it arrives twice.
        twice: bool,
    },
}

/// What is known of a leg, but its seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineImage {
    leg: Leg,
    impairment: Impairment,
    packets: u64,
    free: Duration,
    last: Duration,
    bytes: u64,
}

/// What is known of a leg.
#[derive(Debug)]
struct Line {
    impairment: Impairment,
    seed: Seed,
    /// How many packets have come.
    packets: u64,
    /// When the last one has been sent, where the rate is limited.
    free: Duration,
    /// When the last one arrives.
    last: Duration,
    /// How many bytes those take that are on their way.
    bytes: usize,
}

/// All legs on which something happens.
#[derive(Debug)]
pub struct Impaired {
    environment: Environment,
    lines: DashMap<Leg, Line, foldhash::fast::RandomState>,
}

impl Impaired {
    /// Nothing on its way.
    pub fn new(environment: Environment) -> Self {
        Self { environment, lines: DashMap::default() }
    }

    /// The time by which packets are on their way.
    pub fn now(&self) -> Duration {
        self.environment.time.exact()
    }

    /// A packet of so many bytes comes now. If it arrives, [`Impaired::leave`] is to be told when.
    pub fn enter(&self, leg: Leg, impairment: &Impairment, length: usize, now: Duration) -> LegOutcome {
        let new = || Line::new(*impairment, self.seed(leg, impairment));
        let mut line = self.lines.entry(leg).or_insert_with(new);
        if line.impairment != *impairment {
            let bytes = line.bytes;
            *line = Line { bytes, ..new() };
        }
        line.enter(length, now)
    }

    /// A packet of so many bytes is on its way no more.
    pub fn leave(&self, leg: Leg, length: usize) {
        if let Some(mut line) = self.lines.get_mut(&leg) {
            line.bytes = line.bytes.saturating_sub(length.saturating_add(EACH));
        }
    }

    /// Lets legs that are good again begin anew, should they be bad ones later. What is still on its way counts then, too.
    pub fn begin_anew(&self, tables: &Snapshot) {
        self.lines.retain(|leg, line| {
            let is_good = leg.impairment(tables).is_none();
            if is_good {
                *line = Line { bytes: line.bytes, ..Line::new(line.impairment, line.seed.clone()) };
            }
            line.bytes > 0 || !is_good
        });
    }

    /// All that is known.
    pub fn image(&self) -> Vec<LineImage> {
        let image = |line: dashmap::mapref::multiple::RefMulti<'_, Leg, Line>| {
            let (leg, Line { impairment, packets, free, last, bytes, .. }) = line.pair();
            let (impairment, packets, free, last, bytes) = (*impairment, *packets, *free, *last, *bytes as u64);
            LineImage { leg: *leg, impairment, packets, free, last, bytes }
        };
        self.lines.iter().map(image).collect()
    }

    /// What is known of an image.
    pub fn restore(&self, LineImage { leg, impairment, packets, free, last, bytes }: LineImage) {
        let (seed, bytes) = (self.seed(leg, &impairment), usize::try_from(bytes).unwrap_or(usize::MAX));
        self.lines.insert(leg, Line { impairment, seed, packets, free, last, bytes });
    }

    /// Forgets ports.
    pub fn forget(&self, is_gone: impl Fn(PortId) -> bool) {
        self.lines.retain(|leg, _| !is_gone(leg.port));
    }

    /// One that was asked for is the same for every port, so that it can be asked for again.
    fn seed(&self, leg: Leg, impairment: &Impairment) -> Seed {
        match impairment.seed {
            Some(number) => Seed::new(number),
            None => Seed::new(self.environment.seed.hash(&leg)),
        }
    }
}

/// What chance decides of a packet.
#[derive(Clone, Copy, Hash)]
enum Chance {
    Loss,
    Jitter,
    Reorder,
    Duplicate,
    Corrupt,
    Bit,
}

impl Line {
    fn new(impairment: Impairment, seed: Seed) -> Self {
        Self { impairment, seed, packets: 0, free: Duration::ZERO, last: Duration::ZERO, bytes: 0 }
    }

    fn enter(&mut self, length: usize, now: Duration) -> LegOutcome {
        self.packets = self.packets.wrapping_add(1);
        let Impairment { delay, loss, reorder, duplicate, corrupt, .. } = self.impairment;
        if self.happens(Chance::Loss, loss) {
            return LegOutcome::Lost(DropReason::ImpairedLoss);
        }
        let twice = self.happens(Chance::Duplicate, duplicate);
        let bytes = self.bytes.saturating_add((length + EACH) * (1 + usize::from(twice)));
        let turn = self.free.max(now);
        if turn - now > LONGEST_WAIT || bytes > MOST_BYTES {
            return LegOutcome::Lost(DropReason::ImpairedQueue);
        }
        self.bytes = bytes;
        let sent = turn.saturating_add(self.sending(length));
        if self.impairment.rate.is_some() {
            self.free = sent;
        }
        let late = sent.saturating_add(delay).saturating_add(self.spread());
        let straight = late.saturating_sub(self.impairment.jitter).max(sent).max(self.last);
        let at = if self.happens(Chance::Reorder, reorder) {
            straight.saturating_add(OVERTAKEN)
        } else {
            self.last = straight;
            straight
        };
        let turned = self.happens(Chance::Corrupt, corrupt).then(|| self.number(Chance::Bit));
        LegOutcome::Arrives { at, turned, twice }
    }

    /// How long it takes to send so many bytes.
    fn sending(&self, length: usize) -> Duration {
        let rate = self.impairment.rate.map(|rate| rate.max(1));
        rate.map_or(Duration::ZERO, |rate| Duration::from_nanos(length as u64 * 8_000_000_000 / rate))
    }

    /// From nothing to twice the jitter.
    fn spread(&self) -> Duration {
        match self.impairment.jitter.as_nanos() as u64 {
            0 => Duration::ZERO,
            jitter => Duration::from_nanos(self.number(Chance::Jitter) % jitter.saturating_mul(2)),
        }
    }

    fn happens(&self, what: Chance, share: Share) -> bool {
        share != Share::NONE && share.includes(self.number(what))
    }

    fn number(&self, what: Chance) -> u64 {
        self.seed.hash(&(self.packets, what))
    }
}

impl Batch<'_> {
    /// Whether anything happens on a leg of any port.
    pub fn impairs(&self) -> bool {
        self.tables.snapshot.impairs()
    }

    /// The path of a packet that was forwarded, if anything happens to it there.
    pub fn impaired_path(&self, from: PortId, outcome: &Outcome, before: &View, after: &[u8]) -> Option<ImpairedPath> {
        let Outcome::Forward { port: to, .. } = *outcome else { return None };
        if ![from, to].into_iter().any(|port| self.tables.snapshot.is_impaired(port)) {
            return None;
        }
        let (sent, seen) = (before.header.tuple, View::parse(after).map(|view| view.header.tuple.source));
        let path = ImpairedPath { from, to, sent, seen: seen.unwrap_or(sent.source) };
        let legs = path.legs(&self.tables.snapshot);
        legs.into_iter().flatten().any(|leg| self.impairment(leg).is_some()).then_some(path)
    }

    /// What happens on a leg, if anything does.
    pub fn impairment(&self, leg: Leg) -> Option<Impairment> {
        leg.impairment(&self.tables.snapshot).filter(|impairment| !impairment.is_harmless())
    }

    /// The legs of a path.
    pub fn legs(&self, path: &ImpairedPath) -> [Option<Leg>; ImpairedPath::LEGS] {
        path.legs(&self.tables.snapshot)
    }

    /// What all workers know of packets on bad networks.
    pub fn impaired(&self) -> &Impaired {
        &self.engine.impaired
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Change, Entry, Impairments, Key, Update};

    const NONE: Impairment = Impairment {
        delay: Duration::ZERO,
        jitter: Duration::ZERO,
        loss: Share::NONE,
        reorder: Share::NONE,
        duplicate: Share::NONE,
        corrupt: Share::NONE,
        rate: None,
        mtu: None,
        seed: None,
    };
    const LEG: Leg = Leg { port: PortId(7), direction: Direction::Ingress, peer: None };

    fn milliseconds(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    /// What happens to so many packets of 1,000 bytes, one every millisecond.
    fn outcomes(impairment: Impairment, count: u64) -> Vec<LegOutcome> {
        let impaired = Impaired::new(Environment::fixed());
        (0..count).map(|number| impaired.enter(LEG, &impairment, 1000, milliseconds(number))).collect()
    }

    fn arrivals(impairment: Impairment, count: u64) -> Vec<Duration> {
        let at = |outcome| if let LegOutcome::Arrives { at, .. } = outcome { at } else { panic!("{outcome:?}") };
        outcomes(impairment, count).into_iter().map(at).collect()
    }

    #[test]
    fn as_many_are_lost_as_was_asked_for_and_the_same_ones_again() {
        let percent = Impairment { loss: Share::millionths(10_000), ..NONE };
        let first = outcomes(percent, 100_000);
        let lost = first.iter().filter(|outcome| matches!(outcome, LegOutcome::Lost(DropReason::ImpairedLoss))).count();
        assert!((800..1200).contains(&lost), "{lost}");
        assert_eq!(outcomes(percent, 100_000), first);
        assert_ne!(outcomes(Impairment { seed: Some(7), ..percent }, 100_000), first);
        let all = Impairment { loss: Share::ALL, ..NONE };
        assert!(outcomes(all, 1000).iter().all(|outcome| *outcome == LegOutcome::Lost(DropReason::ImpairedLoss)));
    }

    #[test]
    fn jitter_stays_within_its_bounds_and_keeps_the_order() {
        let delayed = arrivals(Impairment { delay: milliseconds(50), ..NONE }, 100);
        assert!(delayed.iter().zip(0..).all(|(at, number)| *at == milliseconds(50 + number)));
        let jittery = arrivals(Impairment { delay: milliseconds(50), jitter: milliseconds(20), ..NONE }, 1000);
        assert!(jittery.is_sorted());
        let late = |(at, number): (&Duration, u64)| *at - milliseconds(number);
        assert!(jittery.iter().zip(0..).map(late).all(|late| milliseconds(30) <= late && late <= milliseconds(70)));
        // A delay is never less than nothing.
        let most = arrivals(Impairment { jitter: milliseconds(20), ..NONE }, 1000);
        assert!(most.iter().zip(0..).all(|(at, number)| *at >= milliseconds(number)));
    }

    #[test]
    fn who_is_reordered_is_overtaken() {
        let mixed = arrivals(Impairment { reorder: Share::millionths(100_000), ..NONE }, 1000);
        let overtaken = mixed.iter().zip(0..).filter(|(at, number)| **at == milliseconds(number + 10)).count();
        assert!((50..200).contains(&overtaken), "{overtaken}");
        assert!(!mixed.is_sorted());
    }

    #[test]
    fn a_rate_spaces_packets_and_drops_what_would_wait_too_long() {
        // A packet of 1,000 bytes takes 8 ms.
        let slow = outcomes(Impairment { rate: Some(1_000_000), ..NONE }, 200);
        let at = |outcome: &LegOutcome| if let LegOutcome::Arrives { at, .. } = outcome { Some(*at) } else { None };
        let arrived: Vec<_> = slow.iter().filter_map(at).collect();
        assert!(arrived.windows(2).all(|pair| pair[1] - pair[0] >= milliseconds(8)), "{arrived:?}");
        let dropped = slow.iter().filter(|outcome| **outcome == LegOutcome::Lost(DropReason::ImpairedQueue)).count();
        assert_eq!(arrived.len() + dropped, 200);
        assert!(arrived.last().is_some_and(|last| *last <= milliseconds(200 + 200 + 8)) && dropped > 0);
    }

    #[test]
    fn a_bad_network_that_comes_again_has_the_same_chance_and_no_more_room() {
        let half = Impairment { loss: Share::millionths(500_000), delay: Duration::from_secs(1), ..NONE };
        let impaired = Impaired::new(Environment::fixed());
        let pass = || -> Vec<bool> {
            let lost = |outcome| outcome == LegOutcome::Lost(DropReason::ImpairedLoss);
            (0..1000).map(|_| lost(impaired.enter(LEG, &half, 1 << 16, Duration::ZERO))).collect()
        };
        let first = pass();
        impaired.begin_anew(&Snapshot::empty());
        assert_eq!(pass(), first);
        let enter = || matches!(impaired.enter(LEG, &half, 1 << 16, Duration::ZERO), LegOutcome::Arrives { .. });
        assert!(!(0..100).any(|_| enter()), "what the first ones take is taken");
        (0..1000).for_each(|_| impaired.leave(LEG, 1 << 16));
        impaired.begin_anew(&Snapshot::empty());
        assert!(impaired.lines.is_empty());
    }

    #[test]
    fn a_path_is_known_by_its_port_and_then_by_the_longest_prefix() {
        let net = |text: &str| FarEnd::Net(text.parse().unwrap());
        let by = |delay| {
            let leg = Impairment { delay: milliseconds(delay), ..NONE };
            Impairments { from: leg, to: leg }
        };
        let path = |peer, delay| Change::Set(Entry::Path(PortId(1), peer, by(delay)));
        let changes = vec![
            path(net("10.0.0.0/8"), 1),
            path(net("10.0.0.0/24"), 2),
            path(FarEnd::Port(PortId(3)), 3),
            path(net("10.0.0.9/32"), 4),
        ];
        let tables = Snapshot::empty().apply(&Update { version: 1, whole: true, changes }).unwrap();
        let delay = |to, address: [u8; 4]| {
            let found = tables.path(PortId(1), PortId(to), address.into());
            found.map(|(_, there)| there.from.delay.as_millis())
        };
        assert_eq!(delay(2, [10, 1, 0, 1]), Some(1));
        assert_eq!(delay(2, [10, 0, 0, 1]), Some(2));
        assert_eq!(delay(2, [10, 0, 0, 9]), Some(4));
        assert_eq!(delay(3, [10, 0, 0, 9]), Some(3));
        assert_eq!(delay(2, [192, 0, 2, 1]), None);
        assert!(tables.path(PortId(2), PortId(1), [10, 0, 0, 1].into()).is_none());
        let remove = |peer| Change::Remove(Key::Path(PortId(1), peer));
        let changes = vec![remove(net("10.0.0.0/24")), remove(net("10.9.0.0/24"))];
        let tables = tables.apply(&Update { version: 2, whole: false, changes }).unwrap();
        let found = tables.path(PortId(1), PortId(2), [10, 0, 0, 1].into()).unwrap();
        assert_eq!((found.0, tables.impairs()), (net("10.0.0.0/8"), true));
    }

    #[test]
    fn who_goes_on_elsewhere_has_the_same_chance_and_the_same_room() {
        let slow = Impairment { loss: Share::millionths(300_000), rate: Some(10_000_000), ..NONE };
        let enter = |impaired: &Impaired, at| impaired.enter(LEG, &slow, 1000, milliseconds(at));
        let first = Impaired::new(Environment::fixed());
        (0..100).for_each(|at| _ = enter(&first, at));
        let second = Impaired::new(Environment::fixed());
        first.image().into_iter().for_each(|line| second.restore(line));
        assert!((100..1000).all(|at| enter(&first, at) == enter(&second, at)));
    }

    #[test]
    fn what_is_on_its_way_is_bounded() {
        let impaired = Impaired::new(Environment::fixed());
        let slow = Impairment { delay: Duration::from_secs(1), ..NONE };
        let enter = || matches!(impaired.enter(LEG, &slow, 1 << 16, Duration::ZERO), LegOutcome::Arrives { .. });
        assert_eq!((0..1000).filter(|_| enter()).count(), MOST_BYTES / ((1 << 16) + EACH));
        impaired.leave(LEG, 1 << 16);
        assert!(enter() && !enter());
    }
}
