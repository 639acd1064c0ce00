//! A private system: `classiclink up` with a state directory and ports of its own.

use super::api::{Api, ApiError};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use std::fs;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a system may take to become ready, or to exit.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running system. Dropping it takes it down.
pub struct System {
    binary: PathBuf,
    state: TempDir,
    arguments: Vec<String>,
    up: Child,
    /// Its API.
    pub api: Api,
}

/// Why there is no system.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// A directory or a process cannot be made.
    #[error("{what}: {source}")]
    Io {
        /// What was attempted.
        what: &'static str,
        /// The error.
        source: io::Error,
    },
    /// It did not become ready.
    #[error("`classiclink up` did not get ready: {0}")]
    NotReady(String),
    /// The endpoint that it printed is unusable.
    #[error(transparent)]
    Endpoint(#[from] ApiError),
    /// A command of the tool failed.
    #[error("`classiclink {command}`: {message}")]
    Command {
        /// The words after `classiclink`.
        command: String,
        /// Its output.
        message: String,
    },
}

/// An error of something that was attempted.
fn io_error(what: &'static str) -> impl Fn(io::Error) -> SystemError {
    move |source| SystemError::Io { what, source }
}

impl System {
    /// Starts a system with further arguments to `up`, and waits until it is ready.
    ///
    /// # Errors
    /// If it cannot be started or does not become ready.
    pub fn start_with(binary: &Path, arguments: &[&str]) -> Result<Self, SystemError> {
        let state =
            tempfile::Builder::new().prefix("classiclink-").tempdir().map_err(io_error("making a state directory"))?;
        let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
        let (up, api) = start_up(binary, state.path(), "127.0.0.1:0", &arguments)?;
        Ok(Self { binary: binary.to_owned(), state, arguments, up, api })
    }

    /// Starts `up` again at the same endpoint, after it has exited, and waits until it is ready. The calling thread
    /// must live as long as `up` should, because `up` exits with the thread that started it.
    ///
    /// # Errors
    /// If it cannot be started or does not become ready.
    pub fn start_again(&mut self) -> Result<(), SystemError> {
        self.up.wait().map_err(io_error("waiting for `classiclink up` to end"))?;
        let endpoint = self.api.endpoint().to_string();
        (self.up, self.api) = start_up(&self.binary, self.state.path(), &endpoint, &self.arguments)?;
        Ok(())
    }

    /// The process id of `up`.
    pub fn up(&self) -> Pid {
        Pid::from_raw(self.up.id().cast_signed())
    }

    /// The process id of `control` or `dataplane`, while it runs. It is read from the operating system, not from the
    /// product.
    pub fn process(&self, verb: &str) -> Option<Pid> {
        let up = self.up();
        let children = fs::read_to_string(format!("/proc/{up}/task/{up}/children")).ok()?;
        let is_it = |pid: &&str| {
            let line = fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            line.split('\0').nth(1) == Some(verb)
        };
        children.split_whitespace().find(is_it).and_then(|pid| pid.parse().ok()).map(Pid::from_raw)
    }

    /// Its state directory.
    pub fn state(&self) -> &Path {
        self.state.path()
    }

    /// Stops it. The state directory stays until this is dropped.
    pub fn stop(&mut self) {
        end(&mut self.up);
    }

    /// A `classiclink` command on this system.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        // `--` ends the options, so the state directory comes before it.
        let end = arguments.iter().position(|argument| *argument == "--").unwrap_or(arguments.len());
        command.args(&arguments[..end]).arg("--state").arg(self.state.path()).args(&arguments[end..]);
        command.stdin(Stdio::null());
        command
    }

    /// Runs a `classiclink` command. Returns its output.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn run(&self, arguments: &[&str]) -> Result<Output, SystemError> {
        self.command(arguments).output().map_err(io_error("starting `classiclink`"))
    }

    /// Runs a `classiclink` command that must succeed. Returns its standard output.
    ///
    /// # Errors
    /// If it fails; the error has its error output.
    pub fn tell(&self, arguments: &[&str]) -> Result<String, SystemError> {
        let output = self.run(arguments)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        Err(SystemError::Command { command: arguments.join(" "), message: text(&output.stderr) })
    }

    /// Runs a `classiclink … --json` command that must succeed. Returns its standard output.
    ///
    /// # Errors
    /// If it fails or does not print JSON.
    pub fn ask(&self, arguments: &[&str]) -> Result<Value, SystemError> {
        let text = self.tell(&[arguments, &["--json"]].concat())?;
        serde_json::from_str(&text).map_err(|error| SystemError::Command {
            command: arguments.join(" "),
            message: format!("no JSON: {error}: {text}"),
        })
    }

    /// The command that runs the agent in a host.
    pub fn agent(&self, host: &str, name: &str) -> Command {
        let program = self.binary.to_string_lossy();
        self.command(&["exec", host, "--", &program, "probe-agent", name])
    }
}

impl Drop for System {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Starts `up` and waits until it is ready.
fn start_up(binary: &Path, state: &Path, listen: &str, arguments: &[String]) -> Result<(Child, Api), SystemError> {
    let mut command = Command::new(binary);
    command.args(["up", "--listen", listen, "--state"]).arg(state);
    command.args(arguments);
    // It has a process group of its own, because Ctrl-C is for the runner, which then stops the system. If the runner
    // is killed, the kernel stops it.
    command.process_group(0).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // SAFETY: between fork and exec, this makes one system call and touches no memory of ours.
    unsafe { command.pre_exec(|| Ok(nix::sys::prctl::set_pdeathsig(Signal::SIGTERM)?)) };
    let mut up = command.spawn().map_err(io_error("starting `classiclink up`"))?;
    let ready = up.stdout.take().map(wait_for_ready);
    let output = up.stderr.take().map(collect);
    let endpoint = ready.and_then(|ready| ready.recv_timeout(PATIENCE).ok());
    match endpoint.map(|endpoint| Api::at(&endpoint)) {
        Some(Ok(api)) => Ok((up, api)),
        Some(Err(error)) => {
            end(&mut up);
            Err(error.into())
        }
        None => {
            end(&mut up);
            let output = output.and_then(|output| output.recv_timeout(PATIENCE).ok()).unwrap_or_default();
            Err(SystemError::NotReady(output.trim().to_owned()))
        }
    }
}

/// Asks `up` to exit, and kills it if it does not within [`PATIENCE`].
fn end(up: &mut Child) {
    // It may have exited by itself.
    let _ = kill(Pid::from_raw(up.id().cast_signed()), Signal::SIGTERM);
    let until = Instant::now() + PATIENCE;
    while matches!(up.try_wait(), Ok(None)) {
        if Instant::now() > until {
            let _ = up.kill();
            let _ = up.wait();
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Reads until the line `ready: endpoint http://…`. The rest is read and dropped, so that the pipe never fills.
fn wait_for_ready(from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            if let Some(at) = line.find("http://") {
                let endpoint = line[at..].split_whitespace().next().unwrap_or_default();
                // The receiver has stopped waiting.
                let _ = send.send(endpoint.to_owned());
            }
        }
    });
    receive
}

/// Reads to the end.
fn collect(mut from: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        // After an error what was read before is returned.
        let _ = from.read_to_end(&mut bytes);
        let _ = send.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receive
}
