//! The tables as plain data.

use super::{Address, Prefix};
use crate::ids::*;
use serde::{Deserialize, Serialize};
use std::ops::RangeInclusive;

/// How a port's TUN interface talks to the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PortKind {
    /// Several queues, virtio headers, TSO, USO and checksum offload: up to 64 KiB a packet.
    Offload,
    /// One queue, whole packets of at most the MTU, checksums complete: what a wire would carry.
    Plain,
}

/// One TUN interface of one host (a network namespace).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// The host's name: letters, digits, `-`, `_`, `.`.
    pub host: String,
    /// Its place among the host's interfaces, each of which is a port: 0 is `eth0`, the way to everything; 1 is `eth1`, the way of
    /// what is sent from its addresses and of what goes to their networks.
    pub interface: u16,
    /// How the interface is opened.
    pub kind: PortKind,
    /// The largest IPv4 packet, header included, that the interface takes, in bytes.
    pub mtu: u16,
    /// The interface's own addresses with their prefix lengths; the first is the source of its routes.
    pub addresses: Vec<Prefix>,
    /// The route table for what this port sends.
    pub table: TableId,
    /// The address that ICMP errors to this port come from: the host's next hop, as `traceroute` shows it.
    pub router: Address,
}

/// What an interface is called inside its host, by its place among the host's interfaces.
pub fn interface_name(interface: u16) -> String {
    format!("{INTERFACE_PREFIX}{interface}")
}

/// What the names of all interfaces begin with.
pub const INTERFACE_PREFIX: &str = "eth";

/// A port's presence in a VRF: with which addresses, under which rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Whose presence it is.
    pub port: PortId,
    /// Where; a port has at most one attachment in a VRF.
    pub vrf: VrfId,
    /// The addresses that are the port's own here: the source check passes these, and group rules match only these.
    pub addresses: Vec<Address>,
    /// The addresses of `addresses` that have a public one, with it: what 1:1 translation at an edge gives to what leaves (see
    /// [`NextHop::Edge`]).
    pub public: Vec<(Address, Address)>,
    /// The rule sets that hold here (any of them may allow); `None` lets everything pass.
    pub filters: Option<Vec<FilterId>>,
    /// The groups this attachment is a member of.
    pub groups: Vec<GroupId>,
    /// The segment it lies in; traffic within one segment crosses no boundary.
    pub segment: Option<SegmentId>,
    /// Whether packets must be from (sent) or to (received) one of `addresses`.
    pub source_check: bool,
    /// Whether workers keep account of what passes here.
    pub accounted: bool,
}

impl Attachment {
    /// The public address of one of its own addresses.
    pub fn public_of(&self, own: Address) -> Option<Address> {
        self.public.iter().find(|(address, _)| *address == own).map(|(_, public)| *public)
    }
}

/// Attachments behind one boundary, with the stateless rules at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The rules for what enters and leaves the segment.
    pub acl: AclId,
}

/// What a destination address in a VRF stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Endpoint {
    /// The attachment's own address: delivered as it is. The attachment may belong to another VRF, which makes it visible here.
    Own(AttachmentId),
    /// A 1:1 translated address: the destination becomes this one of the attachment's own.
    Public(AttachmentId, Address),
    /// The outside address of a NAT: only replies to what it sent get in.
    Nat(NatId),
    /// A service on the attachment's host, and the filter whose ingress rules say what it offers.
    Service(AttachmentId, FilterId),
    /// An address of the attachment's own as services know it: only replies to what was sent from there get in.
    Client(AttachmentId, Address),
}

