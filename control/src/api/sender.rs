//! What is known of a request's sender besides its credentials.

use std::net::IpAddr;

/// The address, the network and the client of a request's sender.
#[derive(Clone, Debug, Default)]
pub struct Sender {
    /// The sender's address.
    pub address: Option<IpAddr>,
    /// The VPC of the address, if it is private.
    pub vpc: Option<String>,
    /// Whether TLS was used.
    pub secure: bool,
    /// The client's user agent.
    pub agent: Option<String>,
}
