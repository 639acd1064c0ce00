//! A flow's place in memory, which workers read and change without a lock.
//!
//! Sixteen words, two lines of the processor's cache. A hit needs only the first: who it is, both keys, when the last packet came,
//! and up to which generation of the tables each side's way is allowed. One writer at a time fills, clears and allows. Filling and
//! clearing take the `LIVE` mark away first and give it last, and count the slot's *incarnations*. So who reads knows that what was
//! read belongs together if the first word is the same before and after (a seqlock). Allowing changes a flow that lives: a side's
//! record is written once, its ends before its `KNOWN` mark, and read in the other order. Packets note themselves by exchanging the
//! word of activity, which holds eight bits of the incarnation, so that none is noted in a flow that has taken another's place.

use super::entry::{Flow, PathRecord};
use super::path::{FlowKey, Forwarding, Limits, pair};
use super::state::{Activity, Side, State};
use super::sync::{AtomicU64, fence};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use wire::{AttachmentId, NatId};

/// Words of a slot.
pub const WORDS: usize = 16;

/// Incarnation (48 bits), protocol (8), marks (8).
const IDENTITY: usize = 0;
/// The words of each side's key.
const KEYS: [usize; 2] = [1, 3];
/// When the last packet came, in milliseconds (48 bits); incarnation (8); state (8).
const ACTIVITY: usize = 5;
/// For each side the generation by which its path was last found allowed (45 bits; 0: never), and the path's limits then: hops (3),
/// MTU (16).
const ALLOWED: [usize; 2] = [6, 7];
/// For each side its record: sender and receiver, then marks and NAT.
const RECORDS: [usize; 2] = [8, 10];
/// Whether it is tracked at the initiator's end (bit 0) and at the responder's (bit 1).
const TRACKED: usize = 12;
/// When the first packet came, in milliseconds; 0: that was not noted.
const BEGUN: usize = 13;
/// Packets and bytes of both sides, while they are counted.
const PACKETS: usize = 14;
const BYTES: usize = 15;

/// Marks of an identity: somebody is there; a NAT is on the way.
const LIVE: u64 = 1;
const THROUGH: u64 = 2;
/// Marks of a record.
const KNOWN: u64 = 1 << 63;
const LEAVES_SEGMENT: u64 = 1 << 62;
const TRANSLATED: u64 = 1 << 32;

/// Who is in a slot: the same as before only if this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity(u64);

impl Identity {
    fn is_live(self) -> bool {
        self.0 & LIVE != 0
    }

    /// Whether its packets go through a NAT.
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
    /// Who it is.
    pub identity: Identity,
    /// When the last packet came, and the state.
    pub activity: Activity,
    allowed: u64,
    /// The other side's key.
    there: [u64; 2],
}

impl HitView {
    /// Where packets go, if that was allowed in this generation.
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

    /// All its words, while nobody changes them.
    pub fn words(self) -> [u64; WORDS] {
        std::array::from_fn(|word| self.load(word))
    }

    /// Puts all its words in, before anybody looks.
    pub fn set_words(self, words: &[u64; WORDS]) {
        words.iter().enumerate().for_each(|(word, value)| self.store(word, *value));
    }

    /// Who is in it, if anybody is.
    #[inline]
    pub fn identity(self) -> Option<Identity> {
        Some(Identity(self.0[IDENTITY].load(Acquire))).filter(|identity| identity.is_live())
    }

    /// Reads what belongs to one flow: `None` if nobody is there, or another came meanwhile.
    #[inline]
    fn read<R>(self, what: impl FnOnce(Identity) -> Option<R>) -> Option<R> {
        let identity = self.identity()?;
        let read = what(identity);
        fence(Acquire);
        read.filter(|_| self.load(IDENTITY) == identity.0)
    }

