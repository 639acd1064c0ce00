//! Datagrams, many in a system call.

use super::counters::Counters;
use super::streams::Streams;
use nix::errno::Errno;
use nix::sys::socket::{MsgFlags, MultiHeaders, SockaddrStorage, recvmmsg, sendmmsg};
use std::io::{self, IoSlice, IoSliceMut};
use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

/// Datagrams in a system call.
const BATCH: usize = 32;
/// The largest payload of a datagram.
const LARGEST: usize = 2048;
/// The receive buffer that is requested from the kernel, in bytes.
const RECEIVE_BUFFER: usize = 4 << 20;

/// Counts the datagrams that arrive at a port from now on.
pub(super) fn receive(port: u16, counters: Arc<Counters>) -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port))?;
    socket2::SockRef::from(&socket).set_recv_buffer_size(RECEIVE_BUFFER)?;
    thread::spawn(move || {
        let mut space = vec![[0; LARGEST]; BATCH];
        let mut headers = MultiHeaders::<SockaddrStorage>::preallocate(BATCH, None);
        loop {
            let mut slices: Vec<_> = space.iter_mut().map(|space| [IoSliceMut::new(space)]).collect();
            let received =
                recvmmsg(socket.as_raw_fd(), &mut headers, slices.iter_mut(), MsgFlags::MSG_WAITFORONE, None);
            match received.map(Iterator::count) {
                Ok(count) => counters.datagrams.fetch_add(count as u64, Relaxed),
                Err(Errno::EINTR | Errno::ECONNREFUSED) => 0,
                Err(_) => return,
            };
        }
    });
    Ok(())
}

/// Sends datagrams as fast as the kernel takes them.
pub(super) fn send(to: SocketAddrV4, size: usize) -> io::Result<Streams> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
    socket.connect(to)?;
    let mut streams = Streams::default();
    let stop = Arc::clone(&streams.stop);
    let thread = thread::spawn(move || {
        let payload = vec![0x5a; size.min(LARGEST)];
        let slices = [[IoSlice::new(&payload)]; BATCH];
        // The socket is connected, so that datagrams need no address.
        let addresses = [None::<SockaddrStorage>; BATCH];
        let mut headers = MultiHeaders::preallocate(BATCH, None);
        while !stop.load(Relaxed) {
            // No listener yet, or no buffer space: later datagrams may get through.
            let _ = sendmmsg(socket.as_raw_fd(), &mut headers, &slices, addresses, [], MsgFlags::empty());
        }
    });
    streams.threads.push(thread);
    Ok(streams)
}
