//! Packets as bytes: parsing, checksums, rewriting, segmentation, fragmentation, and the packets with which a router
//! answers.

#![cfg_attr(not(test), deny(clippy::indexing_slicing))] // What a host sends must not make anything panic.

pub mod checksum;
pub mod coalesce;
mod field;
mod fragment;
mod icmp;
pub(crate) mod ip;
mod offload;
mod reset;
mod rewrite;
mod segment;
pub mod tcp;
#[cfg(test)]
pub(crate) mod testing;
mod view;
mod virtio;

pub use fragment::fragment;
pub use icmp::IcmpError;
pub use ip::decrement_ttl;
pub use offload::{Layout, Offload};
pub use reset::reset;
pub use rewrite::{rewrite, rewrite_quote};
pub use segment::segment;
pub use view::{Fragment, Header, IcmpClass, IcmpKind, ParseError, View, quoted_tuple};
pub use virtio::{GsoType, VIRTIO_HEADER, VirtioHeader};
