//! Processes that the comparison starts and ends.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

/// How long a process may go on after its input has ended.
const PATIENCE: Duration = Duration::from_secs(2);

/// A process. Dropping it closes its input, and kills it if it does not end by that.
pub struct Process(pub Child);

impl Process {
    /// Starts the process in a group of its own: Ctrl-C is for the comparison, which then ends its processes in order.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        command.process_group(0).spawn().map(Self)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let end = Instant::now() + PATIENCE;
        while matches!(self.0.try_wait(), Ok(None)) && Instant::now() < end {
            thread::sleep(Duration::from_millis(10));
        }
        // Killing fails where the process has ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
