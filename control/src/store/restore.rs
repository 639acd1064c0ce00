//! `up --restore`: restores a damaged store as far as possible.

use super::contents::{Contents, VERSION};
use super::dump::{DumpError, Header};
use super::{StoreError, copy, count, durable};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The copy cannot be used.
    #[error("cannot restore the store from {}: {error}", path.display())]
    Copy {
        /// The file.
        path: PathBuf,
        /// The error.
        error: DumpError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The damaged file cannot be kept.
    #[error("cannot keep the damaged store {}: {error}", path.display())]
    Aside {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
}

/// Restores the store from the given export, or else from its own copy, unless the store itself is sound or has more.
/// Returns a sentence that says what was done. Nothing may have the store open.
///
/// # Errors
/// [`RestoreError`]. The store is as it was then.
pub fn restore(store: &Path, export: Option<&Path>) -> Result<String, RestoreError> {
    let kept = match Contents::of_file(store) {
        Ok(kept) => Some(kept),
        Err(StoreError::Damaged { .. }) => None,
        Err(StoreError::Io { error, .. }) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error.into()),
    };
    let stored = count::stored(store);
    if let Some(kept) = kept.as_ref().filter(|kept| export.is_none() && Some(kept.change) >= stored) {
        return Ok(format!(
            "the store {} is sound, up to change {}; there is nothing to restore",
            store.display(),
            kept.change
        ));
    }
    let path = export.map_or_else(|| copy::path(store), Path::to_owned);
    let copied = copy::read(&path);
    if let Some(kept) =
        kept.filter(|kept| export.is_none() && !copied.as_ref().is_ok_and(|(_, copied)| copied.change > kept.change))
    {
        replace(store, &kept)?;
        return Ok(format!("going on with the store {}, {}", store.display(), copy::lacks(stored, kept.change)));
    }
    let (header, contents) = copied.map_err(|error| RestoreError::Copy { path: path.clone(), error })?;
    let aside = replace(store, &contents)?;
    Ok(restored_words(&path, &header, stored.filter(|_| export.is_none()), aside.as_deref()))
}

/// A message about the restored contents and those that are missing.
fn restored_words(path: &Path, header: &Header, stored: Option<u64>, aside: Option<&Path>) -> String {
    let aside = aside.map_or_else(String::new, |aside| format!("; the store as it was is {}", aside.display()));
    let lacks = stored.map_or_else(String::new, |stored| format!(", {}", copy::lacks(Some(stored), header.change)));
    format!("going on with {} of {}{lacks}{aside}", path.display(), copy::age(header))
}

/// Keeps the present file, if there is one, under another name, and puts a file with these contents in its place.
/// Returns the kept file's path.
fn replace(store: &Path, contents: &Contents) -> Result<Option<PathBuf>, RestoreError> {
    if !(1..=VERSION).contains(&contents.version) {
        return Err(StoreError::Version { path: store.to_owned(), found: contents.version }.into());
    }
    let failed = |error| RestoreError::Aside { path: store.to_owned(), error };
    let aside = durable::beside(store, &format!("damaged-{}", humantime::format_rfc3339_millis(SystemTime::now())));
    // The old file gets its second name first, so that at every moment one of the two has the store's name.
    let aside = match fs::hard_link(store, &aside) {
        Ok(()) => Some(aside),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed(error)),
    };
    contents.write_file(store)?;
    // The user has accepted that changes are missing.
    durable::remove(&count::path(store)).map_err(failed)?;
    Ok(aside)
}
