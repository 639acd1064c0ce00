//! Real packets between real hosts, through the whole dataplane.

#![allow(clippy::unwrap_used)] // A test that cannot go on should stop here.

mod support;

use dataplane::agent::Agent;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;
use support::{Sandbox, port};
use wire::{DropReason, Port, PortKind, Reply, Request, Status};

const A: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const B: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const PATIENCE: Duration = Duration::from_secs(10);

fn with(host: &str, address: Ipv4Addr, kind: PortKind, mtu: u16) -> Port {
    Port { kind, mtu, ..port(host, address) }
}

fn udp(sandbox: &Sandbox, host: &str) -> UdpSocket {
    let socket = sandbox.inside(host, || UdpSocket::bind("0.0.0.0:7000")).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

fn receive(socket: &UdpSocket) -> Vec<u8> {
    let mut space = vec![0; 65536];
    let length = socket.recv(&mut space).unwrap();
    space.truncate(length);
    space
}

fn status(agent: &mut Agent) -> Status {
    match agent.answer(Request::Status) {
        Reply::Status(status) => status,
        other => panic!("no status but {other:?}"),
    }
}

/// A counter of `/proc/net/snmp` inside a host.
fn kernel_counter(sandbox: &Sandbox, host: &str, protocol: &str, name: &str) -> u64 {
    let all = sandbox.inside(host, || std::fs::read_to_string("/proc/thread-self/net/snmp")).unwrap();
    let mut lines = all.lines().filter(|line| line.starts_with(&format!("{protocol}:")));
    let (names, values) = (lines.next().unwrap(), lines.next().unwrap());
    let index = names.split(' ').position(|field| field == name).unwrap();
    values.split(' ').nth(index).unwrap().parse().unwrap()
}

/// Sends `length` bytes of a known pattern over TCP from one host to another, and checks what arrives.
fn transfer(sandbox: &Sandbox, to: &str, address: Ipv4Addr, from: &str, length: usize) {
    let byte = |index: usize| (index % 251) as u8;
    let listener = sandbox.inside(to, || TcpListener::bind("0.0.0.0:9000")).unwrap();
    let stream = sandbox.inside(from, || TcpStream::connect((address, 9000))).unwrap();
    let (mut accepted, _) = listener.accept().unwrap();
    accepted.set_read_timeout(Some(PATIENCE)).unwrap();
    let sent: Vec<u8> = (0..length).map(byte).collect();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut stream = stream;
            stream.write_all(&sent).unwrap();
        });
        let mut received = Vec::new();
        accepted.read_to_end(&mut received).unwrap();
        assert!(received == sent, "{} of {length} bytes came, or others", received.len());
    });
    assert_eq!(kernel_counter(sandbox, to, "Tcp", "InCsumErrors"), 0);
}

#[test]
fn tcp_carries_a_stream_between_ports_of_every_kind_and_size() {
    let ends = [(PortKind::Offload, 1500), (PortKind::Offload, 9001), (PortKind::Plain, 1500), (PortKind::Plain, 9001)];
    for (kind, mtu) in ends {
        for (other_kind, other_mtu) in ends {
            let sandbox = Sandbox::new();
            let _agent = sandbox.network(&[with("a", A, kind, mtu), with("b", B, other_kind, other_mtu)]);
            transfer(&sandbox, "b", B, "a", 3_000_000);
        }
    }
}

