//! An open connection.

use crate::format::sentence::Service;
use std::net::SocketAddrV4;

/// A connection and its two ends.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The service that it uses.
    pub service: Service,
    /// The host that opened it.
    pub opener: String,
    /// The host at the far end, if it is known.
    pub far: Option<String>,
    /// The opener's address, as the opener sees it.
    pub local: SocketAddrV4,
    /// The opener's address, as the server sees it.
    pub peer: SocketAddrV4,
}
