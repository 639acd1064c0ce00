//! Waits for the processes of a killed `up`. They exit soon after it, and hold its sockets and its store until then.

use control::state::State;
use std::io;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

/// How long the processes of an earlier `up` may take to exit.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long one of them may still use an address.
const LISTENING: Duration = Duration::from_secs(1);
/// The pause between checks.
const AGAIN: Duration = Duration::from_millis(5);

/// Waits until no process serves the state directory's sockets. The caller holds the directory's lock, so such a
/// process is about to exit.
pub(super) fn wait_until_gone(state: &State) {
    let sockets = [state.control_socket(), state.dataplane_socket()];
    let is_served = |socket: &PathBuf| UnixStream::connect(socket).is_ok();
    let until = Instant::now() + PATIENCE;
    while sockets.iter().any(is_served) && Instant::now() < until {
        thread::sleep(AGAIN);
    }
}

/// Takes an address that an earlier process is about to release: retries `bind` while it is in use.
pub(super) fn once_free<T>(bind: impl Fn() -> io::Result<T>) -> io::Result<T> {
    let until = Instant::now() + LISTENING;
    loop {
        match bind() {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < until => thread::sleep(AGAIN),
            bound => return bound,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::os::unix::net::UnixListener;

    #[test]
    fn an_address_is_taken_over_once_it_is_free() {
        let earlier = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = earlier.local_addr().unwrap();
        let later = thread::spawn(move || once_free(|| TcpListener::bind(address)));
        thread::sleep(AGAIN);
        drop(earlier);
        assert_eq!(later.join().unwrap().unwrap().local_addr().unwrap(), address);
    }

    #[test]
    fn an_address_that_stays_in_use_is_an_error() {
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let refused = once_free(|| TcpListener::bind(other.local_addr().unwrap())).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AddrInUse);
    }

    #[test]
    fn processes_are_gone_when_nobody_serves_their_sockets() {
        let directory = tempfile::tempdir().unwrap();
        let state = State::at(Some(directory.path().to_owned()));
        let served = UnixListener::bind(state.control_socket()).unwrap();
        let waiting = thread::spawn({
            let state = state.clone();
            move || wait_until_gone(&state)
        });
        // The socket was seen to be served.
        drop(served.accept().unwrap());
        assert!(!waiting.is_finished());
        drop(served);
        waiting.join().unwrap();
    }
}
