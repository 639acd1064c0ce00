//! The surroundings in which candidates are set up: programs, files and ports.

use std::error::Error;
use std::path::PathBuf;
use tempfile::TempDir;

/// The receiver's port for the measuring agents, which the candidates' rules let in.
pub const PORT: u16 = 5201;

/// The receiver's port for the servers of other programs, which the rules let in, too.
pub const PROGRAMS_PORT: u16 = PORT + 1;

/// Why something cannot be measured.
pub type Obstacle = Box<dyn Error>;

/// What every candidate is started with.
pub struct Setup {
    /// Where `classiclink` and the programs of this crate are.
    binaries: PathBuf,
    /// Where candidates and servers keep their files; it is removed when this is dropped.
    pub directory: TempDir,
    /// Workers of our dataplane, or one for each core.
    pub workers: Option<u16>,
}

impl Setup {
    /// The programs are in the directory of this one.
    ///
    /// # Errors
    /// If this program's path is unknown, or no directory can be made.
    pub fn new(workers: Option<u16>) -> Result<Self, Obstacle> {
        let own = std::env::current_exe()?;
        let binaries = own.parent().ok_or("this program is in no directory")?.to_owned();
        Ok(Self { binaries, directory: tempfile::Builder::new().prefix("clbench-").tempdir()?, workers })
    }

    /// The path of a program.
    pub fn program(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }
}
