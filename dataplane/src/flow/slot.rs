//! The memory of one flow, which workers read and update without a lock.
//!
//! A slot has sixteen words, two cache lines. A hit needs only the first line: the identity, both keys, the time of the
//! last packet, and the generation of the tables for which each side's path was last allowed. One writer at a time
//! fills, clears and allows.
//!
//! - Filling removes the `LIVE` mark first, counts the slot's *incarnation* up, and sets the mark last; clearing removes the
//!   mark. A reader knows that the words it read belong to one flow if the identity is the same before and after (a seqlock).
//! - Allowing changes a live flow: a side's record is written once, its ends before its `KNOWN` mark, and is read in the
//!   opposite order.
//! - Packets update the activity word by compare-and-swap. That word holds eight bits of the incarnation, so a packet cannot
//!   update a flow that has replaced its own.

use super::entry::{Flow, PathRecord};
use super::path::{FlowKey, Forwarding, Limits, Path, pair};
use super::state::{Activity, Side, State};
use super::sync::{AtomicU64, fence};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use wire::{AttachmentId, NatId};

/// The number of 64-bit words in a slot.
pub const WORDS: usize = 16;

/// The identity's word: incarnation (48 bits), protocol (8), marks (8), from the highest bit down, as in all words.
const IDENTITY: usize = 0;
/// The words of each side's key.
const KEYS: [usize; 2] = [1, 3];
/// The time of the last packet in milliseconds (48 bits), incarnation (8), state (8).
const ACTIVITY: usize = 5;
/// For each side the generation in which its path was last allowed (45 bits; 0: never) and the path's limits: hops (3),
/// MTU (16).
const ALLOWED: [usize; 2] = [6, 7];
/// For each side its record: sending and receiving attachment, then marks and NAT.
const RECORDS: [usize; 2] = [8, 10];
/// Whether the flow is tracked at the initiator's end (bit 0) and at the responder's (bit 1).
const TRACKED: usize = 12;
/// The time of the first packet in milliseconds; 0 if it was not recorded.
const BEGUN: usize = 13;
/// Packets and bytes of both sides, counted while they are asked for.
const PACKETS: usize = 14;
const BYTES: usize = 15;

/// Marks of an identity: the slot is occupied; a NAT is on the path.
const LIVE: u64 = 1;
const THROUGH: u64 = 2;
/// Marks of a record.
const KNOWN: u64 = 1 << 63;
const LEAVES_SEGMENT: u64 = 1 << 62;
const TRANSLATED: u64 = 1 << 32;

/// The identity of a slot's flow. It changes whenever the slot's flow does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity(u64);

impl Identity {
    fn is_live(self) -> bool {
        self.0 & LIVE != 0
    }

    /// Whether a NAT translates its packets.
    #[inline]
    pub fn is_translated(self) -> bool {
        self.0 & THROUGH != 0
    }

    fn protocol(self) -> u8 {
        (self.0 >> 8) as u8
    }

    fn incarnation(self) -> u64 {
        self.0 >> 16
    }
}

/// A flow's memory.
#[derive(Clone, Copy)]
pub struct Slot<'m>(pub &'m [AtomicU64; WORDS]);

/// What a packet needs of its flow.
#[derive(Clone, Copy, Debug)]
pub struct HitView {
    /// The flow's identity.
    pub identity: Identity,
    /// The time of the last packet, and the state since.
    pub activity: Activity,
    allowed: u64,
    /// The key of the opposite side.
    there: [u64; 2],
}

impl HitView {
    /// Where packets are forwarded to, if that was allowed in this generation.
    #[inline]
    pub fn allowed(&self, generation: u64) -> Option<Forwarding> {
        let there = FlowKey::from_words(self.there, self.identity.protocol());
        let limits = Limits { mtu: self.allowed as u16, hops: (self.allowed >> 16) as u8 & 7 };
        let forwarding = Forwarding { port: there.port, delivered: there.tuple.reversed(), limits };
        (self.allowed >> 19 == generation).then_some(forwarding)
    }
}

