//! How long a probe tries: until its time is over or it is given up. A probe must end with its step, because its packets, such as
//! retransmitted SYNs, would reach what later steps set up.

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::collections::HashMap;
use std::io;
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The time that a probe has, unless it is given up.
pub struct Patience {
    end: Instant,
    given_up: Arc<EventFd>,
}

impl Patience {
    /// The time from now on.
    pub fn of(duration: Duration) -> io::Result<Self> {
        let given_up = EventFd::from_flags(EfdFlags::EFD_CLOEXEC)?;
        Ok(Self { end: Instant::now() + duration, given_up: Arc::new(given_up) })
    }

    /// Whether a descriptor becomes readable (`POLLIN`) or writable (`POLLOUT`), or fails, before patience ends and within `most`.
    pub fn wait_for(&self, descriptor: &impl AsFd, flags: PollFlags, most: Duration) -> io::Result<bool> {
        let left = self.end.saturating_duration_since(Instant::now()).min(most);
        let mut ready = [PollFd::new(self.given_up.as_fd(), PollFlags::POLLIN), PollFd::new(descriptor.as_fd(), flags)];
        poll(&mut ready, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX))?;
        let [given_up, is_ready] = ready.map(|fd| fd.any().unwrap_or(false));
        Ok(is_ready && !given_up)
    }

    /// Whether the time is over or the probe is given up.
    pub fn is_over(&self) -> io::Result<bool> {
        let mut ready = [PollFd::new(self.given_up.as_fd(), PollFlags::POLLIN)];
        Ok(Instant::now() >= self.end || poll(&mut ready, PollTimeout::ZERO)? > 0)
    }
}

/// The probes in progress, by the numbers of their orders.
#[derive(Default)]
pub struct Probes {
    running: Mutex<HashMap<u64, Arc<EventFd>>>,
    ended: Condvar,
}

impl Probes {
    /// Runs a probe, which can be given up by this number.
    pub fn run<T>(&self, id: u64, patience: Duration, work: impl FnOnce(&Patience) -> io::Result<T>) -> io::Result<T> {
        let patience = Patience::of(patience)?;
        self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(id, patience.given_up.clone());
        let result = work(&patience);
        self.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        self.ended.notify_all();
        result
    }

    /// Gives a probe up, and returns when it has ended. Succeeds at once if it has ended already.
    pub fn give_up(&self, id: u64) -> io::Result<()> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(given_up) = running.get(&id) {
            given_up.write(1)?;
        }
        let is_running = |running: &mut HashMap<u64, _>| running.contains_key(&id);
        drop(self.ended.wait_while(running, is_running).unwrap_or_else(PoisonError::into_inner));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::probe;
    use super::super::protocol::Event;
    use super::*;
    use crate::format::sentence::Service;
    use socket2::{Domain, Socket, Type};
    use std::net::{Ipv4Addr, SocketAddrV4, UdpSocket};
    use std::sync::mpsc;
    use std::thread;

    const HOME: Ipv4Addr = Ipv4Addr::LOCALHOST;
    /// Longer than any test would wait.
    const AN_HOUR: Duration = Duration::from_secs(3600);

    /// Starts a probe that is never answered, gives it up, and returns how it ended.
    fn given_up(service: Service) -> Event {
        let (probes, (sender, started)) = (Probes::default(), mpsc::channel());
        thread::scope(|scope| {
            let probing = scope.spawn(|| {
                let started = |_| sender.send(()).unwrap();
                probes.run(7, AN_HOUR, |patience| probe::probe(service, (None, HOME), patience, &started)).unwrap()
            });
            started.recv().unwrap();
            probes.give_up(7).unwrap();
            assert!(probes.running.lock().unwrap().is_empty());
            probing.join().unwrap()
        })
    }

    #[test]
    fn a_probe_by_udp_can_be_given_up() {
        let silent = UdpSocket::bind((HOME, 0)).unwrap();
        assert_eq!(given_up(Service::Udp(silent.local_addr().unwrap().port())), Event::TimedOut);
    }

    #[test]
    fn a_probe_by_tcp_can_be_given_up_before_and_after_it_connects() {
        // After the first connection the backlog is full, so a further SYN is not even answered.
        let silent = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        silent.bind(&SocketAddrV4::new(HOME, 0).into()).unwrap();
        silent.listen(0).unwrap();
        let port = silent.local_addr().unwrap().as_socket_ipv4().unwrap().port();
        assert_eq!(given_up(Service::Tcp(port)), Event::TimedOut, "connected, waiting for a greeting");
        assert_eq!(given_up(Service::Tcp(port)), Event::TimedOut, "not connected");
    }

    #[test]
    fn giving_up_an_ended_probe_succeeds() {
        Probes::default().give_up(7).unwrap();
    }
}
