//! For tests: a dataplane that only tells what it was told.

use dataplane::policy::Change;
use dataplane::wire::{self, Reply, Request, Update};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc;

/// Serves one connection, until either end hangs up.
pub(crate) struct Fake {
    /// What it applied.
    pub(crate) told: mpsc::Receiver<Update>,
    connection: mpsc::Receiver<UnixStream>,
}

impl Fake {
    /// Refuses updates with such a change.
    pub(crate) fn listen(socket: &Path, refuses: fn(&Change) -> bool) -> Self {
        let _ = std::fs::remove_file(socket);
        let listener = UnixListener::bind(socket).unwrap();
        let (tell, told) = mpsc::channel();
        let (connected, connection) = mpsc::channel();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            connected.send(stream.try_clone().unwrap()).unwrap();
            while let Ok(request) = wire::read_frame(&mut stream) {
                let reply = match request {
                    Request::Apply(update) if update.changes.iter().any(refuses) => {
                        Reply::Refused { why: "unlucky".into() }
                    }
                    Request::Apply(update) => {
                        let version = update.version;
                        tell.send(update).unwrap();
                        Reply::Applied { version }
                    }
                    _ => Reply::Done,
                };
                wire::write_frame(&mut stream, &reply).unwrap();
            }
        });
        Self { told, connection }
    }

    pub(crate) fn hang_up(&self) {
        self.connection.recv().unwrap().shutdown(std::net::Shutdown::Both).unwrap();
    }
}
