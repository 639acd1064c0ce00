//! The mark of a system: the prefix of its hosts' namespaces.
//!
//! Namespaces of all systems on a machine share one directory. Marks keep their names apart, so that each system can
//! have its `visitor`.

use super::{State, StateError, unusable};
use std::fs::{self, File};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

impl State {
    /// The system's mark, `cl-3f2a91c7` for example. It is chosen at random when it is first needed, and kept in the
    /// directory. A copy of the directory gets a mark of its own, because the hosts belong to the original.
    ///
    /// # Errors
    /// [`StateError::Unusable`].
    pub fn mark(&self) -> Result<String, StateError> {
        let path = self.mark_file();
        let mark = read(&path).and_then(|mark| mark.map_or_else(|| choose(&path), Ok));
        mark.map_err(unusable(&path))
    }

    fn mark_file(&self) -> PathBuf {
        self.path.join("mark")
    }
}

/// Reads the mark. The file also has its own inode number, by which a copy is recognised. A damaged file has no mark.
fn read(path: &Path) -> io::Result<Option<String>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    let inode = file.metadata()?.ino().to_string();
    Ok(String::from_utf8_lossy(&text)
        .trim_end()
        .split_once(' ')
        .filter(|(_, written)| *written == inode)
        .map(|(mark, _)| mark.to_owned()))
}

fn choose(path: &Path) -> io::Result<String> {
    // The standard library's hasher has a random key.
    let mark = format!("cl-{:08x}", RandomState::new().hash_one(std::process::id()) as u32);
    // The old file is removed rather than written over, because it may be a hard link of the original.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = File::create_new(path)?;
    let inode = file.metadata()?.ino();
    writeln!(file, "{mark} {inode}")?;
    Ok(mark)
}

#[cfg(test)]
mod tests {
    use super::super::tests::state;
    use std::fs;

    #[test]
    fn a_mark_stays_and_differs_between_directories() {
        let ((_one, state), (_other, other)) = (state(), self::state());
        let mark = state.mark().unwrap();
        assert_eq!((state.mark().unwrap(), mark.len()), (mark.clone(), "cl-3f2a91c7".len()));
        assert_ne!(other.mark().unwrap(), mark);
        state.clear();
        assert_eq!(state.mark().unwrap(), mark);
        // A directory that was moved is the same system; a copy is another.
        let moved = crate::state::State::at(Some(state.path().with_extension("moved")));
        fs::rename(state.path(), moved.path()).unwrap();
        assert_eq!(moved.mark().unwrap(), mark);
        fs::copy(moved.mark_file(), other.mark_file()).unwrap();
        assert_ne!(other.mark().unwrap(), mark);
        assert_eq!(moved.mark().unwrap(), mark);
        for damaged in [&b""[..], b"cl-3f2a91c7", b"\xff\xfe 7"] {
            fs::write(moved.mark_file(), damaged).unwrap();
            let anew = moved.mark().unwrap();
            assert!(anew != mark && moved.mark().unwrap() == anew);
        }
    }
}
