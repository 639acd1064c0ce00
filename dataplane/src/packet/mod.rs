//! Packets: views of bytes, checksums, offload headers.

mod tuple;

pub use tuple::{FiveTuple, ICMP, TCP, UDP};