/// A keystroke does not wait for another: coalescing only joins packets that are already there.
#[test]
fn keystrokes_and_their_echoes_go_one_by_one() {
    let (sandbox, a, b) = (Sandbox::new(), Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
    let _agent = sandbox.network(&[port("a", a), port("b", b)]);
    let listener = sandbox.inside("b", || TcpListener::bind("0.0.0.0:22")).unwrap();
    let mut typing = sandbox.inside("a", || TcpStream::connect((b, 22))).unwrap();
    let (mut echoing, _) = listener.accept().unwrap();
    for socket in [&typing, &echoing] {
        socket.set_nodelay(true).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
    }
    for key in 0..=255 {
        let (mut seen, mut shown) = ([0], [0]);
        typing.write_all(&[key]).unwrap();
        echoing.read_exact(&mut seen).unwrap();
        echoing.write_all(&seen).unwrap();
        typing.read_exact(&mut shown).unwrap();
        assert_eq!((seen, shown), ([key], [key]));
    }
}

#[test]
fn datagrams_of_any_size_arrive_as_they_were_sent() {
    for (kind, mtu, other_kind, other_mtu) in [
        (PortKind::Offload, 1500, PortKind::Offload, 1500),
        (PortKind::Offload, 9001, PortKind::Offload, 1500),
        (PortKind::Plain, 9001, PortKind::Offload, 1500),
        (PortKind::Offload, 1500, PortKind::Plain, 1500),
    ] {
        let sandbox = Sandbox::new();
        let mut agent = sandbox.network(&[with("a", A, kind, mtu), with("b", B, other_kind, other_mtu)]);
        // Without DF, so that packets that exceed the receiver's MTU are fragmented.
        sandbox.inside("a", || std::fs::write("/proc/sys/net/ipv4/ip_no_pmtu_disc", "1")).unwrap();
        let (from, to) = (udp(&sandbox, "a"), udp(&sandbox, "b"));
        for round in 0..300usize {
            // A few at a time fit every queue on the path. The receiver says when it has them.
            let length = |index: usize| 1 + (round * 7919 + index * 31) % 8900;
            let burst: Vec<Vec<u8>> = (0..8).map(|index| vec![index as u8; length(index)]).collect();
            burst.iter().for_each(|datagram| assert_eq!(from.send_to(datagram, (B, 7000)).unwrap(), datagram.len()));
            let mut received: Vec<_> = burst.iter().map(|_| receive(&to)).collect();
            // A host's kernel may put fragments and whole datagrams of one flow on different queues.
            if burst.iter().any(|datagram| datagram.len() + 28 > usize::from(mtu.min(other_mtu))) {
                received.sort_by_key(|datagram| datagram.first().copied());
            }
            let lengths = |of: &[Vec<u8>]| of.iter().map(Vec::len).collect::<Vec<_>>();
            assert!(received == burst, "{:?} of {:?}", lengths(&received), lengths(&burst));
        }
        assert_eq!(kernel_counter(&sandbox, "b", "Udp", "InCsumErrors"), 0);
        let drops: Vec<_> = status(&mut agent).ports.into_iter().flat_map(|port| port.drops).collect();
        assert!(drops.is_empty(), "{drops:?}");
    }
}

#[test]
fn a_hundred_thousand_datagrams_keep_their_order() {
    let sandbox = Sandbox::new();
    let _agent = sandbox.network(&[port("a", A), port("b", B)]);
    let (from, to) = (udp(&sandbox, "a"), udp(&sandbox, "b"));
    let mut space = vec![0; 2000];
    for burst in (0..100_000u32).collect::<Vec<_>>().chunks(32) {
        for number in burst {
            // Runs of equal sizes, which coalesce, between others.
            let size = if number % 7 < 4 { 60 } else { 4 + number.wrapping_mul(2_654_435_761) as usize % 1468 };
            space[..4].copy_from_slice(&number.to_be_bytes());
            from.send_to(&space[..size], (B, 7000)).unwrap();
        }
        for number in burst {
            to.recv(&mut space).unwrap();
            assert_eq!(space[..4], number.to_be_bytes());
        }
    }
    assert_eq!(kernel_counter(&sandbox, "b", "Udp", "InCsumErrors"), 0);
}

#[test]
fn a_sender_learns_the_paths_mtu() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[with("a", A, PortKind::Offload, 9001), port("b", B)]);
    let (from, to) = (udp(&sandbox, "a"), udp(&sandbox, "b"));
    from.connect((B, 7000)).unwrap();
    from.send(&[1; 4000]).unwrap();
    // The ICMP error arrives as an error of the socket.
    from.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(from.recv(&mut [0; 10]).unwrap_err().raw_os_error(), Some(nix::libc::EMSGSIZE));
    // From now on the sender fragments by itself.
    from.send(&[2; 4000]).unwrap();
    let mut space = [0; 5000];
    assert_eq!(to.recv(&mut space).unwrap(), 4000);
    assert_eq!(space[0], 2);
    assert_eq!(status(&mut agent).ports[0].drops, [(DropReason::MtuExceeded, 1)]);
}

