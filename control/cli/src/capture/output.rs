//! What a capture writes: one file, or a sequence of files of which the newest are kept.

use super::{CannotWrite, CaptureFailure};
use control::pcapng::{Packet, Writer};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The size of a file's buffer, in bytes. Each write to a file has a cost of its own in the kernel.
const BUFFER: usize = 64 << 10;

/// The file that is being written, and how much was written in all.
pub(super) struct Output {
    pub(super) writer: Writer<Box<dyn Write + Send>>,
    pub(super) files: Files,
    pub(super) written: u64,
    pub(super) lost: u64,
    /// Whether the file is ended.
    pub(super) closed: bool,
}

impl Output {
    /// Begins the first file.
    pub(super) fn begin(mut files: Files) -> Result<Self, CaptureFailure> {
        let mut writer = files.next()?;
        // A live reader sees that the capture has begun.
        writer.flush()?;
        Ok(Self { writer, files, written: 0, lost: 0, closed: false })
    }

    /// Locks an output. A panic under this lock leaves nothing half done.
    pub(super) fn lock(output: &Mutex<Self>) -> MutexGuard<'_, Self> {
        output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a packet, to the next file if this one is full.
    pub(super) fn add(&mut self, packet: &Packet<'_>) -> Result<(), CaptureFailure> {
        if self.files.size.is_some_and(|size| self.writer.bytes() >= size) {
            self.writer.finish(packet.at, self.lost)?;
            self.writer = self.files.next()?;
        }
        self.writer.packet(packet)?;
        self.written += 1;
        Ok(())
    }
}

/// The files of a capture.
#[derive(Debug)]
pub(super) struct Files {
    /// The first file. `-` is standard output.
    path: PathBuf,
    /// The number of bytes after which the next file begins. `None`: there is one file.
    size: Option<u64>,
    /// How many files are kept. `None`: all.
    most: Option<u64>,
    /// How many files were begun.
    begun: u64,
}

impl Files {
    pub(super) fn new(path: PathBuf, size: Option<u64>, most: Option<u64>) -> Self {
        Self { path, size, most, begun: 0 }
    }

    /// Begins the next file, and removes the oldest if there are more than are kept.
    fn next(&mut self) -> Result<Writer<Box<dyn Write + Send>>, CaptureFailure> {
        let path = self.path(self.begun);
        let to: Box<dyn Write + Send> = match path.as_os_str() == "-" {
            true => Box::new(BufWriter::new(io::stdout())),
            false => Box::new(BufWriter::with_capacity(BUFFER, File::create(&path).map_err(CannotWrite::at(&path))?)),
        };
        let oldest = self.most.and_then(|most| self.begun.checked_sub(most)).map(|oldest| self.path(oldest));
        // A device or a pipe stays.
        if let Some(oldest) = oldest.filter(|oldest| oldest.is_file()) {
            // Somebody else may have removed it.
            let _ = fs::remove_file(oldest);
        }
        self.begun += 1;
        Ok(Writer::new(to)?)
    }

    /// The path of a file: `web.pcapng`, `web-1.pcapng`, `web-2.pcapng`.
    fn path(&self, number: u64) -> PathBuf {
        if number == 0 {
            return self.path.clone();
        }
        let mut name = self.path.file_stem().map_or_else(OsString::new, OsString::from);
        name.push(format!("-{number}"));
        if let Some(extension) = self.path.extension() {
            name.push(".");
            name.push(extension);
        }
        self.path.with_file_name(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_newest_files_are_kept() {
        let directory = tempfile::tempdir().unwrap();
        let files = Files::new(directory.path().join("web.pcapng"), Some(400), Some(2));
        let mut output = Output::begin(files).unwrap();
        let (interface, host, bytes, comment) = ("web eth0", "i-1 (web)", &[0x45; 200][..], "");
        for at in 0..7 {
            output.add(&Packet { at, interface, host, sent: true, length: 200, bytes, comment }).unwrap();
        }
        let mut names: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|file| file.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["web-2.pcapng", "web-3.pcapng"]);
        assert_eq!(output.written, 7);
    }

    #[test]
    fn only_files_are_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("null");
        std::os::unix::fs::symlink("/dev/null", &path).unwrap();
        let mut files = Files::new(path.clone(), Some(1), Some(1));
        (0..3).for_each(|_| drop(files.next().unwrap()));
        assert!(path.exists() && !path.with_file_name("null-1").exists());
    }

    #[test]
    fn files_are_numbered_before_the_extension() {
        let path = |path: &str| Files::new(path.into(), None, None).path(3);
        assert_eq!(path("a.b/web.pcapng"), PathBuf::from("a.b/web-3.pcapng"));
        assert_eq!(path("web"), PathBuf::from("web-3"));
    }
}
