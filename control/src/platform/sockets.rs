//! The sockets of the platform's services, opened in its namespace. They outlive the dataplane, as the namespace does,
//! and control, because `up` keeps them: clients that connect while control restarts wait in their queues.

use crate::link::Hosts;
use crate::state::State;
use dataplane::descriptors::Keeper;
use dataplane::host::within;
use model::platform_host::{API, API_PORTS, HOST, INTERNET_RESOLVER, METADATA, RESOLVER, TIME};
use socket2::{Domain, Socket, Type};
use std::io;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::watch;
use tokio::task::spawn_blocking;
use wire::HostState;

/// The pause before another attempt to open them.
const PAUSE: Duration = Duration::from_millis(200);
/// The resolver's addresses: its own, and the one that its other names lead to.
const RESOLVERS: [Ipv4Addr; 2] = [RESOLVER, INTERNET_RESOLVER];
/// Under which name `up` keeps them.
const KEPT: &str = "platform";
/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1024;
/// How many bytes may wait to be read: a burst of queries of a thousand hosts.
const RECEIVED: usize = 4 << 20;

/// The sockets of one namespace.
pub struct Sockets {
    /// Queries as datagrams.
    pub dns_udp: [UdpSocket; 2],
    /// Queries over connections.
    pub dns_tcp: [TcpListener; 2],
    /// The metadata service.
    pub metadata: TcpListener,
    /// The API, without and with TLS.
    pub api: [TcpListener; 2],
    /// The time service.
    pub time: UdpSocket,
}

/// Opens sockets whenever the platform has a new namespace.
pub struct Opener {
    hosts: watch::Receiver<Hosts>,
    state: State,
    /// The inode of the namespace with the last sockets.
    opened: Option<u64>,
}

impl Opener {
    pub fn new(hosts: watch::Receiver<Hosts>, state: State) -> Self {
        Self { hosts, state, opened: None }
    }

    /// The sockets of the next namespace.
    pub async fn next(&mut self) -> Sockets {
        loop {
            let is_up = self.hosts.borrow_and_update().state(HOST) == Some(&HostState::Up);
            let namespace = self.state.namespace_of(HOST).filter(|(_, inode)| is_up && Some(*inode) != self.opened);
            let Some((path, inode)) = namespace else {
                // The sender lives as long as the link.
                let _ = self.hosts.changed().await;
                continue;
            };
            match open(path, inode, Keeper::at(self.state.keeper())).await {
                Ok(sockets) => {
                    self.opened = Some(inode);
                    return sockets;
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot open the platform's sockets, so hosts have no resolver and no metadata; trying again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    /// Opens sockets again in the same namespace, after a pause.
    pub async fn reopen(&mut self) {
        self.opened = None;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn open(namespace: PathBuf, inode: u64, keeper: Keeper) -> io::Result<Sockets> {
    let obtained = spawn_blocking(move || obtain(&namespace, inode, &keeper)).await??;
    let [udp, other_udp, tcp, other_tcp, metadata, plain, secure, time] = obtained;
    Ok(Sockets {
        dns_udp: [UdpSocket::from_std(udp.into())?, UdpSocket::from_std(other_udp.into())?],
        dns_tcp: [TcpListener::from_std(tcp.into())?, TcpListener::from_std(other_tcp.into())?],
        metadata: TcpListener::from_std(metadata.into())?,
        api: [TcpListener::from_std(plain.into())?, TcpListener::from_std(secure.into())?],
        time: UdpSocket::from_std(time.into())?,
    })
}

/// The sockets of [`Sockets`], in the same order, before the runtime has them.
type Opened = [Socket; 8];

/// The sockets that an earlier control opened or, without these, new ones, which are kept for the next control. With
/// both open, half of the clients would have a socket that nobody reads.
fn obtain(namespace: &Path, inode: u64, keeper: &Keeper) -> io::Result<Opened> {
    let kept = keeper.take(KEPT, inode)?;
    if let Ok(kept) = <[OwnedFd; 8]>::try_from(kept) {
        return Ok(kept.map(Socket::from));
    }
    let opened = open_within(namespace)?;
    keeper.keep(KEPT, inode, &opened.each_ref().map(AsFd::as_fd))?;
    Ok(opened)
}

fn open_within(namespace: &Path) -> io::Result<Opened> {
    within(namespace, || {
        let ([one, other], [plain, secure]) = (RESOLVERS, API_PORTS);
        Ok([
            datagrams(one, 53)?,
            datagrams(other, 53)?,
            listener(one, 53)?,
            listener(other, 53)?,
            listener(METADATA, 80)?,
            listener(API, plain)?,
            listener(API, secure)?,
            datagrams(TIME, 123)?,
        ])
    })
}

fn datagrams(address: Ipv4Addr, port: u16) -> io::Result<Socket> {
    let socket = bound(Type::DGRAM, address, port)?;
    // The system may limit it.
    let _ = socket.set_recv_buffer_size(RECEIVED);
    Ok(socket)
}

fn listener(address: Ipv4Addr, port: u16) -> io::Result<Socket> {
    let socket = bound(Type::STREAM, address, port)?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

fn bound(kind: Type, address: Ipv4Addr, port: u16) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, kind, None)?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&SocketAddrV4::new(address, port).into())?;
    Ok(socket)
}
