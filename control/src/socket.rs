//! Unix sockets of control. Like those of the dataplane they come back when somebody removes their files.

use dataplane::socket::{LOOK_EVERY, rebind};
use std::io;
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

/// Accepts a client. If the socket's file is gone meanwhile, the listener is replaced by one with a file.
///
/// # Errors
/// Those of `accept`.
pub async fn accept(listener: &mut UnixListener) -> io::Result<UnixStream> {
    loop {
        if let Ok(accepted) = timeout(LOOK_EVERY, listener.accept()).await {
            return Ok(accepted?.0);
        }
        let address = listener.local_addr()?;
        if let Some(again) = address.as_pathname().and_then(rebind) {
            again.set_nonblocking(true)?;
            *listener = UnixListener::from_std(again)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_socket_whose_file_is_removed_has_clients_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("socket");
        let mut listener = UnixListener::bind(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        let client = async {
            while UnixStream::connect(&path).await.is_err() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        assert!(tokio::join!(accept(&mut listener), client).0.is_ok());
    }
}
