//! The resolver's transports: datagrams, and connections with a length before every message (RFC 7766).

mod datagrams;
mod message;

use super::connections;
use crate::server::Connection;
use crate::service::Service;
use message::{Received, Room};
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, UdpSocket};
use tokio::time::timeout;

/// How long a connection may be silent, or leave what it is sent unread.
const PATIENCE: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 5 });
/// The pause between batches of datagrams while the rate is high. A wake-up for each datagram would cost more than its
/// answer.
const BATCH_EVERY: Duration = Duration::from_millis(1);
/// A rate is high if there are more than this many datagrams in this time. One host alone may not send as many.
const HIGH_RATE: (usize, Duration) = (40, Duration::from_millis(20));
/// How many datagrams are answered before other tasks of the process have their turn.
const BATCH: usize = 64;
/// The pause after a socket has failed, most likely because the system is out of memory.
const PAUSE: Duration = Duration::from_millis(20);

/// Answers datagrams. Never returns. A datagram that does not fit the socket's queue is lost, and the client sends it
/// again.
pub async fn serve_udp(socket: UdpSocket, service: Arc<Service>) {
    let mut buffer = vec![0; usize::from(u16::MAX)];
    let answer = |from, query: &[u8]| answer(&service, from, query, Room::Datagram);
    let mut rate = Rate::new();
    datagrams::receive_together(&socket);
    loop {
        match socket.readable().await.and_then(|()| answer_waiting(&socket, &mut buffer, answer)) {
            Ok(BATCH..) => tokio::task::yield_now().await,
            Ok(answered) if rate.is_high_after(answered) => tokio::time::sleep(BATCH_EVERY).await,
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(%error, "the resolver's socket");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Answers the waiting datagrams until there are none, or a batch is full. Returns how many they were.
fn answer_waiting(
    socket: &UdpSocket,
    buffer: &mut [u8],
    answer: impl Fn(Ipv4Addr, &[u8]) -> Option<Vec<u8>>,
) -> io::Result<usize> {
    let mut count = 0;
    while count < BATCH {
        let (client, length, each) = match datagrams::receive(socket, buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            received => received?,
        };
        let queries = buffer[..length].chunks(each);
        count += queries.len().max(1);
        let answers: Vec<_> = queries.filter_map(|query| answer(*client.ip(), query)).collect();
        datagrams::send(socket, client, &answers);
    }
    Ok(count)
}

/// The rate of datagrams.
struct Rate {
    /// When counting began.
    since: Instant,
    counted: usize,
    /// Whether the rate was high in the last full interval.
    is_high: bool,
}

impl Rate {
    fn new() -> Self {
        Self { since: Instant::now(), counted: 0, is_high: false }
    }

    /// Counts more datagrams. Returns whether the rate is high.
    fn is_high_after(&mut self, more: usize) -> bool {
        self.counted += more;
        let (most, time) = HIGH_RATE;
        if self.since.elapsed() >= time {
            *self = Self { is_high: self.counted > most, ..Self::new() };
        }
        self.is_high
    }
}

/// Answers over connections, at most this many at a time. Never returns.
pub async fn serve_tcp(listener: TcpListener, most: usize, service: Arc<Service>) {
    let speak = |stream, from, connection: Arc<Connection>| {
        let service = service.clone();
        async move {
            let answer = |query: &[u8]| answer(&service, from, query, Room::Connection);
            if let Err(error) = converse(stream, &connection, answer).await {
                tracing::debug!(%from, %error, "a connection to the resolver ended");
            }
        }
    };
    connections::serve(listener, most, speak).await;
}

/// Answers one query after another until the client disconnects, is silent for too long, or sends an invalid message.
async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    connection: &Connection,
    answer: impl Fn(&[u8]) -> Option<Vec<u8>>,
) -> io::Result<()> {
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
            answer(&message)
        };
        let Some(answer) = answer else { return Ok(()) };
        let length = u16::try_from(answer.len()).map_err(io::Error::other)?;
        let frame = [&length.to_be_bytes()[..], &answer].concat();
        timeout(PATIENCE, stream.write_all(&frame)).await??;
    }
}

fn answer(service: &Service, from: Ipv4Addr, query: &[u8], room: Room) -> Option<Vec<u8>> {
    // The model is locked only while the answer is computed.
    let received = Received::read(query)?;
    let answer = service.view(chance(), |view| received.answer(view, from))?;
    received.write(&answer, room)
}