#[test]
fn counters_count_packets() {
    let sandbox = Sandbox::new();
    let mut agent = sandbox.network(&[port("a", A), port("b", B)]);
    let (from, to) = (udp(&sandbox, "a"), udp(&sandbox, "b"));
    for _ in 0..10 {
        from.send_to(&[0; 72], (B, 7000)).unwrap();
        to.recv(&mut [0; 100]).unwrap();
    }
    from.send_to(b"nobody", "10.9.9.9:1").unwrap();
    // Workers update counters after writing, which the receiver may see first; and the worker that drops may not be the
    // one that forwards.
    let done = |status: Status| status.ports[1].received_packets == 10 && !status.ports[0].drops.is_empty();
    while !done(status(&mut agent)) {
        thread::yield_now();
    }
    let status = status(&mut agent);
    assert_eq!((status.version, status.workers, status.flows), (1, 2, 1));
    let (a, b) = (&status.ports[0], &status.ports[1]);
    assert_eq!((a.host.as_str(), a.sent_packets, a.sent_bytes), ("a", 11, 1034));
    assert_eq!((b.host.as_str(), b.received_packets, b.received_bytes), ("b", 10, 1000));
    assert_eq!(a.drops, [(DropReason::NoSuchAddress, 1)]);
    let Reply::Drops { records: drops, .. } = agent.answer(Request::Drops) else { panic!("no drops") };
    assert_eq!(drops.len(), 1);
    assert_eq!(drops[0].packet.unwrap().destination, Ipv4Addr::new(10, 9, 9, 9));
}

#[test]
fn a_connection_survives_a_new_dataplane_without_a_controller() {
    let sandbox = Sandbox::new();
    let agent = sandbox.network(&[port("a", A), port("b", B)]);
    let listener = sandbox.inside("b", || TcpListener::bind("0.0.0.0:9000")).unwrap();
    let mut stream = sandbox.inside("a", || TcpStream::connect((B, 9000))).unwrap();
    let (mut accepted, _) = listener.accept().unwrap();
    drop(agent);
    stream.write_all(b"while nobody carries it").unwrap();
    let _agent = Agent::start(&sandbox.config()).unwrap();
    let mut space = [0; 23];
    accepted.set_read_timeout(Some(PATIENCE)).unwrap();
    accepted.read_exact(&mut space).unwrap();
    assert_eq!(&space, b"while nobody carries it");
}

#[test]
fn unprivileged_ping_gets_its_reply() {
    use nix::sys::socket::{
        AddressFamily, MsgFlags, SockFlag, SockProtocol, SockType, SockaddrIn, recv, sendto, socket,
    };
    use nix::sys::time::TimeVal;
    use std::os::fd::AsRawFd;
    let sandbox = Sandbox::new();
    let _agent = sandbox.network(&[port("a", A), port("b", B)]);
    let ping = sandbox
        .inside("a", || {
            socket(AddressFamily::Inet, SockType::Datagram, SockFlag::empty(), SockProtocol::Icmp)
                .map_err(io::Error::from)
        })
        .unwrap();
    nix::sys::socket::setsockopt(&ping, nix::sys::socket::sockopt::ReceiveTimeout, &TimeVal::new(10, 0)).unwrap();
    let request = [&[8, 0, 0, 0, 0, 0, 0, 1][..], b"hello"].concat();
    sendto(ping.as_raw_fd(), &request, &SockaddrIn::new(10, 0, 0, 2, 0), MsgFlags::empty()).unwrap();
    let mut space = [0; 100];
    let length = recv(ping.as_raw_fd(), &mut space, MsgFlags::empty()).unwrap();
    assert_eq!((space[0], &space[8..length]), (0, &b"hello"[..]));
}
