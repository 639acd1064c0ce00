//! Every way a packet can end without being delivered.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal;)*) => {
        /// Why a packet was dropped. One packet, one reason.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[repr(u8)]
        pub enum DropReason {
            $($(#[doc = $doc])* $name,)*
        }

        impl DropReason {
            /// All reasons, in the order of their numbers.
            pub const ALL: &'static [DropReason] = &[$(DropReason::$name,)*];

            /// The reason's name in messages and scenarios, in kebab case. Its serde name is the same.
            pub fn name(self) -> &'static str {
                match self { $(DropReason::$name => $text,)* }
            }
        }
    };
}

reasons! {
    /// Shorter than its headers say, or with a wrong version, header length or header checksum.
    Malformed = "malformed";
    /// The virtio header's offload contradicts the packet's lengths, protocol or checksum position, or has more
    /// segments than Linux ever makes.
    ImpossibleOffload = "impossible-offload";
    /// IPv6 or any other protocol than IPv4.
    NotIpv4 = "not-ipv4";
    /// Carries a source route option.
    SourceRouted = "source-routed";
    /// A source or destination that no unicast packet may have: multicast, broadcast, loopback, 0.0.0.0/8, 240.0.0.0/4;
    /// or a private source from beyond an edge.
    Martian = "martian";
    /// Sent from an address that is not the sender's own.
    SourceCheck = "source-check";
    /// Delivered to a host that does not have the destination address and does not forward.
    DestinationCheck = "destination-check";
    /// The sender's route table has no route for the destination.
    NoRoute = "no-route";
    /// The route's target no longer exists.
    Blackhole = "blackhole";
    /// The route leads through an attachment that the sender does not have.
    NotAttached = "not-attached";
    /// No endpoint has the destination address in the address space that the route leads to.
    NoSuchAddress = "no-such-address";
    /// The route leads out by 1:1 translation and the sender has no public address.
    NoPublicAddress = "no-public-address";
    /// The destination is a NAT's address and no flow left through the NAT to this sender; or the packet would leave
    /// through a NAT and is neither TCP, UDP nor an ICMP query, so that its replies could not return.
    NoTranslation = "no-translation";
    /// All ports of a NAT towards this destination are in use.
    PortsExhausted = "ports-exhausted";
    /// A TCP packet that does not open a connection, at a NAT that knows no connection for it: the connection was idle
    /// for too long, or began elsewhere. A RST answered the sender.
    UnknownConnection = "unknown-connection";
    /// The destination is an address of services, and none has that protocol and port.
    NoService = "no-service";
    /// The sender exceeds the rate of requests to services: 1,024 packets a second.
    ServiceRate = "service-rate";
    /// No egress rule at the sender allows it.
    EgressFilter = "egress-filter";
    /// No ingress rule at the receiver allows it.
    IngressFilter = "ingress-filter";
    /// The stateless rules of the segment it leaves deny it.
    EgressAcl = "egress-acl";
    /// The stateless rules of the segment it enters deny it.
    IngressAcl = "ingress-acl";
    /// A later fragment of a datagram whose first fragment was not seen.
    FragmentWithoutFirst = "fragment-without-first";
    /// A fragment that overlaps another of its datagram, makes the datagram longer than 65,535 bytes, or leaves too
    /// many gaps in it.
    FragmentOverlap = "fragment-overlap";
    /// A later fragment of a datagram whose first fragment was dropped.
    FragmentOfDropped = "fragment-of-dropped";
    /// Its time to live ended at a router. The router answered the sender if it sends ICMP errors.
    TtlExpired = "ttl-expired";
    /// Exceeds the path's MTU and must not be fragmented. An ICMP error answered the sender.
    MtuExceeded = "mtu-exceeded";
    /// An ICMP error about a packet that did not leave through this NAT.
    UnrelatedError = "unrelated-error";
    /// The sender has used its share of the flow table, all of it for answered flows. It can begin another when one
    /// ends.
    FlowShare = "flow-share";
    /// The flow table is full of answered flows.
    FlowTableFull = "flow-table-full";
    /// The receiver's interface did not take it: it is gone, it is down, or its queue is full.
    PortUnavailable = "port-unavailable";
    /// Lost on an impaired network, as was asked for.
    ImpairedLoss = "impaired-loss";
    /// It would have waited too long for its turn on an impaired network, or too many bytes are in transit there.
    ImpairedQueue = "impaired-queue";
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
