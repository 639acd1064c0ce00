//! The balancers of load balancers, as control deals with them: each is told what to do, and tells how its targets are.

mod instructions;

pub use instructions::instructions;

use crate::balancer::configuration::{Configuration, Hello, Report};
use crate::link::Promise;
use crate::service::Service;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
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

/// Speaks with one balancer until it hangs up, or has no load balancer any more.
async fn speak(stream: UnixStream, service: &Arc<Service>) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read.take(LINE)).lines();
    let Some(hello) = timeout(PATIENCE, lines.next_line()).await?? else { return Ok(()) };
    let Hello { load_balancer, zone } = serde_json::from_str(&hello)?;
    let mut news = service.recent().news();
    let mut told: Option<Configuration> = None;
    loop {
        news.mark_unchanged();
        let wanted = service.look(|model| {
            let balancer = model.load_balancers.get(&load_balancer)?;
            balancer.place.zones().contains(&zone.as_str()).then(|| instructions(model, balancer, &zone))?
        });
        let Some(wanted) = wanted else { return Ok(()) };
        if told.as_ref() != Some(&wanted) {
            let mut line = serde_json::to_vec(&wanted)?;
            line.push(b'\n');
            timeout(PATIENCE, write.write_all(&line)).await??;
            told = Some(wanted);
        }
        tokio::select! {
            line = lines.next_line() => {
                let Some(line) = line? else { return Ok(()) };
                let report: Report = serde_json::from_str(&line)?;
                lines.get_mut().get_mut().set_limit(LINE);
                note(service, load_balancer.clone(), zone.clone(), report).await;
            }
            // The service, which tells, is held here.
            _ = news.changed() => {}
        }
    }
}

/// Has the health of targets known.
async fn note(service: &Arc<Service>, balancer: String, zone: String, report: Report) {
    let note = move |model: &mut crate::model::Model| {
        model.note_health(&balancer, &zone, &report);
        Ok::<(), Infallible>(())
    };
    if let Err(error) = service.change(Promise::Begun, note).await {
        tracing::warn!("the health of targets is not kept: {error}");
    }
}
