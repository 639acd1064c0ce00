//! `classiclink backup`.

use super::Failure;
use control::state::State;
use control::store::{Contents, Header, Writer};
use std::io;

/// Writes every row of the store to standard output. The store is only read.
pub(super) fn run(state: &State) -> Result<(), Failure> {
    let _lock = state.lock()?;
    let Contents { version, change, rows } = Contents::of_file(&state.store())?;
    let mut writer = Writer::new(io::stdout().lock(), &Header { version, ..Header::now(change) })?;
    for ((collection, id), value) in &rows {
        writer.row(collection, id, value)?;
    }
    writer.finish()?;
    Ok(())
}
