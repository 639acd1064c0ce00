//! File descriptors: their number, and those that outlive the process that opened them (`keeper`).

mod keeper;

pub use keeper::{Keeper, serve};

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Raises this process's soft limit of open files to the hard limit. Returns the limit.
pub fn raise_limit() -> u64 {
    let raised =
        getrlimit(Resource::RLIMIT_NOFILE).and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
    if let Err(error) = raised {
        tracing::warn!(%error, "cannot raise the limit of open files: many hosts or clients may exceed it; raise it by `ulimit -n`");
    }
    getrlimit(Resource::RLIMIT_NOFILE).map_or(1024, |(soft, _)| soft)
}
