//! Accepts connections and speaks HTTP on them.

use super::connections::{Connection, Connections};
use super::guard::{Peer, Reached};
use super::limits::Limits;
use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use socket2::SockRef;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tower_service::Service;

/// The greatest length of a request's head in bytes. Each connection may have one in memory.
const HEAD: usize = 32 << 10;
/// The pause when the system has no room for a connection.
const PAUSE: Duration = Duration::from_millis(20);

/// Answers requests until the process ends.
pub async fn serve(listener: TcpListener, router: Router, limits: Limits) -> io::Result<()> {
    let connections = Connections::new(limits.connections, limits.held);
    loop {
        match listener.accept().await {
            Ok((stream, from)) => match connections.enter() {
                Ok(connection) => {
                    tokio::spawn(take_up(stream, Peer(from.ip()), Arc::new(connection), router.clone(), limits));
                }
                Err(full) => tracing::warn!("refused a client's connection: {full}"),
            },
            // The client has disconnected meanwhile.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            // Most likely the process is out of file descriptors, before the limit of clients is reached.
            Err(error) => {
                tracing::warn!("cannot accept a client's connection: {error}");
                connections.close_longest();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Serves a client's connection.
async fn take_up(stream: TcpStream, from: Peer, connection: Arc<Connection>, router: Router, limits: Limits) {
    let Ok(address) = stream.local_addr() else { return };
    // The system's own time-out would take minutes.
    let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(limits.write_time));
    let _ = stream.set_nodelay(true);
    speak(stream, Reached(address), from, connection, &router, limits).await;
}

/// Speaks HTTP with a client until it disconnects, is too slow, or has to make room.
pub(super) async fn speak(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    reached: Reached,
    from: Peer,
    connection: Arc<Connection>,
    router: &Router,
    limits: Limits,
) {
    let answer = service_fn(|mut request: Request<Incoming>| {
        request.extensions_mut().insert(reached);
        request.extensions_mut().insert(from);
        request.extensions_mut().insert(connection.clone());
        router.clone().call(request)
    });
    let mut http = http1::Builder::new();
    // A client may close its side once it has sent its request.
    http.timer(TokioTimer::new()).header_read_timeout(limits.head_time).max_buf_size(HEAD).half_close(true);
    tokio::select! {
        // The client knows how its connection ended.
        _ = http.serve_connection(TokioIo::new(stream), answer) => {}
        () = connection.closed() => {}
    }
}
