//! The flow table's memory: 64-bit words of this process alone, or of a file that outlives it. Words are zero at first, and
//! take no memory until they are written.

use super::sync::AtomicU64;
use nix::errno::Errno;
use nix::fcntl::{FallocateFlags, fallocate};
use nix::sys::mman::{MapFlags, MmapAdvise, ProtFlags, madvise, mmap, mmap_anonymous, munmap};
use nix::unistd::ftruncate;
use std::ffi::c_void;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::num::NonZeroUsize;
use std::ops::Deref;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Bytes of a word.
const WORD: usize = size_of::<u64>();
/// Files are reserved in multiples of this many bytes, which is a multiple of every system's page size.
const GRANULE: usize = 64 << 10;
/// How long a killed process may take to release its file.
const PATIENCE: Duration = Duration::from_secs(1);

/// A mapping of words, at an address that is a multiple of the page size.
#[derive(Debug)]
pub struct Memory {
    start: NonNull<c_void>,
    words: usize,
    file: Option<File>,
    /// How many bytes of the mapping are reserved, and may be used.
    usable: AtomicUsize,
}

// SAFETY: it owns its mapping, which is accessed through atomics only.
unsafe impl Send for Memory {}
// SAFETY: as above.
unsafe impl Sync for Memory {}

impl Memory {
    /// Private memory of this many words.
    ///
    /// # Errors
    /// If there is no address space for them.
    pub fn private(words: usize) -> io::Result<Self> {
        // SAFETY: a fresh private mapping, which nothing else refers to.
        let start = unsafe { mmap_anonymous(None, length(words)?, read_and_write(), MapFlags::MAP_PRIVATE)? };
        Ok(Self { start, words, file: None, usable: AtomicUsize::new(words * WORD) })
    }

    /// Memory in a file of this many words. The file is made if it does not exist. Only [reserved](Self::reserve) words
    /// may be used. The file is locked, because another process that truncated it would kill this one (SIGBUS).
    ///
    /// # Errors
    /// The system's error; `WouldBlock` if another process has locked the file.
    pub fn of_file(path: &Path, words: usize) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.read(true).write(true).create(true).truncate(false).mode(0o600).open(path)?;
        lock(&file)?;
        ftruncate(&file, (words * WORD) as i64)?;
        // SAFETY: a fresh shared mapping of a file of that length; nothing else in this process refers to the memory.
        let start = unsafe { mmap(None, length(words)?, read_and_write(), MapFlags::MAP_SHARED, &file, 0)? };
        Ok(Self { start, words, file: Some(file), usable: AtomicUsize::new(0) })
    }

    /// Reserves the first words, so that writing them cannot fault when the file system is full. If the file has no room,
    /// the words that were not reserved before become memory of this process alone.
    ///
    /// # Errors
    /// If there is no memory for them either.
    pub fn reserve(&self, words: usize) -> io::Result<()> {
        let (usable, length) = (self.usable.load(Ordering::Relaxed), self.words * WORD);
        let wanted = (words * WORD).next_multiple_of(GRANULE).min(length);
        let Some(file) = self.file.as_ref().filter(|_| wanted > usable) else { return Ok(()) };
        let usable = match fallocate(file, FallocateFlags::empty(), 0, wanted as i64) {
            Ok(()) => wanted,
            Err(Errno::EINTR) => return self.reserve(words),
            Err(error) => {
                tracing::warn!(%error, "no room for the file of connections: those that begin now end with this process");
                self.make_private(usable)?;
                length
            }
        };
        self.usable.store(usable, Ordering::Relaxed);
        Ok(())
    }

    /// Replaces the mapping of the file by private memory, from this byte on, which is a multiple of [`GRANULE`]. Nobody has
    /// used the memory behind it.
    fn make_private(&self, from: usize) -> io::Result<()> {
        let address = self.start.addr().checked_add(from).ok_or(io::ErrorKind::InvalidInput)?;
        let length = NonZeroUsize::new(self.words * WORD - from).ok_or(io::ErrorKind::InvalidInput)?;
        let flags = MapFlags::MAP_PRIVATE | MapFlags::MAP_FIXED;
        // SAFETY: the range is within our own mapping, and of atomics that are zero before and after.
        unsafe { mmap_anonymous(Some(address), length, read_and_write(), flags)? };
        Ok(())
    }

    /// Asks the kernel for large pages from now on. Look-ups in a large table are scattered, and with small pages most of
    /// them would miss the TLB too. The kernel clears a whole large page before its first word can be used.
    pub fn prefer_large_pages(&self) {
        // SAFETY: advice about our own mapping does not change its contents. The kernel may ignore it.
        let _ = unsafe { madvise(self.start, self.words * WORD, MmapAdvise::MADV_HUGEPAGE) };
    }
}

impl Deref for Memory {
    type Target = [AtomicU64];

    fn deref(&self) -> &[AtomicU64] {
        // SAFETY: the mapping is page-aligned, has that length, lives as long as `self`, and is only ever used through
        // atomics, for which every bit pattern is valid.
        unsafe { std::slice::from_raw_parts(self.start.cast().as_ptr(), self.words) }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, and no reference into it outlives `self`.
        let _ = unsafe { munmap(self.start, self.words * WORD) };
    }
}

/// Locks a file. A killed process takes a moment to release it.
fn lock(file: &File) -> io::Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(Duration::from_millis(10)),
            other => return Ok(other?),
        }
    }
}

fn length(words: usize) -> io::Result<NonZeroUsize> {
    NonZeroUsize::new(words * WORD).ok_or(io::ErrorKind::InvalidInput.into())
}

fn read_and_write() -> ProtFlags {
    ProtFlags::PROT_READ | ProtFlags::PROT_WRITE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_which_the_file_has_no_room_are_private() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("words");
        let words = 4 * GRANULE / WORD;
        let mut memory = Memory::of_file(&path, words).unwrap();
        memory.reserve(1).unwrap();
        // Nothing can be reserved by a descriptor that only reads, as on a full disk.
        let writes = memory.file.replace(File::open(&path).unwrap());
        memory.reserve(words / 2).unwrap();
        for word in [0, words / 4 - 1, words / 4, words - 1] {
            memory[word].store(7, Ordering::Relaxed);
        }
        let content = std::fs::read(&path).unwrap();
        let there =
            [0, words / 4 - 1, words / 4, words - 1].map(|word| content[word * WORD..][..WORD].iter().sum::<u8>());
        assert_eq!(there, [7, 7, 0, 0]);
        assert!(memory.iter().filter(|word| word.load(Ordering::Relaxed) == 7).count() == 4);
        drop(writes);
    }
}
