//! Unix sockets whose file is made again if somebody removes it. Otherwise no client could connect any more.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Duration;

/// How often a listener that waits for clients checks that its file exists.
pub const LOOK_EVERY: Duration = Duration::from_secs(2);

/// Accepts a client. If the socket's file is gone meanwhile, the listener is replaced by one with a file.
///
/// # Errors
/// Those of `accept`.
pub fn accept(listener: &mut UnixListener) -> io::Result<UnixStream> {
    loop {
        let ready = poll(&mut [PollFd::new(listener.as_fd(), PollFlags::POLLIN)], wait());
        match ready {
            Ok(0) => {
                let address = listener.local_addr()?;
                if let Some(again) = address.as_pathname().and_then(rebind) {
                    *listener = again;
                }
            }
            Err(Errno::EINTR) => {}
            Err(error) => return Err(error.into()),
            Ok(_) => return Ok(listener.accept()?.0),
        }
    }
}

/// A new listener at this path, if its file is gone and can be made again.
pub fn rebind(path: &Path) -> Option<UnixListener> {
    if path.exists() {
        return None;
    }
    let bound = UnixListener::bind(path).inspect_err(|error| tracing::debug!(%error, "cannot bind a socket again"));
    bound.inspect(|_| tracing::warn!("somebody has removed {}; it is there again", path.display())).ok()
}

fn wait() -> PollTimeout {
    PollTimeout::try_from(LOOK_EVERY).unwrap_or(PollTimeout::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::thread;

    #[test]
    fn a_socket_whose_file_is_removed_is_bound_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        let mut listener = UnixListener::bind(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(UnixStream::connect(&path).is_err());
        thread::scope(|scope| {
            let accepted = scope.spawn(|| accept(&mut listener).is_ok());
            while UnixStream::connect(&path).is_err() {
                thread::sleep(Duration::from_millis(10));
            }
            assert!(accepted.join().unwrap());
        });
        assert!(rebind(&path).is_none());
    }
}
