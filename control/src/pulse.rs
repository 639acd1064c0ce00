//! Signs of life: each process of a system writes a line to its standard output again and again, and `up` listens.

use std::io::{self, Write};
use std::thread;
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// How often a process gives a sign of life.
const EVERY: Duration = Duration::from_millis(400);
/// How long a process may be silent before that is said.
pub const SILENCE: Duration = Duration::from_millis(1500);
/// How long a process may be silent before another takes its place.
pub const LONG_SILENCE: Duration = Duration::from_secs(6);

/// The line that says that a process is ready.
pub const READY: &str = "ready";

/// Says that this process is ready.
pub fn say_ready() {
    say(READY);
}

/// Gives signs of life from a thread, for as long as the process runs.
///
/// # Errors
/// If the system has no more threads.
pub fn beat() -> io::Result<()> {
    let beat = || {
        loop {
            say("alive");
            thread::sleep(EVERY);
        }
    };
    thread::Builder::new().name("pulse".into()).spawn(beat).map(drop)
}

/// Gives signs of life for as long as the runtime turns.
pub async fn beat_in_runtime() {
    let mut interval = tokio::time::interval(EVERY);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        interval.tick().await;
        // A reader that has stopped must not hold up the runtime.
        let _ = tokio::task::spawn_blocking(|| say("alive")).await;
    }
}

fn say(line: &str) {
    // Without a reader `up` is gone, and this process with it.
    let _ = writeln!(io::stdout(), "{line}");
}
