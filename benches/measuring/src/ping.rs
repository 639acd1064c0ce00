//! A ping flood: an echo request as soon as the last one is answered.
//!
//! A round-trip time is measured as `ping` does it: from just before the request is sent to when the kernel has the
//! reply. The time to wake the program is excluded, as it is the same on every path.

use super::protocol::Answer;
use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt, sockopt};
use nix::sys::time::TimeSpec;
use nix::time::{ClockId, clock_gettime};
use socket2::{Domain, Protocol, Socket, Type};
use std::io::{self, IoSliceMut, Write};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

/// How long an answer may take before it counts as lost.
const PATIENCE: Duration = Duration::from_millis(500);
/// Payload bytes, as `ping` sends them.
const PAYLOAD: usize = 56;

/// Sends echo requests for a time, each when the last is answered or lost.
pub(super) fn flood(to: Ipv4Addr, during: Duration) -> io::Result<Answer> {
    let mut socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::ICMPV4))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
    socket.connect(&SocketAddrV4::new(to, 0).into())?;
    let (mut times, mut lost, mut sequence) = (Vec::new(), 0, 0u16);
    let start = Instant::now();
    while start.elapsed() < during {
        sequence = sequence.wrapping_add(1);
        let sent = clock_gettime(ClockId::CLOCK_REALTIME)?;
        socket.write_all(&echo_request(sequence))?;
        match await_reply(&socket, sequence) {
            // A clock that is set back during the measurement falsifies one time only.
            Ok(received) => times.push(u64::try_from(Duration::from(received - sent).as_nanos()).unwrap_or(0)),
            Err(Errno::EAGAIN) => lost += 1,
            Err(error) => return Err(error.into()),
        }
    }
    times.sort_unstable();
    let at = |percent: usize| times.get(times.len() * percent / 100).copied();
    match (at(50), at(99)) {
        (Some(median), Some(p99)) => Ok(Answer::Pinged { median, p99, lost }),
        _ => Err(io::Error::new(io::ErrorKind::TimedOut, "no echo was answered: does a rule let ICMP in?")),
    }
}

/// An echo request (RFC 792). The kernel sets identifier and checksum.
fn echo_request(sequence: u16) -> [u8; 8 + PAYLOAD] {
    let mut message = [0; 8 + PAYLOAD];
    message[0] = 8;
    message[6..8].copy_from_slice(&sequence.to_be_bytes());
    message
}

/// The time at which the kernel received the reply.
fn await_reply(socket: &Socket, sequence: u16) -> Result<TimeSpec, Errno> {
    let mut reply = [0; 8 + PAYLOAD];
    let mut control = cmsg_space!(TimeSpec);
    loop {
        let mut space = [IoSliceMut::new(&mut reply)];
        let message = recvmsg::<()>(socket.as_raw_fd(), &mut space, Some(&mut control), MsgFlags::empty())?;
        let at = message.cmsgs()?.find_map(|control| match control {
            ControlMessageOwned::ScmTimestampns(at) => Some(at),
            _ => None,
        });
        let complete = message.bytes >= 8;
        // A late answer to an earlier request is ignored.
        if complete && reply[6..8] == sequence.to_be_bytes() {
            return at.ok_or(Errno::ENOTSUP);
        }
    }
}
