//! Finds the change that caused a drop, by replaying a recording with fewer and fewer of its changes.

use super::{RecordingError, next_good_event};
use dataplane::record::{Event, Mode, PacketEvent, Reader, Replay, Verdict};
use std::path::Path;
use wire::{DropReason, Update};

/// The cause of a drop.
#[derive(Debug)]
pub enum Culprit {
    /// This change: without it and those after it, the packet has another verdict.
    Change {
        /// Its number.
        number: u64,
        /// The change.
        update: Box<Update>,
        /// The packet as it was dropped.
        packet: Box<PacketEvent>,
        /// The packet without the change.
        without: Box<PacketEvent>,
    },
    /// No change: the packet is dropped without any of them too.
    None {
        /// The packet.
        packet: Box<PacketEvent>,
    },
    /// None of the changes that can be left out. Earlier ones are part of the recording's beginning, or of the
    /// beginning that follows a gap.
    Unknown {
        /// The number of earlier changes.
        before: u64,
        /// The packet.
        packet: Box<PacketEvent>,
    },
}

/// Finds the change that caused the first or the last drop for a reason.
///
/// # Errors
/// [`RecordingError`] if there is no such packet, or the recording cannot be read.
pub fn bisect(path: &Path, reason: DropReason, last: bool) -> Result<Culprit, RecordingError> {
    let mut replay = Replay::of(Reader::open(path)?, Mode::default());
    // The changes before `before` are part of a beginning and cannot be left out.
    let (mut changes, mut before, mut found) = (0, 0, None);
    while let Some(event) = next_good_event(&mut replay)? {
        match event {
            Event::Began { follows: false, before: [_, so_far], .. } => (changes, before) = (so_far, so_far),
            Event::Changed { number, .. } => changes = number,
            Event::Packet(packet) if is_dropped(&packet.record.verdict, reason) => {
                found = Some((before, changes, packet));
                if !last {
                    break;
                }
            }
            _ => {}
        }
    }
    let Some((before, mut with, packet)) = found else { return Err(RecordingError::NoDrop(Some(reason))) };
    let (without_any, _) = after(path, packet.number, before)?;
    if is_dropped(&without_any.verdict, reason) {
        return Ok(if before > 0 { Culprit::Unknown { before, packet } } else { Culprit::None { packet } });
    }
    // The packet is dropped with the first `with` changes, but not with the first `without`. The search begins with the latest
    // changes, because what an earlier one did may have been undone.
    let (mut without, mut spared, mut stride) = (before, without_any, 1);
    while with - without > 1 {
        let middle = (without + (with - without) / 2).max(with.saturating_sub(stride));
        let (tried, _) = after(path, packet.number, middle)?;
        if is_dropped(&tried.verdict, reason) {
            (with, stride) = (middle, stride.saturating_mul(2));
        } else {
            (without, spared, stride) = (middle, tried, u64::MAX);
        }
    }
    let (_, update) = after(path, packet.number, with)?;
    let update = Box::new(update.unwrap_or_default());
    Ok(Culprit::Change { number: with, update, packet, without: spared })
}

fn is_dropped(verdict: &Verdict, reason: DropReason) -> bool {
    matches!(verdict, Verdict::Drop { drop, .. } if drop.reason == reason)
}

/// The packet's event with only the first changes, and the last of these.
fn after(path: &Path, number: u64, changes: u64) -> Result<(Box<PacketEvent>, Option<Update>), RecordingError> {
    let mode = Mode { skip_from: Some(changes + 1), ..Mode::default() };
    let mut replay = Replay::of(Reader::open(path)?, mode);
    let mut last = None;
    while let Some(event) = replay.next_event()? {
        match event {
            Event::Changed { number, update, made: Some(_) } if number == changes => last = Some(update),
            Event::Packet(packet) if packet.number == number => return Ok((packet, last)),
            _ => {}
        }
    }
    Err(RecordingError::NoPacket(number))
}
