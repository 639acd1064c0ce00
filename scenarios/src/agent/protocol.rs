//! The protocol between the runner and its agents.

use crate::format::sentence::Service;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

/// An order with a number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Request {
    /// The number, which every report repeats.
    pub id: u64,
    /// What to do.
    pub order: Order,
}

/// A text that starts with this is not echoed by a server.
pub const ONE_WAY: &str = "one-way ";

/// An end of a connection that is kept open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum End {
    /// The end that opened the connection and named it.
    Opener(String),
    /// The server's end, identified by its port and the client's address.
    Server {
        /// Protocol and port.
        service: Service,
        /// The peer as the server sees it.
        peer: SocketAddrV4,
    },
}

/// A pattern of packets. Absent conditions match every packet.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PacketPattern {
    /// The IPv4 protocol.
    pub protocol: Option<u8>,
    /// The ICMP type.
    pub icmp_type: Option<u8>,
    /// The source address.
    pub source: Option<Ipv4Addr>,
    /// One of the ports.
    pub port: Option<u16>,
    /// A text that the packet contains.
    pub text: Option<String>,
}

/// An order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Order {
    /// Report that the agent is ready.
    Greet,
    /// Start an echo server, unless it runs already.
    Serve {
        /// The service.
        service: Service,
    },
    /// Probe once: reports [`Event::Started`], then [`Event::Answered`], [`Event::Refused`] or
    /// [`Event::TimedOut`].
    Probe {
        /// The service.
        service: Service,
        /// The address to probe.
        to: Ipv4Addr,
        /// The source address, if the system should not choose.
        from: Option<Ipv4Addr>,
        /// How long to try.
        patience: Duration,
    },
    /// Give up a probe: [`Event::Done`] once it has ended and sends nothing more.
    GiveUp {
        /// Its order's number.
        probe: u64,
    },
    /// Open a connection and keep it open: [`Event::Opened`], or as for a probe.
    Open {
        /// Its name.
        name: String,
        /// The service.
        service: Service,
        /// The address to connect to.
        to: Ipv4Addr,
        /// How long to try.
        patience: Duration,
    },
    /// Send a text on a connection. A server echoes it, unless it starts with [`ONE_WAY`].
    Send {
        /// The end that sends.
        end: End,
        /// The text.
        text: String,
    },
    /// Wait until a text arrives: [`Event::Done`] or [`Event::TimedOut`].
    Receive {
        /// The end that waits.
        end: End,
        /// The text.
        text: String,
        /// How long to wait.
        patience: Duration,
    },
    /// Send packets by an interface, from their network headers on.
    Inject {
        /// The interface's name.
        interface: String,
        /// Their EtherType; 0x0800 for IPv4.
        ether_type: u16,
        /// The bytes of each.
        packets: Vec<Vec<u8>>,
    },
    /// Wait until a matching packet has arrived: [`Event::Done`] or [`Event::TimedOut`].
    Capture {
        /// The pattern.
        pattern: PacketPattern,
        /// How long to wait.
        patience: Duration,
    },
}

/// An event and the number of its order.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Report {
    /// The order's number.
    pub id: u64,
    /// The event.
    pub event: Event,
}

/// An event of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The probe's first packet was sent from this address (for ICMP, the identifier is the port).
    Started {
        /// The address.
        local: SocketAddrV4,
    },
    /// The other side answered.
    Answered {
        /// The server's name; empty if it gave none (ping).
        by: String,
        /// The address that the server saw, as text; empty if it gave none.
        seen_as: String,
    },
    /// The connection is open.
    Opened {
        /// The opener's address.
        local: SocketAddrV4,
        /// The server's name.
        by: String,
        /// The client's address as the server sees it (for ping, as the client sees it).
        peer: SocketAddrV4,
    },
    /// The other side refused.
    Refused,
    /// Nothing arrived before patience ended.
    TimedOut,
    /// Done.
    Done,
    /// The order failed.
    Failed {
        /// The reason.
        why: String,
    },
}
