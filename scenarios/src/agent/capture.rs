//! Raw packets (packet(7)): those that the host's interfaces have received, and those that are injected there.

use super::protocol::PacketPattern;
use nix::libc;
use socket2::{Domain, Protocol, SockAddr, SockAddrStorage, Socket, Type};
use std::collections::VecDeque;
use std::io;
use std::mem::MaybeUninit;
use std::net::Ipv4Addr;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// How many packets are remembered.
const REMEMBERED: usize = 4096;
/// How many bytes of each packet are remembered.
const SNAP_LENGTH: usize = 256;

/// The packets received last.
pub struct Capture(Arc<(Mutex<VecDeque<Vec<u8>>>, Condvar)>);

impl Capture {
    /// Remembers packets from now on.
    pub fn start() -> io::Result<Self> {
        let socket = packet_socket(libc::ETH_P_ALL as u16)?;
        let seen = Arc::new((Mutex::new(VecDeque::new()), Condvar::new()));
        let writer = seen.clone();
        thread::spawn(move || {
            let mut buffer = [MaybeUninit::uninit(); SNAP_LENGTH];
            loop {
                let Ok((length, from)) = socket.recv_from(&mut buffer) else { continue };
                // SAFETY: an AF_PACKET socket's sender address is a sockaddr_ll, which is smaller than the storage behind it.
                let kind = unsafe { (*from.as_ptr().cast::<libc::sockaddr_ll>()).sll_pkttype };
                if kind == libc::PACKET_OUTGOING {
                    continue;
                }
                // SAFETY: the kernel has written the first `length` bytes.
                let bytes = buffer[..length].iter().map(|byte| unsafe { byte.assume_init() }).collect();
                let mut packets = writer.0.lock().unwrap_or_else(PoisonError::into_inner);
                if packets.len() == REMEMBERED {
                    packets.pop_front();
                }
                packets.push_back(bytes);
                writer.1.notify_all();
            }
        });
        Ok(Self(seen))
    }

    /// Whether a matching packet has arrived, or arrives within `patience`.
    pub fn wait_for(&self, pattern: &PacketPattern, patience: Duration) -> bool {
        let packets = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = |packets: &mut VecDeque<Vec<u8>>| !packets.iter().any(|packet| matches(pattern, packet));
        let (_packets, result) =
            self.0.1.wait_timeout_while(packets, patience, waiting).unwrap_or_else(PoisonError::into_inner);
        !result.timed_out()
    }
}

/// Whether an IPv4 packet matches.
fn matches(pattern: &PacketPattern, packet: &[u8]) -> bool {
    let header = usize::from(packet.first().map_or(0, |byte| byte & 0xf)) * 4;
    let port = |at: usize| packet.get(header + at..header + at + 2).map(|port| u16::from_be_bytes([port[0], port[1]]));
    let source = packet.get(12..16).map(|octets| Ipv4Addr::new(octets[0], octets[1], octets[2], octets[3]));
    let with_text = |text: &String| packet.windows(text.len()).any(|window| window == text.as_bytes());
    pattern.protocol.is_none_or(|protocol| packet.get(9) == Some(&protocol))
        && pattern.source.is_none_or(|wanted| source == Some(wanted))
        && pattern.icmp_type.is_none_or(|kind| packet.get(header) == Some(&kind))
        && pattern.port.is_none_or(|wanted| [port(0), port(2)].contains(&Some(wanted)))
        && pattern.text.as_ref().is_none_or(with_text)
}

/// Sends packets, from their network headers on, by an interface.
pub fn inject(interface: &str, ether_type: u16, packets: &[Vec<u8>]) -> io::Result<()> {
    let socket = packet_socket(0)?;
    let index = nix::net::if_::if_nametoindex(interface)?;
    let mut storage = SockAddrStorage::zeroed();
    // SAFETY: the storage is larger than a sockaddr_ll, zeroed, and aligned for every kind of socket address.
    let address = unsafe {
        let link = &mut *(&raw mut storage).cast::<libc::sockaddr_ll>();
        link.sll_family = libc::AF_PACKET as u16;
        link.sll_protocol = ether_type.to_be();
        link.sll_ifindex = index as i32;
        SockAddr::new(storage, size_of::<libc::sockaddr_ll>() as libc::socklen_t)
    };
    packets.iter().try_for_each(|packet| socket.send_to(packet, &address).map(drop))
}

fn packet_socket(ether_type: u16) -> io::Result<Socket> {
    Socket::new(Domain::PACKET, Type::DGRAM, Some(Protocol::from(i32::from(ether_type.to_be()))))
}
