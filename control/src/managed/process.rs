//! A program's process, started in its host's namespace or taken over.

use super::certificate;
use super::command::Command;
use super::record::Record;
use crate::state::State;
use dataplane::host::within;
use nix::libc;
use nix::poll::{PollFd, PollFlags, poll};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// How long a killed process may take to exit, in milliseconds.
const GOING: u16 = 1000;

/// Why a program does not run.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    /// Its host's namespace does not exist.
    #[error("has no host to run on")]
    NoHost,
    /// One of its files cannot be used.
    #[error("cannot be started: {}: {error}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// The program cannot be started.
    #[error("cannot be started: {0}")]
    Program(io::Error),
}

/// A process's identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id {
    number: i32,
    began: u64,
}

impl Id {
    /// The process with that number now.
    fn of(number: i32) -> Option<Id> {
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).ok()?;
        // The name is in parentheses and may contain anything. The start time is field 22, the 20th behind the name
        // (proc(5)).
        let (_, rest) = stat.rsplit_once(") ")?;
        let mut fields = rest.split(' ');
        let is_dead = matches!(fields.next()?, "Z" | "X");
        let began = fields.nth(18)?.parse().ok()?;
        (!is_dead).then_some(Id { number, began })
    }

    /// Whether a TCP socket listens on a port in its namespace.
    pub fn listens_on(&self, port: u16) -> bool {
        let listens = |table: &str| {
            let sockets = fs::read_to_string(format!("/proc/{}/net/{table}", self.number)).unwrap_or_default();
            let end = format!(":{port:04X}");
            sockets.lines().skip(1).any(|line| {
                let mut fields = line.split_whitespace().skip(1);
                // The fields are local address, remote address and state; 0A is LISTEN.
                fields.next().is_some_and(|local| local.ends_with(&end)) && fields.nth(1) == Some("0A")
            })
        };
        listens("tcp") || listens("tcp6")
    }
}

/// A running program.
pub(super) struct Process {
    id: Id,
    of: Of,
}

/// How the process is watched.
enum Of {
    /// It is a child of this process.
    Child(tokio::process::Child),
    /// It was started by an earlier control.
    Orphan(AsyncFd<OwnedFd>),
}

impl Process {
    pub fn id(&self) -> Id {
        self.id
    }

    /// Waits until it has ended. Returns how it ended.
    pub async fn ended(&mut self) -> String {
        match &mut self.of {
            Of::Child(child) => match child.wait().await {
                Ok(status) => format!("ended ({status})"),
                Err(error) => format!("ended ({error})"),
            },
            Of::Orphan(handle) => match handle.readable().await {
                Ok(_) => "ended".to_owned(),
                Err(error) => format!("is lost: {error}"),
            },
        }
    }
}

/// The directories of programs and their records.
#[derive(Clone, Debug)]
pub(super) struct Place {
    state: State,
}

impl Place {
    pub fn of(state: &State) -> Place {
        Place { state: state.clone() }
    }

    /// The hosts with a record here.
    pub fn all(&self) -> BTreeSet<String> {
        let entries = |path: PathBuf| fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
        let records = entries(self.state.programs());
        let data = entries(self.state.service_data()).filter(|entry| entry.path().is_dir());
        records.chain(data).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
    }

    /// A host's namespace, if there is one.
    pub fn namespace(&self, host: &str) -> Option<PathBuf> {
        self.state.namespace_of(host).map(|(path, _)| path)
    }

    fn record(&self, host: &str) -> PathBuf {
        self.state.programs().join(host)
    }

    /// The process of a command on a host: the one that an earlier control left, or a new one.
    pub fn take_over_or_start(&self, host: &str, command: &Command, restarts: u32) -> Result<Process, StartError> {
        let (path, namespace) = self.state.namespace_of(host).ok_or(StartError::NoHost)?;
        if let Some(left) = self.left(host) {
            let is_it = left.namespace == namespace && left.command == *command && left.restarts == restarts;
            match take_over(&left).filter(|_| is_it) {
                Some(process) => return Ok(process),
                None => end(&left),
            }
        }
        let process = self.start(host, &path, command)?;
        let Id { number, began } = process.id;
        let record = Record { process: number, began, namespace, command: command.clone(), restarts };
        // Without the record the next control starts another process.
        if let Err(error) = record.write(&self.record(host)) {
            tracing::warn!(%error, host, "cannot write down a program's process; the next control will restart it");
        }
        Ok(process)
    }

