//! Sockets that outlive control. `up` holds those of the platform's host, so that what comes while there is no control waits in their
//! queues, and the next control answers it.
//!
//! Control hands `up` the sockets that it has opened in a namespace, and asks for them when it starts. A message is what is wanted and
//! the namespace's inode; the sockets are beside it (SCM_RIGHTS, unix(7)). It is answered by one byte, and by the sockets asked for.

use nix::cmsg_space;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::thread;
use std::time::Duration;

/// The most sockets that are kept.
const MOST: usize = 16;
/// The length of a message, in bytes: what is wanted, and a number of 64 bits.
const MESSAGE: usize = 9;
const KEEP: u8 = b'k';
const TAKE: u8 = b't';
/// How long one end waits for the other.
const PATIENCE: Duration = Duration::from_secs(5);

/// Keeps sockets for whoever asks, from a thread, for as long as the process runs.
///
/// # Errors
/// If the system has no more threads.
pub fn serve(listener: UnixListener) -> io::Result<()> {
    let serve = move || {
        let mut kept = Kept::default();
        for client in listener.incoming() {
            if let Err(error) = client.and_then(|client| kept.answer(&client)) {
                tracing::debug!(%error, "no sockets are kept");
            }
        }
    };
    thread::Builder::new().name("sockets".into()).spawn(serve).map(drop)
}

/// Has sockets of a namespace kept, in place of whatever was.
///
/// # Errors
/// If nobody keeps them, or there are too many.
pub fn keep(keeper: &Path, namespace: u64, sockets: &[BorrowedFd<'_>]) -> io::Result<()> {
    ask(keeper, KEEP, namespace, sockets).map(drop)
}

/// The sockets of a namespace that are kept; none if there are none of it.
///
/// # Errors
/// If nobody keeps any.
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

/// What is kept: of which namespace, and its sockets.
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
    // Who receives has no place for more.
    if sockets.len() > MOST {
        return Err(ErrorKind::InvalidInput.into());
    }
    let descriptors: Vec<RawFd> = sockets.iter().map(AsRawFd::as_raw_fd).collect();
    let beside = [ControlMessage::ScmRights(&descriptors)];
    let beside = if descriptors.is_empty() { &[][..] } else { &beside[..] };
    sendmsg::<()>(stream.as_raw_fd(), &[IoSlice::new(bytes)], beside, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// A message of exactly so many bytes: it is short enough to come in one piece.
fn receive<const LENGTH: usize>(stream: &UnixStream) -> io::Result<([u8; LENGTH], Vec<OwnedFd>)> {
    let (mut bytes, mut space) = ([0; LENGTH], cmsg_space!([RawFd; MOST]));
    let mut into = [IoSliceMut::new(&mut bytes)];
    let message = recvmsg::<()>(stream.as_raw_fd(), &mut into, Some(&mut space), MsgFlags::MSG_CMSG_CLOEXEC)?;
    let length = message.bytes;
    let given = message.cmsgs()?.filter_map(|beside| match beside {
        ControlMessageOwned::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    // SAFETY: the kernel has just made these descriptors for us, and nobody else knows them.
    let given = given.flatten().map(|descriptor| unsafe { OwnedFd::from_raw_fd(descriptor) }).collect();
    if length == LENGTH { Ok((bytes, given)) } else { Err(ErrorKind::UnexpectedEof.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;

    #[test]
    fn what_comes_while_nobody_has_a_socket_waits_in_it() {
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
    fn who_says_nothing_or_nonsense_keeps_nobody_waiting() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("sockets");
        serve(UnixListener::bind(&path).unwrap()).unwrap();
        drop(UnixStream::connect(&path).unwrap());
        send(&UnixStream::connect(&path).unwrap(), &[b'x'; MESSAGE], &[]).unwrap();
        assert!(take(&path, 1).unwrap().is_empty());
    }
}
