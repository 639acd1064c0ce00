//! How much a client may take, and for how long.

use std::time::Duration;

/// The descriptors that the platform's services take for each connection that every listener may have: the resolver and the API have
/// two listeners each, and a connection to the metadata service takes two.
const PLATFORM_SHARES: u64 = 2 + 2 + 2;

/// The limits of an endpoint.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Connections at the same time; of more, the one that has waited longest for a request is closed.
    pub connections: usize,
    /// Connections at the same time to each listener of the platform's own services: the resolver, the metadata service and the API.
    pub platform: usize,
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
    /// Those of a process that may have so many file descriptors: a half is for clients, a quarter for the platform's services.
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
