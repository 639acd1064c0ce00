//! What the runner and the agents say to each other.

use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

/// An order with a number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// Comes back in every report.
    pub id: u64,
    /// What to do.
    pub order: Order,
}

/// What to use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum What {
    /// TCP, this port.
    Tcp(u16),
    /// UDP, this port.
    Udp(u16),
    /// ICMP echo.
    Ping,
}

/// An end of a held connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// The one that opened it, which gave it its name.
    Opener(String),
    /// The serving one, which knows it by its port and the peer's address.
    Server {
        /// Protocol and port.
        what: What,
        /// The peer as the server sees it.
        peer: SocketAddrV4,
    },
}

/// How to know a packet.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Sign {
    /// The IPv4 protocol.
    pub protocol: Option<u8>,
    /// The ICMP type.
    pub icmp_type: Option<u8>,
    /// The source address.
    pub source: Option<Ipv4Addr>,
    /// One of the ports.
    pub port: Option<u16>,
    /// Text that stands somewhere in it.
    pub text: Option<String>,
}

/// What to do.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Order {
    /// Say that you are there.
    Greet,
    /// Start an echo server, unless it runs already.
    Serve {
        /// Of what.
        what: What,
    },
    /// Try once: reports [`Event::Started`], then [`Event::Answered`], [`Event::Refused`] or [`Event::TimedOut`].
    Probe {
        /// What.
        what: What,
        /// With whom.
        to: Ipv4Addr,
        /// From which own address, if that matters.
        from: Option<Ipv4Addr>,
        /// How long to try.
        patience: Duration,
    },
    /// Give up a probe that has started: [`Event::Done`] when it has ended and sends nothing more.
    GiveUp {
        /// Its order's number.
        probe: u64,
    },
    /// Open a connection and keep it: [`Event::Opened`], or as a probe.
    Open {
        /// Its name.
        name: String,
        /// What.
        what: What,
        /// With whom.
        to: Ipv4Addr,
        /// How long to try.
        patience: Duration,
    },
    /// Send a text on a connection. A server echoes it, unless it starts with `say `.
    Say {
        /// From which end.
        end: End,
        /// The text.
        text: String,
    },
    /// Wait until a text arrives: [`Event::Done`] or [`Event::TimedOut`].
    Hear {
        /// At which end.
        end: End,
        /// The text.
        text: String,
        /// How long to wait.
        patience: Duration,
    },
    /// Put packets on an interface as they are.
    Inject {
        /// Its name.
        interface: String,
        /// 0x0800 for IPv4.
        ether_type: u16,
        /// Their bytes.
        packets: Vec<Vec<u8>>,
    },
    /// Wait until such a packet has come in: [`Event::Done`] or [`Event::TimedOut`].
    Watch {
        /// How to know it.
        sign: Sign,
        /// How long to wait.
        patience: Duration,
    },
}

/// An order's number and news of it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The order's.
    pub id: u64,
    /// The news.
    pub event: Event,
}

/// News of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The probe's first packet is out, from this address (ICMP: the identifier is the port).
    Started {
        /// From where.
        local: SocketAddrV4,
    },
    /// The other side answered.
    Answered {
        /// Its name; empty where it gave none (ping).
        by: String,
        /// The address it saw, as text; empty where it told none.
        seen_as: String,
    },
    /// The connection is held.
    Opened {
        /// The opener's address.
        local: SocketAddrV4,
        /// The name of the one who answered.
        by: String,
        /// The opener's address as the server sees it (ping: as the opener sees it).
        peer: SocketAddrV4,
    },
    /// The other side refused.
    Refused,
    /// Nothing came in time.
    TimedOut,
    /// Done.
    Done,
    /// It could not be done.
    Failed {
        /// Why.
        why: String,
    },
}
