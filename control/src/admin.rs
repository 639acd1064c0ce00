//! The operator protocol: what the command line asks a running system, over `<state>/control.sock`. One line of JSON asks, one
//! line answers: `{"ok": …}` or `{"error": "…"}`.

use crate::operator::{Console, Operator};
use crate::state::{State, StateError};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::io::{self, BufRead, BufReader, Write};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// How long a client waits for control to come back.
const PATIENCE: Duration = Duration::from_secs(3);

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Ask {
    /// The host's name of an instance id, a Name tag or a host's name. Answered by a string.
    Resolve {
        /// What the user calls it.
        host: String,
    },
    /// Which way would a packet take? Answered by a [`Why`](crate::operator::Why).
    Why {
        /// The sender.
        from: String,
        /// A host, or an address.
        to: String,
        /// What is sent.
        traffic: Traffic,
    },
    /// Answered by a [`Status`](crate::operator::Status).
    Status,
    /// Recent drops, oldest first. Answered by a list of [`Drop`](crate::operator::Drop).
    Drops,
    /// Lets the clock of idle connections jump ahead.
    AdvanceClock {
        /// How far.
        seconds: f64,
    },
    /// Adds a host outside the cloud.
    HostAdd {
        /// Its name.
        name: String,
        /// Its address.
        address: Ipv4Addr,
        /// The customer gateway before it; `None`: it is on the Internet.
        site: Option<String>,
        /// The service of the platform that it is.
        #[serde(default)]
        service: Option<String>,
    },
    /// Lists them. Answered by a list of [`HostRow`].
    HostList,
    /// Removes one.
    HostRemove {
        /// Its name.
        name: String,
    },
    /// What the console does in one step.
    Console(Console),
}

/// A kind of first packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Traffic {
    /// TCP to a port.
    Tcp(u16),
    /// UDP to a port.
    Udp(u16),
    /// An ICMP echo request.
    Icmp,
}

/// A host outside the cloud.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRow {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// The customer gateway before it; `None`: it is on the Internet.
    pub site: Option<String>,
    /// The service of the platform that it is.
    pub service: Option<String>,
}

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
    let answer = exchange(&socket, &line).map_err(|error| AdminError::Unreachable { socket, error })?;
    match serde_json::from_str(&answer)? {
        Answer::Ok(value) => Ok(serde_json::from_value(value)?),
        Answer::Error(why) => Err(AdminError::Refused(why)),
    }
}

fn exchange(socket: &PathBuf, line: &str) -> io::Result<String> {
    let mut stream = connect(socket)?;
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
