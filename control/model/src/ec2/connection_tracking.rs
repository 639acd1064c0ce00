//! The connection tracking configuration of an interface. It has no effect: the dataplane has the same time-outs for all interfaces.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// The time-outs in seconds. EC2 chooses those that are absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConnectionTracking {
    /// For established TCP connections.
    pub tcp_established: Option<i32>,
    /// For UDP flows with several requests or replies.
    pub udp_stream: Option<i32>,
    /// For other UDP flows.
    pub udp: Option<i32>,
}

impl ConnectionTracking {
    /// Checks that each time-out is within its range.
    pub(crate) fn check(self) -> Result<()> {
        let ranges = [
            ("TcpEstablishedTimeout", self.tcp_established, 60..=432_000),
            ("UdpStreamTimeout", self.udp_stream, 60..=180),
            ("UdpTimeout", self.udp, 30..=60),
        ];
        for (name, value, range) in ranges {
            if let Some(value) = value.filter(|value| !range.contains(value)) {
                return Err(Error::invalid(name, value));
            }
        }
        Ok(())
    }

    /// The time-outs after a change.
    pub(crate) fn with(self, change: Self) -> Self {
        Self {
            tcp_established: change.tcp_established.or(self.tcp_established),
            udp_stream: change.udp_stream.or(self.udp_stream),
            udp: change.udp.or(self.udp),
        }
    }
}
