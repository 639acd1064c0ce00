//! The tables as plain data.

use crate::address::{Address, Prefix};
use crate::ids::*;
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;
use std::ops::RangeInclusive;

/// How packets pass between a port's TUN interface and the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PortKind {
    /// Several queues with virtio headers, TSO, USO and checksum offload: packets of up to 64 KiB.
    Offload,
    /// One queue with packets of at most the MTU and complete checksums, as on a wire.
    Plain,
}

/// One TUN interface of one host (a network namespace).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// The host's name: letters, digits, `-`, `_`, `.`.
    pub host: String,
    /// The index of the interface in its host. 0 is `eth0`, which has the default route; 1 is `eth1`, for packets from
    /// its addresses and to their networks.
    pub interface: u16,
    /// Which boot of its host this is; another number restarts the host. All ports of a host have the same.
    pub boot: u32,
    /// How the interface is opened.
    pub kind: PortKind,
    /// The interface's MTU: the greatest length of an IPv4 packet in bytes, header included.
    pub mtu: u16,
    /// The interface's own addresses with their prefix lengths. The first is the source address of its routes.
    pub addresses: Vec<Prefix>,
    /// The route table for packets that this port sends.
    pub table: TableId,
    /// The source address of ICMP errors to this port: the host's next hop, as `traceroute` shows it.
    pub router: Address,
}

/// The name of an interface inside its host, by its index.
pub fn interface_name(interface: u16) -> String {
    format!("{INTERFACE_PREFIX}{interface}")
}

/// The prefix of all interfaces' names.
pub const INTERFACE_PREFIX: &str = "eth";

/// A list that is mostly short. Up to four items are in the structure itself, so that reading them loads no other
/// cache line.
pub type Few<T> = SmallVec<[T; 4]>;

/// A port's presence in a VRF, with its addresses and rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The port.
    pub port: PortId,
    /// The VRF. A port has at most one attachment in it.
    pub vrf: VrfId,
    /// The port's own addresses here. Packets from them pass the source check, and only they match rules that name
    /// groups.
    pub addresses: Few<Address>,
    /// Pairs of a private address and its public address, for 1:1 translation at an edge (see [`NextHop::Edge`]): of
    /// its own, and of others that it forwards for.
    pub public: Vec<(Address, Address)>,
    /// The filters, any of which may allow a packet. `None`: every packet is allowed.
    pub filters: Option<Few<FilterId>>,
    /// The groups this attachment is a member of.
    pub groups: Few<GroupId>,
    /// The segment. Traffic within one segment crosses no boundary.
    pub segment: Option<SegmentId>,
    /// Whether each packet that it sends must be from one of `addresses`, and each that it receives to one of them.
    pub source_check: bool,
    /// Whether it has flow accounting.
    pub accounted: bool,
}

impl Attachment {
    /// The public address of a private address.
    pub fn public_of(&self, private: Address) -> Option<Address> {
        self.public.iter().find(|(address, _)| *address == private).map(|(_, public)| *public)
    }
}

/// Attachments behind one boundary, with the stateless rules at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The rules for packets that enter or leave the segment.
    pub acl: AclId,
}

/// The endpoint of a destination address in a VRF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Endpoint {
    /// An attachment's own address. The attachment may be of another VRF, and is visible here too.
    Own(AttachmentId),
    /// A public address, which is translated 1:1 to this address: the attachment's own, or one that it forwards for.
    Public(AttachmentId, Address),
    /// The public address of a NAT. It accepts only replies to packets that left through it.
    Nat(NatId),
    /// A service on the attachment's host. The filter's ingress rules say which protocols and ports the service has.
    Service(AttachmentId, FilterId),
    /// An address by which services know an attachment's address. It accepts only replies to packets from there.
    Client(AttachmentId, Address),
}

