//! Packets: views of bytes, checksums, rewriting, the errors a router sends.

pub mod checksum;
pub mod coalesce;
mod fragment;
mod icmp;
mod reset;
mod rewrite;
pub mod segment;
pub mod tcp;
#[cfg(test)]
pub(crate) mod testing;
mod tuple;
mod view;
mod virtio;

pub use fragment::fragment;
pub use icmp::Complaint;
pub use reset::reset;
pub use rewrite::{decrement_ttl, rewrite, rewrite_quote};

pub use tuple::{FiveTuple, ICMP, TCP, UDP};
pub use view::{FragmentPlace, Header, IcmpClass, IcmpKind, ParseError, View, ipv4_at, quoted_tuple, u16_at};
pub use virtio::{GsoType, VIRTIO_HEADER, VirtioHeader};
