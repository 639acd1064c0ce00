//! The platform's own host: a namespace that no user has, in which the resolver and the metadata service listen. What hosts send
//! there are packets like all others; the address that they come from tells who asks.

mod api;
mod connections;
mod dns;
mod identity;
mod lease;
mod leases;
mod metadata;
mod sockets;

pub use api::PORTS as API_PORTS;
pub use api::certificate::MACHINES as MACHINES_AUTHORITIES;
pub use identity::{Identity, IdentityError};
pub use lease::{CHRONY, DHCLIENT, Lease, NETWORKD, lease};
pub use leases::Leases;

use crate::server::Limits;
use crate::service::Service;
use crate::state::State;
use api::Api;
use metadata::Metadata;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::task::JoinSet;
use wire::PortId;

/// The name of the platform's host, which no host of a user can have.
pub const HOST: &str = "-platform";
/// The resolver of every VPC, beside its own address there (semantics.md §7.1).
pub const RESOLVER: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);
/// The metadata service.
pub const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
/// The API, by its usual names.
pub const API: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 240);
/// The resolver of EC2-Classic (semantics.md §7.1).
pub const CLASSIC_RESOLVER: Ipv4Addr = Ipv4Addr::new(172, 16, 0, 23);
/// The resolver of hosts that are outside the cloud: an address that nobody has on the Internet any more (RFC 7526). On the platform's
/// host the resolver has it for whatever else it is called, so that one host's flows to two of its names have two ways back.
pub const INTERNET_RESOLVER: Ipv4Addr = Ipv4Addr::new(192, 88, 99, 53);

/// The first byte of the addresses by which services know the first addresses of ports.
const FIRST_CLIENTS: u8 = 11;
/// How many addresses of a port they know: what is no address of a unicast packet comes behind (127.0.0.0/8).
const KNOWN_ADDRESSES: u8 = 100;

/// The address by which services know a port's address at this place. It is nobody's but the port's, and seen by services alone:
/// among ports that live at the same time the lower 24 bits of their numbers differ.
pub fn client_address(port: PortId, place: usize) -> Option<Ipv4Addr> {
    let place = u8::try_from(place).ok().filter(|place| *place < KNOWN_ADDRESSES)?;
    let [_, a, b, c] = port.0.to_be_bytes();
    Some(Ipv4Addr::new(FIRST_CLIENTS + place, a, b, c))
}

/// The lower 24 bits of the number of the port that has such an address, and the place of its address.
pub fn client(address: Ipv4Addr) -> Option<(u32, usize)> {
    let [first, a, b, c] = address.octets();
    let place = first.checked_sub(FIRST_CLIENTS).filter(|place| *place < KNOWN_ADDRESSES)?;
    Some((u32::from_be_bytes([0, a, b, c]), usize::from(place)))
}

/// Serves for ever, each service at most so many connections at a time.
pub async fn serve(service: Arc<Service>, state: State, limits: Limits) {
    let api = Api::of(&service, &state, limits);
    let metadata = Metadata::of(&service, &state);
    let mut keeper = sockets::Keeper::new(service.link().hosts(), state);
    let mut serving = JoinSet::new();
    loop {
        tokio::select! {
            // With other sockets others serve; connections that are open go on.
            sockets = keeper.next() => serving = serve_on(sockets, &service, &api, &metadata, limits.platform),
            () = ended(&mut serving) => keeper.reopen().await,
        }
    }
}

/// Serves on these sockets until what is returned is dropped.
fn serve_on(
    sockets: sockets::Sockets,
    service: &Arc<Service>,
    api: &Api,
    metadata: &Arc<Metadata>,
    connections: usize,
) -> JoinSet<()> {
    let mut serving = JoinSet::new();
    for udp in sockets.dns_udp.map(Arc::new) {
        for _ in 0..dns::AT_A_TIME {
            serving.spawn(dns::serve_udp(Arc::clone(&udp), Arc::clone(service)));
        }
    }
    for tcp in sockets.dns_tcp {
        serving.spawn(dns::serve_tcp(tcp, connections, Arc::clone(service)));
    }
    for listener in sockets.api {
        serving.spawn(api.clone().serve(listener, connections));
    }
    serving.spawn(Arc::clone(metadata).serve(sockets.metadata, connections));
    serving
}

/// Returns when one of those who serve for ever does not any more: it has panicked.
async fn ended(serving: &mut JoinSet<()>) {
    match serving.join_next().await {
        Some(Err(error)) => tracing::error!(%error, "a service of the platform failed; it is started again"),
        Some(Ok(())) => tracing::error!("a service of the platform ended; it is started again"),
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_fails_is_missed() {
        let mut serving = JoinSet::new();
        serving.spawn(std::future::pending());
        serving.spawn(async { panic!("as a test does") });
        ended(&mut serving).await;
        assert_eq!(serving.len(), 1);
    }

    #[test]
    fn clients_are_told_apart() {
        for (port, place) in [(1000, 0), (1000, 1), (0x00ff_ffff, 99)] {
            assert_eq!(client(client_address(PortId(port), place).unwrap()), Some((port, place)));
        }
        assert_eq!(client_address(PortId(1000), 100), None);
        assert_eq!([client(METADATA), client(Ipv4Addr::new(10, 0, 0, 1))], [None, None]);
    }
}
