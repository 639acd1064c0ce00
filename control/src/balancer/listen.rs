//! Accepts clients at a port, and serves each by its listener's protocol.

use super::configuration::{Carries, Listener};
use super::relay::{relay, relay_any};
use super::target::Exchange;
use super::tls::{self, ToInstance};
use super::{CONNECT_WITHIN, Shared, http};
use socket2::SockRef;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// The pause when the system has no room for a connection, or the port is still in use.
const PAUSE: Duration = Duration::from_millis(200);

/// Listens. Connections continue when this is dropped.
pub async fn serve(shared: Arc<Shared>, listener: Arc<Listener>) {
    let socket = loop {
        match TcpListener::bind((listener.address, listener.port)).await {
            Ok(socket) => break socket,
            Err(error) => tracing::warn!("cannot listen on port {}: {error}", listener.port),
        }
        sleep(PAUSE).await;
    };
    let acceptor = match listener.certificate.as_ref().map(tls::acceptor).transpose() {
        Ok(acceptor) => acceptor,
        Err(error) => return tracing::warn!("port {}: cannot use the certificate: {error}", listener.port),
    };
    loop {
        // Clients beyond the limit wait in the port's queue.
        let Some(reserved) = shared.places.reserve().await else { return };
        match socket.accept().await {
            Ok((stream, client)) => {
                let Some(place) = shared.places.take(reserved, client.ip()) else {
                    tracing::debug!("{client}: refused, because its address has its share of connections");
                    continue;
                };
                let (shared, listener, acceptor) = (shared.clone(), listener.clone(), acceptor.clone());
                tokio::spawn(async move {
                    if let Err(error) = take_up(shared, listener, acceptor, stream, client).await {
                        tracing::debug!("{client}: {error}");
                    }
                    drop(place);
                });
            }
            // The client has disconnected meanwhile.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => {
                tracing::warn!("cannot accept a client's connection: {error}");
                sleep(PAUSE).await;
            }
        }
    }
}

/// Serves a client. If the listener terminates TLS, the handshake comes first.
async fn take_up(
    shared: Arc<Shared>,
    listener: Arc<Listener>,
    acceptor: Option<TlsAcceptor>,
    stream: TcpStream,
    client: SocketAddr,
) -> io::Result<()> {
    let _ = stream.set_nodelay(true);
    let idle = shared.settings().idle;
    let requests = matches!(listener.carries, Carries::Requests { .. });
    if requests {
        // A client that does not read its answers counts as idle too.
        let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(idle));
    }
    let own = stream.local_addr()?;
    match acceptor {
        None if requests => http::speak(shared, listener, stream, client.ip()).await,
        None => carry(&shared, &listener, Client::Plain(stream), (client, own)).await?,
        Some(acceptor) => {
            let stream = timeout(idle, acceptor.accept(stream)).await.map_err(|_| io::ErrorKind::TimedOut)??;
            match requests {
                true => http::speak(shared, listener, stream, client.ip()).await,
                false => carry(&shared, &listener, Client::Secure(Box::new(stream)), (client, own)).await?,
            }
        }
    }
    Ok(())
}

/// A client's connection.
enum Client {
    Plain(TcpStream),
    Secure(Box<TlsStream<TcpStream>>),
}

/// Relays a client's bytes to a target and back.
async fn carry(
    shared: &Shared,
    listener: &Listener,
    client_stream: Client,
    (client, own): (SocketAddr, SocketAddr),
) -> io::Result<()> {
    // Without a target the client's connection is closed.
    let Some((mut server, exchange, address)) = connect(shared, listener.instance_port).await else { return Ok(()) };
    server.set_nodelay(true)?;
    if listener.carries == (Carries::Bytes { proxy_line: true }) {
        let line = format!("PROXY TCP4 {} {} {} {}\r\n", client.ip(), own.ip(), client.port(), own.port());
        server.write_all(line.as_bytes()).await?;
    }
    let idle = shared.settings().idle;
    let carried = async {
        let server = match listener.secure_instances {
            true => ToInstance::Secure(Box::new(timeout(CONNECT_WITHIN, tls::connect(server, address)).await??)),
            false => ToInstance::Plain(server),
        };
        match (client_stream, server) {
            (Client::Plain(mut client), ToInstance::Plain(mut server)) => relay(&mut client, &mut server, idle).await,
            (Client::Plain(client), server) => relay_any(client, server, idle).await,
            (Client::Secure(client), server) => relay_any(client, server, idle).await,
        }
    };
    tokio::select! {
        ended = carried => ended,
        () = exchange.dismissed() => Ok(()),
    }
}

/// A connection to the next target in turn that accepts one.
async fn connect(shared: &Shared, port: u16) -> Option<(TcpStream, Exchange, Ipv4Addr)> {
    for target in shared.targets.in_turn() {
        let exchange = target.begin();
        match timeout(CONNECT_WITHIN, TcpStream::connect((target.address, port))).await {
            Ok(Ok(stream)) => return Some((stream, exchange, target.address)),
            Ok(Err(error)) => tracing::debug!("{} refuses a connection: {error}", target.id),
            Err(_) => tracing::debug!("{} does not answer", target.id),
        }
    }
    None
}
