//! A spool: records wait in memory until a thread of its own has written them, so that a slow disk delays no packet.

use super::format::{mark, seal};
use crossbeam::channel::{Receiver, Sender, unbounded};
use std::fs::File;
use std::io::{self, Seek, Write};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};

/// How many bytes may wait to be written. A chapter's beginning and a recording's end may exceed it.
const MOST_WAITING: usize = 64 << 20;

/// An output of a recording.
pub trait Output: Write + Send {
    /// Empties it.
    ///
    /// # Errors
    /// The system's error.
    fn clear(&mut self) -> io::Result<()>;

    /// Writes all bytes or, where that is possible, none.
    ///
    /// # Errors
    /// The system's error.
    fn write_whole(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }
}

impl Output for File {
    fn clear(&mut self) -> io::Result<()> {
        self.set_len(0)?;
        self.rewind()
    }

    /// A full disk takes a part of the bytes. The file is cut back to before them, so that a later chapter can follow.
    fn write_whole(&mut self, bytes: &[u8]) -> io::Result<()> {
        let before = self.metadata()?.len();
        self.write_all(bytes).inspect_err(|_| _ = self.set_len(before))
    }
}

/// The next thing to write.
enum Piece {
    /// A chapter begins.
    Chapter,
    /// Records.
    Records(Vec<u8>),
}

/// The progress of the writing thread.
#[derive(Debug, Default)]
struct Progress {
    waiting: AtomicUsize,
    written: AtomicU64,
    failed: OnceLock<String>,
}

/// The handle of a writing thread.
#[derive(Debug)]
pub struct Spool {
    pieces: Option<Sender<Piece>>,
    progress: Arc<Progress>,
    thread: Option<JoinHandle<()>>,
}

impl Spool {
    /// Writes to one output, or to several in turn: a chapter that begins when the current output has this many bytes
    /// goes to the next.
    ///
    /// # Errors
    /// If the thread cannot start.
    pub fn start(outputs: Vec<Box<dyn Output>>, each: Option<u64>) -> io::Result<Self> {
        let (pieces, to_write) = unbounded();
        let progress = Arc::<Progress>::default();
        let files = Files { outputs, each: each.unwrap_or(u64::MAX), current: 0, size: 0 };
        let told = Arc::clone(&progress);
        let thread = thread::Builder::new().name("recording".into()).spawn(move || files.write(&to_write, &told))?;
        Ok(Self { pieces: Some(pieces), progress, thread: Some(thread) })
    }

    /// Whether this many more bytes may wait.
    pub fn has_room(&self, bytes: usize) -> bool {
        self.progress.waiting.load(Relaxed) + bytes <= MOST_WAITING
    }

    /// Whether most of what waited has been written.
    pub fn has_caught_up(&self) -> bool {
        self.progress.waiting.load(Relaxed) <= MOST_WAITING / 4
    }

    /// Begins a chapter.
    pub fn chapter(&self) {
        self.put(Piece::Chapter);
    }

    /// Queues records, however many wait.
    pub fn records(&self, records: Vec<u8>) {
        self.progress.waiting.fetch_add(records.len(), Relaxed);
        self.put(Piece::Records(records));
    }

    fn put(&self, piece: Piece) {
        if let Some(pieces) = &self.pieces {
            // The thread ends only after the sender is dropped.
            let _ = pieces.send(piece);
        }
    }

    /// Whether nothing waits to be written.
    pub fn is_idle(&self) -> bool {
        self.progress.waiting.load(Relaxed) == 0
    }

    /// How many bytes are written, and the error that stopped writing, if any.
    pub fn progress(&self) -> (u64, Option<String>) {
        let Progress { written, failed, .. } = &*self.progress;
        (written.load(Relaxed), failed.get().cloned())
    }

    /// Waits until everything is written.
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
    /// The size of the current output.
    size: u64,
}

impl Files {
    /// Writes until the sender is dropped. After a failure the rest is discarded.
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
        Ok(())
    }

    /// Switches to the next output and empties it.
    fn turn(&mut self) -> io::Result<()> {
        self.current = (self.current + 1) % self.outputs.len().max(1);
        self.size = 0;
        self.outputs.get_mut(self.current).map_or(Ok(()), |output| output.clear())
    }
}