/// The next hop of a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NextHop {
    /// To the endpoint that the destination address has in this VRF.
    Deliver(VrfId),
    /// The same, after the source was translated 1:1 to its public address. Without a public address the packet is
    /// dropped.
    Edge(VrfId),
    /// Through a NAT, whose own route table leads on.
    Translate(NatId),
    /// To this attachment, whatever the destination, as to a router (a middlebox).
    Via(AttachmentId),
    /// To the route that another table has for the destination, as through a router with tables of its own. Routes
    /// there over an edge or to services do not apply, and rules that name groups do not match at the other end. A
    /// packet follows at most [`MOST_TABLES`] tables.
    Forward(TableId),
    /// To the service (a resolver, say) at this address of this VRF, or at the packet's destination if there is none.
    /// The source is translated 1:1 first.
    Service(VrfId, Option<Address>),
    /// The packet is dropped, because the route's target no longer exists.
    Blackhole,
}

/// The greatest number of tables that lead a packet on: one for each router, and the last one, which delivers.
pub const MOST_TABLES: usize = 8;

/// One row of a route table. The longest prefix wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The route's destinations. They are unique in its table.
    pub prefix: Prefix,
    /// The VRF of the attachment that the packet leaves by: the path chooses the policy. Only senders with an
    /// attachment there have the route. It is ignored in a table that another route leads to.
    pub from: VrfId,
    /// The next hop.
    pub next_hop: NextHop,
    /// The route's MTU in bytes, if it is less than that of the ports at both ends.
    pub mtu: Option<u16>,
    /// The route's router.
    pub hop: Hop,
}

/// A router as hosts see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hop {
    /// It does not change the time to live, so hosts do not see it.
    #[default]
    Invisible,
    /// It decrements the time to live, and does not answer when that ends.
    Silent,
    /// It decrements the time to live, and answers from this address when that ends.
    Answering(Address),
}

/// A protocol number and, where it has them, ports or type and code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Traffic {
    /// Every IPv4 packet.
    Any,
    /// TCP to these destination ports.
    Tcp(RangeInclusive<u16>),
    /// UDP to these destination ports.
    Udp(RangeInclusive<u16>),
    /// ICMP of this type and code; `None` matches all. A code without a type is ignored.
    Icmp(Option<u8>, Option<u8>),
    /// Any other protocol, by its number.
    Protocol(u8),
}

/// The peer that a filter rule is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Peer {
    /// Addresses, as the packet has them at this end.
    Net(Prefix),
    /// Members of a group, by their own addresses only: a translated or forwarded packet does not match.
    Group(GroupId),
}

/// A rule that allows packets. There are no rules that deny: a packet that no rule allows is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rule {
    /// Its number, by which a [`Step`](super::Step) names it. Rules that are one rule to the controller have the same
    /// number.
    pub id: RuleId,
    /// The packets.
    pub traffic: Traffic,
    /// The peer.
    pub peer: Peer,
}

/// A stateful rule set. Replies to packets that it allowed need no rule.
///
/// A TCP or UDP flow is *untracked* at this end if a rule for 0.0.0.0/0 allows it and a rule for 0.0.0.0/0 allows all
/// traffic in the other direction: the flow lives only as long as both rules do (semantics.md §4.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// Rules for packets to the attachment.
    pub ingress: Vec<Rule>,
    /// Rules for packets from the attachment.
    pub egress: Vec<Rule>,
}

/// One row of an [`Acl`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclRule {
    /// Its number. Rules are tried from the lowest number up.
    pub number: u16,
    /// The packets.
    pub traffic: Traffic,
    /// Source (ingress) or destination (egress) addresses.
    pub net: Prefix,
    /// Whether it allows or denies them.
    pub allow: bool,
}

/// A stateless, ordered rule list: the first match decides, and a packet without a match is denied. Replies need rules
/// of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acl {
    /// Rules for packets that enter the segment.
    pub ingress: Vec<AclRule>,
    /// Rules for packets that leave the segment.
    pub egress: Vec<AclRule>,
}

/// A NAT: many hosts share one address. It replaces the source address and port (or echo identifier), and restores them
/// in replies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nat {
    /// The source address after translation. If it equals `private`, packets do not leave over an edge.
    pub public: Address,
    /// The segment of the NAT. Packets cross its boundary on the way in and out.
    pub segment: Option<SegmentId>,
    /// Its own address inside that segment, as the segment's rules see it.
    pub private: Address,
    /// The route table for translated packets and for their replies.
    pub table: TableId,
    /// Whether it is a router that hosts see. It then decrements the time to live, and answers from its private address
    /// to senders inside and from its public one to senders outside.
    pub visible: bool,
}
