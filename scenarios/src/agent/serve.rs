//! Echo servers, which greet clients with the server's name and the client's address.

use super::inbox::Inbox;
use super::protocol::ONE_WAY;
use crate::format::sentence::Service;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A host's servers and their clients.
#[derive(Default)]
pub struct Servers {
    running: Mutex<HashMap<Service, Option<Arc<UdpSocket>>>>,
    peers: Arc<Mutex<HashMap<(Service, SocketAddrV4), Peer>>>,
}

#[derive(Default)]
struct Peer {
    stream: Option<TcpStream>,
    inbox: Inbox,
}

impl Servers {
    /// Starts an echo server, unless it runs already.
    pub fn serve(&self, name: &str, service: Service) -> io::Result<()> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.contains_key(&service) {
            return Ok(());
        }
        let (name, peers) = (name.to_owned(), self.peers.clone());
        let socket = match service {
            Service::Ping => None,
            Service::Tcp(port) => {
                let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?;
                thread::spawn(move || {
                    for stream in listener.incoming().flatten() {
                        let (name, peers) = (name.clone(), peers.clone());
                        // A client that disconnects is expected.
                        thread::spawn(move || converse(&name, service, stream, &peers));
                    }
                });
                None
            }
            Service::Udp(port) => {
                let socket = Arc::new(UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port))?);
                let server = socket.clone();
                thread::spawn(move || answer(&name, service, &server, &peers));
                Some(socket)
            }
        };
        running.insert(service, socket);
        Ok(())
    }

    /// Sends a text to a peer of a server.
    pub fn send(&self, service: Service, peer: SocketAddrV4, text: &str) -> io::Result<()> {
        let socket = self.running.lock().unwrap_or_else(PoisonError::into_inner).get(&service).cloned().flatten();
        if let Some(socket) = socket {
            return socket.send_to(text.as_bytes(), peer).map(drop);
        }
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let stream =
            peers.get_mut(&(service, peer)).and_then(|peer| peer.stream.as_mut()).ok_or(io::ErrorKind::NotConnected)?;
        writeln!(stream, "{text}")
    }

    /// The texts that a client has sent.
    pub fn inbox(&self, service: Service, peer: SocketAddrV4) -> io::Result<Inbox> {
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(peers.entry((service, peer)).or_default().inbox.clone())
    }
}

/// Serves a TCP client.
fn converse(
    name: &str,
    service: Service,
    mut stream: TcpStream,
    peers: &Mutex<HashMap<(Service, SocketAddrV4), Peer>>,
) -> io::Result<()> {
    let SocketAddr::V4(peer) = stream.peer_addr()? else { return Ok(()) };
    let inbox = Inbox::default();
    let client = Peer { stream: Some(stream.try_clone()?), inbox: inbox.clone() };
    peers.lock().unwrap_or_else(PoisonError::into_inner).insert((service, peer), client);
    writeln!(stream, "{name} {peer}")?;
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        if !line.starts_with(ONE_WAY) {
            writeln!(stream, "{line}")?;
        }
        inbox.put(line);
    }
    Ok(())
}

/// Serves the clients of a UDP socket.
fn answer(name: &str, service: Service, socket: &UdpSocket, peers: &Mutex<HashMap<(Service, SocketAddrV4), Peer>>) {
    let mut buffer = [0; 65_536];
    loop {
        let Ok((length, SocketAddr::V4(peer))) = socket.recv_from(&mut buffer) else { continue };
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if !text.starts_with(ONE_WAY) {
            // The client notices if the answer is refused.
            let _ = socket.send_to(format!("{name} {peer} {text}").as_bytes(), peer);
        }
        peers.lock().unwrap_or_else(PoisonError::into_inner).entry((service, peer)).or_default().inbox.put(text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::connections::Connections;
    use super::super::patience::Patience;
    use super::super::probe;
    use super::super::protocol::Event;
    use super::*;
    use std::time::Duration;

    const PATIENCE: Duration = Duration::from_secs(10);
    const HOME: Ipv4Addr = Ipv4Addr::LOCALHOST;

    fn free_port() -> u16 {
        TcpListener::bind((HOME, 0)).unwrap().local_addr().unwrap().port()
    }

    fn probe(service: Service) -> Event {
        probe::probe(service, (None, HOME), &Patience::of(PATIENCE).unwrap(), &|_| {}).unwrap()
    }

    #[test]
    fn probes_are_told_the_servers_name_and_their_own_address() {
        let servers = Servers::default();
        for service in [Service::Tcp(free_port()), Service::Udp(free_port())] {
            servers.serve("app", service).unwrap();
            let answer = probe(service);
            let Event::Answered { by, seen_as } = answer else { panic!("{answer:?}") };
            assert_eq!(by, "app");
            assert!(seen_as.starts_with("127.0.0.1"), "{seen_as}");
        }
        assert_eq!(probe(Service::Tcp(free_port())), Event::Refused);
    }

    #[test]
    fn open_connections_carry_texts_both_ways() {
        let (servers, connections) = (Servers::default(), Connections::default());
        for (name, service) in [("t", Service::Tcp(free_port())), ("u", Service::Udp(free_port()))] {
            servers.serve("app", service).unwrap();
            let opened = connections.open(name.into(), service, HOME, PATIENCE).unwrap();
            let Event::Opened { local, peer, by } = opened else { panic!("{opened:?}") };
            assert_eq!((local, by.as_str()), (peer, "app"));
            connections.send(name, "one").unwrap();
            assert!(connections.inbox(name).unwrap().wait_for("one", PATIENCE));
            servers.send(service, peer, "two").unwrap();
            assert!(connections.inbox(name).unwrap().wait_for("two", PATIENCE));
            connections.send(name, "one-way three").unwrap();
            assert!(servers.inbox(service, peer).unwrap().wait_for("three", PATIENCE));
        }
    }
}
