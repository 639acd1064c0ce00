//! A flood of SYNs, each with another 5-tuple: the worst that one host can do with one thread.

use etherparse::PacketBuilder;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, sendto, socket};
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Source ports of the flood.
const SOURCE_PORTS: u32 = 60_000;
/// Number of destination ports: 1.2 million 5-tuples before one is repeated.
const DESTINATION_PORTS: u32 = 20;
/// The first destination port.
const FIRST_DESTINATION_PORT: u32 = 10_000;
/// The first source port.
const FIRST_SOURCE_PORT: u32 = 4_000;

/// A running flood.
#[derive(Default)]
pub struct Flood(Option<Arc<AtomicBool>>);

impl Flood {
    /// Sends SYNs to a host until [`end`](Self::end).
    pub fn start(&mut self, to: Ipv4Addr) -> io::Result<()> {
        self.end();
        let from = own_address(to)?;
        // raw(7): the program supplies the IP header of packets of this protocol.
        let raw = socket(AddressFamily::Inet, SockType::Raw, SockFlag::SOCK_CLOEXEC, SockProtocol::Raw)?;
        let ended = Arc::new(AtomicBool::new(false));
        self.0 = Some(Arc::clone(&ended));
        let destination = SockaddrIn::from(SocketAddrV4::new(to, 0));
        thread::spawn(move || {
            for number in (0..SOURCE_PORTS * DESTINATION_PORTS).cycle() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                // A full queue drops the packet, and the flood continues.
                let _ = sendto(raw.as_raw_fd(), &syn(from, to, number), &destination, MsgFlags::empty());
            }
        });
        Ok(())
    }

    /// Ends the flood.
    pub fn end(&mut self) {
        if let Some(ended) = self.0.take() {
            ended.store(true, Ordering::Relaxed);
        }
    }
}

/// The source address of this host's packets to another host.
fn own_address(to: Ipv4Addr) -> io::Result<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect((to, 9))?;
    match socket.local_addr()?.ip() {
        IpAddr::V4(address) => Ok(address),
        IpAddr::V6(_) => Err(io::ErrorKind::AddrNotAvailable.into()),
    }
}

fn syn(from: Ipv4Addr, to: Ipv4Addr, number: u32) -> Vec<u8> {
    let source = (FIRST_SOURCE_PORT + number % SOURCE_PORTS) as u16;
    let destination = (FIRST_DESTINATION_PORT + number / SOURCE_PORTS) as u16;
    let builder = PacketBuilder::ipv4(from.octets(), to.octets(), 64).tcp(source, destination, number, 64_240).syn();
    let mut packet = Vec::with_capacity(40);
    // Writing to a vector cannot fail.
    let _ = builder.write(&mut packet, &[]);
    packet
}
