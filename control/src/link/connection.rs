//! The task behind the channel: connects, and serves one connection until it ends.

use super::{Call, LinkState, Shared};
use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::{mpsc, oneshot};
use tokio::time::MissedTickBehavior;
use wire::{HEARTBEAT, Message, Reply, Request, SILENCE, Update};

/// The pause between attempts to connect.
const RETRY: Duration = Duration::from_millis(20);
/// The number of unanswered pings in a row after which the dataplane counts as silent.
const MISSED: u32 = (SILENCE.as_millis() / HEARTBEAT.as_millis()) as u32;

/// Connects again and again until all handles are dropped.
pub(super) async fn keep(socket: PathBuf, shared: Arc<Shared>, mut calls: mpsc::UnboundedReceiver<Call>) {
    let mut reported = String::new();
    while !calls.is_closed() {
        let ended = match UnixStream::connect(&socket).await {
            Ok(stream) => serve(stream, &shared, &mut calls).await,
            Err(error) => Err(error),
        };
        {
            // Under the lock, a concurrent change either fails here because the dataplane is down, or waits for the
            // next connection.
            let _desired = shared.desired();
            shared.state.send_replace(LinkState::AWAY);
            shared.hosts.send_replace(Default::default());
            while calls.try_recv().is_ok() {}
        }
        let Err(error) = ended else { return };
        if reported != error.to_string() {
            reported = error.to_string();
            tracing::info!("no dataplane ({reported}); trying again");
        }
        tokio::time::sleep(RETRY).await;
    }
}

/// Serves one connection. Ends without an error when all handles are dropped.
async fn serve(stream: UnixStream, shared: &Shared, calls: &mut mpsc::UnboundedReceiver<Call>) -> io::Result<()> {
    let process = stream.peer_cred().ok().and_then(|peer| peer.pid()).unwrap_or(0);
    shared.state.send_replace(LinkState { process, ..LinkState::AWAY });
    let (frames, to_write) = mpsc::unbounded_channel();
    let connection =
        Connection { shared, frames, last: AtomicU64::new(0), asked: Mutex::default(), missed: AtomicU32::new(0) };
    let (reader, writer) = stream.into_split();
    tokio::select! {
        ended = connection.listen(BufReader::new(reader)) => ended,
        ended = write(writer, to_write) => ended,
        ended = connection.speak(calls) => ended,
        never = connection.beat() => never,
    }
}

/// One connection.
struct Connection<'a> {
    shared: &'a Shared,
    /// The frames to be written.
    frames: mpsc::UnboundedSender<wire::Call>,
    /// The number of the last call.
    last: AtomicU64,
    /// Calls without an answer so far.
    asked: Mutex<HashMap<u64, oneshot::Sender<Reply>>>,
    /// The number of unanswered pings in a row.
    missed: AtomicU32,
}

impl Connection<'_> {
    fn asked(&self) -> MutexGuard<'_, HashMap<u64, oneshot::Sender<Reply>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a request, and keeps the channel of its answer.
    fn call(&self, request: Request, answer: oneshot::Sender<Reply>) {
        let id = self.last.fetch_add(1, Ordering::Relaxed) + 1;
        self.asked().insert(id, answer);
        // Both ends of this channel live as long as the connection.
        let _ = self.frames.send(wire::Call { id, request });
    }

    /// Sends whole tables, then call after call.
    async fn speak(&self, calls: &mut mpsc::UnboundedReceiver<Call>) -> io::Result<()> {
        let mut version = 0;
        // Changes that are made while the whole tables are sent find the dataplane down. They are sent afterwards.
        while let Some(whole) = self.news_since(version) {
            version = whole.version;
            let (answer, answered) = oneshot::channel();
            self.call(Request::Apply(whole), answer);
            match answered.await {
                Ok(Reply::Applied { .. }) => {}
                other => return Err(io::Error::other(format!("whole tables not taken: {other:?}"))),
            }
        }
        while let Some(Call { request, answer }) = calls.recv().await {
            self.call(request, answer);
        }
        Ok(())
    }

    /// The whole tables, if they are newer than a version. If not, the dataplane counts as up from now on.
    fn news_since(&self, version: u64) -> Option<Update> {
        let desired = self.shared.desired();
        if desired.version == version {
            self.shared.state.send_modify(|state| state.in_force = Some(version));
            self.shared.announce_hosts();
            return None;
        }
        Some(Update { version: desired.version, whole: true, changes: desired.tables.whole() })
    }

    /// Receives answers and events.
    async fn listen(&self, mut reader: impl AsyncRead + Unpin) -> io::Result<()> {
        loop {
            let message = read(&mut reader).await?;
            if self.missed.swap(0, Ordering::Relaxed) > MISSED {
                tracing::warn!("the dataplane answers again");
            }
            self.shared.set_answers(true);
            match message {
                Message::Answer { id, reply } => self.answered(id, reply)?,
                Message::Event(event) => self.shared.hosts.send_modify(|hosts| hosts.apply(event)),
            }
        }
    }

    /// Passes an answer to its caller.
    fn answered(&self, id: u64, reply: Reply) -> io::Result<()> {
        let Some(answer) = self.asked().remove(&id) else { return Ok(()) };
        if let Reply::Applied { version } = reply {
            // While whole tables are sent, `speak` sets the version in force.
            self.shared.state.send_modify(|state| state.in_force = state.in_force.map(|_| version));
        }
        match answer.send(reply) {
            // The caller has stopped waiting.
            Err(Reply::Applied { .. }) => {
                self.shared.announce_hosts();
                Ok(())
            }
            Err(Reply::Refused { why }) => {
                Err(io::Error::other(format!("it refused what was believed to be taken: {why}")))
            }
            _ => Ok(()),
        }
    }

    /// Sends pings, and warns when they are not answered for long. Never returns.
    async fn beat<T>(&self) -> T {
        let mut interval = tokio::time::interval(HEARTBEAT);
        // After this process itself was suspended, the dataplane must not count as silent.
        interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            interval.tick().await;
            let (answer, _) = oneshot::channel();
            self.call(Request::Ping, answer);
            if self.missed.fetch_add(1, Ordering::Relaxed) == MISSED {
                self.shared.set_answers(false);
                let process = self.shared.state.borrow().process;
                tracing::warn!("the dataplane (process {process}) has not answered for {} s", SILENCE.as_secs());
            }
        }
    }
}

async fn write(mut writer: impl AsyncWrite + Unpin, mut frames: mpsc::UnboundedReceiver<wire::Call>) -> io::Result<()> {
    while let Some(call) = frames.recv().await {
        writer.write_all(&wire::encode(&call)?).await?;
    }
    Ok(())
}

async fn read(reader: &mut (impl AsyncRead + Unpin)) -> io::Result<Message> {
    let mut header = [0; 4];
    reader.read_exact(&mut header).await?;
    let mut body = vec![0; wire::body_length(header)?];
    reader.read_exact(&mut body).await?;
    wire::decode(&body)
}
