//! Several datagrams of one client in one system call, where the kernel has them together (`UDP_GRO` and `UDP_SEGMENT`,
//! udp(7)).

use nix::sys::socket::sockopt::UdpGroSegment;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, SockaddrIn, recvmsg, sendmsg, setsockopt};
use std::io::{self, IoSlice, IoSliceMut};
use std::net::SocketAddrV4;
use std::os::fd::AsRawFd;
use tokio::io::Interest;
use tokio::net::UdpSocket;

/// How many are sent together at most. As many of the largest answers fit in what the kernel takes.
const TOGETHER: usize = 48;

/// Lets the kernel give datagrams together.
pub fn receive_together(socket: &UdpSocket) {
    // An older kernel gives each alone.
    let _ = setsockopt(socket, UdpGroSegment, &true);
}

/// Receives waiting datagrams of one client, one after the other in the buffer. Returns the client, their length
/// together, and the length of each but the last, which may be shorter.
///
/// # Errors
/// `WouldBlock` if none waits.
pub fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> io::Result<(SocketAddrV4, usize, usize)> {
    socket.try_io(Interest::READABLE, || {
        let (mut slices, mut control) = ([IoSliceMut::new(buffer)], nix::cmsg_space!(i32));
        let flags = MsgFlags::MSG_DONTWAIT;
        let received = recvmsg::<SockaddrIn>(socket.as_raw_fd(), &mut slices, Some(&mut control), flags)?;
        let client = received.address.ok_or(io::ErrorKind::InvalidData)?;
        let each = received.cmsgs()?.find_map(|message| match message {
            ControlMessageOwned::UdpGroSegments(each) => usize::try_from(each).ok(),
            _ => None,
        });
        Ok((client.into(), received.bytes, each.unwrap_or(received.bytes).max(1)))
    })
}

/// Sends datagrams to a client. Those for which there is no room are lost.
pub fn send(socket: &UdpSocket, client: SocketAddrV4, datagrams: &[Vec<u8>]) {
    let equal = datagrams.chunk_by(|one, next| one.len() == next.len());
    for some in equal.flat_map(|run| run.chunks(TOGETHER)) {
        if let [one] = some {
            let _ = socket.try_send_to(one, client.into());
        } else if send_equal(socket, client, some).is_err() {
            // Not every interface can divide them.
            some.iter().for_each(|one| drop(socket.try_send_to(one, client.into())));
        }
    }
}

/// Sends datagrams of one length together.
fn send_equal(socket: &UdpSocket, client: SocketAddrV4, datagrams: &[Vec<u8>]) -> io::Result<()> {
    let each = datagrams.first().map_or(0, Vec::len) as u16;
    let slices: Vec<_> = datagrams.iter().map(|bytes| IoSlice::new(bytes)).collect();
    socket.try_io(Interest::WRITABLE, || {
        let (control, flags) = ([ControlMessage::UdpGsoSegments(&each)], MsgFlags::MSG_DONTWAIT);
        sendmsg(socket.as_raw_fd(), &slices, &control, flags, Some(&SockaddrIn::from(client)))?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A socket at an address of loopback, and its address.
    async fn socket() -> (UdpSocket, SocketAddrV4) {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let std::net::SocketAddr::V4(address) = socket.local_addr().unwrap() else { unreachable!() };
        (socket, address)
    }

    #[tokio::test]
    async fn datagrams_are_the_same_together_and_alone() {
        let ((from, client), (to, server)) = (socket().await, socket().await);
        receive_together(&to);
        let sent: Vec<Vec<u8>> = [3, 3, 3, 5, 5, 2, 1232, 0, 4].map(|length| vec![length as u8; length]).into();
        from.writable().await.unwrap();
        send(&from, server, &sent);
        let (mut buffer, mut arrived) = (vec![0; 1 << 16], Vec::new());
        while arrived.len() < sent.len() {
            to.readable().await.unwrap();
            let Ok((peer, length, each)) = receive(&to, &mut buffer) else { continue };
            assert_eq!(peer, client);
            match length {
                0 => arrived.push(Vec::new()),
                _ => arrived.extend(buffer[..length].chunks(each).map(<[u8]>::to_vec)),
            }
        }
        assert_eq!(arrived, sent);
    }

    #[tokio::test]
    async fn nothing_waits() {
        let (socket, _) = socket().await;
        assert_eq!(receive(&socket, &mut [0; 9]).unwrap_err().kind(), io::ErrorKind::WouldBlock);
    }
}
