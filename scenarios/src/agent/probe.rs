//! Probes: a TCP connection with greeting and echo, a UDP echo, an ICMP echo.

use super::patience::Patience;
use super::protocol::Event;
use crate::format::sentence::Service;
use crate::packet;
use nix::poll::PollFlags;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use std::io::{self, BufRead, BufReader, Write};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, SocketAddrV4, TcpStream, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

/// How long to wait for a datagram's answer before it is sent again.
const RETRY: Duration = Duration::from_millis(500);

/// The source address, if it is given, and the destination address.
pub type Ends = (Option<Ipv4Addr>, Ipv4Addr);

/// Probes once, and reports the sender's address as soon as the first packet is sent.
pub fn probe(service: Service, ends: Ends, patience: &Patience, report: &dyn Fn(Event)) -> io::Result<Event> {
    let started = |local| report(Event::Started { local });
    match service {
        Service::Tcp(port) => match connect(ends, port, patience, &started)? {
            Connected::Yes(stream) => converse(stream, patience),
            Connected::Refused => Ok(Event::Refused),
            Connected::TimedOut => Ok(Event::TimedOut),
        },
        Service::Udp(port) => {
            let socket = udp(ends, port)?;
            socket.set_nonblocking(true)?;
            let mut buffer = [0; 2048];
            started(local_v4(socket.local_addr()?)?);
            while !patience.is_over()? {
                socket.send(b"probe")?;
                patience.wait_for(&socket, PollFlags::POLLIN, RETRY)?;
                match socket.recv(&mut buffer) {
                    Ok(length) => return Ok(greeting(&String::from_utf8_lossy(&buffer[..length]))),
                    Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => return Ok(Event::Refused),
                    Err(error) if is_timeout(&error) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(Event::TimedOut)
        }
        Service::Ping => {
            let echo = Echo::new(ends)?;
            started(echo.local()?);
            while !patience.is_over()? {
                echo.send("probe")?;
                if !patience.wait_for(&echo.socket, PollFlags::POLLIN, RETRY)? {
                    continue;
                }
                match echo.receive() {
                    Ok(_) => return Ok(Event::Answered { by: String::new(), seen_as: String::new() }),
                    Err(error) if is_timeout(&error) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(Event::TimedOut)
        }
    }
}

/// The result of a connection attempt.
pub enum Connected {
    /// The connection is open.
    Yes(TcpStream),
    /// It was refused.
    Refused,
    /// Nothing arrived in time.
    TimedOut,
}

/// Connects. `started` gets the local address while the connection is being made.
pub fn connect(ends: Ends, port: u16, patience: &Patience, started: &dyn Fn(SocketAddrV4)) -> io::Result<Connected> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, Some(Protocol::TCP))?;
    bind(&socket, ends)?;
    socket.set_nonblocking(true)?;
    match socket.connect(&SocketAddrV4::new(ends.1, port).into()) {
        Ok(()) => {}
        Err(error) if error.raw_os_error() == Some(nix::libc::EINPROGRESS) => {}
        Err(error) => return Err(error),
    }
    started(socket.local_addr()?.as_socket_ipv4().ok_or(io::ErrorKind::AddrNotAvailable)?);
    if !patience.wait_for(&socket, PollFlags::POLLOUT, Duration::MAX)? {
        return Ok(Connected::TimedOut);
    }
    match socket.take_error()? {
        None => {
            socket.set_nonblocking(false)?;
            Ok(Connected::Yes(socket.into()))
        }
        Some(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(Connected::Refused),
        Some(error) if error.kind() == io::ErrorKind::TimedOut => Ok(Connected::TimedOut),
        Some(error) => Err(error),
    }
}

/// Reads the greeting, and checks that the echo returns.
fn converse(mut stream: TcpStream, patience: &Patience) -> io::Result<Event> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let Some(hello) = line(&mut lines, patience)? else { return reset(&stream) };
    writeln!(stream, "probe")?;
    let Some(echo) = line(&mut lines, patience)? else { return reset(&stream) };
    if echo.trim_end() == "probe" {
        Ok(greeting(&hello))
    } else {
        Err(io::Error::other(format!("the echo of `probe` was `{echo}`")))
    }
}

/// The next line, or `None` if its first byte does not arrive before patience ends. A server sends a line in one piece.
fn line(lines: &mut BufReader<TcpStream>, patience: &Patience) -> io::Result<Option<String>> {
    if lines.buffer().is_empty() && !patience.wait_for(lines.get_ref(), PollFlags::POLLIN, Duration::MAX)? {
        return Ok(None);
    }
    let mut line = String::new();
    lines.read_line(&mut line)?;
    Ok(Some(line))
}

/// Resets a connection, so that the kernel retransmits nothing.
fn reset(stream: &TcpStream) -> io::Result<Event> {
    SockRef::from(stream).set_linger(Some(Duration::ZERO))?;
    Ok(Event::TimedOut)
}

/// `app 10.251.50.12:40000 …`
fn greeting(text: &str) -> Event {
    let mut words = text.split_whitespace();
    let by = words.next().unwrap_or_default().to_owned();
    let seen_as = words.next().and_then(|peer| peer.parse::<SocketAddrV4>().ok()).map(|peer| peer.ip().to_string());
    Event::Answered { by, seen_as: seen_as.unwrap_or_default() }
}

/// A UDP socket with one peer.
pub fn udp((from, to): Ends, port: u16) -> io::Result<UdpSocket> {
    let socket = UdpSocket::bind((from.unwrap_or(Ipv4Addr::UNSPECIFIED), 0))?;
    socket.connect((to, port))?;
    Ok(socket)
}

/// ICMP echo requests to one address with one identifier.
pub struct Echo {
    socket: Socket,
    to: Ipv4Addr,
    identifier: u16,
    sequence: AtomicU16,
}

impl Echo {
    /// Opens the socket, and sends nothing yet.
    pub fn new(ends: Ends) -> io::Result<Self> {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::ICMPV4))?;
        bind(&socket, ends)?;
        socket.connect(&SocketAddrV4::new(ends.1, 0).into())?;
        socket.set_read_timeout(Some(RETRY))?;
        let identifier = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(std::process::id() as u16);
        Ok(Self { socket, to: ends.1, identifier, sequence: AtomicU16::new(0) })
    }

    /// The sender's address, with the identifier as its port.
    pub fn local(&self) -> io::Result<SocketAddrV4> {
        let local = self.socket.local_addr()?.as_socket_ipv4().ok_or(io::ErrorKind::AddrNotAvailable)?;
        Ok(SocketAddrV4::new(*local.ip(), self.identifier))
    }

    /// Sends an echo request with this text in it.
    pub fn send(&self, text: &str) -> io::Result<()> {
        let sequence = self.sequence.fetch_add(1, Ordering::Relaxed);
        self.socket.send(&packet::icmp(8, self.identifier, sequence, text.as_bytes())).map(drop)
    }

    /// Waits for an echo reply for half a second. Returns its text.
    pub fn receive(&self) -> io::Result<String> {
        let mut buffer = [MaybeUninit::uninit(); 2048];
        loop {
            let length = self.socket.recv(&mut buffer)?;
            // SAFETY: the kernel has written the first `length` bytes.
            let bytes: Vec<u8> = buffer[..length].iter().map(|byte| unsafe { byte.assume_init() }).collect();
            if let Some((0, identifier, text)) = packet::echo(&bytes)
                && identifier == self.identifier
                && bytes.get(12..16) == Some(&self.to.octets())
            {
                return Ok(String::from_utf8_lossy(text).into_owned());
            }
        }
    }
}

fn bind(socket: &Socket, (from, _): Ends) -> io::Result<()> {
    from.map_or(Ok(()), |from| socket.bind(&SocketAddrV4::new(from, 0).into()))
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut)
}

fn local_v4(address: std::net::SocketAddr) -> io::Result<SocketAddrV4> {
    match address {
        std::net::SocketAddr::V4(address) => Ok(address),
        std::net::SocketAddr::V6(_) => Err(io::ErrorKind::AddrNotAvailable.into()),
    }
}
