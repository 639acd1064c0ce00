//! Reads clouds without running them: of a running system, a state directory, a backup or a directory
//! of files.

mod rehearsal;

#[cfg(test)]
pub(crate) use rehearsal::Rehearsal;
pub use rehearsal::{RehearsalError, Rehearsed, rehearse};

use crate::admin::{self, AdminError};
use crate::import::{self, Export, FileError, ImportError};
use crate::operator::{CopyCloud, CopyError};
use crate::state::State;
use crate::store::{Contents, DumpError, StoreError};
use model::{Condition, ManagedNews, Model, RowError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The word that names the running system's cloud.
pub const NOW: &str = "now";

/// Why a cloud cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CloudError {
    /// The running system does not answer.
    #[error(transparent)]
    System(#[from] AdminError),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A row is invalid.
    #[error(transparent)]
    Row(#[from] RowError),
    /// The files cannot be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// The path does not exist.
    #[error(
        "there is no {0}: give `now`, a state directory, a file that `classiclink backup` has written, or what `classiclink import` takes"
    )]
    Missing(String),
    /// The file is not a backup.
    #[error("{} is not what `classiclink backup` writes: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The error.
        error: DumpError,
    },
    /// The running system's copy cannot be read.
    #[error(transparent)]
    Copy(#[from] CopyError),
}

impl From<FileError> for CloudError {
    fn from(error: FileError) -> Self {
        Self::Import(error.into())
    }
}

/// A cloud that is not run.
#[derive(Debug)]
pub struct Cloud {
    /// The cloud.
    pub model: Model,
    /// What its files have and was left out, a sentence each.
    pub left_out: Vec<String>,
}

/// Reads the cloud that a word names: [`NOW`], or the path of a state directory, a store, a backup or
/// a directory of files.
///
/// # Errors
/// [`CloudError`].
pub fn read(word: &str, state: &State) -> Result<Cloud, CloudError> {
    let path = Path::new(word);
    if is_network(path) && word != NOW {
        let mut model = Model::new(0);
        let export = Export::of(&import::read(&[path.to_owned()])?)?;
        let now = SystemTime::now().into();
        let imported = import::import(&mut model, export, now)?;
        // The hosts of its services would be up.
        model.follow_managed_hosts(now, |host| host.is_on().then_some(ManagedNews::Fares(Condition::Up)));
        return Ok(Cloud { model: awake(model)?, left_out: imported.left_out });
    }
    Ok(Cloud { model: stored(word, state)?, left_out: Vec::new() })
}

/// Reads a cloud that was kept by this program.
fn stored(word: &str, state: &State) -> Result<Model, CloudError> {
    let path = Path::new(word);
    if word == NOW {
        return awake(admin::ask(state, CopyCloud)?.model()?);
    }
    let contents = if path.is_dir() && State::at(Some(path.to_owned())).store().exists() {
        Contents::of_file(&State::at(Some(path.to_owned())).store())?
    } else if path.extension().is_some_and(|extension| extension == "redb") {
        Contents::of_file(path)?
    } else if path.is_file() {
        return of_backup(path);
    } else {
        return Err(CloudError::Missing(word.to_owned()));
    };
    let contents = contents.up_to_date(path)?;
    awake(Model::of_rows(0, contents.rows)?)
}

/// Reads the cloud in a file that `classiclink backup` has written.
///
/// # Errors
/// [`CloudError`].
pub fn of_backup(path: &Path) -> Result<Model, CloudError> {
    let file = std::fs::File::open(path).map_err(DumpError::Io);
    let read = file.and_then(|file| crate::store::read(io::BufReader::new(file)));
    let contents = read.map_err(|error| CloudError::File { path: path.to_owned(), error })?.1;
    awake(Model::of_rows(0, contents.up_to_date(path)?.rows)?)
}

/// Whether a path has files that `import` reads.
fn is_network(path: &Path) -> bool {
    let is_store = path.is_dir() && State::at(Some(path.to_owned())).store().exists();
    !is_store && (path.is_dir() || import::is_wanted(path))
}

/// Gives imported instances hosts, so that their paths can be analysed.
fn awake(mut model: Model) -> Result<Model, CloudError> {
    model.give_hosts(|_| true);
    model.take_changes();
    Ok(model)
}
