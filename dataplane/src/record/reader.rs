//! Reads a recording, record by record. The file is untrusted: any fault becomes an error message, and no more memory
//! is used than twice the file's bytes.

use super::format::{LARGEST_BLOCK, MAGIC, MARK, Record, VERSION, mark};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// How many damaged blocks are skipped. Each may have to be searched to the end of the file.
const MOST_SKIPPED: usize = 16;

/// Why a recording cannot be read any further.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("{} cannot be read: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// The file is not a recording.
    #[error("{} is not a recording; `classiclink record -o FILE` writes one", .0.display())]
    Foreign(PathBuf),
    /// The recording has another version's format.
    #[error(
        "{} is a recording of format {found}, and this program reads format {VERSION}; replay it with the version of classiclink that \
         recorded it",
        path.display()
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: u32,
    },
    /// The recording breaks off.
    #[error(
        "{} breaks off at byte {at}, in the middle of a block: its recorder was killed, or it was not copied whole; all before that is \
         good",
        path.display()
    )]
    Cut {
        /// The file.
        path: PathBuf,
        /// The offset.
        at: u64,
    },
    /// The beginning exceeds what the caller allows.
    #[error(
        "the recording begins with more than {0} rows, tables' entries and connections; `classiclink replay` takes any number"
    )]
    TooLarge(usize),
    /// The recording is damaged.
    #[error("{} is damaged in the block at byte {at} ({why}): the recording can be replayed up to there", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The offset.
        at: u64,
        /// What shows the damage.
        why: String,
    },
    /// A change that was to be inserted is invalid.
    #[error("the change does not fit the tables that {} has at that moment: {why}", path.display())]
    Change {
        /// The file.
        path: PathBuf,
        /// Why it is invalid.
        why: String,
    },
}

/// Reads a recording.
#[derive(Debug)]
pub struct Reader<R> {
    from: R,
    /// The bytes from the mark behind a damaged block on, which come before those of `from`.
    again: VecDeque<u8>,
    /// The number of marks found in damaged blocks.
    skipped: usize,
    /// The damage, until a chapter follows it.
    damage: Option<ReadError>,
    path: PathBuf,
    /// The number of bytes read.
    at: u64,
    block: Vec<u8>,
    /// The offset of the block in the file, and how much of it is read.
    block_at: u64,
    used: usize,
    has_begun: bool,
}

impl Reader<BufReader<File>> {
    /// Opens a file.
    ///
    /// # Errors
    /// [`ReadError`] if it is not a recording of this version.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(|error| ReadError::Io { path: path.to_owned(), error })?;
        Ok(Self::of(BufReader::new(file), path))
    }
}

