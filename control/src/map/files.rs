//! Files that the map looks at: recordings and copies of clouds, sent by the page or made here. They are few, and gone with the system.

use super::refusal::{Answer, Refusal};
use super::viewer::Viewer;
use super::{Map, json};
use axum::body::Body;
use axum::extract::State;
use axum::http::StatusCode;
use http_body_util::BodyExt;
use serde::Serialize;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::task::block_in_place;

/// How many bytes a file may have.
pub(super) const LARGEST: u64 = 256 << 20;
/// How many bytes one may have that somebody with an account brings.
const LARGEST_OF_ACCOUNT: u64 = 64 << 20;
/// How many are kept of an account; the oldest give way.
const KEPT: usize = 4;
/// How long a file may take to come.
const PATIENCE: Duration = Duration::from_secs(120);
/// The recording that was made here.
pub(super) const OWN: &str = "own";

/// Where they are.
#[derive(Debug)]
pub struct Files {
    directory: PathBuf,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// Of `classiclink record`.
    Recording,
    /// Of `classiclink backup`.
    Backup,
}

#[derive(Serialize)]
struct Taken {
    file: String,
    kind: FileKind,
}

impl Files {
    /// In this directory, which need not be there.
    pub fn of(directory: PathBuf) -> Files {
        Files { directory }
    }

    /// A file's path, if it is there. No path of a client's leads anywhere else.
    pub fn path(&self, file: &str) -> Option<PathBuf> {
        let is_name = !file.is_empty() && file.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let path = self.directory.join(file);
        (is_name && path.is_file()).then_some(path)
    }

    /// The same for a viewer, who has what the own account has brought: the recording that was made here has all accounts in it.
    pub fn path_for(&self, viewer: &Viewer, file: &str) -> Option<PathBuf> {
        self.path(file).filter(|_| viewer.account().is_none() || file.starts_with(&prefix(viewer)))
    }

    /// The path of the recording that is made here.
    ///
    /// # Errors
    /// What the system says of the directory.
    pub fn own(&self) -> io::Result<PathBuf> {
        fs::create_dir_all(&self.directory)?;
        Ok(self.directory.join(OWN))
    }

    /// A new file, under a name that begins with its bearer's account and that nobody guesses.
    fn create(&self, viewer: &Viewer) -> io::Result<(String, File)> {
        fs::create_dir_all(&self.directory)?;
        let prefix = prefix(viewer);
        self.make_room(&prefix)?;
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
        let random: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let name = prefix + &random;
        Ok((name.clone(), File::create_new(self.directory.join(name))?))
    }

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

/// What the names of an account's files begin with: no account has this letter in it.
fn prefix(viewer: &Viewer) -> String {
    format!("{}x", viewer.account().unwrap_or_default())
}

impl FileKind {
    /// By what it begins with.
    ///
    /// # Errors
    /// What the system says of the file.
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

/// Takes a file.
pub async fn take(State(map): State<Arc<Map>>, viewer: Viewer, body: Body) -> Answer {
    map.analyst(&viewer)?;
    let one = map.bringing.try_lock();
    let _one = one.map_err(|_| Refusal::of("Somebody brings a file just now: try again in a moment."))?;
    let most = if viewer.account().is_some() { LARGEST_OF_ACCOUNT } else { LARGEST };
    let (name, file) = block_in_place(|| map.files.create(&viewer)).map_err(Refusal::of)?;
    let kind = match tokio::time::timeout(PATIENCE, write(file, body, most)).await {
        Err(_) => Err("It takes too long.".to_owned()),
        Ok(Err(why)) => Err(why),
        Ok(Ok(())) => map.files.path(&name).map_or(Ok(None), |path| FileKind::of(&path)).map_err(|why| why.to_string()),
    };
    let why = match kind {
        Ok(Some(kind)) => return Ok(json(StatusCode::OK, &Taken { file: name, kind })),
        Ok(None) => "It is neither what `classiclink record` writes nor what `classiclink backup` does.".to_owned(),
        Err(why) => why,
    };
    let _ = map.files.path(&name).map(fs::remove_file);
    Err(Refusal::of(why))
}

async fn write(mut file: File, mut body: Body, most: u64) -> Result<(), String> {
    let mut length = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| error.to_string())?;
        let Ok(data) = frame.into_data() else { continue };
        length += data.len() as u64;
        if length > most {
            return Err(format!("It is larger than {} MiB.", most >> 20));
        }
        block_in_place(|| file.write_all(&data)).map_err(|error| error.to_string())?;
    }
    Ok(())
}
