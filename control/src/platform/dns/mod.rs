//! The resolver's transports: datagrams, and connections with a length before every message (RFC 7766).

mod message;

use super::connections;
use crate::server::Connection;
use crate::service::Service;
use message::{Received, Room};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::time::timeout;

/// How many datagrams are answered at a time.
pub const AT_A_TIME: usize = 2;
/// How long a connection may be silent, or leave what it is sent unread.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long to wait after a socket has failed: out of memory, most likely.
const PAUSE: Duration = Duration::from_millis(20);

/// Answers datagrams for ever. What does not fit into the socket's queue is lost, and asked again.
pub async fn serve_udp(socket: Arc<UdpSocket>, service: Arc<Service>) {
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, peer)) => {
                let IpAddr::V4(from) = peer.ip() else { continue };
                if let Some(answer) = answer(&service, from, &buffer[..length], Room::Datagram) {
                    let _ = socket.try_send_to(&answer, peer);
                }
            }
            Err(error) => {
                tracing::debug!(%error, "the resolver's socket");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Answers over connections for ever, at most so many at a time.
pub async fn serve_tcp(listener: TcpListener, most: usize, service: Arc<Service>) {
    let speak = |stream, from, connection: Arc<Connection>| {
        let service = service.clone();
        async move {
            if let Err(error) = converse(stream, from, &connection, &service).await {
                tracing::debug!(%from, %error, "a connection to the resolver ended");
            }
        }
    };
    connections::serve(listener, most, speak).await;
}

/// One query after another, until the client ends it, is silent for too long, or sends what is none.
async fn converse(mut stream: TcpStream, from: Ipv4Addr, connection: &Connection, service: &Service) -> io::Result<()> {
    let mut message = Vec::new();
    loop {
        let read = async {
            let length = stream.read_u16().await?;
            message.resize(usize::from(length), 0);
            stream.read_exact(&mut message).await
        };
        timeout(PATIENCE, read).await??;
        let answer = {
            let _at_work = connection.at_work();
            answer(service, from, &message, Room::Connection)
        };
        let Some(answer) = answer else { return Ok(()) };
        let length = u16::try_from(answer.len()).map_err(io::Error::other)?;
        let frame = [&length.to_be_bytes()[..], &answer].concat();
        timeout(PATIENCE, stream.write_all(&frame)).await??;
    }
}

fn answer(service: &Service, from: Ipv4Addr, query: &[u8], room: Room) -> Option<Vec<u8>> {
    // Nothing but the answer is made while the model is looked at.
    let received = Received::read(query)?;
    let answer = service.view(chance(), |view| received.answer(view, from))?;
    received.write(&answer, room)
}

fn chance() -> u64 {
    RandomState::new().hash_one(Ipv4Addr::LOCALHOST)
}
