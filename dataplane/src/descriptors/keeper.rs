//! The keeper of descriptors that outlive the process that opened them.
//!
//! The supervisor (`up`) runs it for the queues of hosts and for the sockets of the platform's host. Packets and connections
//! that come while the dataplane or control is down wait there for the next process.
//!
//! A set of descriptors has a name, which is a path such as `queues/HOST/0/Offload`, and the inode of its network namespace. A
//! request is one byte (keep, take or forget), the inode (8 bytes, big-endian) and the name; descriptors are beside it
//! (SCM_RIGHTS, unix(7)). The answer is the same byte, with the descriptors that were asked for.

use crate::socket;
use nix::cmsg_space;
use nix::sys::socket::{ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// The greatest number of descriptors of one name, which is that of one message (SCM_MAX_FD).
const MOST: usize = 253;
/// The length of a request before the name, in bytes.
const HEAD: usize = 9;
/// The longest request, in bytes. A host's name has at most 255.
const LONGEST: usize = 512;
const KEEP: u8 = b'k';
const TAKE: u8 = b't';
const FORGET: u8 = b'f';
/// How long one end waits for the other.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause before another attempt to accept a client.
const PAUSE: Duration = Duration::from_millis(100);

/// Keeps descriptors for the clients of a socket, on a thread of its own, for as long as the process runs.
///
/// # Errors
/// If the system has no more threads.
pub fn serve(mut listener: UnixListener) -> io::Result<()> {
    let serve = move || {
        let mut kept = Kept::default();
        loop {
            match socket::accept(&mut listener).map(|client| kept.answer(&client)) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::debug!(%error, "a request for kept descriptors failed"),
                // Most likely the process is out of file descriptors. Some may be free again soon.
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a request for kept descriptors; trying again");
                    thread::sleep(PAUSE);
                }
            }
        }
    };
    thread::Builder::new().name("keeper".into()).spawn(serve).map(drop)
}

/// A client of the keeper.
#[derive(Clone, Debug)]
pub struct Keeper {
    socket: PathBuf,
}

