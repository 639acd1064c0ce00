//! Tests whether this kernel segments coalesced packets correctly, before the dataplane relies on it.
//!
//! Some kernels refuse or corrupt them. In a namespace of its own, the test writes a coalesced packet to an interface
//! and compares what a socket receives with what was sent.

use super::{interface, netns};
use crate::boot;
use crate::packet::coalesce::{Coalescer, QueuedPacket};
use crate::packet::{Offload, VIRTIO_HEADER, View, ip, tcp};
use crate::port::{Offloads, Queue, READ_SPACE};
use std::fs;
use std::io::{self, IoSlice, Read};
use std::net::{TcpListener, UdpSocket};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};
use wire::{Address, Port, PortKind, TCP, TableId};

/// The host and its peer.
const HERE: Address = Address::new(10, 0, 0, 1);
const THERE: Address = Address::new(10, 0, 0, 2);
const PORTS: (u16, u16) = (1000, 2000);
/// The payload lengths of the parts of a coalesced packet, in bytes.
const PARTS: [usize; 4] = [1001, 1001, 1001, 77];
/// How long the kernel may take to deliver a packet. Usually it has done so when the write returns.
const PATIENCE: Duration = Duration::from_secs(1);

/// Tests which offloads this kernel does correctly. If it does all of them, that is written to the file `proven` and believed
/// until the next boot: making a namespace can take a while, and a dataplane that replaces a killed one must be fast.
///
/// # Errors
/// If a namespace with an interface cannot be made.
pub fn prove(proven: &Path) -> io::Result<Offloads> {
    let boot = boot::id()?;
    if fs::read_to_string(proven).is_ok_and(|there| there == boot) {
        return Ok(Offloads::ALL);
    }
    let offloads = prove_with(|_| {})?;
    if offloads == Offloads::ALL
        && let Err(error) = fs::write(proven, boot)
    {
        tracing::debug!(%error, "cannot write the proof of the kernel's offloads; the next dataplane tests them again");
    }
    Ok(offloads)
}

/// The same test, in which `damage` changes coalesced packets as a faulty kernel would.
fn prove_with(damage: fn(&mut [u8])) -> io::Result<Offloads> {
    netns::within_new(|| {
        let port = Port {
            host: "proof".into(),
            interface: 0,
            boot: 0,
            kind: PortKind::Offload,
            mtu: 1500,
            addresses: vec![HERE.into()],
            table: TableId(0),
            router: THERE,
        };
        let queue = interface::open(&port, 1, None)?.pop().ok_or(io::ErrorKind::NotFound)?;
        let holds = |what: &str, proof: io::Result<bool>| {
            proof.unwrap_or_else(|error| {
                tracing::debug!(what, %error, "no proof");
                false
            })
        };
        Ok(Offloads {
            segments: holds("segments", segments(&queue, damage)),
            datagrams: holds("datagrams", datagrams(&queue, damage)),
        })
    })
}

