//! The platform's own host, and how other hosts reach its services: through an attachment of their own, without groups
//! and without a network ACL. Each client has an address that only the services see.

use super::row::row;
use super::rules::IMPLICIT;
use ipnet::Ipv4Net;
use model::platform_host::{API, API_PORTS, HOST, INTERNET_RESOLVER, METADATA, RESOLVER, TIME, client_address};
use model::{INTERNET_ROUTER, PLATFORM};
use std::net::Ipv4Addr;
use wire::{
    Attachment, AttachmentId, Endpoint, Entry, Few, Filter, FilterId, NextHop, Peer, Port, PortId, PortKind, Route,
    Rule, SERVICES, TableId, Traffic, VrfId,
};

/// The address space of services and their clients.
const SPACE: VrfId = VrfId(PLATFORM);
/// Link-local addresses. Every instance has the same services there (semantics.md §5.3).
pub(super) const LINK_LOCAL: Ipv4Net = Ipv4Net::new_assert(Ipv4Addr::new(169, 254, 0, 0), 16);
/// What each of its services takes: the resolver, the metadata service, the API, the time service.
pub(crate) const FILTERS: [FilterId; 4] =
    [FilterId(PLATFORM), FilterId(PLATFORM + 1), FilterId(PLATFORM + 2), FilterId(PLATFORM + 3)];
/// The MTU of the platform's host in bytes: that of the smallest of its clients.
const MTU: u16 = 1500;

/// The route to the services at their link-local addresses.
pub(super) fn services() -> Route {
    row(LINK_LOCAL, SPACE, NextHop::Service(SPACE, None))
}

/// The route to the resolver at another address. The resolver has a separate address for it, so that a client that asks
/// at both from one source port gets each answer from the right one.
pub(super) fn resolver(address: Ipv4Addr) -> Route {
    row(address.into(), SPACE, NextHop::Service(SPACE, Some(INTERNET_RESOLVER)))
}

/// The entries of the platform's host. It answers and begins no flows.
pub(super) fn host() -> Vec<Entry> {
    let (attachment, table) = (AttachmentId(PLATFORM), TableId(PLATFORM));
    let [queries, requests, calls, times] = FILTERS;
    let services =
        [(RESOLVER, queries), (INTERNET_RESOLVER, queries), (METADATA, requests), (API, calls), (TIME, times)];
    let addresses: Vec<Ipv4Addr> = services.iter().map(|(address, _)| *address).collect();
    let port = Port {
        host: HOST.into(),
        interface: 0,
        boot: 0,
        kind: PortKind::Offload,
        mtu: MTU,
        addresses: addresses.iter().copied().map(Ipv4Net::from).collect(),
        table,
        router: INTERNET_ROUTER,
    };
    let attached = Attachment { filters: Some(Few::from_iter(FILTERS)), ..client(SERVICES, addresses, Vec::new()) };
    let mut entries = vec![
        Entry::Table(table, vec![row(Ipv4Net::default(), SPACE, NextHop::Deliver(SPACE))]),
        Entry::Port(SERVICES, port),
        Entry::Attachment(attachment, attached),
    ];
    let offered = [
        (queries, vec![Traffic::Udp(53..=53), Traffic::Tcp(53..=53)]),
        (requests, vec![Traffic::Tcp(80..=80)]),
        (calls, API_PORTS.map(|port| Traffic::Tcp(port..=port)).to_vec()),
        (times, vec![Traffic::Udp(123..=123)]),
    ];
    entries.extend(offered.map(|(filter, offered)| {
        let ingress =
            offered.into_iter().map(|traffic| Rule { id: IMPLICIT, traffic, peer: Peer::Net(Ipv4Net::default()) });
        Entry::Filter(filter, Filter { ingress: ingress.collect(), egress: Vec::new() })
    }));
    let endpoint = |(address, filter)| Entry::Address(SPACE, address, Endpoint::Service(attachment, filter));
    entries.extend(services.map(endpoint));
    entries
}

/// The attachment by which services know a port. It has the port's number.
pub(super) fn clients(port: PortId, addresses: impl IntoIterator<Item = Ipv4Addr>) -> Vec<Entry> {
    let known = addresses.into_iter().enumerate();
    let known: Vec<_> = known.filter_map(|(i, own)| Some((own, client_address(port, i)?))).collect();
    let attachment = AttachmentId(port.0);
    let own = known.iter().map(|(own, _)| *own).collect();
    let endpoint =
        |(own, known): &(Ipv4Addr, Ipv4Addr)| Entry::Address(SPACE, *known, Endpoint::Client(attachment, *own));
    let addresses: Vec<_> = known.iter().map(endpoint).collect();
    let attached = Entry::Attachment(attachment, client(port, own, known));
    std::iter::once(attached).chain(addresses).collect()
}

/// An attachment to the services' address space. `public` has the addresses by which services know a client.
fn client(port: PortId, addresses: Vec<Ipv4Addr>, public: Vec<(Ipv4Addr, Ipv4Addr)>) -> Attachment {
    Attachment {
        port,
        vrf: SPACE,
        addresses: addresses.into(),
        public,
        filters: None,
        groups: Few::new(),
        segment: None,
        source_check: true,
        accounted: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_resolver_has_one_address_for_its_own_and_one_for_others() {
        let NextHop::Service(_, Some(address)) = resolver(Ipv4Addr::new(10, 0, 0, 2)).next_hop else { panic!() };
        assert_ne!(address, RESOLVER);
        let host = host();
        for address in [RESOLVER, address] {
            let is_there = |entry: &Entry| matches!(entry, Entry::Address(SPACE, at, _) if *at == address);
            assert!(host.iter().any(is_there), "{address}");
        }
    }
}
