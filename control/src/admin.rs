//! The operator protocol: what the command line asks a running system, over `<state>/control.sock`. One line of JSON asks, one
//! line answers: `{"ok": …}` or `{"error": "…"}`.

use crate::operator::{Ask, Operator};
use crate::state::{State, StateError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// How long a client waits for control to come back.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a client waits for an answer: longer than control itself waits for anything.
const ANSWER_WITHIN: Duration = Duration::from_secs(20);

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Answer {
    Ok(Value),
    Error(String),
}

/// Why a question got no answer.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// Nothing is up.
    #[error(transparent)]
    NotUp(#[from] StateError),
    /// Control does not answer, though `up` runs.
    #[error("control does not answer at {}: {error}; `up` starts it again, try once more", socket.display())]
    Unreachable {
        /// Where.
        socket: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The answer is no.
    #[error("{0}")]
    Refused(String),
    /// Command line and control are not of one version.
    #[error("control's answer is not understood ({0}); is it of another version?")]
    Nonsense(#[from] serde_json::Error),
}

/// Asks the system of that state directory.
///
/// # Errors
/// [`AdminError`].
pub fn ask<T: DeserializeOwned>(state: &State, ask: &Ask) -> Result<T, AdminError> {
    state.running()?;
    let socket = state.control_socket();
    let line = serde_json::to_string(ask)?;
    let answer = match exchange(&socket, &line) {
        // Control ended before it answered. Only a request that changes nothing is repeated.
        Err(_) if ask.only_looks() => exchange(&socket, &line),
        answered => answered,
    };
    let answer = answer.map_err(|error| AdminError::Unreachable { socket, error })?;
    match serde_json::from_str(&answer)? {
        Answer::Ok(value) => Ok(serde_json::from_value(value)?),
        Answer::Error(why) => Err(AdminError::Refused(why)),
    }
}

fn exchange(socket: &PathBuf, line: &str) -> io::Result<String> {
    let mut stream = connect(socket)?;
    stream.set_read_timeout(Some(ANSWER_WITHIN))?;
    writeln!(stream, "{line}")?;
    let mut answer = String::new();
    match BufReader::new(stream).read_line(&mut answer)? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(answer),
    }
}

/// Connects to control, which may be on its way back: it is given a moment.
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
pub async fn serve(listener: UnixListener, operator: Arc<Operator>) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(answer(stream, operator.clone()));
            }
            // Out of file descriptors, most likely: others may be free again soon.
            Err(error) => {
                tracing::warn!("cannot accept an operator: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Answers line after line until the asker hangs up.
async fn answer(stream: UnixStream, operator: Arc<Operator>) -> io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = tokio::io::BufReader::new(read).lines();
    while let Some(line) = lines.next_line().await? {
        let answer = match serde_json::from_str::<Ask>(&line) {
            Ok(ask) => operator.answer(ask).await,
            Err(error) => Err(format!("not a question: {error}").into()),
        };
        let answer = match answer {
            Ok(value) => Answer::Ok(value),
            Err(why) => Answer::Error(why.to_string()),
        };
        let mut line = serde_json::to_vec(&answer)?;
        line.push(b'\n');
        write.write_all(&line).await?;
    }
    Ok(())
}
