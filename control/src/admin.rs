//! The operator protocol: the command line's questions to a running system, over `<state>/control.sock`. A question is
//! one line of JSON, and so is its answer: `{"ok": …}`, `{"error": "…"}`, or `{"bytes": N}`, which N bytes of postcard follow.

use crate::operator::{Answer, Ask, Operator, Question};
use crate::server::{Connection, Connections};
use crate::socket;
use crate::state::{State, StateError};
use nix::libc::MSG_NOSIGNAL;
use socket2::SockRef;
use std::fmt::Display;
use std::io::{self, BufRead, BufReader, Read};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

/// How long a client waits for control to restart.
const PATIENCE: Duration = Duration::from_secs(3);
/// The greatest number of operators' connections. Beyond it the one that has waited longest is closed.
const OPERATORS: usize = 128;
/// The greatest length of a question in bytes. It fits the ids of ten thousand instances.
const LINE: u64 = 1 << 20;
/// How long an operator may take to send a question or to read an answer.
const IDLE: Duration = Duration::from_secs(60);
/// How much of an answer a client reads at once, in bytes: as much as a socket holds. Less has the two processes wake each other
/// more often.
const BUFFER: usize = 256 << 10;
/// How long a client waits for an answer. It is longer than any time-out of control itself.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// How long it waits for captured packets, which are described where a processor is idle.
const PACKETS_WITHIN: Duration = Duration::from_secs(60);
/// How long it waits for an import, which may be of many accounts.
const IMPORT_WITHIN: Duration = Duration::from_secs(600);

/// Why a question has no answer.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// No system is up.
    #[error(transparent)]
    NotUp(#[from] StateError),
    /// Control does not answer, although `up` runs.
    #[error("control does not answer at {}: {error}; `up` starts it again, try once more", socket.display())]
    Unreachable {
        /// The socket.
        socket: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// Control answered with an error.
    #[error("{0}")]
    Refused(String),
    /// The command line and control have different versions.
    #[error(
        "cannot read control's answer ({0}); it may have another version: run `classiclink up` and this command with the same program"
    )]
    Unreadable(Box<dyn std::error::Error + Send + Sync>),
}

/// Asks the system with this state directory.
///
/// # Errors
/// [`AdminError`].
pub fn ask<Q: Question>(state: &State, question: Q) -> Result<Q::Answer, AdminError>
where
    Ask: From<Q>,
{
    state.running()?;
    let socket = state.control_socket();
    let ask = Ask::from(question);
    let line = serde_json::to_string(&ask).map_err(unreadable)?;
    let within = match ask {
        Ask::ImportFiles(_) => IMPORT_WITHIN,
        Ask::ReadCapture(_) => PACKETS_WITHIN,
        _ => ANSWER_WITHIN,
    };
    let answer = match exchange(&socket, &line, within) {
        // Control ended before it answered. A question is repeated only if it changes nothing.
        Err(_) if ask.only_looks() => exchange(&socket, &line, within),
        answered => answered,
    };
    let unreachable = |error| AdminError::Unreachable { socket: socket.clone(), error };
    let (answer, rest) = answer.map_err(&unreachable)?;
    match serde_json::from_str(&answer).map_err(unreadable)? {
        Answer::Ok(answer) => Ok(answer),
        Answer::Bytes(length) => {
            let mut bytes = Vec::new();
            rest.take(length).read_to_end(&mut bytes).map_err(unreachable)?;
            postcard::from_bytes(&bytes).map_err(unreadable)
        }
        Answer::Error(why) => Err(AdminError::Refused(why)),
    }
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> AdminError {
    AdminError::Unreadable(Box::new(error))
}

/// Asks a line. Returns the line that answers it, and what follows.
fn exchange(socket: &PathBuf, line: &str, within: Duration) -> io::Result<(String, impl Read)> {
    let stream = connect(socket)?;
    stream.set_read_timeout(Some(within))?;
    send(&stream, format!("{line}\n").as_bytes())?;
    let mut answer = String::new();
    let mut reader = BufReader::with_capacity(BUFFER, stream);
    match reader.read_line(&mut answer)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok((answer, reader)),
    }
}

/// Sends all bytes. If control has just exited, this is an error rather than SIGPIPE.
fn send(stream: &std::os::unix::net::UnixStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        let sent = SockRef::from(stream).send_with_flags(bytes, MSG_NOSIGNAL)?;
        bytes = &bytes[sent..];
    }
    Ok(())
}

/// Connects to control, which may be restarting: retries for a while.
fn connect(socket: &PathBuf) -> io::Result<std::os::unix::net::UnixStream> {
    let until = Instant::now() + PATIENCE;
    loop {
        match std::os::unix::net::UnixStream::connect(socket) {
            Err(_) if Instant::now() < until => std::thread::sleep(Duration::from_millis(20)),
            connected => return connected,
        }
    }
}

/// Answers questions until the process ends.
pub async fn serve(mut listener: UnixListener, operator: Arc<Operator>) {
    let connections = Connections::new(OPERATORS, usize::MAX);
    loop {
        match socket::accept(&mut listener).await {
            Ok(stream) => match connections.enter() {
                Ok(connection) => {
                    tokio::spawn(speak(stream, connection, operator.clone()));
                }
                Err(full) => tracing::warn!("refused an operator's connection: {full}"),
            },
            // Most likely the process is out of file descriptors. Some may be free again soon.
            Err(error) => {
                tracing::warn!("cannot accept an operator's connection: {error}");
                connections.close_longest();
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Answers until the client disconnects, is too slow, or has to make room.
async fn speak(stream: UnixStream, connection: Connection, operator: Arc<Operator>) {
    tokio::select! {
        // Only the client needs to know how its connection ended.
        _ = answer(stream, &connection, &operator) => {}
        () = connection.closed() => {}
    }
}

/// Answers line after line.
async fn answer(stream: UnixStream, connection: &Connection, operator: &Operator) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut read = tokio::io::BufReader::new(read);
    loop {
        let mut line = Vec::new();
        timeout(IDLE, (&mut read).take(LINE).read_until(b'\n', &mut line)).await??;
        if line.is_empty() {
            return Ok(());
        }
        let is_whole = line.ends_with(b"\n");
        let answer = match is_whole {
            true => {
                let _at_work = connection.at_work();
                reply(&line, operator).await
            }
            false => no_question(format!("it does not end within {LINE} bytes")),
        };
        timeout(IDLE, write.write_all(&answer?)).await??;
        if !is_whole {
            return Ok(());
        }
    }
}

async fn reply(line: &[u8], operator: &Operator) -> serde_json::Result<Vec<u8>> {
    match serde_json::from_slice::<Ask>(line) {
        Ok(ask) => ask.answer(operator).await,
        Err(error) => no_question(error),
    }
}

fn no_question(why: impl Display) -> serde_json::Result<Vec<u8>> {
    Answer::<()>::Error(format!("not a question: {why}")).line()
}

#[cfg(test)]
mod tests;
