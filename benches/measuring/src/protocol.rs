//! The protocol between a [`Session`](super::Session) and its agents: one line of JSON each, request and answer in turn.

use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddrV4};

/// A request to an agent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Request {
    /// Accept TCP connections and datagrams on this port from now on. Answered by [`Answer::Listening`].
    Listen { port: u16 },
    /// Use accepted connections from now on for this.
    Connections(Connections),
    /// Open TCP streams, and send or receive on them until [`Request::Stop`].
    Stream { to: SocketAddrV4, sending: usize, receiving: usize },
    /// Send datagrams with this many bytes of payload until [`Request::Stop`].
    Datagrams { to: SocketAddrV4, size: usize },
    /// End the traffic of [`Request::Stream`] and [`Request::Datagrams`].
    Stop,
    /// Report what has been received. Answered by [`Answer::Received`].
    Count,
    /// Send echo requests, each when the last is answered. Answered by [`Answer::Pinged`].
    Ping { to: Ipv4Addr, seconds: f64 },
    /// Open and close connections. Answered by [`Answer::Connected`].
    Connect { to: SocketAddrV4, seconds: f64 },
}

/// The use of accepted connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Connections {
    /// A connection carries a stream, whose first byte says who sends.
    Stream,
    /// A connection is closed at once.
    Close,
}

/// An agent's answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// Done.
    Done,
    /// The request failed, and why.
    Failed(String),
    /// The host's own addresses.
    Listening { addresses: Vec<Ipv4Addr> },
    /// The counts so far.
    Received {
        /// Bytes of TCP streams.
        bytes: u64,
        /// Datagrams.
        datagrams: u64,
        /// The time of the count, in nanoseconds of this machine's monotonic clock.
        at: u64,
    },
    /// Round-trip times in nanoseconds, and the number of requests without an answer.
    Pinged { median: u64, p99: u64, lost: u64 },
    /// The number of connections that were opened and closed in this time.
    Connected { count: u64, seconds: f64 },
}