fn chance() -> u64 {
    RandomState::new().hash_one(Ipv4Addr::LOCALHOST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::tests::Cloud;
    use crate::server::Connections;
    use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
    use hickory_proto::rr::{Name, RecordType};
    use tokio::io::DuplexStream;
    use tokio::task::JoinHandle;

    /// How many bytes fit between the two ends.
    const ON_THE_WAY: usize = 1 << 10;

    /// A client's end of a connection, and the server's task at the other.
    fn connected() -> (DuplexStream, JoinHandle<io::Result<()>>) {
        let (client, server) = tokio::io::duplex(ON_THE_WAY);
        let conversation = async move {
            let connection = Connections::new(1, usize::MAX).enter_as(1, 1).map_err(io::Error::other)?;
            let cloud = Cloud::new();
            let from = cloud.known_as("C1");
            let answer = |query: &[u8]| {
                let received = Received::read(query)?;
                received.write(&received.answer(cloud.view(), from)?, Room::Connection)
            };
            converse(server, &connection, answer).await
        };
        (client, tokio::spawn(conversation))
    }

    fn query() -> Vec<u8> {
        let mut message = Message::new(7, MessageType::Query, OpCode::Query);
        message.add_query(Query::query(Name::from_ascii("www.example.com.").unwrap(), RecordType::A));
        message.to_vec().unwrap()
    }

    async fn send(client: &mut DuplexStream, message: &[u8]) -> io::Result<()> {
        let length = u16::try_from(message.len()).unwrap();
        client.write_all(&[&length.to_be_bytes()[..], message].concat()).await
    }

    async fn next(client: &mut DuplexStream) -> Message {
        let length = client.read_u16().await.unwrap();
        let mut answer = vec![0; length.into()];
        client.read_exact(&mut answer).await.unwrap();
        Message::from_vec(&answer).unwrap()
    }

    #[tokio::test]
    async fn waiting_datagrams_are_answered_in_batches() {
        let bind = || async { UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap() };
        let (resolver, client) = (bind().await, bind().await);
        client.connect(resolver.local_addr().unwrap()).await.unwrap();
        for number in 0..=BATCH as u8 {
            client.send(&[number]).await.unwrap();
        }
        let mut batches = Vec::new();
        while batches.iter().sum::<usize>() <= BATCH {
            resolver.readable().await.unwrap();
            // One query is not worth an answer.
            let answer = |_, query: &[u8]| (query != [7]).then(|| query.to_vec());
            batches.push(answer_waiting(&resolver, &mut [0; 16], answer).unwrap());
        }
        assert_eq!(batches, [BATCH, 1]);
        for number in (0..=BATCH as u8).filter(|number| *number != 7) {
            let mut answer = [0; 16];
            assert_eq!((client.recv(&mut answer).await.unwrap(), answer[0]), (1, number));
        }
    }

    #[test]
    fn one_host_does_not_reach_the_high_rate_and_many_do() {
        let (most, time) = HIGH_RATE;
        let after =
            |answered| Rate { since: Instant::now() - time, counted: 0, is_high: false }.is_high_after(answered);
        assert!(!after(most) && after(most + 1));
        let calm = Duration::from_secs(1).as_micros() * most as u128 / time.as_micros();
        assert!(calm > u128::from(1024u16), "an interface may ask 1,024 times a second");
    }

    #[tokio::test]
    async fn a_long_malformed_message_gets_a_short_answer_and_the_next_query_its_own() {
        let (mut client, conversation) = connected();
        // A query's header, and as many invalid compressed names as fit.
        let mut nonsense = vec![0xc0; usize::from(u16::MAX)];
        nonsense[..12].copy_from_slice(&[0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
        send(&mut client, &nonsense).await.unwrap();
        let refused = next(&mut client).await;
        assert_eq!((refused.metadata.response_code, refused.queries.len()), (ResponseCode::FormErr, 0));
        send(&mut client, &query()).await.unwrap();
        assert_eq!(next(&mut client).await.answers.len(), 1);
        drop(client);
        assert!(conversation.await.unwrap().is_err());
    }

    #[tokio::test]
    async fn a_client_that_reads_nothing_is_disconnected() {
        let (mut client, conversation) = connected();
        let asked = query();
        // Until the other end has closed the connection.
        while send(&mut client, &asked).await.is_ok() {}
        assert_eq!(conversation.await.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_silent_client_is_disconnected_in_a_message_too() {
        let (client, silent) = connected();
        let (mut half, waiting) = connected();
        half.write_all(&[0, 40, 1, 2, 3]).await.unwrap();
        for conversation in [silent, waiting] {
            assert_eq!(conversation.await.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
        }
        drop((client, half));
    }
}
