//! Why a packet was dropped and what is to blame, in words, so that a person knows what to change.

use super::names::Names;
use wire::{AttachmentId, Culprit, Drop, DropReason};

/// The reason and the culprit in words. The reason's name is not repeated, because it is shown beside them.
pub(crate) fn blame(names: &Names<'_>, drop: Drop) -> String {
    match (drop.reason, drop.culprit) {
        (DropReason::EgressFilter, Culprit::Attachment(id)) => {
            format!("no rule lets it out of {} (groups: {})", names.attachment(id), groups(names, id))
        }
        (DropReason::IngressFilter, Culprit::Attachment(id)) => {
            format!("no rule lets it in to {} (groups: {})", names.attachment(id), groups(names, id))
        }
        (DropReason::SourceCheck, Culprit::Attachment(id)) => {
            format!("its source address is not one of {}", names.attachment(id))
        }
        (DropReason::DestinationCheck, Culprit::Attachment(id)) => {
            format!("{} forwards nothing while its source/destination check is on", names.attachment(id))
        }
        (DropReason::NoPublicAddress, Culprit::Attachment(id)) => {
            let without = || format!("{} has no public address to leave by", names.attachment(id));
            names.blocked_interface(id).unwrap_or_else(without)
        }
        (DropReason::NotAttached, Culprit::Attachment(id)) => {
            format!("its route leads through {}, which the sender does not have", names.attachment(id))
        }
        (DropReason::NoSuchAddress, Culprit::Address(vrf, address)) => match names.classic_service(vrf, address) {
            Some(host) => format!(
                "{address} is {}, a service of EC2-Classic, which VPCs cannot use through ClassicLink: nobody has it in {}",
                host.id,
                names.vrf(vrf)
            ),
            None => {
                let nobody = || format!("nobody has {address} in {}", names.vrf(vrf));
                names.blocked_address(vrf, address).unwrap_or_else(nobody)
            }
        },
        (DropReason::NoService, Culprit::Route(table, prefix)) => {
            format!(
                "{prefix} in {} is the platform's, which has no service of that address and port",
                names.table(table)
            )
        }
        (DropReason::NoRoute, Culprit::Table(table)) => format!("there is no route in {}", names.table(table)),
        (DropReason::Blackhole, Culprit::Route(table, prefix)) => {
            let gone = || format!("the target of {prefix} in {} is gone", names.table(table));
            names.nowhere(table, prefix).unwrap_or_else(gone)
        }
        (DropReason::Blackhole, Culprit::Nat(id)) => format!("{} is gone", names.nat(id)),
        (DropReason::NoTranslation, Culprit::Nat(id)) => {
            format!("{} carries TCP, UDP and ICMP queries that leave through it, and their replies", names.nat(id))
        }
        (DropReason::PortsExhausted, Culprit::Nat(id)) => {
            format!("all ports of {} towards this destination are in use", names.nat(id))
        }
        (DropReason::UnknownConnection, Culprit::Nat(id)) => {
            let nat = names.nat(id);
            format!("{nat} knows no such connection (idle for too long, or begun elsewhere); the sender got a RST")
        }
        (DropReason::FlowShare, Culprit::Port(port)) => {
            let host = names.host(port);
            format!(
                "{host} has its share of all connections, each of them answered (`classiclink help up` tells of shares)"
            )
        }
        (DropReason::PortUnavailable, Culprit::Port(port)) => {
            format!("the interface of {} is gone, down, or its queue is full", names.host(port))
        }
        (DropReason::ImpairedLoss, Culprit::Port(port)) => {
            format!("the bad network of {} has lost it, as was asked for", names.host(port))
        }
        (DropReason::ImpairedQueue, Culprit::Port(port)) => {
            format!("the bad network of {} has more than it carries", names.host(port))
        }
        (_, Culprit::Acl(_, acl, Some(rule))) => format!("rule {rule} of {} denies it", names.acl(acl)),
        (_, Culprit::Acl(_, acl, None)) => format!("no rule of {} allows it", names.acl(acl)),
        (reason, culprit) => match place(names, culprit) {
            Some(place) => format!("{} ({place})", words(reason)),
            None => words(reason).to_owned(),
        },
    }
}

