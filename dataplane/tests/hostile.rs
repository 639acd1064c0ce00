//! A hostile host that writes arbitrary packets and virtio headers to its interface, beside others that communicate.

#![allow(clippy::unwrap_used)] // A test that cannot go on should stop here.

mod support;

use dataplane::agent::Agent;
use dataplane::packet::VirtioHeader;
use etherparse::PacketBuilder;
use nix::libc;
use nix::sys::socket::{AddressFamily, MsgFlags, SockFlag, SockType, socket};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd};
use std::thread;
use std::time::Duration;
use support::{Sandbox, port};
use wire::{DropReason, Port, PortKind, Reply, Request, Status};

const HOSTILE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const A: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const B: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 3);
const PATIENCE: Duration = Duration::from_secs(10);

/// A packet socket with virtio headers. The host's interface accepts whatever header it writes.
struct Forger(OwnedFd, u32);

impl Forger {
    fn new(sandbox: &Sandbox, host: &str) -> Self {
        let opened = sandbox.inside(host, || {
            let packets = socket(AddressFamily::Packet, SockType::Raw, SockFlag::SOCK_CLOEXEC, None)?;
            let on: libc::c_int = 1;
            // SAFETY: the socket is open; `on` is what the option reads, and lives through the call.
            let set = unsafe {
                let length = size_of::<libc::c_int>() as libc::socklen_t;
                let value = (&raw const on).cast();
                libc::setsockopt(packets.as_raw_fd(), libc::SOL_PACKET, libc::PACKET_VNET_HDR, value, length)
            };
            nix::errno::Errno::result(set)?;
            Ok(Self(packets, nix::net::if_::if_nametoindex("eth0")?))
        });
        opened.unwrap()
    }

    /// Sends a packet with this virtio header. The host's own kernel may refuse it.
    fn send(&self, header: VirtioHeader, packet: &[u8]) -> io::Result<()> {
        let bytes = [&header.bytes()[..], packet].concat();
        let to = libc::sockaddr_ll {
            sll_family: libc::AF_PACKET as u16,
            sll_protocol: (libc::ETH_P_IP as u16).to_be(),
            sll_ifindex: self.1 as i32,
            sll_hatype: 0,
            sll_pkttype: 0,
            sll_halen: 0,
            sll_addr: [0; 8],
        };
        // SAFETY: the socket is open; bytes and address have the given lengths, and live through the call.
        let sent = unsafe {
            let (length, flags) = (size_of_val(&to) as libc::socklen_t, MsgFlags::empty().bits());
            libc::sendto(self.0.as_raw_fd(), bytes.as_ptr().cast(), bytes.len(), flags, (&raw const to).cast(), length)
        };
        Ok(nix::errno::Errno::result(sent).map(drop)?)
    }
}

/// A TCP segment from the hostile host to another, with a partial checksum and the virtio header of an honest
/// kernel.
fn segment(to: Ipv4Addr, payload: usize, size: u16) -> (VirtioHeader, Vec<u8>) {
    let mut packet = Vec::new();
    let builder = PacketBuilder::ipv4(HOSTILE.octets(), to.octets(), 64).tcp(1000, 2000, 1, 500).ack(1);
    builder.write(&mut packet, &vec![7; payload]).unwrap();
    let header = VirtioHeader {
        flags: VirtioHeader::NEEDS_CSUM,
        gso_type: 1,
        hdr_len: 40,
        gso_size: size,
        csum_start: 20,
        csum_offset: 16,
    };
    (header, packet)
}

/// A packet whose IPv4 header gives a shorter length than its segments have.
fn short(to: Ipv4Addr) -> (VirtioHeader, Vec<u8>) {
    let (header, mut packet) = segment(to, 3000, 1000);
    packet[2..4].copy_from_slice(&60u16.to_be_bytes());
    packet[10..12].fill(0);
    let sum = !dataplane::packet::checksum::sum(&packet[..20]);
    packet[10..12].copy_from_slice(&sum.to_be_bytes());
    (header, packet)
}

fn drops(agent: &mut Agent, port: usize) -> Vec<(DropReason, u64)> {
    match agent.answer(Request::Status) {
        Reply::Status(Status { ports, .. }) => ports[port].drops.clone(),
        other => panic!("no status but {other:?}"),
    }
}

/// Waits until this many packets of the first port were dropped for this reason and no other.
fn await_drops(agent: &mut Agent, reason: DropReason, count: u64) {
    let end = std::time::Instant::now() + PATIENCE;
    while drops(agent, 0) != [(reason, count)] {
        assert!(std::time::Instant::now() < end, "{:?}", drops(agent, 0));
        thread::yield_now();
    }
}

