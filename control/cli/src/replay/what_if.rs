//! What a command would change in the network of a recording.

use super::super::{Failure, reach};
use control::clouds::RehearsalError;
use control::compile::Compiler;
use control::recording::{RecordedCloud, RecordingError};
use dataplane::record::{Event, Mode, Reader, Replay};
use model::Model;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::Path;
use wire::{Change, Key};

/// The changes of the tables that a command makes, by the number of the packet before which they are made. The command runs
/// before one packet, and again after each recorded change of the same entries, which would undo it.
pub(super) fn rehearse(
    recording: &Path,
    before: u64,
    command: &[OsString],
) -> Result<BTreeMap<u64, Vec<Change>>, Failure> {
    let mut replay = Replay::of(Reader::open(recording)?, Mode::default());
    let (mut cloud, mut made) = (RecordedCloud::default(), BTreeMap::new());
    let (mut changed, mut is_due) = (BTreeSet::<Key>::new(), true);
    let ended = loop {
        match replay.next_event() {
            Ok(Some(Event::Began { platform, rows, follows, .. })) => {
                cloud = RecordedCloud::begin(platform, rows);
                if !follows {
                    changed.clear();
                }
            }
            Ok(Some(Event::Noted(_, rows))) => cloud.note(rows),
            Ok(Some(Event::Changed { update, .. })) => {
                is_due |= update.whole || update.changes.iter().any(|change| changed.contains(&change.key()));
            }
            Ok(Some(Event::Packet(packet))) if is_due && packet.number >= before => {
                is_due = false;
                let changes = match changes(&cloud.model()?, command) {
                    // What the command changes is no longer there.
                    Err(RehearsalError::Failed { .. }) if !made.is_empty() => continue,
                    changes => changes?,
                };
                changed.extend(changes.iter().map(Change::key));
                made.insert(packet.number, changes);
            }
            Ok(Some(_)) => {}
            Ok(None) => break RecordingError::NoPacket(before),
            Err(error) => break error.into(),
        }
    };
    // The replay itself tells of damage behind the packet.
    if made.is_empty() { Err(ended.into()) } else { Ok(made) }
}

/// The changes of the tables that a command makes in a cloud.
fn changes(model: &Model, command: &[OsString]) -> Result<Vec<Change>, RehearsalError> {
    let changed = reach::rehearse(model.clone(), command)?;
    let [old, new] = [model, &changed].map(|model| Compiler::whole(model).1);
    let wanted = new.whole().into_iter().filter_map(|change| match change {
        Change::Set(entry) => Some((entry.key(), entry)),
        Change::Remove(_) => None,
    });
    let wanted = wanted.collect();
    let keys = old.whole().iter().map(Change::key).collect::<BTreeSet<_>>();
    Ok(old.difference(keys, &wanted))
}