/// The culprit in words, where it adds to the reason.
fn place(names: &Names<'_>, culprit: Culprit) -> Option<String> {
    match culprit {
        Culprit::Packet | Culprit::FlowTable => None,
        Culprit::Port(port) => Some(names.host(port)),
        Culprit::Table(table) => Some(names.table(table)),
        Culprit::Route(table, prefix) => Some(format!("{prefix} in {}", names.table(table))),
        Culprit::Attachment(id) => Some(names.attachment(id)),
        Culprit::Address(vrf, address) => Some(format!("{address} in {}", names.vrf(vrf))),
        Culprit::Acl(_, acl, _) => Some(names.acl(acl)),
        Culprit::Nat(id) => Some(names.nat(id)),
    }
}

/// The reason in words. "It" is the packet.
fn words(reason: DropReason) -> &'static str {
    match reason {
        DropReason::Malformed => "its headers contradict themselves or its length",
        DropReason::ImpossibleOffload => "its length or headers contradict what its virtio header says of it",
        DropReason::NotIpv4 => "only IPv4 is carried",
        DropReason::SourceRouted => "it wants to choose its own route (IP option source route)",
        DropReason::Martian => "its source or destination is not an address that packets may have here",
        DropReason::SourceCheck => "its source address is not the sender's",
        DropReason::DestinationCheck => "its receiver does not forward packets for others",
        DropReason::NoRoute => "there is no route to its destination",
        DropReason::Blackhole => "the target of its route is gone",
        DropReason::NotAttached => "its sender is not where its route begins",
        DropReason::NoSuchAddress => "nobody has its destination address",
        DropReason::NoPublicAddress => "its sender has no public address",
        DropReason::NoTranslation => "nothing translates its addresses",
        DropReason::PortsExhausted => "all ports for its translation are in use",
        DropReason::UnknownConnection => "it is part of no known connection, and opens none; the sender got a RST",
        DropReason::NoService => "the platform has no service of that address and port",
        DropReason::ServiceRate => "its sender asks the platform's services for more than 1,024 packets a second",
        DropReason::EgressFilter => "no rule lets it out",
        DropReason::IngressFilter => "no rule lets it in",
        DropReason::EgressAcl => "a network ACL does not let it out",
        DropReason::IngressAcl => "a network ACL does not let it in",
        DropReason::FragmentWithoutFirst => "it is a fragment of a datagram whose beginning has not come",
        DropReason::FragmentOverlap => "it is a fragment that overlaps another or makes its datagram too long",
        DropReason::FragmentOfDropped => "it is a fragment of a datagram whose beginning was dropped",
        DropReason::TtlExpired => "its time to live has run out",
        DropReason::MtuExceeded => "it is larger than the MTU of its path and may not be fragmented",
        DropReason::UnrelatedError => "it is an ICMP error about a packet that was never sent",
        DropReason::FlowShare => "its sender has its share of all connections, each of them answered",
        DropReason::FlowTableFull => "the flow table is full of established connections",
        DropReason::ImpairedLoss => "a bad network has lost it, as was asked for",
        DropReason::ImpairedQueue => "a bad network has more than it carries",
        DropReason::PortUnavailable => "the receiver's interface is gone, down, or its queue is full",
    }
}

fn groups(names: &Names<'_>, id: AttachmentId) -> String {
    match names.groups_at(id) {
        none if none.is_empty() => "none".to_owned(),
        some => some,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Model;
    use std::net::Ipv4Addr;
    use wire::{NatId, PortId, TableId, VrfId};

    #[test]
    fn words_never_repeat_the_name_of_the_reason() {
        let model = Model::new(1);
        let names = Names::of(&model);
        let (table, net) = (TableId(7), "10.0.0.0/8".parse().unwrap());
        let culprits = [
            Culprit::Packet,
            Culprit::Port(PortId(7)),
            Culprit::Table(table),
            Culprit::Route(table, net),
            Culprit::Attachment(AttachmentId(7)),
            Culprit::Address(VrfId(7), Ipv4Addr::LOCALHOST),
            Culprit::Nat(NatId(7)),
            Culprit::FlowTable,
        ];
        for reason in DropReason::ALL.iter().copied() {
            for culprit in culprits {
                let told = blame(&names, Drop { reason, culprit });
                assert!(!told.contains(reason.name()) && !told.contains("itself"), "{reason}: {told}");
            }
        }
    }
}