/// Sends bytes from one host to another and checks that they arrive.
fn transfer(sandbox: &Sandbox) {
    let listener = sandbox.inside("b", || TcpListener::bind("0.0.0.0:9000")).unwrap();
    let mut stream = sandbox.inside("a", || TcpStream::connect((B, 9000))).unwrap();
    let (mut accepted, _) = listener.accept().unwrap();
    accepted.set_read_timeout(Some(PATIENCE)).unwrap();
    let sent: Vec<u8> = (0..1_000_000u32).map(|index| (index % 251) as u8).collect();
    thread::scope(|scope| {
        scope.spawn(|| {
            stream.write_all(&sent).unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
        });
        let mut received = Vec::new();
        accepted.read_to_end(&mut received).unwrap();
        assert!(received == sent, "{} bytes came, or others", received.len());
    });
}

fn network(kind: PortKind) -> (Sandbox, Agent) {
    let sandbox = Sandbox::new();
    let ports = [port("hostile", HOSTILE), port("a", A), Port { kind, ..port("b", B) }];
    let agent = sandbox.network(&ports);
    (sandbox, agent)
}

#[test]
fn packets_that_contradict_themselves_are_dropped() {
    for kind in [PortKind::Offload, PortKind::Plain] {
        let (sandbox, mut agent) = network(kind);
        let forger = Forger::new(&sandbox, "hostile");
        let lies = [short(B), segment(B, 60_000, 1)];
        let sent = (0..6).flat_map(|_| &lies).filter(|(header, packet)| forger.send(*header, packet).is_ok()).count();
        assert!(sent >= 6, "{sent}: this host's kernel refuses all contradictory headers");
        await_drops(&mut agent, DropReason::ImpossibleOffload, sent as u64);
        transfer(&sandbox);
    }
}

#[test]
fn an_honest_packet_of_a_packet_socket_arrives() {
    let (sandbox, mut agent) = network(PortKind::Plain);
    let forger = Forger::new(&sandbox, "hostile");
    let (header, packet) = segment(B, 3000, 1000);
    forger.send(header, &packet).unwrap();
    let end = std::time::Instant::now() + PATIENCE;
    let received = |agent: &mut Agent| match agent.answer(Request::Status) {
        Reply::Status(status) => status.ports[2].received_packets,
        other => panic!("no status but {other:?}"),
    };
    while received(&mut agent) != 3 {
        assert!(std::time::Instant::now() < end, "{:?}", drops(&mut agent, 0));
        thread::yield_now();
    }
}

/// Coalesced packets of the smallest segments to a host without offloads, while it talks with another.
#[test]
fn the_smallest_segments_do_not_stop_others() {
    let (sandbox, mut agent) = network(PortKind::Plain);
    let forger = Forger::new(&sandbox, "hostile");
    let (header, packet) = segment(B, 60_000, 48);
    thread::scope(|scope| {
        // A full queue is expected.
        scope.spawn(|| (0..500).for_each(|_| drop(forger.send(header, &packet))));
        transfer(&sandbox);
    });
    assert_eq!(drops(&mut agent, 0), []);
}

/// Two packets of this kind once crashed the dataplane.
#[test]
fn an_error_in_small_fragments_is_harmless() {
    let (sandbox, mut agent) = network(PortKind::Offload);
    let forger = Forger::new(&sandbox, "hostile");
    let mut error = Vec::new();
    let unreachable = etherparse::Icmpv4Type::DestinationUnreachable(etherparse::icmpv4::DestUnreachableHeader::Port);
    let ip = PacketBuilder::ipv4(HOSTILE.octets(), B.octets(), 64);
    ip.icmpv4(unreachable).write(&mut error, &[0x45; 20]).unwrap();
    error[6] = 0;
    dataplane::packet::fragment(&error, 20 + 24, |header, payload| {
        forger.send(VirtioHeader::default(), &[header, payload].concat()).unwrap();
    });
    transfer(&sandbox);
    assert_eq!(drops(&mut agent, 0), []);
}

/// A host that does not read loses only its own packets.
#[test]
fn a_host_that_reads_nothing_delays_no_other() {
    let (sandbox, _agent) = network(PortKind::Offload);
    let _deaf = sandbox.inside("b", || UdpSocket::bind("0.0.0.0:7000")).unwrap();
    let loud = sandbox.inside("hostile", || UdpSocket::bind("0.0.0.0:0")).unwrap();
    for _ in 0..20_000 {
        let _ = loud.send_to(&[0; 1400], (B, 7000));
    }
    transfer(&sandbox);
}
