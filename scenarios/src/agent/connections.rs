//! The connections that a host has opened, which stay open from step to step.

use super::inbox::Inbox;
use super::patience::Patience;
use super::probe::{self, Echo};
use super::protocol::Event;
use crate::format::sentence::Service;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The connections that a host has opened, by name.
#[derive(Default)]
pub struct Connections(Mutex<HashMap<String, (Socket, Inbox)>>);

enum Socket {
    Tcp(TcpStream),
    Udp(UdpSocket),
    Ping(Arc<Echo>),
}

impl Connections {
    /// Opens a connection and keeps it. Returns once the other side has answered, or after `patience`.
    pub fn open(&self, name: String, service: Service, to: Ipv4Addr, patience: Duration) -> io::Result<Event> {
        let inbox = Inbox::default();
        let (socket, local) = match service {
            Service::Tcp(port) => match probe::connect((None, to), port, &Patience::of(patience)?, &|_| {})? {
                probe::Connected::Yes(stream) => {
                    let local = stream.local_addr()?;
                    let (lines, inbox) = (BufReader::new(stream.try_clone()?), inbox.clone());
                    thread::spawn(move || lines.lines().map_while(Result::ok).for_each(|line| inbox.put(line)));
                    (Socket::Tcp(stream), local)
                }
                probe::Connected::Refused => return Ok(Event::Refused),
                probe::Connected::TimedOut => return Ok(Event::TimedOut),
            },
            Service::Udp(port) => {
                let socket = probe::udp((None, to), port)?;
                let (local, reader, inbox) = (socket.local_addr()?, socket.try_clone()?, inbox.clone());
                thread::spawn(move || {
                    let mut buffer = [0; 65_536];
                    loop {
                        if let Ok(length) = reader.recv(&mut buffer) {
                            inbox.put(String::from_utf8_lossy(&buffer[..length]).into_owned());
                        }
                    }
                });
                socket.send(b"hello")?;
                (Socket::Udp(socket), local)
            }
            Service::Ping => {
                let echo = Arc::new(Echo::new((None, to))?);
                let (reader, inbox, local) = (echo.clone(), inbox.clone(), echo.local()?);
                thread::spawn(move || {
                    loop {
                        if let Ok(text) = reader.receive() {
                            inbox.put(text);
                        }
                    }
                });
                echo.send("hello")?;
                (Socket::Ping(echo), SocketAddr::V4(local))
            }
        };
        let SocketAddr::V4(local) = local else { return Err(io::ErrorKind::AddrNotAvailable.into()) };
        // The greeting names the server and the client's address; an echo reply has neither.
        let (greeted, by, peer) = match service {
            Service::Ping => (inbox.wait_for("hello", patience), String::new(), local),
            Service::Tcp(_) | Service::Udp(_) => {
                let greeted = inbox.wait_for(" ", patience);
                let greeting = inbox.first();
                let mut words = greeting.split(' ');
                let by = words.next().unwrap_or_default().to_owned();
                (greeted, by, words.next().and_then(|peer| peer.parse().ok()).unwrap_or(local))
            }
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, (socket, inbox));
        Ok(if greeted { Event::Opened { local, by, peer } } else { Event::TimedOut })
    }

    /// Sends a text on a connection.
    pub fn send(&self, name: &str, text: &str) -> io::Result<()> {
        let mut connections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match connections.get_mut(name) {
            // One write, because the answer to the first packet may end the connection.
            Some((Socket::Tcp(stream), _)) => stream.write_all(format!("{text}\n").as_bytes()),
            Some((Socket::Udp(socket), _)) => socket.send(text.as_bytes()).map(drop),
            Some((Socket::Ping(echo), _)) => echo.send(text),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// The texts that have arrived on a connection.
    pub fn inbox(&self, name: &str) -> io::Result<Inbox> {
        let connections = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        connections.get(name).map(|(_, inbox)| inbox.clone()).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}
