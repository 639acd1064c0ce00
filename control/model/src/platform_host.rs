//! The platform's own host: its name, its addresses, and the addresses by which it knows its clients.

use std::net::Ipv4Addr;
use wire::PortId;

/// The name of the platform's host, which no host of a user can have.
pub const HOST: &str = "-platform";
/// The resolver of every VPC, beside its own address there (semantics.md §7.1).
pub const RESOLVER: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);
/// The metadata service.
pub const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);
/// The API, by its usual names.
pub const API: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 240);
/// Its ports: plain, and with TLS.
pub const API_PORTS: [u16; 2] = [80, 443];
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
