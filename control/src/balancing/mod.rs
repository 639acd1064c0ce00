//! Control's side of load balancers' nodes: sends each its configuration, stores the health of its targets, and ends one
//! that hangs.

use crate::balancer::configuration::{Configuration, Hello, Report};
use crate::link::Promise;
use crate::service::Service;
use crate::socket;
use model::Model;
use model::load_balancer::instructions;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines, Take};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::{Instant, timeout, timeout_at};

/// The greatest length of a balancer's line in bytes. It fits a thousand targets.
const LINE: u64 = 1 << 20;
/// How long a balancer may take to introduce itself, or to read its configuration.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a balancer may be silent, which sends a line every second.
const SILENCE: Duration = Duration::from_secs(10);
/// The pause when the system has no room for a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves balancers. Never returns.
pub async fn serve(mut listener: UnixListener, service: Arc<Service>) {
    loop {
        match socket::accept(&mut listener).await {
            Ok(stream) => {
                let service = service.clone();
                tokio::spawn(async move {
                    if let Err(error) = speak(stream, &service).await {
                        tracing::debug!("a balancer has disconnected: {error}");
                    }
                });
            }
            Err(error) => {
                tracing::warn!("cannot accept a balancer's connection: {error}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Reads a balancer's introduction, and serves it until it disconnects.
async fn speak(stream: UnixStream, service: &Arc<Service>) -> io::Result<()> {
    // A process that control cannot see has the number 0, which would mean control's own group.
    let process = stream.peer_cred()?.pid().filter(|process| *process > 0);
    let (read, write) = stream.into_split();
    let mut lines = BufReader::new(read.take(LINE)).lines();
    let Some(hello) = timeout(PATIENCE, lines.next_line()).await?? else { return Ok(()) };
    let hello: Hello = serde_json::from_str(&hello)?;
    let ended = follow(&hello, lines, write, service).await;
    // The health of its targets is unknown from now on.
    note(service, &hello, &Report::new()).await;
    if let (Err(error), Some(process)) = (&ended, process)
        && error.kind() == io::ErrorKind::TimedOut
    {
        end(&hello, process);
    }
    ended
}

/// Kills a balancer that hangs. Its program is started again, as always when it ends.
fn end(Hello { load_balancer, zone }: &Hello, process: i32) {
    tracing::warn!("the load balancer {load_balancer} does not answer in {zone}; its program is started again");
    // It may have ended by itself.
    let _ = kill(Pid::from_raw(process), Signal::SIGKILL);
}

/// Sends a balancer every change of its configuration and stores its reports, until it disconnects, hangs, or has no
/// configuration any more.
async fn follow(
    hello: &Hello,
    mut lines: Lines<BufReader<Take<OwnedReadHalf>>>,
    mut write: OwnedWriteHalf,
    service: &Arc<Service>,
) -> io::Result<()> {
    let Hello { load_balancer, zone } = hello;
    let mut news = service.recent().news();
    let (mut told, mut heard): (Option<Configuration>, Option<Report>) = (None, None);
    let mut last = Instant::now();
    loop {
        news.mark_unchanged();
        let wanted = service.look(|model| {
            let balancer = model.load_balancers.get(load_balancer)?;
            balancer.place.zones().contains(&zone.as_str()).then(|| instructions(model, balancer, zone))?
        });
        let Some(wanted) = wanted else { return Ok(()) };
        if told.as_ref() != Some(&wanted) {
            let mut line = serde_json::to_vec(&wanted)?;
            line.push(b'\n');
            timeout(PATIENCE, write.write_all(&line)).await??;
            told = Some(wanted);
        }
        // An instance that is registered again may have been reported before.
        if let Some(report) = &heard {
            note(service, hello, report).await;
        }
        tokio::select! {
            line = timeout_at(last + SILENCE, lines.next_line()) => {
                let Some(line) = line?? else { return Ok(()) };
                last = Instant::now();
                if !line.is_empty() {
                    heard = Some(serde_json::from_str(&line)?);
                }
                lines.get_mut().get_mut().set_limit(LINE);
            }
            // The service, which sends this, is owned here.
            _ = news.changed() => {}
        }
    }
}

/// Stores the health of targets where it has changed.
async fn note(service: &Arc<Service>, Hello { load_balancer, zone }: &Hello, report: &Report) {
    if service.look(|model| model.knows_health(load_balancer, zone, report)) {
        return;
    }
    let (balancer, zone, report) = (load_balancer.clone(), zone.clone(), report.clone());
    let note = move |model: &mut Model| {
        model.note_health(&balancer, &zone, &report);
        Ok::<(), Infallible>(())
    };
    if let Err(error) = service.change(Promise::Begun, note).await {
        tracing::warn!("cannot store the health of targets: {error}");
    }
}
