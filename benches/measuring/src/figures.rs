//! The metrics, and the figures that measuring them gives.

use serde::{Deserialize, Serialize};

/// A metric of the path between two hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// One TCP stream.
    Tcp1,
    /// Four TCP streams, one way.
    Tcp4,
    /// Sixteen TCP streams, one way.
    Tcp16,
    /// Four TCP streams each way at once, both ways added.
    TcpBoth,
    /// Datagrams of 64 bytes that arrive.
    Udp64,
    /// Datagrams of 1400 bytes that arrive.
    Udp1400,
    /// Round-trip time of an echo, the next sent when the last is back: median.
    PingMedian,
    /// Round-trip time of an echo, the next sent when the last is back: 99th percentile.
    PingP99,
    /// TCP connections opened and closed.
    Connect,
    /// Processor time of the whole machine for four TCP streams.
    CpuPerGigabyte,
}

impl Metric {
    /// All metrics, in the order in which they are shown.
    pub const ALL: [Self; 10] = [
        Self::Tcp1,
        Self::Tcp4,
        Self::Tcp16,
        Self::TcpBoth,
        Self::Udp64,
        Self::Udp1400,
        Self::PingMedian,
        Self::PingP99,
        Self::Connect,
        Self::CpuPerGigabyte,
    ];

    /// The figure's name in reports.
    pub fn label(self) -> &'static str {
        match self {
            Self::Tcp1 => "TCP, 1 stream",
            Self::Tcp4 => "TCP, 4 streams",
            Self::Tcp16 => "TCP, 16 streams",
            Self::TcpBoth => "TCP, both ways at once",
            Self::Udp64 => "UDP 64 B, delivered",
            Self::Udp1400 => "UDP 1400 B, delivered",
            Self::PingMedian => "ping flood, median",
            Self::PingP99 => "ping flood, p99",
            Self::Connect => "TCP connections",
            Self::CpuPerGigabyte => "CPU per gigabyte",
        }
    }

    /// The unit of its values.
    pub fn unit(self) -> &'static str {
        match self {
            Self::Tcp1 | Self::Tcp4 | Self::Tcp16 | Self::TcpBoth => "Gbit/s",
            Self::Udp64 | Self::Udp1400 => "k/s",
            Self::PingMedian | Self::PingP99 => "µs",
            Self::Connect => "k/s",
            Self::CpuPerGigabyte => "s",
        }
    }

    /// Whether more is better.
    pub fn more_is_better(self) -> bool {
        !matches!(self, Self::PingMedian | Self::PingP99 | Self::CpuPerGigabyte)
    }
}

/// A measured value, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Figure {
    /// What was measured.
    pub metric: Metric,
    /// In [`Metric::unit`]s.
    pub value: Option<f64>,
    /// Why there is no value.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub missing: Option<String>,
}
