//! For tests: a dataplane that records what it receives, and whose hosts come and go at once.

use std::collections::BTreeMap;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, mpsc};
use tokio::sync::{Mutex, MutexGuard};
use wire::{Call, Change, Entry, Event, HostReport, HostState, Key, Message, PortId, Reply, Request, Update};

/// Serves one connection, until either end hangs up.
pub(crate) struct Fake {
    /// The updates that it applied.
    pub(crate) updates: mpsc::Receiver<Update>,
    /// All requests except pings.
    pub(crate) asked: mpsc::Receiver<Request>,
    connection: mpsc::Receiver<UnixStream>,
    voice: Arc<Mutex<()>>,
}

impl Fake {
    /// A dataplane that refuses updates with such a change.
    pub(crate) fn listen(socket: &Path, refuses: fn(&Change) -> bool) -> Self {
        Self::listen_with(socket, refuses, |_| HostState::Up)
    }

    /// A dataplane that refuses updates with such a change, where `state` gives the state of each host.
    pub(crate) fn listen_with(socket: &Path, refuses: fn(&Change) -> bool, state: fn(&str) -> HostState) -> Self {
        let _ = std::fs::remove_file(socket);
        let listener = UnixListener::bind(socket).unwrap();
        let (update_sender, updates) = mpsc::channel();
        let (ask, asked) = mpsc::channel();
        let (connected, connection) = mpsc::channel();
        let voice = Arc::<Mutex<()>>::default();
        let speaks = Arc::clone(&voice);
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            connected.send(stream.try_clone().unwrap()).unwrap();
            let mut hosts = BTreeMap::new();
            while let Ok(Call { id, request }) = wire::read_frame(&mut stream) {
                let _speaks = speaks.blocking_lock();
                if request != Request::Ping {
                    let _ = ask.send(request.clone());
                }
                let (mut events, reply) = (Vec::new(), match_request(&request, refuses));
                if let (Request::Apply(update), Reply::Applied { .. }) = (request, &reply) {
                    events = follow(&mut hosts, &update, state);
                    // The test may have ended.
                    let _ = update_sender.send(update);
                }
                let answer = Message::Answer { id, reply };
                for message in events.into_iter().map(Message::Event).chain([answer]) {
                    if wire::write_frame(&mut stream, &message).is_err() {
                        return;
                    }
                }
            }
        });
        Self { updates, asked, connection, voice }
    }

    pub(crate) fn hang_up(&self) {
        self.connection.recv().unwrap().shutdown(std::net::Shutdown::Both).unwrap();
    }

    /// Stops answering, even pings, until the guard is dropped.
    pub(crate) async fn hush(&self) -> MutexGuard<'_, ()> {
        self.voice.lock().await
    }
}

fn match_request(request: &Request, refuses: fn(&Change) -> bool) -> Reply {
    match request {
        Request::Ping => Reply::Pong,
        Request::Apply(update) if update.changes.iter().any(refuses) => Reply::Refused { why: "unlucky".into() },
        Request::Apply(update) => Reply::Applied { version: update.version },
        _ => Reply::Done,
    }
}

/// Applies an update to the hosts.
fn follow(hosts: &mut BTreeMap<PortId, String>, update: &Update, state: fn(&str) -> HostState) -> Vec<Event> {
    let mut events = Vec::new();
    if update.whole {
        hosts.clear();
        events.push(Event::AllHosts(Vec::new()));
    }
    let report = |host: &str, state| Event::Host(HostReport { host: host.to_owned(), state });
    for change in &update.changes {
        match change {
            Change::Set(Entry::Port(id, port)) => {
                hosts.insert(*id, port.host.clone());
                events.push(report(&port.host, state(&port.host)));
            }
            Change::Remove(Key::Port(id)) => {
                let host = hosts.remove(id).filter(|host| !hosts.values().any(|other| other == host));
                events.extend(host.map(|host| report(&host, HostState::Gone)));
            }
            _ => {}
        }
    }
    events
}
