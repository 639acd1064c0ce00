//! `classiclink backup`.

use super::Failure;
use super::stdout::cannot_print;
use control::state::State;
use control::store::{Contents, Header, Writer};
use std::io;

/// Writes every row of the store to standard output. The store is only read.
pub(super) fn run(state: &State) -> Result<(), Failure> {
    let _lock = state.lock()?;
    let contents = Contents::of_file(&state.store())?;
    Ok(print(contents).map_err(cannot_print)?)
}

fn print(Contents { version, change, rows }: Contents) -> io::Result<()> {
    let mut writer = Writer::new(io::stdout().lock(), &Header { version, ..Header::now(change) })?;
    for ((collection, id), value) in &rows {
        writer.row(collection, id, value)?;
    }
    writer.finish()
}
