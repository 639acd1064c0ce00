//! The protocol between the campaign and its agents. Times are nanoseconds since 1970.

use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

/// A numbered datagram to be sent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Probe {
    /// Its unique number.
    pub sequence: u64,
    /// The source port; without one, a port not yet used with this destination.
    pub from: Option<u16>,
    /// The destination.
    pub to: SocketAddrV4,
}

/// A probe that arrived.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Arrival {
    /// Its number.
    pub sequence: u64,
    /// The kernel's time of its arrival, in nanoseconds since 1970.
    pub at: u64,
}

/// A lost connection.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Loss {
    /// Its number, in the order of opening.
    pub connection: usize,
    /// Whether by a wrong byte, its end, or silence.
    pub how: String,
}

/// What a host asked a resolver.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Queries {
    /// Queries sent.
    pub asked: u64,
    /// Queries answered.
    pub answered: u64,
    /// How long it sent them.
    pub lasted: Duration,
}

/// A request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// Receive numbered datagrams at these ports.
    Listen {
        /// The ports.
        ports: Vec<u16>,
    },
    /// Echo the datagrams that arrive at this port.
    Echo {
        /// The port.
        port: u16,
    },
    /// Keep this many datagrams in transit to an echo and back at any time, so that no queue is ever empty.
    Crowd {
        /// The echo.
        to: SocketAddrV4,
        /// How many.
        window: u32,
    },
    /// Send numbered datagrams, one per interval.
    Stream {
        /// The destination.
        to: SocketAddrV4,
        /// The interval.
        every: Duration,
    },
    /// Send probes.
    Send {
        /// In this order.
        probes: Vec<Probe>,
    },
    /// Wait until probes have arrived.
    Await {
        /// Their numbers.
        sequences: Vec<u64>,
        /// How long.
        patience: Duration,
    },
    /// Report what has arrived since the last request.
    Arrivals,
    /// Echo the data of TCP connections.
    Serve {
        /// The port.
        port: u16,
    },
    /// Open TCP connections that exchange data from now on.
    Connect {
        /// The address of the server.
        to: SocketAddrV4,
        /// The number of connections.
        count: usize,
    },
    /// Send SYNs, each with another 5-tuple, as fast as one thread can.
    Flood {
        /// The destination.
        to: Ipv4Addr,
    },
    /// End the flood.
    EndFlood,
    /// Request a resolver for the address of a name, again and again.
    Query {
        /// The resolver.
        to: SocketAddrV4,
        /// The name.
        name: String,
        /// Queries per second.
        rate: u32,
    },
    /// End the queries, and report how many were sent and answered.
    EndQueries,
    /// Wait until every connection has exchanged data again, and report those that do not.
    Losses {
        /// How long.
        patience: Duration,
    },
}

/// An answer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// Done.
    Done,
    /// Probes that have not arrived.
    Missing(Vec<u64>),
    /// Probes that have arrived.
    Arrivals(Vec<Arrival>),
    /// The connections that are lost.
    Losses {
        /// The connections, and how they were lost.
        losses: Vec<Loss>,
        /// The bytes that all connections have exchanged.
        bytes: u64,
    },
    /// The queries that have ended.
    Queries(Queries),
    /// The request failed.
    Failed(String),
}
