//! Accepts the connections of a service on the platform's host. To make room, the connection that has waited longest
//! for its client is closed; if one host has used its share, one of its own.

use crate::server::{Connection, Connections};
use model::platform_host::client;
use socket2::SockRef;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// How many connections one host may have.
const SHARE: usize = 16;
/// How long a client may leave data unacknowledged.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause when the system has no room for a connection.
const PAUSE: Duration = Duration::from_millis(20);

/// Serves connections, at most this many at a time. Never returns.
pub async fn serve<S: Future<Output = ()> + Send + 'static>(
    listener: TcpListener,
    most: usize,
    speak: impl Fn(TcpStream, Ipv4Addr, Arc<Connection>) -> S,
) {
    let connections = Connections::new(most, usize::MAX);
    loop {
        match listener.accept().await {
            Ok((stream, SocketAddr::V4(peer))) => take_up(&connections, stream, *peer.ip(), &speak),
            Ok(_) => {}
            // The client has disconnected meanwhile.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            // Most likely the process is out of file descriptors.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection to a service of the platform");
                connections.close_longest();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

fn take_up<S: Future<Output = ()> + Send + 'static>(
    connections: &Arc<Connections>,
    stream: TcpStream,
    from: Ipv4Addr,
    speak: impl Fn(TcpStream, Ipv4Addr, Arc<Connection>) -> S,
) {
    // An unknown address gets no answer.
    let Some((host, _)) = client(from) else { return };
    match connections.enter_as(host, SHARE) {
        Ok(connection) => {
            let connection = Arc::new(connection);
            // The system's own time-out would take minutes.
            let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(PATIENCE));
            let speaking = speak(stream, from, connection.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = speaking => {}
                    () = connection.closed() => {}
                }
            });
        }
        Err(full) => tracing::debug!(%from, "refused a client of the platform: {full}"),
    }
}
