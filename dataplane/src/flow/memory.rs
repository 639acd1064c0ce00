//! The flow table's memory: words of this process alone, or of a file that outlives it. They are zero at first, and
//! occupy nothing until they are written.

use super::sync::AtomicU64;
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
use std::thread;
use std::time::{Duration, Instant};

/// Bytes of a word.
const WORD: usize = size_of::<u64>();
/// How long a killed process may take to release its file.
const PATIENCE: Duration = Duration::from_secs(1);

/// A mapping of zeroed words, at an address that is a multiple of a page.
#[derive(Debug)]
pub struct Memory {
    start: NonNull<c_void>,
    words: usize,
    file: Option<File>,
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
        Ok(Self { start, words, file: None })
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
        Ok(Self { start, words, file: Some(file) })
    }

    /// Reserves the first words: after that a full file system cannot cause a fault.
    ///
    /// # Errors
    /// The system's error.
    pub fn reserve(&self, words: usize) -> io::Result<()> {
        match &self.file {
            Some(file) => Ok(fallocate(file, FallocateFlags::empty(), 0, (words.min(self.words) * WORD) as i64)?),
            None => Ok(()),
        }
    }

    /// Asks for large pages from now on. A look-up in a large table goes anywhere: with small pages, finding the page would cost as much
    /// as reading it. But the kernel takes long to empty a large page, even for one word of it.
    pub fn prefer_large_pages(&self) {
        // SAFETY: advice about our own mapping changes nothing that can be seen in it. Who does not follow it may do so.
        let _ = unsafe { madvise(self.start, self.words * WORD, MmapAdvise::MADV_HUGEPAGE) };
    }
}

impl Deref for Memory {
    type Target = [AtomicU64];

    fn deref(&self) -> &[AtomicU64] {
        // SAFETY: the mapping is page-aligned, of that length, lives as long as `self`, and is only ever used through atomics, for
        // which every bit pattern is valid.
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
