//! Ctrl-C ends a run in order: no further step is begun, and every system is stopped.

use nix::sys::signal::{SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How often signals are checked for. Any thread may get the signal.
const PAUSE: Duration = Duration::from_millis(50);

static STOP: AtomicBool = AtomicBool::new(false);

extern "C" fn stop(_: nix::libc::c_int) {
    STOP.store(true, Ordering::Relaxed);
}

/// From now on SIGINT, SIGTERM and SIGHUP are noted and do not end the process.
pub fn notice() -> nix::Result<()> {
    let action = SigAction::new(SigHandler::Handler(stop), SaFlags::SA_RESTART, SigSet::empty());
    // SAFETY: the handler only stores to an atomic, which is async-signal-safe.
    let note = |signal| unsafe { sigaction(signal, &action) };
    note(Signal::SIGINT)?;
    note(Signal::SIGTERM)?;
    let hangup = note(Signal::SIGHUP)?;
    if matches!(hangup.handler(), SigHandler::SigIgn) {
        // SAFETY: this restores what `nohup` has set.
        unsafe { sigaction(Signal::SIGHUP, &hangup) }?;
    }
    Ok(())
}

/// Waits for a signal.
pub fn wait() {
    while !came() {
        thread::sleep(PAUSE);
    }
}

/// Whether a signal has arrived.
pub fn came() -> bool {
    STOP.load(Ordering::Relaxed)
}
