//! Ctrl-C ends a run in order: no further step is taken, and every system is taken down.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How often is looked whether a signal has come: it may have come to any thread.
const PAUSE: Duration = Duration::from_millis(50);

static STOP: AtomicBool = AtomicBool::new(false);

extern "C" fn stop(_: nix::libc::c_int) {
    STOP.store(true, Ordering::Relaxed);
}

/// From now on, SIGINT and SIGTERM are noticed instead of ending the process.
pub fn notice() -> nix::Result<()> {
    let action = SigAction::new(SigHandler::Handler(stop), SaFlags::SA_RESTART, SigSet::empty());
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        // SAFETY: the handler only stores to an atomic, which is async-signal-safe.
        unsafe { sigaction(signal, &action) }?;
    }
    Ok(())
}

/// Waits until one comes.
pub fn wait() {
    while !came() {
        thread::sleep(PAUSE);
    }
}

/// Whether one came.
pub fn came() -> bool {
    STOP.load(Ordering::Relaxed)
}
