//! Connections that stay open from step to step.

use super::patience::Patience;
use super::probe::{self, Echo};
use super::protocol::{Event, What};
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// The texts that have arrived on a connection.
#[derive(Clone, Default)]
pub struct Inbox(Arc<(Mutex<Vec<String>>, Condvar)>);

impl Inbox {
    /// Something arrived.
    pub fn put(&self, text: String) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        self.0.1.notify_all();
    }

    /// Whether a text that contains this one arrives in time, or has arrived already.
    pub fn wait_for(&self, text: &str, patience: Duration) -> bool {
        let texts = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = |texts: &mut Vec<String>| !texts.iter().any(|have| have.contains(text));
        let (_texts, result) =
            self.0.1.wait_timeout_while(texts, patience, waiting).unwrap_or_else(PoisonError::into_inner);
        !result.timed_out()
    }
}

/// The connections a host has opened, by name.
#[derive(Default)]
pub struct Held(Mutex<HashMap<String, (Line, Inbox)>>);

enum Line {
    Tcp(TcpStream),
    Udp(UdpSocket),
    Ping(Arc<Echo>),
}

impl Held {
    /// Opens a connection, which is held once the other side has answered.
    pub fn open(&self, name: String, what: What, to: Ipv4Addr, patience: Duration) -> io::Result<Event> {
        let inbox = Inbox::default();
        let (line, local) = match what {
            What::Tcp(port) => match probe::connect((None, to), port, &Patience::of(patience)?, &|_| {})? {
                probe::Connected::Yes(stream) => {
                    let local = stream.local_addr()?;
                    let (lines, inbox) = (BufReader::new(stream.try_clone()?), inbox.clone());
                    thread::spawn(move || lines.lines().map_while(Result::ok).for_each(|line| inbox.put(line)));
                    (Line::Tcp(stream), local)
                }
                probe::Connected::Refused => return Ok(Event::Refused),
                probe::Connected::TimedOut => return Ok(Event::TimedOut),
            },
            What::Udp(port) => {
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
                (Line::Udp(socket), local)
            }
            What::Ping => {
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
                (Line::Ping(echo), SocketAddr::V4(local))
            }
        };
        let SocketAddr::V4(local) = local else { return Err(io::ErrorKind::AddrNotAvailable.into()) };
        // The greeting names the server and the client's address; an echo reply has neither.
        let (greeted, by, peer) = match what {
            What::Ping => (inbox.wait_for("hello", patience), String::new(), local),
            What::Tcp(_) | What::Udp(_) => {
                let greeted = inbox.wait_for(" ", patience);
                let greeting =
                    inbox.0.0.lock().unwrap_or_else(PoisonError::into_inner).first().cloned().unwrap_or_default();
                let mut words = greeting.split(' ');
                let by = words.next().unwrap_or_default().to_owned();
                (greeted, by, words.next().and_then(|peer| peer.parse().ok()).unwrap_or(local))
            }
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name, (line, inbox));
        Ok(if greeted { Event::Opened { local, by, peer } } else { Event::TimedOut })
    }

    /// Sends a text on a connection.
    pub fn say(&self, name: &str, text: &str) -> io::Result<()> {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(name) {
            // One write, because the answer to the first packet may end the connection.
            Some((Line::Tcp(stream), _)) => stream.write_all(format!("{text}\n").as_bytes()),
            Some((Line::Udp(socket), _)) => socket.send(text.as_bytes()).map(drop),
            Some((Line::Ping(echo), _)) => echo.send(text),
            None => Err(io::ErrorKind::NotConnected.into()),
        }
    }

    /// What has arrived on a connection.
    pub fn inbox(&self, name: &str) -> io::Result<Inbox> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.get(name).map(|(_, inbox)| inbox.clone()).ok_or_else(|| io::ErrorKind::NotConnected.into())
    }
}
