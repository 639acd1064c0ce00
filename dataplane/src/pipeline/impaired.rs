//! Impaired networks: the delay, loss, reordering, rate and damage of packets on each leg of their path, as the tables say.
//!
//! Impairment follows the decision: a packet is decided when it is read, and is lost, delayed or damaged after that. The
//! state of each leg is here, and all workers share it. A packet in transit stays with the worker that read it.

use super::leg::Leg;
use crate::environment::{Environment, Seed};
use crate::policy::Snapshot;
use dashmap::DashMap;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wire::{DropReason, Impairment, PortId, Share};

/// The longest time that a packet waits for its turn where the rate is limited.
const LONGEST_WAIT: Duration = Duration::from_millis(200);
/// The greatest number of bytes in transit on one leg. 50 ms of 1 Gbit/s are 6 MB.
const MOST_BYTES: usize = 8 << 20;
/// The memory that a packet in transit occupies beside its own bytes, in bytes.
const OVERHEAD: usize = 160;
/// The delay that is added to a packet that is reordered.
const REORDERED: Duration = Duration::from_millis(10);
/// A number of many bits, with which an impairment's own seed is mixed: with a small seed the hashes of one packet would be
/// alike, and what is lost, damaged and duplicated would be the same packets.
const MIXER: u64 = 0x9e37_79b9_7f4a_7c15;

/// The outcome of a packet on a leg.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LegOutcome {
    /// It is lost.
    Lost(DropReason),
    /// It arrives.
    Arrives {
        /// When it arrives.
        at: Duration,
        /// The number of the bit that is flipped, if one is. A number beyond the packet's length wraps around.
        flipped: Option<u64>,
        /// Whether it is duplicated.
        duplicated: bool,
    },
}

/// The state of a leg without its seed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LegImage {
    leg: Leg,
    impairment: Impairment,
    packets: u64,
    free: Duration,
    last: Duration,
    bytes: u64,
}

/// The state of a leg.
#[derive(Debug)]
struct LegState {
    impairment: Impairment,
    seed: Seed,
    /// How many packets have entered.
    packets: u64,
    /// When the last packet is sent completely, where the rate is limited.
    free: Duration,
    /// When the last packet arrives.
    last: Duration,
    /// How many bytes the packets in transit occupy.
    bytes: usize,
}

/// The state of all impaired legs.
#[derive(Debug)]
pub struct Impaired {
    environment: Environment,
    legs: DashMap<Leg, LegState, foldhash::fast::RandomState>,
}

impl Impaired {
    /// No packets in transit.
    pub fn new(environment: Environment) -> Self {
        Self { environment, legs: DashMap::default() }
    }

    /// The time by which packets in transit are due.
    pub fn now(&self) -> Duration {
        self.environment.time.exact()
    }

    /// Lets a packet of this many bytes enter a leg now. If it arrives, the caller calls [`Impaired::leave`] at that time.
    pub fn enter(&self, leg: Leg, impairment: &Impairment, length: usize, now: Duration) -> LegOutcome {
        let new = || LegState::new(*impairment, self.seed(leg, impairment));
        let mut state = self.legs.entry(leg).or_insert_with(new);
        if state.impairment != *impairment {
            let bytes = state.bytes;
            *state = LegState { bytes, ..new() };
        }
        state.enter(length, now)
    }

    /// Lets a packet of this many bytes leave a leg.
    pub fn leave(&self, leg: Leg, length: usize) {
        if let Some(mut state) = self.legs.get_mut(&leg) {
            state.bytes = state.bytes.saturating_sub(length.saturating_add(OVERHEAD));
        }
    }

    /// Resets legs that are no longer impaired, so that a later impairment begins anew. Packets in transit still count.
    pub fn reset_unimpaired(&self, tables: &Snapshot) {
        self.legs.retain(|leg, state| {
            let is_unimpaired = leg.impairment(tables).is_none();
            if is_unimpaired {
                *state = LegState { bytes: state.bytes, ..LegState::new(state.impairment, state.seed.clone()) };
            }
            state.bytes > 0 || !is_unimpaired
        });
    }

