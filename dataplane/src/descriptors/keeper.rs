//! Descriptors that outlive the process that opened them. `up` holds the queues of hosts and the sockets of the platform's host. What
//! comes while the dataplane or control is not there waits in them, and the next one goes on with it.
//!
//! Each set of descriptors has a name, a path such as `queues/HOST/0`, and is of one network namespace, told by its inode. A message is
//! what is wanted, that inode and the name; the descriptors are beside it (SCM_RIGHTS, unix(7)). It is answered by one byte, and by the
//! descriptors asked for.

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

/// The most descriptors of one name: more cannot go with one message (SCM_MAX_FD).
const MOST: usize = 253;
/// The length of a message before the name, in bytes: what is wanted, and an inode.
const HEAD: usize = 9;
/// The longest message, in bytes. A host's name has 255 at most.
const LONGEST: usize = 512;
const KEEP: u8 = b'k';
const TAKE: u8 = b't';
const FORGET: u8 = b'f';
/// How long one end waits for the other.
const PATIENCE: Duration = Duration::from_secs(5);
/// The pause before another attempt to accept a client.
const PAUSE: Duration = Duration::from_millis(100);

/// Keeps descriptors for whoever asks, from a thread, for as long as the process runs.
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

/// Where descriptors are kept.
#[derive(Clone, Debug)]
pub struct Keeper {
    socket: PathBuf,
}

impl Keeper {
    /// The keeper that listens there.
    pub fn at(socket: PathBuf) -> Self {
        Self { socket }
    }

    /// Has descriptors of a namespace kept under a name, in place of those that it had.
    ///
    /// # Errors
    /// If nobody keeps them, or there are too many.
    pub fn keep(&self, name: &str, namespace: u64, descriptors: &[BorrowedFd<'_>]) -> io::Result<()> {
        self.ask(KEEP, name, namespace, descriptors).map(drop)
    }

    /// The descriptors of that name and namespace; none if none are kept.
    ///
    /// # Errors
    /// If nobody keeps any.
    pub fn take(&self, name: &str, namespace: u64) -> io::Result<Vec<OwnedFd>> {
        self.ask(TAKE, name, namespace, &[])
    }

    /// Has the descriptors of that name closed, and those of all names below it.
    ///
    /// # Errors
    /// If nobody keeps any.
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

/// What is kept: by its name, the namespace that it is of, and the descriptors.
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

/// What is wanted, the namespace and the name.
fn parse(message: &[u8]) -> Option<(u8, u64, &str)> {
    let ([what, namespace @ ..], name) = message.split_first_chunk::<HEAD>()?;
    Some((*what, u64::from_be_bytes(*namespace), str::from_utf8(name).ok()?))
}

fn send(stream: &UnixStream, bytes: &[u8], beside: &[BorrowedFd<'_>]) -> io::Result<()> {
    // Whoever receives has no place for more.
    if beside.len() > MOST {
        return Err(ErrorKind::InvalidInput.into());
    }
    let descriptors: Vec<RawFd> = beside.iter().map(AsRawFd::as_raw_fd).collect();
    let beside = [ControlMessage::ScmRights(&descriptors)];
    let beside = if descriptors.is_empty() { &[][..] } else { &beside[..] };
    sendmsg::<()>(stream.as_raw_fd(), &[IoSlice::new(bytes)], beside, MsgFlags::MSG_NOSIGNAL, None)?;
    Ok(())
}

/// One message: it is short enough to come in one piece.
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
    fn what_comes_while_nobody_has_a_socket_waits_in_it() {
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
    fn descriptors_of_another_namespace_are_not_given_and_give_way() {
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
    fn what_is_more_or_longer_than_can_be_kept_is_refused() {
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
    fn whoever_says_nothing_or_nonsense_keeps_nobody_waiting() {
        let (keeper, _directory) = keeper();
        drop(UnixStream::connect(&keeper.socket).unwrap());
        for nonsense in [&b"x"[..], &[b'x'; HEAD], &[KEEP, 0, 0, 0, 0, 0, 0, 0, 0, 0xff]] {
            send(&UnixStream::connect(&keeper.socket).unwrap(), nonsense, &[]).unwrap();
        }
        assert!(keeper.take("sockets", 1).unwrap().is_empty());
    }
}