    /// The process that was last started on a host, if it still runs.
    fn left(&self, host: &str) -> Option<Record> {
        let record = Record::read(&self.record(host))?;
        let alive = Id::of(record.process).is_some_and(|id| id.began == record.began);
        alive.then_some(record)
    }

    fn start(&self, host: &str, namespace: &Path, command: &Command) -> Result<Process, StartError> {
        let data = self.state.service_data().join(host);
        let log = self.state.service_data().join(format!("{host}.log"));
        let at = |path: &Path| {
            let path = path.to_owned();
            move |error| StartError::File { path, error }
        };
        for directory in [&data, &self.state.programs()] {
            fs::create_dir_all(directory).map_err(at(directory))?;
        }
        if !command.tls.is_empty() {
            certificate::make(&data, &command.tls).map_err(at(&data))?;
        }
        let said = File::create(&log).map_err(at(&log))?;
        let mut command = command.prepared(self.state.path(), &data);
        // The program has a process group of its own. It ends with its host, not with control, and its children end
        // with it.
        command.process_group(0).stdin(Stdio::null());
        command.stderr(said.try_clone().map_err(at(&log))?).stdout(said);
        let runtime = tokio::runtime::Handle::current();
        let child = within(namespace, || {
            let _runtime = runtime.enter();
            command.spawn()
        });
        let child = child.map_err(StartError::Program)?;
        let number = child.id().and_then(|id| i32::try_from(id).ok()).unwrap_or_default();
        // A process that has ended already has no start time; waiting for it tells how it ended.
        let id = Id::of(number).unwrap_or(Id { number, began: 0 });
        Ok(Process { id, of: Of::Child(child) })
    }

    /// Ends a host's program and forgets it. Its files stay only if the host does.
    pub fn end(&self, host: &str, host_stays: bool) {
        if let Some(left) = self.left(host) {
            end(&left);
        }
        // The record may not exist.
        let _ = fs::remove_file(self.record(host));
        if !host_stays {
            let _ = fs::remove_dir_all(self.state.service_data().join(host));
            let _ = fs::remove_file(self.state.service_data().join(format!("{host}.log")));
        }
    }
}

fn take_over(left: &Record) -> Option<Process> {
    let handle = handle(left.process).ok()?;
    // Before the handle was opened, the number may have passed to another process.
    let id = Id::of(left.process).filter(|id| id.began == left.began)?;
    // SAFETY: the descriptor is ours, and stays open until it is dropped with the returned value.
    let handle = unsafe { AsyncFd::register_with_interest(handle, Interest::READABLE) }.ok()?;
    Some(Process { id, of: Of::Orphan(handle) })
}

/// Ends a process group, and waits until the process has exited, because the next one needs its port.
fn end(left: &Record) {
    let handle = handle(left.process);
    // The process may have exited meanwhile.
    let _ = killpg(Pid::from_raw(left.process), Signal::SIGKILL);
    if let Ok(handle) = handle {
        // If it takes longer, the next process reports the port in use.
        let _ = poll(&mut [PollFd::new(handle.as_fd(), PollFlags::POLLIN)], GOING);
    }
}

/// A handle on a process, which becomes readable when that exits (pidfd_open(2)).
fn handle(process: i32) -> io::Result<OwnedFd> {
    // SAFETY: the call takes two numbers.
    let descriptor = unsafe { libc::syscall(libc::SYS_pidfd_open, process, 0) };
    match RawFd::try_from(descriptor) {
        // SAFETY: the kernel just returned this descriptor, and nothing else owns it.
        Ok(descriptor) if descriptor >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(descriptor) }),
        _ => Err(io::Error::last_os_error()),
    }
}
