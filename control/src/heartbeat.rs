//! Heartbeats: each process of a system writes a line to its standard output at intervals, and `up` reads them.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// The interval between heartbeats.
const EVERY: Duration = Duration::from_millis(400);
/// How long a process may be silent before a warning.
pub const SILENCE: Duration = Duration::from_millis(1500);
/// How long a process may be silent before it is restarted.
pub const LONG_SILENCE: Duration = Duration::from_secs(6);

/// The line of a process that is ready.
pub const READY: &str = "ready";

/// Says that this process is ready.
pub fn say_ready() {
    say(READY);
}

/// Sends heartbeats from a thread, as long as the process runs.
///
/// # Errors
/// If the thread cannot start.
pub fn beat() -> io::Result<()> {
    let beat = || {
        loop {
            say("alive");
            thread::sleep(EVERY);
        }
    };
    thread::Builder::new().name("heartbeat".into()).spawn(beat).map(drop)
}

/// Sends heartbeats as long as the runtime makes progress.
pub async fn beat_in_runtime() {
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        // Writing to a full pipe must not block the runtime.
        let _ = tokio::task::spawn_blocking(|| say("alive")).await;
    }
}

fn say(line: &str) {
    // Without a reader `up` has exited, and this process is about to.
    let _ = writeln!(io::stdout(), "{line}");
}
