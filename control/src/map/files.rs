//! Files that the map shows: recordings and copies of clouds, uploaded or made here. Few are kept, and all are removed
//! with the system.

use super::refusal::{Answer, Refusal};
use super::viewer::Viewer;
use super::{Map, json};
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use data_encoding::HEXLOWER;
use http_body_util::BodyExt;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::task::block_in_place;

/// The greatest size of a file in bytes.
pub(super) const LARGEST: u64 = 256 << 20;
/// The greatest size of a file that a viewer with an account uploads.
const LARGEST_OF_ACCOUNT: u64 = 64 << 20;
/// How many files of an account are kept. A new one replaces the oldest.
const KEPT: usize = 4;
/// How long an upload may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// The name of the recording that was made here.
pub(super) const OWN: &str = "own";

/// The directory of the files.
#[derive(Debug)]
pub struct Files {
    directory: PathBuf,
}

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// A recording.
    Recording,
    /// A backup.
    Backup,
}

/// Why an upload is refused.
#[derive(Debug, thiserror::Error)]
enum UploadError {
    /// The upload took too long.
    #[error("The upload took too long.")]
    TooSlow,
    /// The file has more than this number of bytes.
    #[error("The file is larger than {} MiB.", .0 >> 20)]
    TooLarge(u64),
    /// The file is of no known kind.
    #[error("The file is neither a recording (`classiclink record`) nor a backup (`classiclink backup`).")]
    UnknownKind,
    /// The client sends no more.
    #[error(transparent)]
    Body(#[from] axum::Error),
    /// The system's error.
    #[error(transparent)]
    File(#[from] io::Error),
}

/// The answer to an upload.
#[derive(Serialize)]
struct Taken {
    file: String,
    kind: FileKind,
}

impl Files {
    /// Files in this directory, which need not exist.
    pub fn of(directory: PathBuf) -> Files {
        Files { directory }
    }

    /// A file's path, if it exists. A client's name cannot lead anywhere else.
    pub fn path(&self, file: &str) -> Option<PathBuf> {
        let is_name = !file.is_empty() && file.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let path = self.directory.join(file);
        (is_name && path.is_file()).then_some(path)
    }

    /// A file's path, if it exists and is of the viewer's account. The recording made here contains all accounts.
    pub fn path_for(&self, viewer: &Viewer, file: &str) -> Option<PathBuf> {
        self.path(file).filter(|_| viewer.account().is_none() || file.starts_with(&prefix(viewer)))
    }

    /// The path of the recording that is made here.
    ///
    /// # Errors
    /// The system's error.
    pub fn own(&self) -> io::Result<PathBuf> {
        fs::create_dir_all(&self.directory)?;
        Ok(self.directory.join(OWN))
    }

    /// A new file. Its name begins with the uploader's account and cannot be guessed.
    fn create(&self, viewer: &Viewer) -> io::Result<(String, File)> {
        fs::create_dir_all(&self.directory)?;
        let prefix = prefix(viewer);
        self.make_room(&prefix)?;
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
        let name = prefix + &HEXLOWER.encode(&bytes);
        Ok((name.clone(), File::create_new(self.directory.join(name))?))
    }

    /// The kind of an uploaded file.
    fn kind(&self, file: &str) -> Result<FileKind, UploadError> {
        let path = self.path(file).ok_or(UploadError::UnknownKind)?;
        FileKind::of(&path)?.ok_or(UploadError::UnknownKind)
    }

    /// Removes the oldest files with a prefix until one more can be kept.
    fn make_room(&self, prefix: &str) -> io::Result<()> {
        let mut all: Vec<(SystemTime, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.directory)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(prefix) {
                all.push((entry.metadata()?.modified()?, entry.path()));
            }
        }
        all.sort();
        let surplus = (all.len() + 1).saturating_sub(KEPT);
        all.into_iter().take(surplus).try_for_each(|(_, path)| fs::remove_file(path))
    }
}

/// The prefix of an account's files. It has a letter that no account has.
fn prefix(viewer: &Viewer) -> String {
    format!("{}x", viewer.account().unwrap_or_default())
}

impl FileKind {
    /// The kind of a file, by its first bytes.
    ///
    /// # Errors
    /// The system's error.
    pub fn of(path: &Path) -> io::Result<Option<FileKind>> {
        let mark = dataplane::record::mark();
        let mut start = Vec::new();
        File::open(path)?.take(mark.len() as u64).read_to_end(&mut start)?;
        Ok(match start.first() {
            _ if start == mark => Some(FileKind::Recording),
            Some(b'{') => Some(FileKind::Backup),
            _ => None,
        })
    }
}

/// Receives an upload.
pub async fn take(State(map): State<Arc<Map>>, viewer: Viewer, body: Body) -> Answer {
    map.analyst(&viewer)?;
    let one = map.bringing.try_lock();
    let _one = one.map_err(|_| Refusal::of("Another file is being uploaded: try again in a moment."))?;
    let most = if viewer.account().is_some() { LARGEST_OF_ACCOUNT } else { LARGEST };
    let (name, file) = block_in_place(|| map.files.create(&viewer)).map_err(Refusal::of)?;
    let kind = match tokio::time::timeout(PATIENCE, write(file, body, most)).await {
        Ok(written) => written.and_then(|()| map.files.kind(&name)),
        Err(_) => Err(UploadError::TooSlow),
    };
    match kind {
        Ok(kind) => Ok(json(StatusCode::OK, &Taken { file: name, kind })),
        Err(why) => {
            let _ = map.files.path(&name).map(fs::remove_file);
            Err(Refusal::of(why))
        }
    }
}

/// Writes an upload of at most this number of bytes to a file.
async fn write(mut file: File, mut body: Body, most: u64) -> Result<(), UploadError> {
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        length += data.len() as u64;
        if length > most {
            return Err(UploadError::TooLarge(most));
        }
        block_in_place(|| file.write_all(&data))?;
    }
    Ok(())
}
