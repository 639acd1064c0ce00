//! Takes up clients at a port, and gives each to what carries it.

use super::configuration::{Carries, Listener};
use super::relay::relay;
use super::target::Exchange;
use super::{CONNECT_WITHIN, Shared, http};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};

/// How long to wait where the system has no room for a connection or the port is still in use.
const PAUSE: Duration = Duration::from_millis(200);

/// Listens for ever. Connections go on when it is dropped.
pub async fn serve(shared: Arc<Shared>, listener: Arc<Listener>) {
    let socket = loop {
        match TcpListener::bind((listener.address, listener.port)).await {
            Ok(socket) => break socket,
            Err(error) => tracing::warn!("cannot listen on port {}: {error}", listener.port),
        }
        sleep(PAUSE).await;
    };
    loop {
        // Whoever is too much waits outside.
        let Ok(place) = shared.places.clone().acquire_owned().await else { return };
        match socket.accept().await {
            Ok((stream, client)) => {
                let (shared, listener) = (shared.clone(), listener.clone());
                tokio::spawn(async move {
                    let _ = stream.set_nodelay(true);
                    match listener.carries {
                        Carries::Bytes { proxy_line } => {
                            if let Err(error) = carry(&shared, &listener, proxy_line, stream, client).await {
                                tracing::debug!("{client}: {error}");
                            }
                        }
                        Carries::Requests { .. } => http::speak(shared, listener, stream, client.ip()).await,
                    }
                    drop(place);
                });
            }
            // The client itself has gone away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!("cannot accept a client: {error}");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Carries a client's bytes to a target and back.
async fn carry(
    shared: &Shared,
    listener: &Listener,
    proxy_line: bool,
    mut stream: TcpStream,
    client: SocketAddr,
) -> io::Result<()> {
    // Without a target the client's connection just ends.
    let Some((mut server, exchange)) = connect(shared, listener.instance_port).await else { return Ok(()) };
    server.set_nodelay(true)?;
    if proxy_line {
        let own = stream.local_addr()?;
        let line = format!("PROXY TCP4 {} {} {} {}\r\n", client.ip(), own.ip(), client.port(), own.port());
        server.write_all(line.as_bytes()).await?;
    }
    tokio::select! {
        ended = relay(&mut stream, &mut server, shared.settings().idle) => ended,
        () = exchange.dismissed() => Ok(()),
    }
}

/// A connection to the target whose turn it is, or to the next one that takes it.
async fn connect(shared: &Shared, port: u16) -> Option<(TcpStream, Exchange)> {
    for target in shared.targets.in_turn() {
        let exchange = target.begin();
        match timeout(CONNECT_WITHIN, TcpStream::connect((target.address, port))).await {
            Ok(Ok(stream)) => return Some((stream, exchange)),
            Ok(Err(error)) => tracing::debug!("{} takes no connection: {error}", target.id),
            Err(_) => tracing::debug!("{} does not answer", target.id),
        }
    }
    None
}
