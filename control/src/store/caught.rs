//! redb's panics as errors.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread becomes an error.
    static CATCHES: Cell<bool> = const { Cell::new(false) };
}

/// Works with a redb file that may be damaged. redb panics on inconsistent contents. Such a panic becomes
/// [`redb::Error::Corrupted`], without a backtrace. The database must not be used after it.
pub(super) fn caught<T, E: From<redb::Error>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !CATCHES.get() {
                before(panic);
            }
        }));
    });
    let outer = CATCHES.replace(true);
    let result = panic::catch_unwind(AssertUnwindSafe(work));
    CATCHES.set(outer);
    result.unwrap_or_else(|panic| Err(redb::Error::Corrupted(message(panic.as_ref())).into()))
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "its contents are inconsistent".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_and_the_next_one_is_none() {
        let caught: Result<(), redb::Error> = caught(|| panic!("page {} is damaged", 7));
        assert_eq!(caught.unwrap_err().to_string(), "DB corrupted: page 7 is damaged");
        assert!(!CATCHES.get());
    }
}
