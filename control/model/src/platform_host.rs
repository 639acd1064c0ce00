//! The platform's own host: its name, its services' addresses, and the addresses by which the services know their clients.

use std::net::Ipv4Addr;
use wire::PortId;

/// The name of the platform's host. No user's host can have it.
pub const HOST: &str = "-platform";
/// The resolver of every VPC. It has another address in the VPC's own block (semantics.md §7.1).
pub const RESOLVER: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);
/// The metadata service.
pub const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
/// The time service.
pub const TIME: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 123);
/// The API, for clients in hosts.
pub const API: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 240);
/// The ports of the API: HTTP and HTTPS.
pub const API_PORTS: [u16; 2] = [80, 443];
/// The resolver of EC2-Classic (semantics.md §7.1).
pub const CLASSIC_RESOLVER: Ipv4Addr = Ipv4Addr::new(172, 16, 0, 23);
/// The resolver of hosts outside the cloud, at an address that nobody uses on the Internet any more (RFC 7526). On the
/// platform's host it also stands for all other addresses of the resolver, so that the flows of a host to two of them differ.
pub const INTERNET_RESOLVER: Ipv4Addr = Ipv4Addr::new(192, 88, 99, 53);

/// The first byte of the addresses by which services know the first addresses of ports.
const FIRST_CLIENTS: u8 = 11;
/// How many addresses of a port the services can know. Beyond them is 127.0.0.0/8, which no packet may have.
const KNOWN_ADDRESSES: u8 = 100;

/// The address by which services know the address of a port at this index. Only services see it. It is unique, because the
/// lower 24 bits of the numbers of existing ports differ. `None` if the index is too large.
pub fn client_address(port: PortId, place: usize) -> Option<Ipv4Addr> {
    let place = u8::try_from(place).ok().filter(|place| *place < KNOWN_ADDRESSES)?;
    let [_, a, b, c] = port.0.to_be_bytes();
    Some(Ipv4Addr::new(FIRST_CLIENTS + place, a, b, c))
}

/// The port with such an address, by the lower 24 bits of its number, and the index of its own address.
pub fn client(address: Ipv4Addr) -> Option<(u32, usize)> {
    let [first, a, b, c] = address.octets();
    let place = first.checked_sub(FIRST_CLIENTS).filter(|place| *place < KNOWN_ADDRESSES)?;
    Some((u32::from_be_bytes([0, a, b, c]), usize::from(place)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_told_apart() {
        for (port, place) in [(1000, 0), (1000, 1), (0x00ff_ffff, 99)] {
            assert_eq!(client(client_address(PortId(port), place).unwrap()), Some((port, place)));
        }
        assert_eq!(client_address(PortId(1000), 100), None);
        assert_eq!([client(METADATA), client(Ipv4Addr::new(10, 0, 0, 1))], [None, None]);
    }
}
