//! Damaged or malicious recordings: reading and replaying them ends, at worst with an error.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod network;

use bolero::check;
use dataplane::environment::Environment;
use dataplane::packet::VirtioHeader;
use dataplane::pipeline::{Engine, Packet as Moved};
use dataplane::record::{Mode, Reader, Recorder, Replay, mark, seal};
use etherparse::PacketBuilder;
use fuzz::Tally;
use fuzz::damage::{Damage, damaged};
use std::fs::File;
use std::path::Path;
use std::time::Duration;
use wire::{Change, Entry, Filter, FilterId, PortId, RecordingOrder, Update};

/// The blocks of a recording of a few packets through a NAT, with a change and a sweep, without their frames.
fn blocks() -> Vec<Vec<u8>> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("recording");
    let (engine, recorder) = (network::translated(), Recorder::default());
    (0..4).for_each(|number| send(&engine, &recorder, number));
    let (ring, leased, tables, rows) = (None, false, network::entries_of_translated(), vec![]);
    let order = RecordingOrder {
        files: vec![path.clone()],
        payload: Some(8),
        ring,
        leased,
        tables,
        platform: String::new(),
        rows,
    };
    let output = Box::new(File::create(&path).unwrap());
    recorder.start(&engine, order, Environment::fixed().seed.number(), vec![output], || {}, Vec::new).unwrap();
    (0..6).for_each(|number| send(&engine, &recorder, number));
    let changes = vec![Change::Set(Entry::Filter(FilterId(1), Filter::default()))];
    let update = Update { version: 2, whole: false, changes };
    recorder.publish(&engine, engine.snapshot().apply(&update).unwrap().into(), &update);
    recorder.advance_clock(&engine, Duration::from_secs(40));
    recorder.expire(&engine);
    (2..9).for_each(|number| send(&engine, &recorder, number));
    recorder.end(Vec::new).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    let (mut all, mut rest) = (Vec::new(), &bytes[mark().len()..]);
    while let Some((length, more)) = rest.split_first_chunk::<4>() {
        let (body, after) = more[4..].split_at(u32::from_be_bytes(*length) as usize);
        all.push(body.to_vec());
        rest = after;
    }
    all
}

fn send(engine: &Engine, recorder: &Recorder, number: u16) {
    let mut bytes = Vec::new();
    let ip = PacketBuilder::ipv4([10, 0, 0, 1 + 2 * (number % 2) as u8], [10, 0, 0, 2], 64);
    ip.udp(500 + number, 53).write(&mut bytes, &[7; 40]).unwrap();
    let (port, virtio) = (PortId(u32::from(1 + 2 * (number % 2))), VirtioHeader::default());
    let mut turn = recorder.turn(engine);
    let batch = engine.batch();
    if let Some(turn) = &mut turn {
        turn.at(batch.now(), engine.since_1970());
        turn.arrived(port, virtio.bytes(), &bytes);
    }
    let (parsed, _) = batch.parse_offloaded(port, &virtio, &mut bytes).unwrap();
    let mut packet = Moved { bytes: &mut bytes, partial_checksum: false, segment_size: 0 };
    let outcome = batch.process_parsed(port, &parsed, &mut packet);
    if let Some(turn) = &mut turn {
        turn.passed(&outcome, parsed.view(), packet.bytes);
    }
}

/// The number of events in the replay of these bytes, and how it ends.
fn replayed(bytes: &[u8]) -> (usize, Result<(), String>) {
    let mut replay = Replay::of(Reader::of(bytes, Path::new("file")), Mode { trace: true, ..Mode::default() });
    let mut count = 0;
    loop {
        match replay.next_event() {
            Ok(Some(_)) => count += 1,
            Ok(None) => return (count, Ok(())),
            Err(error) => return (count, Err(error.to_string())),
        }
    }
}

#[test]
fn damaged_recordings_replay_or_are_refused() {
    let tally = Tally::new("recordings::damaged_recordings_replay_or_are_refused", "files");
    let blocks = blocks();
    let whole = file(&blocks);
    let (count, ended) = replayed(&whole);
    assert_eq!((count, ended), (17, Ok(())));
    check!().with_type::<(Vec<Damage>, Vec<Damage>)>().for_each(|(inside, outside)| {
        tally.add(1);
        // Damage inside a block has a correct checksum, as if made on purpose.
        let harmful = blocks.iter().map(|block| seal(&damaged(block, inside)));
        let file: Vec<u8> = [mark().to_vec()].into_iter().chain(harmful).flatten().collect();
        let file = damaged(&file, &outside[..outside.len().min(1)]);
        let (_, ended) = replayed(&file);
        if let Err(why) = ended {
            assert!(why.starts_with("file ") && !why.contains('\n'), "{why}");
        }
    });
}

/// The bytes of a recording.
fn file(blocks: &[Vec<u8>]) -> Vec<u8> {
    [mark().to_vec()].into_iter().chain(blocks.iter().map(|block| seal(block))).flatten().collect()
}

#[test]
fn a_recording_that_is_cut_anywhere_is_replayed_up_to_there() {
    let whole = file(&blocks());
    let mut before = 0;
    for length in 0..whole.len() {
        let (count, ended) = replayed(&whole[..length]);
        assert!(count >= before, "{length}");
        before = count;
        let Err(why) = ended else { continue };
        let is_known = why.contains("is not a recording") || why.contains("breaks off at byte");
        assert!(is_known && !why.contains('\n'), "{length}: {why}");
    }
    assert!(before >= 16, "{before}");
}

/// A dataplane that is killed while it writes leaves a part of a block. Another recording may follow.
#[test]
fn a_recording_behind_a_damaged_block_is_replayed() {
    let blocks = blocks();
    let whole = file(&blocks);
    let (count, _) = replayed(&whole);
    for length in mark().len() + 1..whole.len() {
        let (found, ended) = replayed(&[&whole[..length], &whole].concat());
        assert!(found >= count && ended == Ok(()), "{length}: {found} {ended:?}");
    }
    let mut flipped = whole.clone();
    flipped[mark().len() + 20] ^= 1;
    assert!(replayed(&flipped).1.unwrap_err().contains("its checksum is wrong"));
    assert_eq!(replayed(&[flipped, whole].concat()), (count, Ok(())));
}

/// Marks behind which lengths lie make the reader search the rest of the file again and again.
#[test]
fn a_file_of_marks_is_refused_in_time() {
    let lying: Vec<u8> = mark().into_iter().chain([0x3f; 8]).collect();
    let (count, ended) = replayed(&lying.repeat(500_000));
    assert!(count == 0 && ended.unwrap_err().contains("breaks off at byte"));
}
