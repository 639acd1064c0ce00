//! Flows that outlive the process: a file mapped into memory, one record a flow, so that a dataplane that was killed leaves behind
//! what the next one needs to carry on with the connections that were open.
//!
//! Records are written when a flow begins, when its state changes and about once a second while it is used: a hit costs nothing
//! more. What is in the page cache survives the process, so nothing is ever flushed. The file has room for [`CAPACITY`] flows, and
//! that room is allocated at once, since a full file system could not be reported later; flows beyond it are not recorded.

use super::path::{FlowKey, Path};
use crate::packet::FiveTuple;
use crate::policy::{AttachmentId, PortId, TranslatorId};
use crossbeam::queue::SegQueue;
use nix::fcntl::{FallocateFlags, fallocate};
use nix::sys::mman::{MapFlags, ProtFlags, mmap};
use std::fs::OpenOptions;
use std::io;
use std::net::Ipv4Addr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// How many flows are recorded at most.
pub const CAPACITY: usize = 1 << 17;

/// 64-bit words of a record, and of the header before the first.
const WORDS: usize = 8;
/// The header's first word: the format, so that another version's file is not misread.
const FORMAT: u64 = 0x666c_6f77_7300_0001;
/// The first word of a record in use; it is written last.
const IN_USE: u64 = 1 << 63;

/// Where the dataplane that listens on this socket keeps its flows.
pub fn journal_path(socket: &std::path::Path) -> std::path::PathBuf {
    socket.with_file_name("flows")
}

/// The record file.
#[derive(Debug)]
pub struct Journal {
    words: &'static [AtomicU64],
    free: SegQueue<u32>,
    /// Records from here on were never used.
    next: AtomicU32,
}

/// What is kept of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept {
    /// By what its first packet was found.
    pub key: FlowKey,
    /// The way of its first packet. Its MTU is not kept.
    pub path: Path,
    /// Whether it is tracked at the initiator's end, at the responder's end.
    pub tracked: [bool; 2],
    /// When it was last active, and its state, in one number.
    pub activity: u64,
}

/// A flow's record; free again when dropped.
#[derive(Debug)]
pub struct Record {
    journal: Arc<Journal>,
    index: u32,
}

impl Journal {
    /// Opens the file, making it if need be.
    ///
    /// # Errors
    /// What the system says of the file.
    pub fn open(path: &std::path::Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let size = (CAPACITY + 1) * WORDS * 8;
        fallocate(&file, FallocateFlags::empty(), 0, size as i64)?;
        let length = NonZeroUsize::new(size).ok_or(io::ErrorKind::InvalidInput)?;
        // SAFETY: a fresh shared mapping of a file whose blocks are allocated; nothing else in this process refers to the memory.
        let start = unsafe {
            mmap(None, length, ProtFlags::PROT_READ | ProtFlags::PROT_WRITE, MapFlags::MAP_SHARED, &file, 0)?
        };
        // SAFETY: page-aligned, `size` bytes long, never unmapped, and from here on only used through atomics, for which every bit
        // pattern is valid.
        let words = unsafe { std::slice::from_raw_parts(start.cast::<AtomicU64>().as_ptr(), size / 8) };
        let journal = Self { words, free: SegQueue::new(), next: AtomicU32::new(CAPACITY as u32) };
        if journal.words[0].swap(FORMAT, Ordering::Relaxed) != FORMAT {
            journal.words[1..].iter().for_each(|word| word.store(0, Ordering::Relaxed));
        }
        Ok(journal)
    }

    /// How far the clock had been advanced, in milliseconds.
    pub fn skipped(&self) -> u64 {
        self.words[1].load(Ordering::Relaxed)
    }

    /// Notes how far the clock has been advanced.
    pub fn set_skipped(&self, milliseconds: u64) {
        self.words[1].store(milliseconds, Ordering::Relaxed);
    }

    /// The flows that the last process left. To be called once, before any [`Journal::record`].
    pub fn recover(self: &Arc<Self>) -> Vec<(Kept, Record)> {
        let mut flows = Vec::new();
        let mut used = 0;
        for index in 0..CAPACITY as u32 {
            if self.slot(index)[0].load(Ordering::Acquire) & IN_USE != 0 {
                used = index + 1;
                flows.push((self.read(index), Record { journal: self.clone(), index }));
            }
        }
        self.next.store(used, Ordering::Relaxed);
        let in_use = |index: &u32| self.slot(*index)[0].load(Ordering::Relaxed) & IN_USE != 0;
        (0..used).filter(|index| !in_use(index)).for_each(|index| self.free.push(index));
        flows
    }

