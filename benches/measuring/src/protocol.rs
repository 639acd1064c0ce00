//! The protocol between a [`Session`](super::Session) and its agents: one line of JSON each, question and answer in
//! turn.

use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddrV4};

/// A request to an agent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Take TCP connections and datagrams on this port from now on. Answered by [`Answer::Listening`].
    Listen { port: u16 },
    /// What to do with accepted connections.
    Connections(Connections),
    /// Open TCP streams, and send or receive on them until [`Ask::Stop`].
    Stream { to: SocketAddrV4, sending: usize, receiving: usize },
    /// Send datagrams with this many bytes of payload until [`Ask::Stop`].
    Datagrams { to: SocketAddrV4, size: usize },
    /// End the traffic of [`Ask::Stream`] and [`Ask::Datagrams`].
    Stop,
    /// Answered by [`Answer::Received`].
    Count,
    /// Send echo requests, each when the last is answered. Answered by [`Answer::Pinged`].
    Ping { to: Ipv4Addr, seconds: f64 },
    /// Open and close connections. Answered by [`Answer::Connected`].
    Connect { to: SocketAddrV4, seconds: f64 },
}

/// How accepted connections are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Connections {
    /// Its first byte says who sends.
    Stream,
    /// It is closed at once.
    Close,
}

/// An agent's answer.
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
        /// The time of the count, in nanoseconds of this machine's monotonic clock.
        at: u64,
    },
    /// Round-trip times in nanoseconds.
    Pinged { median: u64, p99: u64, lost: u64 },
    /// Connections that were opened and closed, and the seconds that took.
    Connected { count: u64, seconds: f64 },
}
