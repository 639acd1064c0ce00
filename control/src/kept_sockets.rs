//! Sockets that outlive control. `up` keeps those of the platform's host: requests that arrive while control is down
//! wait in their queues, and the next control answers them.
//!
//! Control sends `up` the sockets that it has opened in a namespace, and asks for them when it starts. A message has
//! the operation and the namespace's inode, with the sockets beside it (SCM_RIGHTS, unix(7)). The answer is one byte,
//! with the sockets asked for.

use nix::cmsg_space;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// The greatest number of sockets that are kept.
const MOST: usize = 16;
/// The length of a message in bytes: the operation, and a 64-bit number.
const MESSAGE: usize = 9;
const KEEP: u8 = b'k';
const TAKE: u8 = b't';
/// How long one side waits for the other.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps sockets on a thread, as long as the process runs.
///
/// # Errors
/// If the thread cannot start.
pub fn serve(listener: UnixListener) -> io::Result<()> {
    let serve = move || {
        let mut kept = Kept::default();
        for client in listener.incoming() {
            if let Err(error) = client.and_then(|client| kept.answer(&client)) {
                tracing::debug!(%error, "cannot keep sockets");
            }
        }
    };
    thread::Builder::new().name("sockets".into()).spawn(serve).map(drop)
}

/// Hands a namespace's sockets over, replacing those kept before.
///
/// # Errors
/// If the keeper does not answer, or there are too many sockets.
pub fn keep(keeper: &Path, namespace: u64, sockets: &[BorrowedFd<'_>]) -> io::Result<()> {
    ask(keeper, KEEP, namespace, sockets).map(drop)
}

/// The kept sockets of a namespace. Empty if there are none.
///
/// # Errors
/// If the keeper does not answer.
pub fn take(keeper: &Path, namespace: u64) -> io::Result<Vec<OwnedFd>> {
    ask(keeper, TAKE, namespace, &[])
}

fn ask(keeper: &Path, what: u8, namespace: u64, sockets: &[BorrowedFd<'_>]) -> io::Result<Vec<OwnedFd>> {
    let stream = UnixStream::connect(keeper)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut message = [what; MESSAGE];
    message[1..].copy_from_slice(&namespace.to_be_bytes());
    send(&stream, &message, sockets)?;
    let ([answer], given) = receive::<1>(&stream)?;
    if answer == what { Ok(given) } else { Err(ErrorKind::InvalidData.into()) }
}

/// The kept sockets, and their namespace.
#[derive(Default)]
struct Kept {
    namespace: u64,
    sockets: Vec<OwnedFd>,
}

impl Kept {
    fn answer(&mut self, client: &UnixStream) -> io::Result<()> {
        client.set_read_timeout(Some(PATIENCE))?;
        let ([what, namespace @ ..], sockets) = receive::<MESSAGE>(client)?;
        let namespace = u64::from_be_bytes(namespace);
        match what {
            KEEP => {
                *self = Kept { namespace, sockets };
                send(client, &[KEEP], &[])
            }
            TAKE => {
                let own = self.sockets.iter().filter(|_| namespace == self.namespace);
                send(client, &[TAKE], &own.map(AsFd::as_fd).collect::<Vec<_>>())
            }
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }
}

fn send(stream: &UnixStream, bytes: &[u8], sockets: &[BorrowedFd<'_>]) -> io::Result<()> {
    // The receiver has no room for more.
    if sockets.len() > MOST {
        return Err(ErrorKind::InvalidInput.into());
    }
    let descriptors: Vec<RawFd> = sockets.iter().map(AsRawFd::as_raw_fd).collect();
    let beside = [ControlMessage::ScmRights(&descriptors)];
    let beside = if descriptors.is_empty() { &[][..] } else { &beside[..] };
    sendmsg::<()>(stream.as_raw_fd(), &[IoSlice::new(bytes)], beside, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// Receives a message of exactly this length, which is short enough to arrive in one piece.
fn receive<const LENGTH: usize>(stream: &UnixStream) -> io::Result<([u8; LENGTH], Vec<OwnedFd>)> {
    let (mut bytes, mut space) = ([0; LENGTH], cmsg_space!([RawFd; MOST]));
    let mut into = [IoSliceMut::new(&mut bytes)];
    let message = recvmsg::<()>(stream.as_raw_fd(), &mut into, Some(&mut space), MsgFlags::MSG_CMSG_CLOEXEC)?;
    let length = message.bytes;
    let given = message.cmsgs()?.filter_map(|beside| match beside {
        ControlMessageOwned::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    // SAFETY: the kernel has just made these descriptors, and nothing else owns them.
    let given = given.flatten().map(|descriptor| unsafe { OwnedFd::from_raw_fd(descriptor) }).collect();
    if length == LENGTH { Ok((bytes, given)) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;

    #[test]
    fn connections_wait_in_a_kept_socket() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sockets");
        serve(UnixListener::bind(&path).unwrap()).unwrap();
        assert!(take(&path, 1).unwrap().is_empty());
        let first = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = first.local_addr().unwrap();
        keep(&path, 1, &[first.as_fd()]).unwrap();
        drop(first);
        UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"a query", address).unwrap();
        let [again] = <[OwnedFd; 1]>::try_from(take(&path, 1).unwrap()).unwrap();
        let mut bytes = [0; 16];
        let (length, _) = UdpSocket::from(again).recv_from(&mut bytes).unwrap();
        assert_eq!(&bytes[..length], b"a query");
    }

    #[test]
    fn sockets_of_another_namespace_are_not_given_and_give_way() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sockets");
        serve(UnixListener::bind(&path).unwrap()).unwrap();
        let sockets = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        keep(&path, 1, &sockets.each_ref().map(AsFd::as_fd)).unwrap();
        assert_eq!([take(&path, 1).unwrap().len(), take(&path, 2).unwrap().len()], [2, 0]);
        keep(&path, 2, &[sockets[0].as_fd()]).unwrap();
        assert_eq!([take(&path, 1).unwrap().len(), take(&path, 2).unwrap().len()], [0, 1]);
    }

    #[test]
    fn more_sockets_than_are_kept_are_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sockets");
        serve(UnixListener::bind(&path).unwrap()).unwrap();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        keep(&path, 1, &[socket.as_fd(); MOST]).unwrap();
        assert_eq!(keep(&path, 1, &[socket.as_fd(); MOST + 1]).unwrap_err().kind(), ErrorKind::InvalidInput);
        assert_eq!(take(&path, 1).unwrap().len(), MOST);
    }

    #[test]
    fn a_silent_or_invalid_client_delays_no_other() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sockets");
        serve(UnixListener::bind(&path).unwrap()).unwrap();
        drop(UnixStream::connect(&path).unwrap());
        send(&UnixStream::connect(&path).unwrap(), &[b'x'; MESSAGE], &[]).unwrap();
        assert!(take(&path, 1).unwrap().is_empty());
    }
}
