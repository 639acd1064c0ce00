//! What a [`Session`](super::Session) and its agents say to each other: one line of JSON each, question and answer in turn.

use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddrV4};

/// What an agent is told.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Take TCP connections and datagrams on this port from now on. Answered by [`Answer::Listening`].
    Listen { port: u16 },
    /// What to do with connections that come.
    Connections(Connections),
    /// Open TCP streams, and send or receive on them until [`Ask::Stop`].
    Stream { to: SocketAddrV4, sending: usize, receiving: usize },
    /// Send datagrams with this many bytes of payload until [`Ask::Stop`].
    Datagrams { to: SocketAddrV4, size: usize },
    /// End what [`Ask::Stream`] and [`Ask::Datagrams`] began.
    Stop,
    /// Answered by [`Answer::Received`].
    Count,
    /// Send echo requests, each when the last is answered. Answered by [`Answer::Pinged`].
    Ping { to: Ipv4Addr, seconds: f64 },
    /// Open and close connections. Answered by [`Answer::Connected`].
    Connect { to: SocketAddrV4, seconds: f64 },
}

/// What becomes of a connection that was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Connections {
    /// Its first byte says who sends.
    Stream,
    /// It is closed at once.
    Close,
}

/// What an agent answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// Done.
    Done,
    /// It could not be done.
    Failed(String),
    /// The host's own addresses.
    Listening { addresses: Vec<Ipv4Addr> },
    /// Received so far.
    Received {
        /// Bytes of TCP streams.
        bytes: u64,
        /// Datagrams.
        datagrams: u64,
        /// When, in nanoseconds of this machine's monotonic clock.
        at: u64,
    },
    /// Round-trip times in nanoseconds.
    Pinged { median: u64, p99: u64, lost: u64 },
    /// Connections that were opened and closed, in so many seconds.
    Connected { count: u64, seconds: f64 },
}