    /// The state of all legs.
    pub fn image(&self) -> Vec<LegImage> {
        let image = |state: dashmap::mapref::multiple::RefMulti<'_, Leg, LegState>| {
            let (leg, LegState { impairment, packets, free, last, bytes, .. }) = state.pair();
            let (impairment, packets, free, last, bytes) = (*impairment, *packets, *free, *last, *bytes as u64);
            LegImage { leg: *leg, impairment, packets, free, last, bytes }
        };
        self.legs.iter().map(image).collect()
    }

    /// Restores the state of a leg.
    pub fn restore(&self, LegImage { leg, impairment, packets, free, last, bytes }: LegImage) {
        let (seed, bytes) = (self.seed(leg, &impairment), usize::try_from(bytes).unwrap_or(usize::MAX));
        self.legs.insert(leg, LegState { impairment, seed, packets, free, last, bytes });
    }

    /// Forgets the legs of ports that are gone.
    pub fn forget(&self, is_gone: impl Fn(PortId) -> bool) {
        self.legs.retain(|leg, _| !is_gone(leg.port));
    }

    /// The seed of a leg. An impairment's own seed gives every port the same sequence, so that a run can be repeated. The
    /// legs of one path differ all the same: the same bit flipped on two of them would arrive intact.
    fn seed(&self, leg: Leg, impairment: &Impairment) -> Seed {
        match impairment.seed {
            Some(number) => Seed::new(Seed::new(MIXER).hash(&(number, leg.direction, leg.peer.is_some()))),
            None => Seed::new(self.environment.seed.hash(&leg)),
        }
    }
}

/// What a random number decides about a packet.
#[derive(Clone, Copy, Hash)]
enum Chance {
    Loss,
    Jitter,
    Reorder,
    Duplicate,
    Corrupt,
    Bit,
}

impl LegState {
    fn new(impairment: Impairment, seed: Seed) -> Self {
        Self { impairment, seed, packets: 0, free: Duration::ZERO, last: Duration::ZERO, bytes: 0 }
    }

    fn enter(&mut self, length: usize, now: Duration) -> LegOutcome {
        self.packets = self.packets.wrapping_add(1);
        let Impairment { delay, loss, reorder, duplicate, corrupt, .. } = self.impairment;
        if self.happens(Chance::Loss, loss) {
            return LegOutcome::Lost(DropReason::ImpairedLoss);
        }
        let duplicated = self.happens(Chance::Duplicate, duplicate);
        let bytes = self.bytes.saturating_add((length + OVERHEAD) * (1 + usize::from(duplicated)));
        let turn = self.free.max(now);
        if turn - now > LONGEST_WAIT || bytes > MOST_BYTES {
            return LegOutcome::Lost(DropReason::ImpairedQueue);
        }
        self.bytes = bytes;
        let sent = turn.saturating_add(self.transmission_time(length));
        if self.impairment.rate.is_some() {
            self.free = sent;
        }
        let late = sent.saturating_add(delay).saturating_add(self.spread());
        let in_order = late.saturating_sub(self.impairment.jitter).max(sent).max(self.last);
        let at = if self.happens(Chance::Reorder, reorder) {
            in_order.saturating_add(REORDERED)
        } else {
            self.last = in_order;
            in_order
        };
        let flipped = self.happens(Chance::Corrupt, corrupt).then(|| self.number(Chance::Bit));
        LegOutcome::Arrives { at, flipped, duplicated }
    }

    /// The time it takes to send this many bytes.
    fn transmission_time(&self, length: usize) -> Duration {
        let rate = self.impairment.rate.map(|rate| rate.max(1));
        rate.map_or(Duration::ZERO, |rate| Duration::from_nanos(length as u64 * 8_000_000_000 / rate))
    }

