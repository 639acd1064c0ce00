//! One child process: started, started again whenever it ends, stopped.

use super::UpError;
use crate::state::State;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::ffi::OsString;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{ChildStdout, Command};
use tokio::sync::mpsc;

/// A process of ours that must always run: this same program with a hidden verb.
pub(super) struct Child {
    name: &'static str,
    arguments: Vec<OsString>,
    /// Handed on as standard input.
    listener: Option<TcpListener>,
    process: Option<tokio::process::Child>,
}

/// How long to wait before the next start: not at all, unless it ends again and again.
#[derive(Default)]
pub(super) struct Restarts {
    in_a_row: u32,
}

impl Restarts {
    const STEADY: Duration = Duration::from_secs(10);
    const LONGEST: Duration = Duration::from_secs(5);

    fn delay(&mut self, lived: Duration) -> Duration {
        self.in_a_row = if lived >= Self::STEADY { 0 } else { self.in_a_row + 1 };
        match self.in_a_row {
            0..=3 => Duration::ZERO,
            more => Self::LONGEST.min(Duration::from_millis(100) * 2u32.pow((more - 4).min(10))),
        }
    }
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

    /// Runs it for ever. Ends only if it cannot be started: it ends by itself, with a failure, before it ever was ready.
    pub(super) async fn keep(
        &mut self,
        mut restarts: Restarts,
        ready: Option<mpsc::Sender<()>>,
    ) -> Result<(), UpError> {
        let mut was_ready = false;
        loop {
            let started = Instant::now();
            let (status, is_ready) = self.once(ready.as_ref()).await?;
            was_ready |= is_ready;
            if !was_ready && status.code().is_some_and(|code| code != 0) {
                return Err(UpError::Start(self.name));
            }
            let delay = restarts.delay(started.elapsed());
            tracing::warn!("{} ended ({status}); starting it again", self.name);
            tokio::time::sleep(delay).await;
        }
    }

    /// One life: from start to end. Whether it said it was ready; one that has nothing to say is ready after a second.
    async fn once(&mut self, ready: Option<&mpsc::Sender<()>>) -> Result<(ExitStatus, bool), UpError> {
        let started = Instant::now();
        let process = self.start(ready.is_some())?;
        let stdout = process.stdout.take();
        let said = tokio::select! {
            said = listen(stdout, ready) => said,
            status = process.wait() => return Ok((status?, started.elapsed() > Duration::from_secs(1))),
        };
        let status = process.wait().await?;
        Ok((status, said))
    }

    fn start(&mut self, speaks: bool) -> Result<&mut tokio::process::Child, UpError> {
        let input = match &self.listener {
            Some(listener) => Stdio::from(OwnedFd::from(listener.try_clone()?)),
            None => Stdio::null(),
        };
        // A group of its own: Ctrl-C in the terminal is for us alone, we stop the children in order.
        // Not by its path: that may be another program by now, or gone.
        let process = Command::new("/proc/self/exe")
            .arg0("classiclink")
            .args(&self.arguments)
            .stdin(input)
            .stdout(if speaks { Stdio::piped() } else { Stdio::null() })
            .process_group(0)
            .spawn()?;
        Ok(self.process.insert(process))
    }

    /// Asks it to end, and makes it end if it does not within a few seconds.
    pub(super) async fn stop(&mut self) {
        let Some(process) = &mut self.process else { return };
        let Some(id) = process.id() else { return };
        // It may have ended meanwhile: then there is nothing to signal.
        let _ = kill(Pid::from_raw(id.cast_signed()), Signal::SIGTERM);
        if tokio::time::timeout(Duration::from_secs(5), process.wait()).await.is_err() {
            tracing::warn!("{} did not end when asked; killing it", self.name);
            let _ = process.kill().await;
        }
    }
}

/// Passes on each line as "ready", until the output ends. Without an output or a listener it never ends.
async fn listen(stdout: Option<ChildStdout>, ready: Option<&mpsc::Sender<()>>) -> bool {
    let (Some(stdout), Some(ready)) = (stdout, ready) else { return std::future::pending().await };
    let mut lines = BufReader::new(stdout).lines();
    let mut said = false;
    while let Ok(Some(_)) = lines.next_line().await {
        said = true;
        let _ = ready.send(()).await;
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn restarts_at_once_then_backs_off_and_forgives() {
        let mut restarts = Restarts::default();
        let mut delay = |lived| restarts.delay(Duration::from_secs(lived)).as_millis();
        assert_eq!([delay(0), delay(0), delay(0), delay(0), delay(1)], [0, 0, 0, 100, 200]);
        for _ in 0..20 {
            delay(0);
        }
        assert_eq!([delay(0), delay(60), delay(0)], [5000, 0, 0]);
    }
}
