//! Timeouts of idle flows.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How long a flow lives without a packet (semantics.md §4.3). Values that AWS does not publish are Linux's defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeouts {
    /// TCP: handshake incomplete, or first seen in the middle and not answered.
    pub tcp_half_open: Duration,
    /// TCP, established.
    pub tcp_established: Duration,
    /// TCP, closing or closed.
    pub tcp_closing: Duration,
    /// UDP, one direction or a single exchange.
    pub udp: Duration,
    /// UDP, more than one exchange.
    pub udp_stream: Duration,
    /// ICMP echo.
    pub icmp: Duration,
    /// Any other protocol.
    pub other: Duration,
    /// TCP through a NAT, from the answer until it closes: 350 s, after which AWS's NAT gateways answer later packets
    /// with a RST (VPC user guide, "Troubleshoot NAT gateways").
    pub nat_tcp: Duration,
    /// UDP through a NAT, once it is answered. AWS publishes 350 s for every protocol.
    pub nat_udp: Duration,
    /// ICMP queries through a NAT, once they are answered. AWS publishes 350 s for every protocol.
    pub nat_icmp: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            tcp_half_open: Duration::from_secs(120),
            tcp_established: Duration::from_secs(432_000),
            tcp_closing: Duration::from_secs(120),
            udp: Duration::from_secs(30),
            udp_stream: Duration::from_secs(180),
            icmp: Duration::from_secs(30),
            other: Duration::from_secs(600),
            nat_tcp: Duration::from_secs(350),
            nat_udp: Duration::from_secs(350),
            nat_icmp: Duration::from_secs(350),
        }
    }
}

impl Timeouts {
    /// The names that [`Timeouts::set`] accepts.
    pub const NAMES: [&str; 10] = [
        "tcp-half-open",
        "tcp-established",
        "tcp-closing",
        "udp",
        "udp-stream",
        "icmp",
        "other",
        "nat-tcp",
        "nat-udp",
        "nat-icmp",
    ];

    /// Sets a timeout by its name. Returns `false` if there is none with this name.
    pub fn set(&mut self, name: &str, timeout: Duration) -> bool {
        let field = match name {
            "tcp-half-open" => &mut self.tcp_half_open,
            "tcp-established" => &mut self.tcp_established,
            "tcp-closing" => &mut self.tcp_closing,
            "udp" => &mut self.udp,
            "udp-stream" => &mut self.udp_stream,
            "icmp" => &mut self.icmp,
            "other" => &mut self.other,
            "nat-tcp" => &mut self.nat_tcp,
            "nat-udp" => &mut self.nat_udp,
            "nat-icmp" => &mut self.nat_icmp,
            _ => return false,
        };
        *field = timeout;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_sets_a_timeout_of_its_own() {
        let second = Duration::from_secs(1);
        let mut all = Timeouts::default();
        for name in Timeouts::NAMES {
            let before = all;
            assert!(all.set(name, second) && all != before, "{name}");
        }
        assert!(!all.set("sctp", second));
    }
}
