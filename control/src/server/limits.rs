//! The limits of an endpoint.

use std::time::Duration;

/// How many file descriptors the platform's services use for each connection that every listener may have: the resolver
/// and the API have two listeners each, and a connection to the metadata service uses two.
const PLATFORM_SHARES: u64 = 2 + 2 + 2;

/// The limits of an endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The greatest number of connections. Beyond it the one that has waited longest for a request is closed.
    pub connections: usize,
    /// The greatest number of connections to each listener of the platform's services: the resolver, the metadata
    /// service and the API.
    pub platform: usize,
    /// The greatest number of bytes of requests and replies that all connections hold together.
    pub held: usize,
    /// The greatest size of a request's body in bytes. It exceeds what any request of the Query protocol needs.
    pub body: usize,
    /// How long a connection may be idle until the head of its next request has arrived.
    pub head_time: Duration,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// How long a client may read nothing of a reply.
    pub write_time: Duration,
}

impl Limits {
    /// The limits for a process with this many file descriptors: one half is for clients, one quarter for the
    /// platform's services.
    pub fn of_descriptors(descriptors: u64) -> Limits {
        let most = Limits::default();
        let part = |part: u64| usize::try_from(descriptors / part).unwrap_or(usize::MAX);
        let connections = part(2).min(most.connections);
        let platform = part(4 * PLATFORM_SHARES).min(most.platform);
        Limits { connections, platform, ..most }
    }
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 12_000,
            platform: 512,
            held: 256 << 20,
            body: 4 << 20,
            head_time: Duration::from_secs(15),
            body_time: Duration::from_secs(15),
            write_time: Duration::from_secs(15),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_and_services_leave_descriptors_to_others() {
        for descriptors in [256, 1024, 4096, 20_000, 1 << 20] {
            let limits = Limits::of_descriptors(descriptors);
            let taken = limits.connections + (2 + 2 + 2) * limits.platform;
            assert!(limits.platform > 0 && taken as u64 <= descriptors / 4 * 3, "{descriptors}");
        }
    }
}