/// Whether a socket receives every datagram of a coalesced packet as it was sent.
fn datagrams(queue: &Queue, damage: fn(&mut [u8])) -> io::Result<bool> {
    let socket = UdpSocket::bind((HERE, PORTS.1))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    let payloads = payloads();
    let packets = payloads.iter().map(|payload| {
        let ip = ip::builder(THERE, HERE);
        built(|bytes| ip.udp(PORTS.0, PORTS.1).write(bytes, payload).map_err(io::Error::other))
    });
    write_as_one(queue, damage, &packets.collect::<io::Result<Vec<_>>>()?)?;
    let mut space = vec![0; READ_SPACE];
    for payload in &payloads {
        let length = socket.recv(&mut space)?;
        if space.get(..length) != Some(payload) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a connection receives the bytes of a coalesced packet's segments.
fn segments(queue: &Queue, damage: fn(&mut [u8])) -> io::Result<bool> {
    let listener = TcpListener::bind((HERE, PORTS.1))?;
    let opening = built(|bytes| {
        let ip = ip::builder(THERE, HERE);
        ip.tcp(PORTS.0, PORTS.1, 0, u16::MAX).syn().write(bytes, &[]).map_err(io::Error::other)
    })?;
    write_as_one(queue, |_| {}, &[opening])?;
    let acknowledged = answer(queue)?.wrapping_add(1);
    let (payloads, mut sequence) = (payloads(), 1u32);
    let packets = payloads.iter().map(|payload| {
        let ip = ip::builder(THERE, HERE);
        let segment = ip.tcp(PORTS.0, PORTS.1, sequence, u16::MAX).ack(acknowledged);
        sequence += payload.len() as u32;
        built(|bytes| segment.write(bytes, payload).map_err(io::Error::other))
    });
    write_as_one(queue, damage, &packets.collect::<io::Result<Vec<_>>>()?)?;
    let (mut stream, _) = accept(&listener)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let expected = payloads.concat();
    let mut received = vec![0; expected.len()];
    stream.read_exact(&mut received)?;
    Ok(received == expected)
}

/// Payloads that differ in every part.
fn payloads() -> Vec<Vec<u8>> {
    (1u8..).zip(PARTS).map(|(part, length)| (0..length).map(|at| (at as u8).wrapping_mul(part)).collect()).collect()
}

fn built(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    write(&mut bytes).map(|()| bytes)
}

/// Writes packets as a worker does: as one coalesced packet.
fn write_as_one(queue: &Queue, damage: fn(&mut [u8]), packets: &[Vec<u8>]) -> io::Result<()> {
    let (mut memory, mut outgoing) = (Vec::new(), Coalescer::default());
    for packet in packets {
        let start = memory.len() + VIRTIO_HEADER;
        memory.extend_from_slice(&[0; VIRTIO_HEADER]);
        memory.extend_from_slice(packet);
        let queued = QueuedPacket { offload: Offload::Nothing, range: start..memory.len(), mtu: u16::MAX };
        outgoing.push(&memory, (), queued, false);
    }
    let (mut written, mut writes) = (Ok(()), 0);
    outgoing.drain(&mut memory, |(), _, gathered| {
        let mut whole = gathered.first.to_vec();
        gathered.rest.for_each(|part| whole.extend_from_slice(&part));
        damage(&mut whole);
        written = queue.write(&[IoSlice::new(&whole)]);
        writes += 1;
    });
    debug_assert_eq!(writes, 1, "these packets coalesce into one");
    written
}

/// The sequence number of the host's SYN-ACK.
fn answer(queue: &Queue) -> io::Result<u32> {
    let mut space = vec![0; READ_SPACE];
    until(|| {
        let length = queue.read(&mut space)?;
        let packet = space.get(VIRTIO_HEADER..length).unwrap_or_default();
        let answer = View::parse(packet).ok().filter(|view| {
            view.header.tuple.protocol == TCP
                && view.header.tcp_flags & tcp::SYN != 0
                && view.header.tuple.destination == THERE
        });
        let sequence = answer.and_then(|view| packet.get(view.header_length + 4..)?.first_chunk());
        sequence.map(|bytes| u32::from_be_bytes(*bytes)).ok_or(io::ErrorKind::WouldBlock.into())
    })
}

fn accept(listener: &TcpListener) -> io::Result<(std::net::TcpStream, std::net::SocketAddr)> {
    listener.set_nonblocking(true)?;
    let accepted = until(|| listener.accept())?;
    accepted.0.set_nonblocking(false)?;
    Ok(accepted)
}

/// Retries an operation that would block, for a while.
fn until<T>(mut attempt: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        match attempt() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock && Instant::now() < end => thread::yield_now(),
            other => return other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_kernel_passes() {
        assert_eq!(prove_with(|_| {}).unwrap(), Offloads::ALL);
    }

    #[test]
    fn a_proof_is_believed_until_the_next_boot() {
        let directory = tempfile::tempdir().unwrap();
        let proven = directory.path().join("proven");
        fs::write(&proven, "another start of the machine").unwrap();
        assert_eq!(prove(&proven).unwrap(), Offloads::ALL);
        assert_eq!(fs::read_to_string(&proven).unwrap(), boot::id().unwrap());
        assert_eq!(prove(&proven).unwrap(), Offloads::ALL);
    }

    #[test]
    fn a_changed_byte_is_noticed() {
        let flip = |whole: &mut [u8]| whole[2000] ^= 1;
        assert_eq!(prove_with(flip).unwrap(), Offloads::NONE);
    }

    #[test]
    fn datagrams_of_another_size_are_noticed() {
        let cut = |whole: &mut [u8]| whole[4..6].copy_from_slice(&1000u16.to_ne_bytes());
        assert_eq!(prove_with(cut).unwrap(), Offloads { datagrams: false, ..Offloads::ALL });
    }
}