impl Slot<'_> {
    fn load(self, word: usize) -> u64 {
        self.0[word].load(Relaxed)
    }

    fn store(self, word: usize, value: u64) {
        self.0[word].store(value, Relaxed);
    }

    /// All words. Nobody may write meanwhile.
    pub fn words(self) -> [u64; WORDS] {
        std::array::from_fn(|word| self.load(word))
    }

    /// Sets all words. Nobody may read meanwhile.
    pub fn set_words(self, words: &[u64; WORDS]) {
        words.iter().enumerate().for_each(|(word, value)| self.store(word, *value));
    }

    /// The identity of its flow, if it has one.
    #[inline]
    pub fn identity(self) -> Option<Identity> {
        Some(Identity(self.0[IDENTITY].load(Acquire))).filter(|identity| identity.is_live())
    }

    /// Reads words that belong to one flow. `None` if the slot is empty or its flow was replaced meanwhile.
    #[inline]
    fn read<R>(self, what: impl FnOnce(Identity) -> Option<R>) -> Option<R> {
        let identity = self.identity()?;
        let read = what(identity);
        fence(Acquire);
        read.filter(|_| self.load(IDENTITY) == identity.0)
    }

    /// What a packet needs, if the slot's flow has this key on this side.
    #[inline]
    pub fn hit_view(self, key: &FlowKey, side: Side) -> Option<HitView> {
        self.read(|identity| {
            let has_key = identity.protocol() == key.tuple.protocol && self.key(side) == key.words();
            has_key.then(|| HitView {
                identity,
                activity: activity(self.load(ACTIVITY)),
                allowed: self.load(ALLOWED[side as usize]),
                there: self.key(side.other()),
            })
        })
    }

    /// The identity of its flow, the time of the last packet and the state since.
    pub fn activity(self) -> Option<(Identity, Activity)> {
        self.read(|identity| Some((identity, activity(self.load(ACTIVITY)))))
    }

    /// The whole flow.
    pub fn flow(self) -> Option<(Identity, Flow)> {
        self.read(|identity| {
            let key = |side| FlowKey::from_words(self.key(side), identity.protocol());
            let tracked = self.load(TRACKED);
            let flow = Flow {
                keys: [key(Side::Forward), key(Side::Reply)],
                records: RECORDS.map(|at| self.record(at)),
                tracked: [tracked & 1 != 0, tracked & 2 != 0],
                activity: activity(self.load(ACTIVITY)),
                begun: self.load(BEGUN),
                counted: (self.load(PACKETS), self.load(BYTES)),
            };
            Some((identity, flow))
        })
    }

    /// Updates the activity with a packet, unless the slot has another flow now.
    #[inline]
    pub fn touch(self, identity: Identity, side: Side, tcp_flags: u8, now: u64) {
        let mut before = self.load(ACTIVITY);
        while before >> 8 & 0xff == identity.incarnation() & 0xff {
            let after = activity_word(activity(before).after(side, tcp_flags, now), identity.incarnation());
            if after == before {
                return;
            }
            match self.0[ACTIVITY].compare_exchange_weak(before, after, Relaxed, Relaxed) {
                Ok(_) => return,
                Err(changed) => before = changed,
            }
        }
    }

    /// Adds packets and bytes to the counters, unless the slot has another flow now.
    pub fn count(self, identity: Identity, (packets, bytes): (u64, u64)) {
        if self.identity() == Some(identity) {
            self.0[PACKETS].fetch_add(packets, Relaxed);
            self.0[BYTES].fetch_add(bytes, Relaxed);
        }
    }

    /// Resets the counters.
    pub fn reset_counters(self) {
        self.store(PACKETS, 0);
        self.store(BYTES, 0);
    }

    /// Fills the slot with a flow. The path of its first side is allowed with these limits in this generation. Only one
    /// caller at a time may change slots.
    pub fn fill(self, flow: &Flow, generation: u64, limits: Limits) {
        let incarnation = Identity(self.load(IDENTITY)).incarnation() + 1;
        let through = if flow.is_translated() { THROUGH } else { 0 };
        let identity = incarnation << 16 | u64::from(flow.keys[0].tuple.protocol) << 8 | through;
        self.store(IDENTITY, identity);
        fence(Release);
        for (at, key) in KEYS.into_iter().zip(flow.keys) {
            key.words().into_iter().zip(at..).for_each(|(word, at)| self.store(at, word));
        }
        // An exchange, not a store, so it is ordered before or after a packet's own exchange, which sees the
        // difference.
        self.0[ACTIVITY].swap(activity_word(flow.activity, incarnation), Relaxed);
        self.store(ALLOWED[0], allowed_word(generation, limits));
        self.store(ALLOWED[1], 0);
        for (at, record) in RECORDS.into_iter().zip(flow.records) {
            self.store_record(at, record);
        }
        self.store(TRACKED, u64::from(flow.tracked[0]) | u64::from(flow.tracked[1]) << 1);
        self.store(BEGUN, flow.begun);
        self.reset_counters();
        self.0[IDENTITY].store(identity | LIVE, Release);
    }

    /// Clears the slot. Only one caller at a time may change slots.
    pub fn clear(self) {
        self.0[IDENTITY].store(Identity(self.load(IDENTITY)).incarnation() << 16, Release);
    }

    /// Sets a side's record, and allows its path with these limits in this generation. Only one caller at a time may
    /// change slots.
    pub fn allow(self, side: Side, path: &Path, generation: u64) {
        if self.load(RECORDS[side as usize] + 1) & KNOWN == 0 {
            self.store_record(RECORDS[side as usize], Some(PathRecord::of(path)));
        }
        self.store(ALLOWED[side as usize], allowed_word(generation, path.limits));
    }

    /// Allows nothing until the rules are asked again. Only one caller at a time may change slots.
    pub fn disallow(self) {
        ALLOWED.into_iter().for_each(|at| self.store(at, 0));
    }

    fn key(self, side: Side) -> [u64; 2] {
        let at = KEYS[side as usize];
        [self.load(at), self.load(at + 1)]
    }

    fn store_record(self, at: usize, record: Option<PathRecord>) {
        let Some(PathRecord { by, to, nat, leaves_segment }) = record else { return self.store(at + 1, 0) };
        let leaves = if leaves_segment { LEAVES_SEGMENT } else { 0 };
        let nat = nat.map_or(0, |id| TRANSLATED | u64::from(id.0));
        self.store(at, pair(by.0, to.0));
        // Release order, so that a reader that sees the mark sees the ends.
        self.0[at + 1].store(KNOWN | leaves | nat, Release);
    }

    fn record(self, at: usize) -> Option<PathRecord> {
        let rest = self.0[at + 1].load(Acquire);
        let ends = self.load(at);
        (rest & KNOWN != 0).then(|| PathRecord {
            by: AttachmentId((ends >> 32) as u32),
            to: AttachmentId(ends as u32),
            nat: (rest & TRANSLATED != 0).then_some(NatId(rest as u32)),
            leaves_segment: rest & LEAVES_SEGMENT != 0,
        })
    }
}

fn allowed_word(generation: u64, limits: Limits) -> u64 {
    const { assert!(Limits::MOST_HOPS < 8) };
    generation << 19 | u64::from(limits.hops & 7) << 16 | u64::from(limits.mtu)
}

fn activity(word: u64) -> Activity {
    Activity { last: word >> 16, state: State::from_number(word as u8) }
}

fn activity_word(activity: Activity, incarnation: u64) -> u64 {
    activity.last << 16 | (incarnation & 0xff) << 8 | activity.state as u64
}
