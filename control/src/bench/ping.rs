//! A ping flood: an echo request as soon as the last one is answered.

use super::protocol::Answer;
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::{Duration, Instant};

/// How long an answer may take before it counts as lost.
const PATIENCE: Duration = Duration::from_millis(500);
/// Payload bytes, as `ping` sends them.
const PAYLOAD: usize = 56;

/// Pings for so long.
pub(super) fn flood(to: Ipv4Addr, during: Duration) -> io::Result<Answer> {
    let mut socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::ICMPV4))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.connect(&SocketAddrV4::new(to, 0).into())?;
    let (mut times, mut lost, mut sequence) = (Vec::new(), 0, 0u16);
    let start = Instant::now();
    while start.elapsed() < during {
        sequence = sequence.wrapping_add(1);
        let sent = Instant::now();
        socket.write_all(&echo_request(sequence))?;
        match await_reply(&mut socket, sequence) {
            Ok(()) => times.push(sent.elapsed().as_nanos() as u64),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => lost += 1,
            Err(error) => return Err(error),
        }
    }
    times.sort_unstable();
    let at = |percent: usize| times.get(times.len() * percent / 100).copied();
    match (at(50), at(99)) {
        (Some(median), Some(p99)) => Ok(Answer::Pinged { median, p99, lost }),
        _ => Err(io::Error::new(ErrorKind::TimedOut, "no echo was answered: does a rule let ICMP in?")),
    }
}

/// Echo, sequence number, payload. Identifier and checksum are the kernel's business.
fn echo_request(sequence: u16) -> [u8; 8 + PAYLOAD] {
    let mut message = [0; 8 + PAYLOAD];
    message[0] = 8;
    message[6..8].copy_from_slice(&sequence.to_be_bytes());
    message
}

fn await_reply(socket: &mut Socket, sequence: u16) -> io::Result<()> {
    let mut reply = [0; 8 + PAYLOAD];
    loop {
        let length = socket.read(&mut reply)?;
        // A late answer to an earlier one is of no interest.
        if length >= 8 && reply[6..8] == sequence.to_be_bytes() {
            return Ok(());
        }
    }
}
