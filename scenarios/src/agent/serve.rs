//! Echo servers that tell clients the server's name and the address they see.

use super::held::Inbox;
use super::protocol::What;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, TcpListener, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// A text that starts with this is not echoed.
pub const SAY: &str = "say ";

/// A host's servers and the connections they hold.
#[derive(Default)]
pub struct Servers {
    running: Mutex<HashMap<What, Option<Arc<UdpSocket>>>>,
    peers: Arc<Mutex<HashMap<(What, SocketAddrV4), Peer>>>,
}

#[derive(Default)]
struct Peer {
    stream: Option<TcpStream>,
    inbox: Inbox,
}

impl Servers {
    /// Starts an echo server, unless it runs already.
    pub fn serve(&self, name: &str, what: What) -> io::Result<()> {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.contains_key(&what) {
            return Ok(());
        }
        let (name, peers) = (name.to_owned(), self.peers.clone());
        let socket = match what {
            What::Ping => None,
            What::Tcp(port) => {
                let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port))?;
                thread::spawn(move || {
                    for stream in listener.incoming().flatten() {
                        let (name, peers) = (name.clone(), peers.clone());
                        // A client that disconnects is expected.
                        thread::spawn(move || converse(&name, what, stream, &peers));
                    }
                });
                None
            }
            What::Udp(port) => {
                let socket = Arc::new(UdpSocket::bind((Ipv4Addr::UNSPECIFIED, port))?);
                let server = socket.clone();
                thread::spawn(move || answer(&name, what, &server, &peers));
                Some(socket)
            }
        };
        running.insert(what, socket);
        Ok(())
    }

    /// Sends a text to a peer of a server.
    pub fn say(&self, what: What, peer: SocketAddrV4, text: &str) -> io::Result<()> {
        let socket = self.running.lock().unwrap_or_else(PoisonError::into_inner).get(&what).cloned().flatten();
        if let Some(socket) = socket {
            return socket.send_to(text.as_bytes(), peer).map(drop);
        }
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        let stream =
            peers.get_mut(&(what, peer)).and_then(|peer| peer.stream.as_mut()).ok_or(io::ErrorKind::NotConnected)?;
        writeln!(stream, "{text}")
    }

    /// The texts that a client has sent.
    pub fn inbox(&self, what: What, peer: SocketAddrV4) -> io::Result<Inbox> {
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(peers.entry((what, peer)).or_default().inbox.clone())
    }
}

fn converse(
    name: &str,
    what: What,
    mut stream: TcpStream,
    peers: &Mutex<HashMap<(What, SocketAddrV4), Peer>>,
) -> io::Result<()> {
    let SocketAddr::V4(peer) = stream.peer_addr()? else { return Ok(()) };
    let inbox = Inbox::default();
    let known = Peer { stream: Some(stream.try_clone()?), inbox: inbox.clone() };
    peers.lock().unwrap_or_else(PoisonError::into_inner).insert((what, peer), known);
    writeln!(stream, "{name} {peer}")?;
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        if !line.starts_with(SAY) {
            writeln!(stream, "{line}")?;
        }
        inbox.put(line);
    }
    Ok(())
}

fn answer(name: &str, what: What, socket: &UdpSocket, peers: &Mutex<HashMap<(What, SocketAddrV4), Peer>>) {
    let mut buffer = [0; 65_536];
    loop {
        let Ok((length, SocketAddr::V4(peer))) = socket.recv_from(&mut buffer) else { continue };
        let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
        if !text.starts_with(SAY) {
            // The client notices if the answer is refused.
            let _ = socket.send_to(format!("{name} {peer} {text}").as_bytes(), peer);
        }
        peers.lock().unwrap_or_else(PoisonError::into_inner).entry((what, peer)).or_default().inbox.put(text);
    }
}

#[cfg(test)]
mod tests {
    use super::super::held::Held;
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

    fn probe(what: What) -> Event {
        probe::probe(what, (None, HOME), &Patience::of(PATIENCE).unwrap(), &|_| {}).unwrap()
    }

    #[test]
    fn probes_get_the_servers_name_and_their_own_address() {
        let servers = Servers::default();
        for what in [What::Tcp(free_port()), What::Udp(free_port())] {
            servers.serve("app", what).unwrap();
            let answer = probe(what);
            let Event::Answered { by, seen_as } = answer else { panic!("{answer:?}") };
            assert_eq!(by, "app");
            assert!(seen_as.starts_with("127.0.0.1"), "{seen_as}");
        }
        assert_eq!(probe(What::Tcp(free_port())), Event::Refused);
    }

    #[test]
    fn held_connections_carry_texts_both_ways() {
        let (servers, held) = (Servers::default(), Held::default());
        for (name, what) in [("t", What::Tcp(free_port())), ("u", What::Udp(free_port()))] {
            servers.serve("app", what).unwrap();
            let opened = held.open(name.into(), what, HOME, PATIENCE).unwrap();
            let Event::Opened { local, peer, by } = opened else { panic!("{opened:?}") };
            assert_eq!((local, by.as_str()), (peer, "app"));
            held.say(name, "one").unwrap();
            assert!(held.inbox(name).unwrap().wait_for("one", PATIENCE));
            servers.say(what, peer, "say two").unwrap();
            assert!(held.inbox(name).unwrap().wait_for("two", PATIENCE));
            held.say(name, "say three").unwrap();
            assert!(servers.inbox(what, peer).unwrap().wait_for("three", PATIENCE));
        }
    }
}