    /// What a packet needs, if the flow is the one that packets of this key and side belong to.
    #[inline]
    pub fn look(self, key: &FlowKey, side: Side) -> Option<HitView> {
        self.read(|identity| {
            let is_it = identity.protocol() == key.tuple.protocol && self.key(side) == key.words();
            is_it.then(|| HitView {
                identity,
                activity: activity(self.load(ACTIVITY)),
                allowed: self.load(ALLOWED[side as usize]),
                there: self.key(side.other()),
            })
        })
    }

    /// Who is in it, and since when nothing was heard.
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

    /// Notes a packet, unless the flow is another now.
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

    /// Counts packets and bytes, unless the flow is another now.
    pub fn count(self, identity: Identity, (packets, bytes): (u64, u64)) {
        if self.identity() == Some(identity) {
            self.0[PACKETS].fetch_add(packets, Relaxed);
            self.0[BYTES].fetch_add(bytes, Relaxed);
        }
    }

    /// Counts from nothing.
    pub fn count_anew(self) {
        self.store(PACKETS, 0);
        self.store(BYTES, 0);
    }

    /// Puts a flow in, whose first side's path is allowed with these limits in this generation. To be called by one at a time.
    pub fn fill(self, flow: &Flow, generation: u64, limits: Limits) {
        let incarnation = Identity(self.load(IDENTITY)).incarnation() + 1;
        let through = if flow.is_translated() { THROUGH } else { 0 };
        let identity = incarnation << 16 | u64::from(flow.keys[0].tuple.protocol) << 8 | through;
        self.store(IDENTITY, identity);
        fence(Release);
        for (at, key) in KEYS.into_iter().zip(flow.keys) {
            key.words().into_iter().zip(at..).for_each(|(word, at)| self.store(at, word));
        }
        // Exchanged, not stored: so it comes before or after a packet's own exchange, and that one sees which.
        self.0[ACTIVITY].swap(activity_word(flow.activity, incarnation), Relaxed);
        self.store(ALLOWED[0], allowed_word(generation, limits));
        self.store(ALLOWED[1], 0);
        for (at, record) in RECORDS.into_iter().zip(flow.records) {
            self.store_record(at, record);
        }
        self.store(TRACKED, u64::from(flow.tracked[0]) | u64::from(flow.tracked[1]) << 1);
        self.store(BEGUN, flow.begun);
        self.count_anew();
        self.0[IDENTITY].store(identity | LIVE, Release);
    }

    /// Takes the flow out. To be called by one at a time.
    pub fn clear(self) {
        self.0[IDENTITY].store(Identity(self.load(IDENTITY)).incarnation() << 16, Release);
    }

    /// Notes a side's record, and that it is allowed with these limits in this generation. To be called by one at a time.
    pub fn allow(self, side: Side, path: &super::Path, generation: u64) {
        if self.load(RECORDS[side as usize] + 1) & KNOWN == 0 {
            self.store_record(RECORDS[side as usize], Some(PathRecord::of(path)));
        }
        self.store(ALLOWED[side as usize], allowed_word(generation, path.limits));
    }

    /// Nothing is allowed until the rules are asked. To be called by one at a time.
    pub fn disallow(self) {
        ALLOWED.into_iter().for_each(|at| self.store(at, 0));
    }

    fn key(self, side: Side) -> [u64; 2] {
        let at = KEYS[side as usize];
        [self.load(at), self.load(at + 1)]
    }

    fn store_record(self, at: usize, record: Option<PathRecord>) {
        let Some(PathRecord { by, to, nat, leaves_segment }) = record else { return self.store(at + 1, 0) };
        let mark = |is: bool, mark: u64| if is { mark } else { 0 };
        let nat = nat.map_or(0, |id| TRANSLATED | u64::from(id.0));
        self.store(at, pair(by.0, to.0));
        // Released, so that who sees the mark sees the ends.
        self.0[at + 1].store(KNOWN | mark(leaves_segment, LEAVES_SEGMENT) | nat, Release);
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
