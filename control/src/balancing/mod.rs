//! The balancers of load balancers, as control deals with them: each is told what to do, and tells how its targets are.

use crate::balancer::configuration::{Configuration, Hello, Report};
use crate::link::Promise;
use crate::service::Service;
use model::Model;
use model::load_balancer::instructions;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines, Take};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

/// The longest line of a balancer, in bytes: it speaks of a thousand targets.
const LINE: u64 = 1 << 20;
/// How long a balancer may take to say who it is, or to read what it is told.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to wait where the system has no room for a connection.
const PAUSE: Duration = Duration::from_millis(100);

/// Speaks with balancers for ever.
pub async fn serve(listener: UnixListener, service: Arc<Service>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let service = service.clone();
                tokio::spawn(async move {
                    if let Err(error) = speak(stream, &service).await {
                        tracing::debug!("a balancer is gone: {error}");
                    }
                });
            }
            Err(error) => {
                tracing::warn!("cannot accept a balancer: {error}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Hears who a balancer is, and speaks with it until it hangs up.
async fn speak(stream: UnixStream, service: &Arc<Service>) -> io::Result<()> {
    let (read, write) = stream.into_split();
    let mut lines = BufReader::new(read.take(LINE)).lines();
    let Some(hello) = timeout(PATIENCE, lines.next_line()).await?? else { return Ok(()) };
    let hello: Hello = serde_json::from_str(&hello)?;
    let ended = follow(&hello, lines, write, service).await;
    // Nobody looks after its targets any more.
    note(service, &hello, &Report::new()).await;
    ended
}

/// Tells a balancer whatever changes for it, and has known what it says, until it hangs up or has nothing to do any more.
async fn follow(
    hello: &Hello,
    mut lines: Lines<BufReader<Take<OwnedReadHalf>>>,
    mut write: OwnedWriteHalf,
    service: &Arc<Service>,
) -> io::Result<()> {
    let Hello { load_balancer, zone } = hello;
    let mut news = service.recent().news();
    let (mut told, mut heard): (Option<Configuration>, Option<Report>) = (None, None);
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
        // An instance that is registered anew may be an old acquaintance of the balancer's.
        if let Some(report) = &heard {
            note(service, hello, report).await;
        }
        tokio::select! {
            line = lines.next_line() => {
                let Some(line) = line? else { return Ok(()) };
                heard = Some(serde_json::from_str(&line)?);
                lines.get_mut().get_mut().set_limit(LINE);
            }
            // The service, which tells, is held here.
            _ = news.changed() => {}
        }
    }
}

/// Has the health of targets known, where it is not.
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
        tracing::warn!("the health of targets is not kept: {error}");
    }
}
