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

            /// The name that people and scenarios use, in kebab case; the same as its serde name.
            pub fn name(self) -> &'static str {
                match self { $(DropReason::$name => $text,)* }
            }
        }
    };
}

reasons! {
    /// Shorter than its headers say, or a bad version, header length or header checksum.
    Malformed = "malformed";
    /// What its sender left to be done for it (a checksum, cutting it into segments) contradicts its own lengths, its protocol or where
    /// its checksum is; or it stands for more packets than Linux ever makes of one.
    ImpossibleOffload = "impossible-offload";
    /// IPv6 or another protocol that is not IPv4.
    NotIpv4 = "not-ipv4";
    /// Carries a source route option.
    SourceRouted = "source-routed";
    /// A source or destination that no unicast packet may have: multicast, broadcast, loopback, 0.0.0.0/8, 240.0.0.0/4; or a private
    /// source from beyond an edge.
    Martian = "martian";
    /// Sent from an address that is not the sender's own.
    SourceCheck = "source-check";
    /// Handed to a host that is not its destination and does not forward.
    DestinationCheck = "destination-check";
    /// The sender's route table has no route for the destination.
    NoRoute = "no-route";
    /// The route's target is gone.
    Blackhole = "blackhole";
    /// The route leads through an attachment that the sender does not have.
    NotAttached = "not-attached";
    /// Nobody has the destination address in the address space the route leads to.
    NoSuchAddress = "no-such-address";
    /// The route leads out by 1:1 translation and the sender has no public address.
    NoPublicAddress = "no-public-address";
    /// The destination is a NAT's address and no flow of its own led out of it; or the packet goes out through one and is
    /// neither TCP nor UDP nor an ICMP query, so that its replies could not find back.
    NoTranslation = "no-translation";
    /// All ports of a NAT towards this destination are taken.
    PortsExhausted = "ports-exhausted";
    /// A TCP packet that opens no connection, at a NAT that knows none for it: it was idle for too long, or began elsewhere.
    /// The sender was told with a RST.
    UnknownConnection = "unknown-connection";
    /// The destination is kept for services, and none is there, or none of that protocol and port.
    NoService = "no-service";
    /// The sender asks more of services than they answer: 1,024 packets a second.
    ServiceRate = "service-rate";
    /// No egress rule at the sender allows it.
    EgressFilter = "egress-filter";
    /// No ingress rule at the receiver allows it.
    IngressFilter = "ingress-filter";
    /// The stateless rules of the segment it leaves deny it.
    EgressAcl = "egress-acl";
    /// The stateless rules of the segment it enters deny it.
    IngressAcl = "ingress-acl";
    /// A later fragment whose first fragment was not seen.
    FragmentWithoutFirst = "fragment-without-first";
    /// A fragment that overlaps another of its datagram, makes it longer than 65,535 bytes, or leaves it with too many gaps.
    FragmentOverlap = "fragment-overlap";
    /// A later fragment of a datagram whose first fragment was dropped.
    FragmentOfDropped = "fragment-of-dropped";
    /// Its time to live ran out here; the sender was told.
    TtlExpired = "ttl-expired";
    /// Larger than the way takes and not to be fragmented; the sender was told.
    MtuExceeded = "mtu-exceeded";
    /// An ICMP error about a packet that was never sent this way through a NAT.
    UnrelatedError = "unrelated-error";
    /// The sender has its share of the flow table, all of it flows that were answered: it may begin no other until one ends.
    FlowShare = "flow-share";
    /// The flow table is full of flows that were answered.
    FlowTableFull = "flow-table-full";
    /// The receiver's interface did not take it: gone, down, or its queue full.
    PortUnavailable = "port-unavailable";
    /// Lost on the bad network of its sender or its receiver, as that was asked for.
    ImpairedLoss = "impaired-loss";
    /// It would have waited too long for its turn on a bad network, or too many bytes are on their way there.
    ImpairedQueue = "impaired-queue";
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
