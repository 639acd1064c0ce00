//! The API's listening socket.

use super::{UpError, predecessor};
use socket2::{Domain, Socket, Type};
use std::io;
use std::net::{SocketAddr, TcpListener};

/// How many clients may wait to be accepted. The system may allow fewer (`net.core.somaxconn`).
const BACKLOG: i32 = 4096;

/// Listens. An address that other machines reach needs `public`, and a warning is printed unless requests are `signed`.
///
/// # Errors
/// [`UpError::Public`], [`UpError::Listen`].
pub fn listen(address: SocketAddr, public: bool, signed: bool) -> Result<TcpListener, UpError> {
    if !address.ip().to_canonical().is_loopback() {
        if !public {
            return Err(UpError::Public { address });
        }
        if !signed {
            eprintln!(
                "classiclink: warning: whoever reaches {address} can do everything with this cloud, because requests need no signature"
            );
        }
    }
    predecessor::once_free(|| bind(address)).map_err(|error| UpError::Listen { address, error })
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
    // A port that was just released can be taken at once.
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listening_beyond_loopback_needs_the_public_option() {
        let try_at = |address: &str, public| listen(address.parse().unwrap(), public, true);
        assert!(try_at("127.0.0.1:0", false).is_ok() && try_at("127.8.8.8:0", false).is_ok());
        for beyond in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:192.0.2.1]:0"] {
            assert!(matches!(try_at(beyond, false), Err(UpError::Public { .. })), "{beyond}");
        }
        assert!(try_at("0.0.0.0:0", true).is_ok());
    }

    #[test]
    fn a_thousand_clients_may_wait_to_be_accepted() {
        let listener = listen("127.0.0.1:0".parse().unwrap(), false, false).unwrap();
        let address = listener.local_addr().unwrap();
        let knock = |_| std::net::TcpStream::connect_timeout(&address, std::time::Duration::from_secs(60)).unwrap();
        let most: usize = std::fs::read_to_string("/proc/sys/net/core/somaxconn").unwrap().trim().parse().unwrap();
        let knocking: Vec<_> = (0..most.min(1024)).map(knock).collect();
        // All of them are in the queue; none has to retry.
        listener.set_nonblocking(true).unwrap();
        let let_in = std::iter::from_fn(|| listener.accept().ok()).count();
        assert_eq!(let_in, knocking.len());
    }
}
