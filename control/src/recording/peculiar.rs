//! Packets that are dropped for more than their addresses and ports: their length, their time to live, their options. A
//! scenario sends them made by hand.

use crate::reach::Network;
use dataplane::packet::{View, VirtioHeader};
use dataplane::record::PacketRecord;
use model::platform_host::METADATA;
use std::net::Ipv4Addr;
use wire::{Drop, DropReason, FiveTuple, PortId};

/// A packet made by hand.
#[derive(Clone, Debug)]
pub struct Peculiar {
    record: PacketRecord,
    /// The kind of packet, unless its 5-tuple says it.
    pub kind: Option<&'static str>,
    /// The words of a scenario that tell it from an ordinary packet.
    pub clause: Option<String>,
}

impl Peculiar {
    /// A dropped packet, if a scenario has words for what it was dropped for.
    pub fn of(record: &PacketRecord, reason: DropReason) -> Option<Self> {
        let packet = |kind, clause| Some(Self { record: record.clone(), kind, clause });
        let view = || View::parse(&padded(record)).ok();
        match reason {
            // Its quote is what matters, and the one that a scenario sends is of no connection.
            DropReason::UnrelatedError => packet(None, None),
            DropReason::NotIpv4 => packet(Some("ipv6"), None),
            DropReason::Malformed => packet(Some("garbage"), None),
            DropReason::SourceRouted => packet(None, Some("source-routed".to_owned())),
            DropReason::UnknownConnection => packet(None, Some("without a SYN".to_owned())),
            DropReason::FragmentWithoutFirst => packet(None, Some("without its first fragment".to_owned())),
            DropReason::TtlExpired => packet(None, Some(format!("with ttl {}", view()?.ttl))),
            DropReason::MtuExceeded => {
                packet(None, Some(format!("{} bytes long, not to be fragmented", largest_segment(record, &view()?))))
            }
            _ => None,
        }
    }

    /// The 5-tuple of a packet without one.
    pub fn without_tuple() -> FiveTuple {
        FiveTuple {
            protocol: 0,
            source: Ipv4Addr::UNSPECIFIED,
            destination: METADATA,
            source_port: 0,
            destination_port: 0,
        }
    }

    /// Why a network without connections drops it. `None` if the network lacks its sender.
    pub fn drop(&self, network: &Network<'_>, port: PortId) -> Option<Drop> {
        network.interface(port)?;
        network.drop(port, &VirtioHeader::read(&self.record.virtio), padded(&self.record))
    }
}

/// A packet with zeros for the bytes that were not kept.
fn padded(record: &PacketRecord) -> Vec<u8> {
    let mut bytes = record.bytes.clone();
    bytes.resize(record.length as usize, 0);
    bytes
}

/// The length in bytes of the largest packet that a coalesced one becomes.
fn largest_segment(record: &PacketRecord, view: &View) -> usize {
    match VirtioHeader::read(&record.virtio).gso_size {
        0 => view.length,
        size => view.length.min(view.headers_length + usize::from(size)),
    }
}
