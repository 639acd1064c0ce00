//! The agent: a program in a host that sends, receives and counts on request.

use super::connect;
use super::counters::Counters;
use super::ping;
use super::protocol::{Answer, Connections, Request};
use super::streams::{self, Streams};
use super::udp;
use nix::ifaddrs::getifaddrs;
use nix::time::{ClockId, clock_gettime};
use std::io::{self, BufRead, Write};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// Answers requests on standard input until it ends.
///
/// # Errors
/// If answers cannot be written.
pub fn run() -> io::Result<()> {
    let counters = Arc::<Counters>::default();
    let mut running = Vec::new();
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?) {
            Ok(request) => {
                answer(request, &counters, &mut running).unwrap_or_else(|error| Answer::Failed(error.to_string()))
            }
            Err(error) => Answer::Failed(format!("not understood: {error}")),
        };
        serde_json::to_writer(&mut out, &answer)?;
        writeln!(out)?;
        out.flush()?;
    }
    Ok(())
}

fn answer(request: Request, counters: &Arc<Counters>, running: &mut Vec<Streams>) -> io::Result<Answer> {
    match request {
        Request::Listen { port } => {
            streams::listen(port, Arc::clone(counters))?;
            udp::receive(port, Arc::clone(counters))?;
            return Ok(Answer::Listening { addresses: own_addresses()? });
        }
        Request::Connections(purpose) => counters.closes.store(purpose == Connections::Close, Relaxed),
        Request::Stream { to, sending, receiving } => {
            running.push(Streams::open(to, sending, receiving, counters)?);
        }
        Request::Datagrams { to, size } => running.push(udp::send(to, size)?),
        Request::Stop => running.drain(..).for_each(Streams::close),
        Request::Count => {
            let now = clock_gettime(ClockId::CLOCK_MONOTONIC)?;
            return Ok(Answer::Received {
                bytes: counters.bytes.load(Relaxed),
                datagrams: counters.datagrams.load(Relaxed),
                at: Duration::from(now).as_nanos() as u64,
            });
        }
        Request::Ping { to, seconds } => return ping::flood(to, Duration::from_secs_f64(seconds)),
        Request::Connect { to, seconds } => return connect::rate(to, Duration::from_secs_f64(seconds)),
    }
    Ok(Answer::Done)
}

fn own_addresses() -> io::Result<Vec<Ipv4Addr>> {
    let addresses = getifaddrs()?.filter_map(|interface| Some(interface.address?.as_sockaddr_in()?.ip()));
    Ok(addresses.filter(|address| !address.is_loopback()).collect())
}
