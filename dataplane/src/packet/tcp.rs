//! The TCP header's lengths and flags (RFC 9293 §3.1).

/// The length of a header without options, in bytes.
pub const HEADER: usize = 20;
/// The longest header, in bytes.
pub const LONGEST_HEADER: usize = 60;

/// No more data from the sender.
pub const FIN: u8 = 1;
/// Opens a connection.
pub const SYN: u8 = 2;
/// Ends a connection at once.
pub const RST: u8 = 4;
/// The acknowledgement number is valid.
pub const ACK: u8 = 16;
/// Deliver to the application without waiting for more.
pub const PSH: u8 = 8;
/// The urgent pointer is valid.
pub const URG: u8 = 32;
/// The sender has reduced its congestion window (RFC 3168).
pub const CWR: u8 = 128;

/// Whether a packet with these flags is the first of a connection.
pub fn opens(flags: u8) -> bool {
    flags & (SYN | ACK | RST) == SYN
}
