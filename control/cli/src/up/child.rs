//! One child process: started, watched, restarted when it ends or hangs, stopped.

use super::UpError;
use super::stand_in;
use control::heartbeat::{LONG_SILENCE, READY, SILENCE};
use control::state::State;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{ChildStdout, Command};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// A process that must always run: this same program with a hidden command.
pub(super) struct Child {
    name: &'static str,
    arguments: Vec<OsString>,
    /// The child's standard input.
    listener: Option<TcpListener>,
    process: Option<tokio::process::Child>,
}

/// The pause before the next start: none, unless the child keeps failing at once.
#[derive(Default)]
struct Restarts {
    in_a_row: u32,
}

impl Restarts {
    /// A process that has run for this long resets the pause.
    const STEADY: Duration = Duration::from_secs(1);
    const LONGEST: Duration = Duration::from_secs(5);

    fn delay(&mut self, status: ExitStatus, lived: Duration) -> Duration {
        let ends_at_once = lived < Self::STEADY && !was_killed(status);
        self.in_a_row = if ends_at_once { self.in_a_row + 1 } else { 0 };
        match self.in_a_row {
            0..=3 => Duration::ZERO,
            more => Self::LONGEST.min(Duration::from_millis(100) * 2u32.pow((more - 4).min(10))),
        }
    }
}

/// Whether another process killed it.
fn was_killed(status: ExitStatus) -> bool {
    let signal = status.signal().and_then(|signal| Signal::try_from(signal).ok());
    matches!(signal, Some(Signal::SIGKILL | Signal::SIGTERM | Signal::SIGINT | Signal::SIGHUP | Signal::SIGQUIT))
}

impl Child {
    pub(super) fn new(
        name: &'static str,
        state: &State,
        arguments: Vec<OsString>,
        listener: Option<TcpListener>,
    ) -> Self {
        let own: [OsString; 5] = [
            name.into(),
            "--state".into(),
            state.path().into(),
            "--parent".into(),
            std::process::id().to_string().into(),
        ];
        Self { name, arguments: own.into_iter().chain(arguments).collect(), listener, process: None }
    }

    /// Keeps the process running, and notifies `ready` when it is ready. Returns only if it cannot be started.
    ///
    /// # Errors
    /// [`UpError::Start`] if the process exits with an error before it was ever ready or has run for a while.
    pub(super) async fn keep(&mut self, ready: mpsc::Sender<()>) -> Result<(), UpError> {
        let (mut restarts, mut was_up) = (Restarts::default(), false);
        loop {
            let started = Instant::now();
            let (status, is_ready) = self.once(&ready).await?;
            let lived = started.elapsed();
            was_up |= is_ready || lived >= Restarts::STEADY;
            if !was_up && status.code().is_some_and(|code| code != 0) {
                return Err(UpError::Start(self.name));
            }
            let delay = restarts.delay(status, lived);
            let when = if delay.is_zero() { String::new() } else { format!(" in {delay:?}") };
            tracing::warn!("{} ended ({status}); restarting it{when}", self.name);
            tokio::time::sleep(delay).await;
        }
    }

    /// Runs the process once. Returns its exit status, and whether it was ready.
    async fn once(&mut self, ready: &mpsc::Sender<()>) -> Result<(ExitStatus, bool), UpError> {
        let (name, listener) = (self.name, self.listener.as_ref().map(TcpListener::try_clone).transpose()?);
        let process = self.start()?;
        let name = format!("{name} (process {})", process.id().unwrap_or_default());
        let Some(output) = process.stdout.take() else { return Ok((process.wait().await?, false)) };
        let mut life = Life { lines: BufReader::new(output).lines(), is_ready: false };
        let ended = tokio::select! {
            status = process.wait() => Some(status?),
            () = life.watch(&name, listener.as_ref(), ready) => None,
        };
        let status = match ended {
            Some(status) => status,
            None => {
                process.start_kill()?;
                process.wait().await?
            }
        };
        Ok((status, life.is_ready))
    }

    fn start(&mut self) -> Result<&mut tokio::process::Child, UpError> {
        let input = match &self.listener {
            Some(listener) => Stdio::from(OwnedFd::from(listener.try_clone()?)),
            None => Stdio::null(),
        };
        // It has a process group of its own, because Ctrl-C is for `up`, which stops the children in order. It is not
        // started by the program's path, which may have another program by now, or none.
        let process = Command::new("/proc/self/exe")
            .arg0("classiclink")
            .args(&self.arguments)
            .stdin(input)
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()?;
        Ok(self.process.insert(process))
    }

    /// Asks the process to exit, and kills it if it does not within a few seconds.
    pub(super) async fn stop(&mut self) {
        let Some(process) = &mut self.process else { return };
        let Some(id) = process.id() else { return };
        // It may have exited meanwhile.
        let _ = kill(Pid::from_raw(id.cast_signed()), Signal::SIGTERM);
        if timeout(Duration::from_secs(5), process.wait()).await.is_err() {
            tracing::warn!("{} did not exit when asked; killing it", self.name);
            let _ = process.kill().await;
        }
    }
}

/// The heartbeats of a process.
struct Life {
    lines: Lines<BufReader<ChildStdout>>,
    is_ready: bool,
}

impl Life {
    /// Waits for heartbeats. Returns when there was none for too long. Meanwhile the clients of a silent process get an
    /// answer.
    async fn watch(&mut self, name: &str, listener: Option<&TcpListener>, ready: &mpsc::Sender<()>) {
        loop {
            if timeout(SILENCE, self.heartbeat(ready)).await.is_ok() {
                continue;
            }
            tracing::warn!("{name} does not answer");
            let stand_in = async {
                match listener {
                    Some(listener) => stand_in::answer(listener).await,
                    None => std::future::pending().await,
                }
            };
            let returned = tokio::select! {
                beat = timeout(LONG_SILENCE - SILENCE, self.heartbeat(ready)) => beat.is_ok(),
                Err(error) = stand_in => {
                    tracing::warn!("cannot answer the clients of {name}: {error}");
                    timeout(LONG_SILENCE - SILENCE, self.heartbeat(ready)).await.is_ok()
                }
            };
            if !returned {
                tracing::warn!("{name} has not answered for {} s; restarting it", LONG_SILENCE.as_secs());
                return;
            }
            tracing::warn!("{name} answers again");
        }
    }

    /// Waits for the next heartbeat. After the last one the process is about to exit, and this never returns.
    async fn heartbeat(&mut self, ready: &mpsc::Sender<()>) {
        let Ok(Some(line)) = self.lines.next_line().await else { return std::future::pending().await };
        if line == READY {
            self.is_ready = true;
            // The receiver is dropped once it knows.
            let _ = ready.try_send(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_are_immediate_unless_a_process_keeps_failing_at_once() {
        let mut restarts = Restarts::default();
        let (failed, aborted, killed) =
            (ExitStatus::from_raw(1 << 8), ExitStatus::from_raw(6), ExitStatus::from_raw(9));
        let mut delay = |status, millis| restarts.delay(status, Duration::from_millis(millis)).as_millis();
        for _ in 0..20 {
            assert_eq!((delay(killed, 10), delay(failed, 1200), delay(failed, 0)), (0, 0, 0));
        }
        assert_eq!([delay(failed, 0), delay(failed, 0)], [0, 0]);
        assert_eq!([delay(aborted, 0), delay(failed, 0)], [100, 200]);
        for _ in 0..20 {
            delay(failed, 0);
        }
        assert_eq!([delay(failed, 0), delay(failed, 2000), delay(failed, 0)], [5000, 0, 0]);
    }
}
