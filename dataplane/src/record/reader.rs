//! Reads a recording, record by record. It is a file of anybody's: whatever is wrong with it is told in a sentence, and no more memory
//! is taken than the file has bytes.

use super::format::{LARGEST_BLOCK, MAGIC, MARK, Record, VERSION};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why a recording cannot be read any further.
#[derive(Debug, Error)]
pub enum ReadError {
    /// The file.
    #[error("{} cannot be read: {error}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Something else.
    #[error("{} is no recording; `classiclink record -o FILE` writes one", .0.display())]
    Foreign(PathBuf),
    /// Another version's.
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
    /// It breaks off.
    #[error(
        "{} breaks off at byte {at}, in the middle of a block: its recorder was killed, or it was not copied whole; all before that is \
         good",
        path.display()
    )]
    Cut {
        /// The file.
        path: PathBuf,
        /// Where.
        at: u64,
    },
    /// It begins with more than whoever replays it wants.
    #[error(
        "the recording begins with more than {0} rows, tables' entries and connections; `classiclink replay` takes any number"
    )]
    TooLarge(usize),
    /// It is not what was written.
    #[error("{} is damaged in the block at byte {at} ({why}); all before that is good, what follows cannot be used", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where.
        at: u64,
        /// What shows it.
        why: String,
    },
    /// A change that was to be made in between.
    #[error("the change does not fit the tables that {} has at that moment: {why}", path.display())]
    Change {
        /// The file.
        path: PathBuf,
        /// What stands in the way.
        why: String,
    },
}

/// Reads a recording.
#[derive(Debug)]
pub struct Reader<R> {
    from: R,
    path: PathBuf,
    /// Bytes read.
    at: u64,
    block: Vec<u8>,
    /// Where the block begins in the file, and how much of it is read.
    block_at: u64,
    used: usize,
    has_begun: bool,
}

impl Reader<BufReader<File>> {
    /// Of a file.
    ///
    /// # Errors
    /// [`ReadError`] if it is no recording of this version.
    pub fn open(path: &Path) -> Result<Self, ReadError> {
        let file = File::open(path).map_err(|error| ReadError::Io { path: path.to_owned(), error })?;
        Ok(Self::of(BufReader::new(file), path))
    }
}

impl<R: Read> Reader<R> {
    /// Of bytes that stand in this file.
    pub fn of(from: R, path: &Path) -> Self {
        let path = path.to_owned();
        Self { from, path, at: 0, block: Vec::new(), block_at: 0, used: 0, has_begun: false }
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
            Err(error) => Err(self.damaged(format!("a record is not understood: {error}"))),
        }
    }

    /// Something that the record read last says cannot be.
    pub(super) fn damaged(&self, why: impl Into<String>) -> ReadError {
        ReadError::Damaged { path: self.path.clone(), at: self.block_at, why: why.into() }
    }

    /// Reads the next block; `false` at the end of the file.
    fn next_block(&mut self) -> Result<bool, ReadError> {
        let mut start = [0; 4];
        loop {
            self.block_at = self.at;
            match self.fill(&mut start)? {
                0 if self.has_begun => return Ok(false),
                4 if start == MAGIC[..4] => self.mark()?,
                _ if !self.has_begun => return Err(ReadError::Foreign(self.path.clone())),
                4 => break,
                _ => return Err(self.cut()),
            }
        }
        let length = u32::from_be_bytes(start) as usize;
        if length > LARGEST_BLOCK {
            return Err(self.damaged("its length is none that a block has"));
        }
        let mut sum = [0; 4];
        if self.fill(&mut sum)? < 4 {
            return Err(self.cut());
        }
        self.block.clear();
        self.used = 0;
        let read = (&mut self.from).take(length as u64).read_to_end(&mut self.block);
        self.at += self.block.len() as u64;
        read.map_err(|error| ReadError::Io { path: self.path.clone(), error })?;
        let (is_cut, found) = (self.block.len() < length, crc32fast::hash(&self.block));
        if is_cut || found != u32::from_be_bytes(sum) {
            self.block.clear();
            return Err(if is_cut { self.cut() } else { self.damaged("its checksum is wrong") });
        }
        Ok(true)
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
                self.damaged("its length is none that a block has")
            } else {
                ReadError::Foreign(self.path.clone())
            });
        }
        let found = version.iter().fold(0, |number, byte| number << 8 | u32::from(*byte));
        if found != VERSION {
            return Err(ReadError::Version { path: self.path.clone(), found });
        }
        self.has_begun = true;
        Ok(())
    }

    /// Fills a space as far as there are bytes.
    fn fill(&mut self, space: &mut [u8]) -> Result<usize, ReadError> {
        let mut filled = 0;
        while let Some(rest) = space.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.from.read(rest) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(ReadError::Io { path: self.path.clone(), error }),
            }
        }
        self.at += filled as u64;
        Ok(filled)
    }

    /// It ends too early.
    pub(super) fn cut(&self) -> ReadError {
        ReadError::Cut { path: self.path.clone(), at: self.at }
    }
}
