//! Numbered datagrams: sending them, receiving them with the kernel's time, a steady stream of them, and a
//! crowd of other datagrams.

use super::clock::now;
use super::protocol::{Arrival, Probe};
use nix::cmsg_space;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt::ReceiveTimestampns};
use nix::sys::time::TimeSpec;
use std::collections::{HashMap, HashSet};
use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// The source ports of probes of new connections.
const FRESH: std::ops::RangeInclusive<u16> = 10_000..=60_000;
/// The time after which the crowd counts datagrams without an echo as lost.
const LOST: Duration = Duration::from_millis(50);

/// The numbered datagrams that have arrived.
#[derive(Clone, Default)]
pub struct Inbox(Arc<(Mutex<Arrived>, Condvar)>);

#[derive(Default)]
struct Arrived {
    /// The numbers of all of them.
    sequences: HashSet<u64>,
    /// Those that have not been reported.
    unreported: Vec<Arrival>,
}

impl Inbox {
    /// Receives datagrams at a port from now on.
    pub fn listen(&self, port: u16) -> io::Result<()> {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port))?;
        setsockopt(&socket, ReceiveTimestampns, &true)?;
        let inbox = self.clone();
        thread::spawn(move || {
            loop {
                if let Ok(Some(arrival)) = receive(&socket) {
                    inbox.put(arrival);
                }
            }
        });
        Ok(())
    }

    fn put(&self, arrival: Arrival) {
        let mut arrived = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        arrived.sequences.insert(arrival.sequence);
        arrived.unreported.push(arrival);
        self.0.1.notify_all();
    }

    /// Waits until these have arrived. Returns those that have not after `patience`.
    pub fn missing(&self, mut sequences: Vec<u64>, patience: Duration) -> Vec<u64> {
        let arrived = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let lacks = |arrived: &mut Arrived| {
            sequences.retain(|sequence| !arrived.sequences.contains(sequence));
            !sequences.is_empty()
        };
        drop(self.0.1.wait_timeout_while(arrived, patience, lacks));
        sequences
    }

    /// Arrivals since the last call.
    pub fn take(&self) -> Vec<Arrival> {
        std::mem::take(&mut self.0.0.lock().unwrap_or_else(PoisonError::into_inner).unreported)
    }
}

/// The next numbered datagram, with the kernel's time of its arrival; `None` for one without a number.
fn receive(socket: &UdpSocket) -> io::Result<Option<Arrival>> {
    let (mut bytes, mut control) = ([0; 64], cmsg_space!(TimeSpec));
    let mut space = [IoSliceMut::new(&mut bytes)];
    let message = recvmsg::<()>(socket.as_raw_fd(), &mut space, Some(&mut control), MsgFlags::empty())?;
    let stamp = message.cmsgs()?.find_map(|message| match message {
        ControlMessageOwned::ScmTimestampns(stamp) => Some(Duration::from(stamp).as_nanos() as u64),
        _ => None,
    });
    let at = stamp.unwrap_or_else(now);
    Ok(bytes.first_chunk().map(|number| Arrival { sequence: u64::from_be_bytes(*number), at }))
}

/// Sends probes.
#[derive(Default)]
pub struct Sender {
    /// Sockets that are kept, by their source ports.
    kept: HashMap<u16, UdpSocket>,
    /// The source port of the last new connection.
    fresh: u16,
}

impl Sender {
    /// Sends them in order.
    pub fn send(&mut self, probes: &[Probe]) -> io::Result<()> {
        probes.iter().try_for_each(|probe| self.send_one(probe))
    }

    fn send_one(&mut self, probe: &Probe) -> io::Result<()> {
        let fresh;
        let socket = match probe.from {
            Some(port) if self.kept.contains_key(&port) => &self.kept[&port],
            Some(port) => self.kept.entry(port).or_insert(UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port))?),
            None => {
                fresh = self.fresh()?;
                &fresh
            }
        };
        socket.send_to(&probe.sequence.to_be_bytes(), probe.to).map(drop)
    }

    /// A socket at the next port. Ports are used in turn, so that none is reused soon.
    fn fresh(&mut self) -> io::Result<UdpSocket> {
        loop {
            self.fresh = if FRESH.contains(&(self.fresh + 1)) { self.fresh + 1 } else { *FRESH.start() };
            match UdpSocket::bind((Ipv4Addr::UNSPECIFIED, self.fresh)) {
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                bound => return bound,
            }
        }
    }
}

/// Echoes the datagrams that arrive at a port.
pub fn echo(port: u16) -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port))?;
    thread::spawn(move || {
        let mut bytes = [0; 2048];
        loop {
            if let Ok((length, peer)) = socket.recv_from(&mut bytes) {
                // The crowd replaces a lost datagram.
                let _ = socket.send_to(&bytes[..length], peer);
            }
        }
    });
    Ok(())
}

/// Keeps this many datagrams in transit to an echo and back.
pub fn crowd(to: SocketAddrV4, window: u32) -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect(to)?;
    socket.set_read_timeout(Some(LOST))?;
    thread::spawn(move || {
        let mut bytes = [0; 64];
        loop {
            let more = if socket.recv(&mut bytes).is_ok() { 1 } else { window };
            for _ in 0..more {
                // A datagram that cannot be sent counts as lost, and is replaced.
                let _ = socket.send(&bytes);
            }
        }
    });
    Ok(())
}

/// Sends datagrams numbered from 0, one per interval.
pub fn stream(to: SocketAddrV4, every: Duration) -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    thread::spawn(move || {
        let start = Instant::now();
        for sequence in 0u64.. {
            let due = start + every * u32::try_from(sequence).unwrap_or(u32::MAX);
            thread::sleep(due.saturating_duration_since(Instant::now()));
            // The receiver notices a lost datagram.
            let _ = socket.send_to(&sequence.to_be_bytes(), to);
        }
    });
    Ok(())
}
