//! Relays bytes between two connections.
//!
//! A plain connection holds memory only while one side does not read what the other has sent: bytes pass through a
//! buffer of the thread. With TLS on one side, each direction has a buffer of its own as long as the connection lasts.

use std::cell::RefCell;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::{Instant, sleep};

/// How many bytes are read at once.
const BUFFER: usize = 64 << 10;

/// The greatest payload of a TLS record in bytes (RFC 8446 §5.1).
const RECORD: usize = 16 << 10;

thread_local! {
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; BUFFER]);
}

/// The time of the last byte.
#[derive(Debug)]
pub struct LastByte {
    start: Instant,
    /// In milliseconds since the start.
    last: AtomicU64,
}

impl LastByte {
    /// The last byte passed now.
    pub fn now() -> LastByte {
        LastByte { start: Instant::now(), last: AtomicU64::new(0) }
    }

    /// Notes that a byte has passed.
    pub fn touch(&self) {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last.store(now, Ordering::Relaxed);
    }

    /// Returns when no byte has passed for this long. A byte costs only a store, because the timer checks later.
    pub async fn idle_for(&self, limit: Duration) {
        loop {
            let idle = self.start.elapsed().saturating_sub(Duration::from_millis(self.last.load(Ordering::Relaxed)));
            match limit.checked_sub(idle).filter(|left| !left.is_zero()) {
                Some(left) => sleep(left).await,
                None => return,
            }
        }
    }
}

/// Relays bytes in both directions until both sides have closed, or none has passed for `idle`.
pub async fn relay(client: &mut TcpStream, server: &mut TcpStream, idle: Duration) -> io::Result<()> {
    let last = LastByte::now();
    let (from_client, to_client) = client.split();
    let (from_server, to_server) = server.split();
    let both = async {
        tokio::try_join!(pump(from_client, to_server, &last), pump(from_server, to_client, &last)).map(|_| ())
    };
    tokio::select! {
        ended = both => ended,
        () = last.idle_for(idle) => Err(io::ErrorKind::TimedOut.into()),
    }
}

/// The same for connections of which at least one uses TLS. Each direction has a buffer of its own.
pub async fn relay_any(
    client: impl AsyncRead + AsyncWrite + Unpin,
    server: impl AsyncRead + AsyncWrite + Unpin,
    idle: Duration,
) -> io::Result<()> {
    let last = LastByte::now();
    let (from_client, to_client) = tokio::io::split(client);
    let (from_server, to_server) = tokio::io::split(server);
    let both = async {
        tokio::try_join!(pump_any(from_client, to_server, &last), pump_any(from_server, to_client, &last)).map(|_| ())
    };
    tokio::select! {
        ended = both => ended,
        () = last.idle_for(idle) => Err(io::ErrorKind::TimedOut.into()),
    }
}

async fn pump_any(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    last: &LastByte,
) -> io::Result<()> {
    let mut buffer = vec![0; RECORD];
    loop {
        let read = from.read(&mut buffer).await?;
        if read == 0 {
            return to.shutdown().await;
        }
        last.touch();
        to.write_all(&buffer[..read]).await?;
        to.flush().await?;
    }
}

/// Relays what one side sends until it closes, and then closes the other side.
async fn pump(from: ReadHalf<'_>, mut to: WriteHalf<'_>, last: &LastByte) -> io::Result<()> {
    loop {
        // A task that never waits has to yield by itself.
        tokio::task::coop::consume_budget().await;
        from.readable().await?;
        match carry(&from, &to) {
            Ok(Carried::End) => return to.shutdown().await,
            Ok(Carried::But(rest)) => {
                last.touch();
                to.write_all(&rest).await?;
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
    }
}

enum Carried {
    /// The sender has closed.
    End,
    /// All bytes were written except these.
    But(Vec<u8>),
}

fn carry(from: &ReadHalf<'_>, to: &WriteHalf<'_>) -> io::Result<Carried> {
    SCRATCH.with_borrow_mut(|buffer| {
        let read = from.try_read(buffer)?;
        if read == 0 {
            return Ok(Carried::End);
        }
        let written = match to.try_write(&buffer[..read]) {
            Ok(written) => written,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        Ok(Carried::But(buffer[written..read].to_vec()))
    })
}
