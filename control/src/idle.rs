//! Work at the lowest priority, which runs only when a processor is idle, so that packets and requests come first.

use nix::libc::{SCHED_IDLE, sched_param, sched_setscheduler};
use std::io;
use tokio::sync::oneshot;

/// Why such work has no result.
#[derive(Debug, thiserror::Error)]
pub enum IdleError {
    /// There is no thread for it.
    #[error("cannot start a thread: {0}; there may be too many, try again")]
    Thread(#[from] io::Error),
    /// It ended early.
    #[error("the work ended early; see the log of `classiclink up`")]
    Ended(#[from] oneshot::error::RecvError),
}

/// Does work on a thread that runs only when a processor is idle. The work must not lock what other threads wait for.
///
/// # Errors
/// [`IdleError`].
pub async fn when_idle<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, IdleError> {
    let (done, result) = oneshot::channel();
    std::thread::Builder::new().name("idle".into()).spawn(move || {
        give_way();
        // The caller may have stopped waiting.
        let _ = done.send(work());
    })?;
    Ok(result.await?)
}

/// Lets this thread run only when a processor is idle.
pub fn give_way() {
    let parameter = sched_param { sched_priority: 0 };
    // SAFETY: the kernel only reads the parameter, which outlives the call.
    if unsafe { sched_setscheduler(0, SCHED_IDLE, &raw const parameter) } == -1 {
        tracing::debug!(error = %io::Error::last_os_error(), "cannot lower a thread's priority");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::libc::sched_getscheduler;

    #[tokio::test]
    async fn the_work_gives_way() {
        // SAFETY: the call has no memory to respect.
        let policy = || unsafe { sched_getscheduler(0) };
        assert_eq!(when_idle(policy).await.unwrap(), SCHED_IDLE);
        assert_ne!(policy(), SCHED_IDLE);
    }

    #[tokio::test]
    async fn work_that_panics_has_no_result() {
        let result = when_idle(|| -> () { panic!("no result") }).await;
        assert!(matches!(result, Err(IdleError::Ended(_))));
    }
}
