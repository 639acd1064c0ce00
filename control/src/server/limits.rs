//! How much a client may take, and for how long.

use std::time::Duration;

/// The limits of an endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at the same time; of more, the one that has waited longest for a request is closed.
    pub connections: usize,
    /// Bytes of requests and replies that all connections hold together.
    pub held: usize,
    /// Bytes of one request's body; more than any request of the Query protocol needs.
    pub body: usize,
    /// How long a connection may be idle, until the head of its next request is there.
    pub head_time: Duration,
    /// How long a body may take.
    pub body_time: Duration,
    /// How long a client may read nothing of a reply.
    pub write_time: Duration,
}

impl Limits {
    /// Those of a process that may have so many file descriptors: the most of them are for clients.
    pub fn of_descriptors(descriptors: u64) -> Limits {
        let connections = usize::try_from(descriptors / 4 * 3).unwrap_or(usize::MAX);
        Limits { connections: connections.min(Limits::default().connections), ..Limits::default() }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 12_000,
            held: 256 << 20,
            body: 4 << 20,
            head_time: Duration::from_secs(15),
            body_time: Duration::from_secs(15),
            write_time: Duration::from_secs(15),
        }
    }
}
