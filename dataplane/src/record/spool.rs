//! Writes what was recorded to files, on a thread of its own: a slow disk keeps no packet waiting.

use super::format::{mark, seal};
use crossbeam::channel::{Receiver, Sender, unbounded};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

/// How many bytes may wait to be written.
const MOST_WAITING: usize = 64 << 20;

/// Where a recording is written.
pub trait Output: Write + Send {
    /// Makes it empty.
    ///
    /// # Errors
    /// What the system says.
    fn clear(&mut self) -> io::Result<()>;

    /// Writes all of it or, where that can be, nothing.
    ///
    /// # Errors
    /// What the system says.
    fn write_whole(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }
}

impl Output for File {
    fn clear(&mut self) -> io::Result<()> {
        self.set_len(0)?;
        self.rewind()
    }

    /// A full disk takes a part: without it, another recording can go on behind.
    fn write_whole(&mut self, bytes: &[u8]) -> io::Result<()> {
        let before = self.metadata()?.len();
        self.write_all(bytes).inspect_err(|_| _ = self.set_len(before))
    }
}

/// What is written next.
enum Piece {
    /// A chapter begins.
    Chapter,
    /// Records.
    Records(Vec<u8>),
}

/// What the writing thread tells.
#[derive(Debug, Default)]
struct Progress {
    waiting: AtomicUsize,
    written: AtomicU64,
    newest: AtomicUsize,
    failed: OnceLock<String>,
}

/// A thread that writes.
#[derive(Debug)]
pub struct Spool {
    pieces: Option<Sender<Piece>>,
    progress: Arc<Progress>,
    thread: Option<JoinHandle<()>>,
}

impl Spool {
    /// Writes to one output or, in turn, to several: to the next with the first chapter after the last one has so many bytes.
    ///
    /// # Errors
    /// If there is no thread.
    pub fn start(outputs: Vec<Box<dyn Output>>, each: Option<u64>) -> io::Result<Self> {
        let (pieces, to_write) = unbounded();
        let progress = Arc::<Progress>::default();
        let files = Files { outputs, each: each.unwrap_or(u64::MAX), current: 0, size: 0 };
        let told = Arc::clone(&progress);
        let thread = thread::Builder::new().name("recording".into()).spawn(move || files.write(&to_write, &told))?;
        Ok(Self { pieces: Some(pieces), progress, thread: Some(thread) })
    }

    /// Whether so many bytes more may wait.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.progress.waiting.load(Relaxed) + bytes <= MOST_WAITING
    }

    /// Whether most of what waited is written.
    pub fn has_caught_up(&self) -> bool {
        self.progress.waiting.load(Relaxed) <= MOST_WAITING / 4
    }

    /// Begins a chapter.
    pub fn chapter(&self) {
        self.put(Piece::Chapter);
    }

    /// Takes records, however many wait.
    pub fn records(&self, records: Vec<u8>) {
        self.progress.waiting.fetch_add(records.len(), Relaxed);
        self.put(Piece::Records(records));
    }

    fn put(&self, piece: Piece) {
        if let Some(pieces) = &self.pieces {
            // The thread ends only when nothing can come any more.
            let _ = pieces.send(piece);
        }
    }

    /// How many bytes are written, to which output last, and why no more can be.
    pub fn progress(&self) -> (u64, usize, Option<String>) {
        let Progress { written, newest, failed, .. } = &*self.progress;
        (written.load(Relaxed), newest.load(Relaxed), failed.get().cloned())
    }

    /// Waits until all is written.
    pub fn finish(&mut self) {
        self.pieces = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.finish();
    }
}

struct Files {
    outputs: Vec<Box<dyn Output>>,
    each: u64,
    current: usize,
    /// Of the current one.
    size: u64,
}

impl Files {
    /// Writes until nothing comes any more. After a failure, what comes is thrown away.
    fn write(mut self, pieces: &Receiver<Piece>, progress: &Progress) {
        for piece in pieces {
            let bytes = if let Piece::Records(records) = &piece { records.len() } else { 0 };
            if progress.failed.get().is_none()
                && let Err(error) = self.write_piece(piece, progress)
            {
                let _ = progress.failed.set(error.to_string());
            }
            progress.waiting.fetch_sub(bytes, Relaxed);
        }
    }

    fn write_piece(&mut self, piece: Piece, progress: &Progress) -> io::Result<()> {
        let bytes = match piece {
            Piece::Chapter => {
                if self.size >= self.each {
                    self.turn()?;
                }
                mark().to_vec()
            }
            Piece::Records(records) => seal(&records),
        };
        let output = self.outputs.get_mut(self.current).ok_or(io::ErrorKind::NotFound)?;
        output.write_whole(&bytes)?;
        self.size += bytes.len() as u64;
        progress.written.fetch_add(bytes.len() as u64, Relaxed);
        progress.newest.store(self.current, Relaxed);
        Ok(())
    }

    /// Goes on with the next output, and forgets what is there.
    fn turn(&mut self) -> io::Result<()> {
        self.current = (self.current + 1) % self.outputs.len().max(1);
        self.size = 0;
        self.outputs.get_mut(self.current).map_or(Ok(()), |output| output.clear())
    }
}
