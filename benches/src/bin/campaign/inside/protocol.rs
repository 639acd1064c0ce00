//! What the runner and the programs in hosts say to each other. Times are nanoseconds since 1970.

use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

/// A numbered datagram to be sent.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Probe {
    /// Its number, which no other has.
    pub sequence: u64,
    /// From which port; from one that nobody has used with this destination, if not said.
    pub from: Option<u16>,
    /// To whom.
    pub to: SocketAddrV4,
}

/// A probe that came.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Arrival {
    /// Its number.
    pub sequence: u64,
    /// When the kernel of the host had it.
    pub at: u64,
}

/// A connection that is lost.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Loss {
    /// Which.
    pub connection: usize,
    /// A wrong byte, the end, or silence.
    pub how: String,
}

/// What to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Ask {
    /// Take numbered datagrams at these ports.
    Listen {
        /// The ports.
        ports: Vec<u16>,
    },
    /// Send back what comes to this port.
    Echo {
        /// The port.
        port: u16,
    },
    /// Have so many datagrams on the way to an echo at any time, so that no queue is ever empty.
    Crowd {
        /// The echo.
        to: SocketAddrV4,
        /// How many.
        window: u32,
    },
    /// Send numbered datagrams, one each time so much time has passed.
    Stream {
        /// To whom.
        to: SocketAddrV4,
        /// The time between two.
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
    /// Tell what has arrived since the last time.
    Arrivals,
    /// Serve TCP connections: each gets back what it sends.
    Serve {
        /// The port.
        port: u16,
    },
    /// Open TCP connections that exchange data from now on.
    Connect {
        /// With whom.
        to: SocketAddrV4,
        /// How many.
        count: usize,
    },
    /// Send SYNs, each of another 5-tuple, as fast as one thread can.
    Flood {
        /// To whom.
        to: Ipv4Addr,
    },
    /// End the flood.
    EndFlood,
    /// Ask a resolver for the address of a name, again and again.
    Query {
        /// The resolver.
        to: SocketAddrV4,
        /// The name.
        name: String,
        /// How many times a second.
        rate: u32,
    },
    /// End the queries, and tell how many were asked and answered.
    EndQueries,
    /// Wait until every connection has exchanged data once more, and tell those that do not.
    Losses {
        /// How long.
        patience: Duration,
    },
}

/// What came of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Answer {
    /// It is done.
    Done,
    /// What has not arrived.
    Missing(Vec<u64>),
    /// What has.
    Arrivals(Vec<Arrival>),
    /// The connections that are lost.
    Losses {
        /// Which, and how.
        losses: Vec<Loss>,
        /// What all connections have exchanged.
        bytes: u64,
    },
    /// Queries so far.
    Queries {
        /// How many were asked.
        asked: u64,
        /// How many of these were answered.
        answered: u64,
    },
    /// It could not be done.
    Failed(String),
}
