//! What the benches share: networks of any size, and packets to send through them.

pub mod network;
pub mod packets;