    /// A random delay between zero and twice the jitter.
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

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Change, Direction, Entry, FarEnd, Impairments, Key, Update};

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

    /// The outcomes of this many packets of 1,000 bytes, one every millisecond.
    fn outcomes(impairment: Impairment, count: u64) -> Vec<LegOutcome> {
        let impaired = Impaired::new(Environment::fixed());
        (0..count).map(|number| impaired.enter(LEG, &impairment, 1000, milliseconds(number))).collect()
    }

    fn arrivals(impairment: Impairment, count: u64) -> Vec<Duration> {
        let at = |outcome| if let LegOutcome::Arrives { at, .. } = outcome { at } else { panic!("{outcome:?}") };
        outcomes(impairment, count).into_iter().map(at).collect()
    }

    #[test]
    fn the_loss_rate_holds_and_the_same_packets_are_lost_again() {
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
    fn a_seed_is_the_same_for_all_ports_and_differs_between_the_legs_of_a_path() {
        let corrupt = Impairment { corrupt: Share::ALL, seed: Some(7), ..NONE };
        let flipped = |leg| {
            let impaired = Impaired::new(Environment::fixed());
            match impaired.enter(leg, &corrupt, 1000, Duration::ZERO) {
                LegOutcome::Arrives { flipped, .. } => flipped,
                lost @ LegOutcome::Lost(_) => panic!("{lost:?}"),
            }
        };
        let [out, inward] = [Leg::out_of, Leg::into].map(|leg| leg(PortId(1)));
        let peer = Some(FarEnd::Port(PortId(2)));
        let legs = [out, Leg { peer, ..out }, Leg { peer, ..inward }, inward];
        let bits: std::collections::BTreeSet<_> = legs.into_iter().map(flipped).collect();
        assert_eq!(bits.len(), legs.len());
        assert_eq!(flipped(out), flipped(Leg::out_of(PortId(3))));
    }

    #[test]
    fn whether_a_packet_is_damaged_does_not_depend_on_whether_it_is_duplicated() {
        let tenth = Share::millionths(100_000);
        for seed in 0..20 {
            let both = Impairment { corrupt: tenth, duplicate: tenth, seed: Some(seed), ..NONE };
            let both = outcomes(both, 5000);
            let is_both = |outcome: &&LegOutcome| {
                matches!(outcome, LegOutcome::Arrives { flipped: Some(_), duplicated: true, .. })
            };
            let count = both.iter().filter(is_both).count();
            assert!((25..100).contains(&count), "{count} of 5,000 packets with seed {seed}");
        }
    }

    #[test]
    fn jitter_stays_within_its_bounds_and_keeps_the_order() {
        let delayed = arrivals(Impairment { delay: milliseconds(50), ..NONE }, 100);
        assert!(delayed.iter().zip(0..).all(|(at, number)| *at == milliseconds(50 + number)));
        let jittery = arrivals(Impairment { delay: milliseconds(50), jitter: milliseconds(20), ..NONE }, 1000);
        assert!(jittery.is_sorted());
        let late = |(at, number): (&Duration, u64)| *at - milliseconds(number);
        assert!(jittery.iter().zip(0..).map(late).all(|late| milliseconds(30) <= late && late <= milliseconds(70)));
        // A delay is never negative.
        let most = arrivals(Impairment { jitter: milliseconds(20), ..NONE }, 1000);
        assert!(most.iter().zip(0..).all(|(at, number)| *at >= milliseconds(number)));
    }

    #[test]
    fn a_reordered_packet_is_overtaken() {
        let mixed = arrivals(Impairment { reorder: Share::millionths(100_000), ..NONE }, 1000);
        let overtaken = mixed.iter().zip(0..).filter(|(at, number)| **at == milliseconds(number + 10)).count();
        assert!((50..200).contains(&overtaken), "{overtaken}");
        assert!(!mixed.is_sorted());
    }

    #[test]
    fn a_rate_spaces_packets_and_drops_what_would_wait_too_long() {
        // At this rate a packet of 1,000 bytes takes 8 ms.
        let slow = outcomes(Impairment { rate: Some(1_000_000), ..NONE }, 200);
        let at = |outcome: &LegOutcome| if let LegOutcome::Arrives { at, .. } = outcome { Some(*at) } else { None };
        let arrived: Vec<_> = slow.iter().filter_map(at).collect();
        assert!(arrived.windows(2).all(|pair| pair[1] - pair[0] >= milliseconds(8)), "{arrived:?}");
        let dropped = slow.iter().filter(|outcome| **outcome == LegOutcome::Lost(DropReason::ImpairedQueue)).count();
        assert_eq!(arrived.len() + dropped, 200);
        assert!(arrived.last().is_some_and(|last| *last <= milliseconds(200 + 200 + 8)) && dropped > 0);
    }

    #[test]
    fn an_impairment_that_is_set_again_repeats_its_sequence_and_keeps_its_bound() {
        let half = Impairment { loss: Share::millionths(500_000), delay: Duration::from_secs(1), ..NONE };
        let impaired = Impaired::new(Environment::fixed());
        let pass = || -> Vec<bool> {
            let lost = |outcome| outcome == LegOutcome::Lost(DropReason::ImpairedLoss);
            (0..1000).map(|_| lost(impaired.enter(LEG, &half, 1 << 16, Duration::ZERO))).collect()
        };
        let first = pass();
        impaired.reset_unimpaired(&Snapshot::empty());
        assert_eq!(pass(), first);
        let enter = || matches!(impaired.enter(LEG, &half, 1 << 16, Duration::ZERO), LegOutcome::Arrives { .. });
        assert!(!(0..100).any(|_| enter()), "packets in transit still occupy the leg");
        (0..1000).for_each(|_| impaired.leave(LEG, 1 << 16));
        impaired.reset_unimpaired(&Snapshot::empty());
        assert!(impaired.legs.is_empty());
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
            let found = tables.path_between(PortId(1), PortId(to), address.into());
            found.map(|(_, there)| there.from.delay.as_millis())
        };
        assert_eq!(delay(2, [10, 1, 0, 1]), Some(1));
        assert_eq!(delay(2, [10, 0, 0, 1]), Some(2));
        assert_eq!(delay(2, [10, 0, 0, 9]), Some(4));
        assert_eq!(delay(3, [10, 0, 0, 9]), Some(3));
        assert_eq!(delay(2, [192, 0, 2, 1]), None);
        assert!(tables.path_between(PortId(2), PortId(1), [10, 0, 0, 1].into()).is_none());
        let remove = |peer| Change::Remove(Key::Path(PortId(1), peer));
        let changes = vec![remove(net("10.0.0.0/24")), remove(net("10.9.0.0/24"))];
        let tables = tables.apply(&Update { version: 2, whole: false, changes }).unwrap();
        let found = tables.path_between(PortId(1), PortId(2), [10, 0, 0, 1].into()).unwrap();
        assert_eq!((found.0, tables.has_impairments()), (net("10.0.0.0/8"), true));
    }

    #[test]
    fn a_restored_leg_continues_the_same_sequence_and_bound() {
        let slow = Impairment { loss: Share::millionths(300_000), rate: Some(10_000_000), ..NONE };
        let enter = |impaired: &Impaired, at| impaired.enter(LEG, &slow, 1000, milliseconds(at));
        let first = Impaired::new(Environment::fixed());
        (0..100).for_each(|at| _ = enter(&first, at));
        let second = Impaired::new(Environment::fixed());
        first.image().into_iter().for_each(|state| second.restore(state));
        assert!((100..1000).all(|at| enter(&first, at) == enter(&second, at)));
    }

    #[test]
    fn bytes_in_transit_are_bounded() {
        let impaired = Impaired::new(Environment::fixed());
        let slow = Impairment { delay: Duration::from_secs(1), ..NONE };
        let enter = || matches!(impaired.enter(LEG, &slow, 1 << 16, Duration::ZERO), LegOutcome::Arrives { .. });
        assert_eq!((0..1000).filter(|_| enter()).count(), MOST_BYTES / ((1 << 16) + OVERHEAD));
        impaired.leave(LEG, 1 << 16);
        assert!(enter() && !enter());
    }
}
