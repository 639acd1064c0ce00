//! Takes up connections and speaks HTTP on them.

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

/// The longest head of a request, in bytes. Each connection may have one in memory.
const HEAD: usize = 32 << 10;
/// How long to wait where the system has no room for a connection.
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
                Err(full) => tracing::warn!("a client is turned away: {full}"),
            },
            // The client itself has gone away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            // Out of file descriptors, most likely, with fewer clients than there may be.
            Err(error) => {
                tracing::warn!("cannot accept a client: {error}");
                connections.close_longest();
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Takes up a client's connection.
async fn take_up(stream: TcpStream, from: Peer, connection: Arc<Connection>, router: Router, limits: Limits) {
    let Ok(address) = stream.local_addr() else { return };
    // The system's own limits would do, after minutes.
    let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(limits.write_time));
    let _ = stream.set_nodelay(true);
    speak(stream, Reached(address), from, connection, &router, limits).await;
}

/// Speaks HTTP with a client until it has gone, has kept us waiting too long, or must make room.
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
    http.timer(TokioTimer::new()).header_read_timeout(limits.head_time).max_buf_size(HEAD);
    tokio::select! {
        // How it ended concerns the client only, and it knows.
        _ = http.serve_connection(TokioIo::new(stream), answer) => {}
        () = connection.closed() => {}
    }
}
