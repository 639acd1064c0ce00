//! A controller's requests about recordings.

use super::Agent;
use crate::record::Output;
use nix::libc::{O_NOFOLLOW, O_NONBLOCK};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use wire::{RecordCall, RecordingOrder, Reply};

impl Agent {
    pub(super) fn record(&self, call: RecordCall) -> Reply {
        let recorder = self.workers.recorder();
        match call {
            RecordCall::Start(order) => match self.start_recording(*order) {
                Ok(()) => Reply::Recording(recorder.status()),
                Err(why) => Reply::Refused { why },
            },
            RecordCall::Status => Reply::Recording(recorder.status()),
            RecordCall::Stop => Reply::Recording(recorder.end_in_background(|| self.reconciler.ports())),
            RecordCall::Note { what, rows, whole } => {
                recorder.note(what, rows, whole);
                Reply::Done
            }
        }
    }

    fn start_recording(&self, order: RecordingOrder) -> Result<(), String> {
        let open = |path: &std::path::PathBuf| match open(path) {
            Ok(file) => Ok(Box::new(file) as Box<dyn Output>),
            Err(error) => Err(format!("cannot write {}: {error}", path.display())),
        };
        let outputs = order.files.iter().map(open).collect::<Result<Vec<_>, String>>()?;
        let recorder = self.workers.recorder();
        let counters = || self.reconciler.ports();
        recorder.start(&self.engine, order, self.seed, outputs, || self.workers.sync(), counters).map_err(|error| {
            match error.kind() {
                io::ErrorKind::AlreadyExists => "a recording is running already: stop it first".to_owned(),
                _ => format!("cannot record: {error}"),
            }
        })
    }
}

/// Opens an existing file for appending. The user who starts a recording has created its files, and owns them.
fn open(path: &Path) -> io::Result<File> {
    // Opening a pipe that nobody reads would block otherwise.
    let file = OpenOptions::new().append(true).custom_flags(O_NOFOLLOW | O_NONBLOCK).open(path)?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a regular file")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    #[test]
    fn only_regular_files_are_opened() {
        let directory = tempfile::tempdir().unwrap();
        let [file, pipe, link] = ["file", "pipe", "link"].map(|name| directory.path().join(name));
        File::create(&file).unwrap();
        mkfifo(&pipe, Mode::S_IRWXU).unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        assert!(open(&file).is_ok());
        assert!(open(&pipe).is_err() && open(&link).is_err(), "a pipe or a link is refused, without blocking");
        let _reader = OpenOptions::new().read(true).custom_flags(O_NONBLOCK).open(&pipe).unwrap();
        assert!(open(&pipe).unwrap_err().to_string().contains("not a regular file"));
    }
}