impl<R: Read> Reader<R> {
    /// Reads bytes that came from this file.
    pub fn of(from: R, path: &Path) -> Self {
        let path = path.to_owned();
        let again = VecDeque::new();
        Self {
            from,
            again,
            skipped: 0,
            damage: None,
            path,
            at: 0,
            block: Vec::new(),
            block_at: 0,
            used: 0,
            has_begun: false,
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The next record, if there is one.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn next_record(&mut self) -> Result<Option<Record>, ReadError> {
        while self.used == self.block.len() {
            if !self.next_block()? {
                return Ok(None);
            }
        }
        let rest = self.block.get(self.used..).unwrap_or_default();
        match postcard::take_from_bytes(rest) {
            Ok((record, rest)) => {
                self.used = self.block.len() - rest.len();
                Ok(Some(record))
            }
            Err(error) => Err(self.damaged(format!("a record cannot be decoded: {error}"))),
        }
    }

    /// The error for a record that cannot be valid.
    pub(super) fn damaged(&self, why: impl Into<String>) -> ReadError {
        ReadError::Damaged { path: self.path.clone(), at: self.block_at, why: why.into() }
    }

    /// Reads the next block. What follows a damaged one is skipped, up to the next chapter: that needs nothing from before.
    /// Returns `false` at the end of the file.
    fn next_block(&mut self) -> Result<bool, ReadError> {
        let mut start = [0; 4];
        loop {
            self.block_at = self.at;
            match self.fill(&mut start)? {
                0 if self.has_begun => return self.damage.take().map_or(Ok(false), Err),
                4 if start == MAGIC[..4] => self.mark()?,
                _ if !self.has_begun => return Err(ReadError::Foreign(self.path.clone())),
                4 => break,
                _ => return Err(self.damage.take().unwrap_or_else(|| self.cut())),
            }
        }
        let length = (u32::from_be_bytes(start) as usize).min(LARGEST_BLOCK);
        let mut sum = [0; 4];
        if self.fill(&mut sum)? < 4 {
            return Err(self.damage.take().unwrap_or_else(|| self.cut()));
        }
        self.block.clear();
        self.used = 0;
        let bytes = (&mut self.again).chain(&mut self.from);
        let read = bytes.take(length as u64).read_to_end(&mut self.block);
        self.at += self.block.len() as u64;
        read.map_err(|error| ReadError::Io { path: self.path.clone(), error })?;
        let (is_cut, found) = (self.block.len() < length, crc32fast::hash(&self.block));
        if !is_cut && found == u32::from_be_bytes(sum) {
            if self.damage.is_some() {
                self.block.clear();
            }
            return Ok(true);
        }
        let bytes = [&start[..], &sum[..], &std::mem::take(&mut self.block)[..]].concat();
        if !self.skip(bytes)? {
            let damage = if is_cut { self.cut() } else { self.damaged("its checksum is wrong") };
            self.damage.get_or_insert(damage);
        }
        Ok(true)
    }

    /// Continues at the first mark that begins in the bytes of a damaged block. Returns whether there is one.
    fn skip(&mut self, damaged: Vec<u8>) -> Result<bool, ReadError> {
        let (mark, end) = (mark(), damaged.len());
        let mut bytes = damaged;
        let read = (&mut self.again).chain(&mut self.from).take(MARK as u64 - 1).read_to_end(&mut bytes);
        read.map_err(|error| ReadError::Io { path: self.path.clone(), error })?;
        let found = (1..end).find(|at| bytes[*at..].starts_with(&mark)).filter(|_| self.skipped < MOST_SKIPPED);
        let mut again = VecDeque::from(bytes.split_off(found.unwrap_or(end)));
        again.append(&mut self.again);
        self.again = again;
        if let Some(at) = found {
            self.at = self.block_at + at as u64;
            self.skipped += 1;
        }
        Ok(found.is_some())
    }

    /// Reads the rest of a chapter's mark.
    fn mark(&mut self) -> Result<(), ReadError> {
        let mut rest = [0; MARK - 4];
        if self.fill(&mut rest)? < rest.len() {
            return Err(if self.has_begun { self.cut() } else { ReadError::Foreign(self.path.clone()) });
        }
        let (magic, version) = rest.split_at(MAGIC.len() - 4);
        if magic != &MAGIC[4..] {
            return Err(if self.has_begun {
                self.damaged("the length of a block is invalid")
            } else {
                ReadError::Foreign(self.path.clone())
            });
        }
        let found = version.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        if found != VERSION {
            return Err(ReadError::Version { path: self.path.clone(), found });
        }
        (self.has_begun, self.damage) = (true, None);
        Ok(())
    }

    /// Fills a buffer as far as there are bytes. Returns how many were read.
    fn fill(&mut self, space: &mut [u8]) -> Result<usize, ReadError> {
        let mut filled = 0;
        while let Some(rest) = space.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match (&mut self.again).chain(&mut self.from).read(rest) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ReadError::Io { path: self.path.clone(), error }),
            }
        }
        self.at += filled as u64;
        Ok(filled)
    }

    /// The error for a file that ends too early.
    pub(super) fn cut(&self) -> ReadError {
        ReadError::Cut { path: self.path.clone(), at: self.at }
    }
}