impl Keeper {
    /// The keeper that listens there.
    pub fn at(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// Has descriptors of a namespace kept under a name, in place of those that were kept under it.
    ///
    /// # Errors
    /// If the keeper does not answer, or there are too many descriptors.
    pub fn keep(&self, name: &str, namespace: u64, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        self.ask(KEEP, name, namespace, descriptors).map(drop)
    }

    /// The descriptors that are kept under a name for this namespace. Empty if there are none.
    ///
    /// # Errors
    /// If the keeper does not answer.
    pub fn take(&self, name: &str, namespace: u64) -> io::Result<Vec<OwnedFd>> {
        self.ask(TAKE, name, namespace, &[])
    }

    /// Has the descriptors of a name closed, and those of all names below it.
    ///
    /// # Errors
    /// If the keeper does not answer.
    pub fn forget(&self, name: &str) -> io::Result<()> {
        self.ask(FORGET, name, 0, &[]).map(drop)
    }

    fn ask(&self, what: u8, name: &str, namespace: u64, beside: &[BorrowedFd<'_>]) -> io::Result<Vec<OwnedFd>> {
        let stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let message = [&[what], &namespace.to_be_bytes()[..], name.as_bytes()].concat();
        if message.len() > LONGEST {
            return Err(ErrorKind::InvalidInput.into());
        }
        send(&stream, &message, beside)?;
        let (answer, given) = receive(&stream)?;
        if answer == [what] { Ok(given) } else { Err(ErrorKind::InvalidData.into()) }
    }
}

/// The kept descriptors with the inode of their namespace, by name.
#[derive(Default)]
struct Kept(BTreeMap<String, (u64, Vec<OwnedFd>)>);

impl Kept {
    fn answer(&mut self, client: &UnixStream) -> io::Result<()> {
        client.set_read_timeout(Some(PATIENCE))?;
        let (message, descriptors) = receive(client)?;
        let (what, namespace, name) = parse(&message).ok_or(ErrorKind::InvalidData)?;
        match what {
            KEEP => {
                let former = self.0.insert(name.to_owned(), (namespace, descriptors));
                send(client, &[KEEP], &[])?;
                drop(former);
                Ok(())
            }
            TAKE => {
                let own = self.0.get(name).filter(|(of, _)| *of == namespace);
                let given: Vec<_> = own.into_iter().flat_map(|(_, kept)| kept).map(AsFd::as_fd).collect();
                send(client, &[TAKE], &given)
            }
            FORGET => {
                let below = |other: &str| other.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
                self.0.retain(|other, _| other != name && !below(other));
                send(client, &[FORGET], &[])
            }
            _ => Err(ErrorKind::InvalidData.into()),
        }
    }
}

/// The parts of a request: its first byte, the namespace's inode and the name.
fn parse(message: &[u8]) -> Option<(u8, u64, &str)> {
    let ([what, namespace @ ..], name) = message.split_first_chunk::<HEAD>()?;
    Some((*what, u64::from_be_bytes(*namespace), str::from_utf8(name).ok()?))
}

fn send(stream: &UnixStream, bytes: &[u8], beside: &[BorrowedFd<'_>]) -> io::Result<()> {
    // The receiver has no space for more.
    if beside.len() > MOST {
        return Err(ErrorKind::InvalidInput.into());
    }
    let descriptors: Vec<RawFd> = beside.iter().map(AsRawFd::as_raw_fd).collect();
    let beside = [ControlMessage::ScmRights(&descriptors)];
    let beside = if descriptors.is_empty() { &[][..] } else { &beside[..] };
    sendmsg::<()>(stream.as_raw_fd(), &[IoSlice::new(bytes)], beside, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// Receives one message, which is short enough to come in one piece.
fn receive(stream: &UnixStream) -> io::Result<(Vec<u8>, Vec<OwnedFd>)> {
    let (mut bytes, mut space) = ([0; LONGEST], cmsg_space!([RawFd; MOST]));
    let mut into = [IoSliceMut::new(&mut bytes)];
    let message = recvmsg::<()>(stream.as_raw_fd(), &mut into, Some(&mut space), MsgFlags::MSG_CMSG_CLOEXEC)?;
    let length = message.bytes;
    let given = message.cmsgs()?.filter_map(|beside| match beside {
        ControlMessageOwned::ScmRights(descriptors) => Some(descriptors),
        _ => None,
    });
    // SAFETY: the kernel has just made these descriptors for us, and nobody else knows them.
    let given = given.flatten().map(|descriptor| unsafe { OwnedFd::from_raw_fd(descriptor) }).collect();
    Ok((bytes.get(..length).unwrap_or_default().to_vec(), given))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::UdpSocket;
    use tempfile::TempDir;

    /// A keeper, and the directory of its socket.
    fn keeper() -> (Keeper, TempDir) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("kept");
        serve(UnixListener::bind(&path).unwrap()).unwrap();
        (Keeper::at(path), directory)
    }

    #[test]
    fn a_datagram_waits_in_a_kept_socket_that_no_process_has_open() {
        let (keeper, _directory) = keeper();
        assert!(keeper.take("sockets", 1).unwrap().is_empty());
        let first = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = first.local_addr().unwrap();
        keeper.keep("sockets", 1, &[first.as_fd()]).unwrap();
        drop(first);
        UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"a query", address).unwrap();
        let [again] = <[OwnedFd; 1]>::try_from(keeper.take("sockets", 1).unwrap()).unwrap();
        let mut bytes = [0; 16];
        let (length, _) = UdpSocket::from(again).recv_from(&mut bytes).unwrap();
        assert_eq!(&bytes[..length], b"a query");
    }

    #[test]
    fn descriptors_are_given_for_their_own_namespace_only() {
        let (keeper, _directory) = keeper();
        let sockets = [(); 2].map(|()| UdpSocket::bind("127.0.0.1:0").unwrap());
        keeper.keep("sockets", 1, &sockets.each_ref().map(AsFd::as_fd)).unwrap();
        let count = |namespace| keeper.take("sockets", namespace).unwrap().len();
        assert_eq!([count(1), count(2)], [2, 0]);
        keeper.keep("sockets", 2, &[sockets[0].as_fd()]).unwrap();
        assert_eq!([count(1), count(2)], [0, 1]);
    }

    #[test]
    fn a_name_is_forgotten_with_all_below_it_and_no_others() {
        let (keeper, _directory) = keeper();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let names = ["queues/a/0", "queues/a/1", "queues/ab/0", "queues/b/0"];
        for name in names {
            keeper.keep(name, 1, &[socket.as_fd()]).unwrap();
        }
        let kept = || names.map(|name| keeper.take(name, 1).unwrap().len());
        keeper.forget("queues/a").unwrap();
        assert_eq!(kept(), [0, 0, 1, 1]);
        keeper.forget("queues/b/0").unwrap();
        assert_eq!(kept(), [0, 0, 1, 0]);
    }

    #[test]
    fn too_many_descriptors_and_too_long_names_are_refused() {
        let (keeper, _directory) = keeper();
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        keeper.keep("sockets", 1, &[socket.as_fd(); MOST]).unwrap();
        let refused = |name: &str, count| {
            keeper.keep(name, 1, &vec![socket.as_fd(); count]).unwrap_err().kind() == ErrorKind::InvalidInput
        };
        assert!(refused("sockets", MOST + 1) && refused(&"x".repeat(LONGEST), 1));
        assert_eq!(keeper.take("sockets", 1).unwrap().len(), MOST);
    }

    #[test]
    fn a_client_that_sends_nothing_or_nonsense_delays_no_other() {
        let (keeper, _directory) = keeper();
        drop(UnixStream::connect(&keeper.socket).unwrap());
        for nonsense in [&b"x"[..], &[b'x'; HEAD], &[KEEP, 0, 0, 0, 0, 0, 0, 0, 0, 0xff]] {
            send(&UnixStream::connect(&keeper.socket).unwrap(), nonsense, &[]).unwrap();
        }
        assert!(keeper.take("sockets", 1).unwrap().is_empty());
    }
}