    /// Records a flow; `None` if there is no room.
    pub fn record(self: &Arc<Self>, kept: &Kept) -> Option<Record> {
        let index = match self.free.pop() {
            Some(index) => index,
            None => {
                let fresh = |next: u32| (next < CAPACITY as u32).then_some(next + 1);
                self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fresh).ok()?
            }
        };
        let slot = self.slot(index);
        let Kept { key, path, tracked: [here, there], activity } = *kept;
        let delivered = path.delivered;
        let pair = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
        let ports = |tuple: FiveTuple| u32::from(tuple.source_port) << 16 | u32::from(tuple.destination_port);
        slot[1].store(activity, Ordering::Relaxed);
        slot[2].store(pair(key.tuple.source.to_bits(), key.tuple.destination.to_bits()), Ordering::Relaxed);
        slot[3].store(pair(delivered.source.to_bits(), delivered.destination.to_bits()), Ordering::Relaxed);
        slot[4].store(pair(ports(key.tuple), ports(delivered)), Ordering::Relaxed);
        slot[5].store(pair(key.port.0, path.port.0), Ordering::Relaxed);
        slot[6].store(pair(path.by.0, path.to.0), Ordering::Relaxed);
        slot[7].store(path.translator.map_or(0, |id| 1 << 32 | u64::from(id.0)), Ordering::Relaxed);
        let flags = u64::from(here) | u64::from(there) << 1 | u64::from(path.leaves_segment) << 2;
        slot[0].store(IN_USE | flags << 8 | u64::from(key.tuple.protocol), Ordering::Release);
        Some(Record { journal: self.clone(), index })
    }

    fn read(&self, index: u32) -> Kept {
        let slot = self.slot(index);
        let word = |i: usize| slot[i].load(Ordering::Relaxed);
        let (high, low) = (|i: usize| (word(i) >> 32) as u32, |i: usize| word(i) as u32);
        let tuple = |addresses: usize, ports: u32| FiveTuple {
            source: Ipv4Addr::from_bits(high(addresses)),
            destination: Ipv4Addr::from_bits(low(addresses)),
            protocol: word(0) as u8,
            source_port: (ports >> 16) as u16,
            destination_port: ports as u16,
        };
        let (sent, delivered) = (tuple(2, high(4)), tuple(3, low(4)));
        let flags = word(0) >> 8;
        let path = Path {
            by: AttachmentId(high(6)),
            to: AttachmentId(low(6)),
            port: PortId(low(5)),
            mtu: 0,
            sent,
            delivered,
            translator: (word(7) >> 32 != 0).then_some(TranslatorId(low(7))),
            leaves_segment: flags & 4 != 0,
        };
        let key = FlowKey { port: PortId(high(5)), tuple: sent };
        Kept { key, path, tracked: [flags & 1 != 0, flags & 2 != 0], activity: word(1) }
    }

    fn slot(&self, index: u32) -> &[AtomicU64] {
        let start = (index as usize + 1) * WORDS;
        &self.words[start..start + WORDS]
    }
}

impl Record {
    /// Notes a flow's state and when it was last active.
    pub fn update(&self, activity: u64) {
        self.journal.slot(self.index)[1].store(activity, Ordering::Relaxed);
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.journal.slot(self.index)[0].store(0, Ordering::Release);
        self.journal.free.push(self.index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::TCP;

    fn kept(port: u16) -> Kept {
        let sent = FiveTuple {
            source: Ipv4Addr::new(10, 1, 2, 3),
            destination: Ipv4Addr::new(9, 9, 9, 9),
            protocol: TCP,
            source_port: port,
            destination_port: 443,
        };
        let path = Path {
            by: AttachmentId(7),
            to: AttachmentId(8),
            port: PortId(9),
            mtu: 0,
            sent,
            delivered: FiveTuple { source: Ipv4Addr::new(8, 8, 8, 8), source_port: port + 1, ..sent },
            translator: (port > 2000).then_some(TranslatorId(3)),
            leaves_segment: port > 2000,
        };
        let key = FlowKey { port: PortId(5), tuple: sent };
        Kept { key, path, tracked: [true, port > 2000], activity: 5_000 << 8 }
    }

    #[test]
    fn flows_come_back_as_they_were() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("flows");
        let journal = Arc::new(Journal::open(&path).unwrap());
        assert!(journal.recover().is_empty());
        let [first, second, third] = [1000, 2000, 3000].map(|port| journal.record(&kept(port)).unwrap());
        second.update(7_000 << 8 | 1);
        journal.set_skipped(77);
        drop(first);
        // What a killed process leaves: nothing is dropped.
        std::mem::forget((second, third, journal));

        let journal = Arc::new(Journal::open(&path).unwrap());
        let recovered = journal.recover();
        assert_eq!(journal.skipped(), 77);
        let expected = [Kept { activity: 7_000 << 8 | 1, ..kept(2000) }, kept(3000)];
        assert_eq!(recovered.iter().map(|(kept, _)| *kept).collect::<Vec<_>>(), expected);
        drop(recovered);
        assert!(Arc::new(Journal::open(&path).unwrap()).recover().is_empty(), "dropped flows leave no record");
    }
}
