//! Takes up the connections of a service on the platform's host. Of connections that wait for their client, the one that has waited
//! longest is closed to make room; of a host that has its share, one of its own.

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
/// How long a client may leave what it is sent unacknowledged.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait where the system has no room for a connection.
const PAUSE: Duration = Duration::from_millis(20);

/// Serves for ever, at most so many connections at a time.
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
            // The client itself has gone away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            // Out of file descriptors, most likely.
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
    // A stranger gets no answer.
    let Some((host, _)) = client(from) else { return };
    match connections.enter_as(host, SHARE) {
        Ok(connection) => {
            let connection = Arc::new(connection);
            // The system's own limits would do, after minutes.
            let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(PATIENCE));
            let speaking = speak(stream, from, connection.clone());
            tokio::spawn(async move {
                tokio::select! {
                    () = speaking => {}
                    () = connection.closed() => {}
                }
            });
        }
        Err(full) => tracing::debug!(%from, "a client of the platform is turned away: {full}"),
    }
}