/// Where a route leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NextHop {
    /// To the endpoint that the destination address has in this VRF.
    Deliver(VrfId),
    /// The same, the source first translated 1:1 to its public address; without one the packet is dropped.
    Edge(VrfId),
    /// Through a NAT, which has a route table of its own for the way on.
    Translate(NatId),
    /// To this attachment whatever the destination, as to a router (a middlebox).
    Via(AttachmentId),
    /// On, by the route that this table has for the destination: through a router with tables of its own. The sender stays who it is,
    /// so nothing leads over an edge there, nor to services; and nobody's groups are known at the other end. At most
    /// [`MOST_TABLES`] are asked in a row.
    Forward(TableId),
    /// To the service (a resolver, say) at this address of this VRF, or at the destination's own where none is given. The source is
    /// first translated 1:1.
    Service(VrfId, Option<Address>),
    /// The route stands but its target is gone: dropped.
    Blackhole,
}

/// How many tables may lead a packet on, one after the other: one of each router, and the one where the last hands the packet over.
pub const MOST_TABLES: usize = 8;

/// One row of a route table. The longest prefix wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    /// The destinations it is for; unique in its table.
    pub prefix: Prefix,
    /// The sender leaves by its attachment in this VRF: the path chooses the policy. A sender without one has no such route. It
    /// says nothing in a table that a packet is led on to.
    pub from: VrfId,
    /// Where it leads.
    pub next_hop: NextHop,
    /// The largest IPv4 packet this way takes, in bytes, where that is less than the ports at both ends take.
    pub mtu: Option<u16>,
    /// The router on this way.
    pub hop: Hop,
}

/// A router on a way, as hosts see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Hop {
    /// It leaves the time to live as it is: nobody sees it.
    #[default]
    Invisible,
    /// It takes one from the time to live, and tells nobody when that runs out.
    Silent,
    /// It takes one from the time to live, and tells the sender from this address when that runs out.
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
    /// ICMP of this type and code; `None` is every one. A code without a type means nothing and matches every type.
    Icmp(Option<u8>, Option<u8>),
    /// Any other protocol, by its number, ports regardless.
    Protocol(u8),
}

/// The other end that a filter rule speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Peer {
    /// Addresses, as they stand in the packet at this end.
    Net(Prefix),
    /// Members of a group, by their own addresses only: never translated, never forwarded on behalf of another.
    Group(GroupId),
}

/// One permission. There are no denials: what nothing allows is dropped.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Rule {
    /// Its number, by which a [`Step`](super::Step) names it; the same for rules that are one to the controller.
    pub id: RuleId,
    /// Which packets.
    pub traffic: Traffic,
    /// From or to whom.
    pub peer: Peer,
}

/// A stateful rule set; replies to what it let pass need no rule of their own.
///
/// A TCP or UDP flow admitted by a rule for 0.0.0.0/0 while the other direction allows everything to 0.0.0.0/0 is *untracked* at
/// this end: it lives only as long as both rules do (semantics.md §4.3).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// What may come in.
    pub ingress: Vec<Rule>,
    /// What may go out.
    pub egress: Vec<Rule>,
}

/// One row of an [`Acl`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AclRule {
    /// Its place: rules are tried from the lowest number up.
    pub number: u16,
    /// Which packets.
    pub traffic: Traffic,
    /// Source (ingress) or destination (egress) addresses.
    pub net: Prefix,
    /// Whether they pass.
    pub allow: bool,
}

/// A stateless, ordered rule list: the first match decides, no match denies. Replies need rules of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acl {
    /// For what enters the segment.
    pub ingress: Vec<AclRule>,
    /// For what leaves the segment.
    pub egress: Vec<AclRule>,
}

/// Many hosts behind one address: the source address and port (or echo identifier) are replaced, and replies find back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nat {
    /// The source address of what leaves. One that is `private`, too, does not go out by an edge.
    pub public: Address,
    /// The segment it lies in, whose boundary packets cross on the way in and out.
    pub segment: Option<SegmentId>,
    /// Its own address inside that segment, as the segment's rules see it.
    pub private: Address,
    /// The route table for the way on, and for replies on their way back.
    pub table: TableId,
    /// Whether it is a router that hosts see: it takes one from the time to live, and tells from its private address who sends out,
    /// and from its public one who sends in.
    pub visible: bool,
}
