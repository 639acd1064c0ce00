//! Damaged files: no reader panics, and what it accepts is usable.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use bolero::{TypeGenerator, check};
use control::api::{Call, Request};
use control::store::{Contents, Header, Rows, Writer, restore};
use dataplane::environment::{Environment, Seed};
use dataplane::flow::{Flow, FlowTable, Lifetimes, Limits, Path as FlowPath, Side};
use dataplane::packet::Header as PacketHeader;
use dataplane::pipeline::Engine;
use fuzz::Tally;
use fuzz::damage::{Damage, damaged};
use model::{Kind, Model, Time};
use scenarios::format::load;
use std::fs;
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use wire::{AttachmentId, FiveTuple, NatId, PortId, TCP, Timeouts};

/// The number of flows in a table.
const LIMIT: u32 = 24;
/// The bytes of a flow in the file; the header has as many.
const SLOT: usize = 128;
const LIMITS: Limits = Limits { mtu: 1500, hops: 1 };

/// Damage to a file of flows.
#[derive(Clone, Debug, TypeGenerator)]
enum FlowFileDamage {
    Any(Damage),
    Word(#[generator(0..=LIMIT)] u32, #[generator(0usize..16)] usize, u64),
    Bit(#[generator(0..=LIMIT)] u32, #[generator(0usize..16)] usize, #[generator(0u8..64)] u8),
    /// One flow replaces another as a copy.
    Slot(#[generator(1..=LIMIT)] u32, #[generator(1..=LIMIT)] u32),
}

#[test]
fn damaged_flow_files_give_usable_tables() {
    let tally = Tally::new("files::damaged_flow_files_give_usable_tables", "files");
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("flows");
    let whole = {
        let table = FlowTable::of_file(&path, LIMIT, Seed::new(0)).unwrap();
        (0..16).for_each(|number| table.insert(&flow(number, 1000), 1, LIMITS, false).unwrap());
        fs::read(&path).unwrap()
    };
    check!().with_type::<(Vec<FlowFileDamage>, Vec<(u8, u8, u32)>)>().for_each(|(damage, steps)| {
        tally.add(1);
        let mut bytes = whole.clone();
        damage.iter().take(8).for_each(|damage| damage.apply(&mut bytes));
        fs::write(&path, bytes).unwrap();
        let table = FlowTable::of_file(&path, LIMIT, Seed::new(0)).unwrap();
        assert!(table.len() <= LIMIT as usize);
        for (what, number, now) in steps.iter().take(40) {
            use_table(&table, *what, (*number % 40).into(), (*now).into());
        }
        let engine = Engine::with_flows(table, Environment::fixed());
        engine.expire();
        engine.advance_clock(std::time::Duration::from_secs(86_400));
        engine.forget_flows_without_port();
        assert_eq!(engine.flow_count(), 0);
    });
}

impl FlowFileDamage {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let slot = |number: u32| number as usize * SLOT;
        let mut words = |at: usize, change: &dyn Fn(u64) -> u64| {
            if let Some(word) = bytes.get_mut(at..at + 8) {
                let changed = change(u64::from_le_bytes(word.try_into().unwrap()));
                word.copy_from_slice(&changed.to_le_bytes());
            }
        };
        match *self {
            Self::Any(ref damage) => damage.apply(bytes),
            Self::Word(number, word, value) => words(slot(number) + 8 * word, &|_| value),
            Self::Bit(number, word, bit) => words(slot(number) + 8 * word, &|before| before ^ 1 << bit),
            Self::Slot(from, to) if slot(from.max(to) + 1) <= bytes.len() => {
                bytes.copy_within(slot(from)..slot(from + 1), slot(to));
            }
            Self::Slot(..) => {}
        }
    }
}

fn use_table(table: &FlowTable, what: u8, number: u16, now: u64) {
    let flow = flow(number, now);
    match what % 6 {
        0 | 1 => {
            if table.insert(&flow, 1, LIMITS, what.is_multiple_of(6)).is_ok() {
                assert!(table.contains(&flow.key(Side::Forward)) && table.contains(&flow.key(Side::Reply)));
            }
        }
        2 => {
            if let Some((entry, found, side)) = table.get(&flow.key(Side::Reply)) {
                assert_eq!(found.key(side), flow.key(Side::Reply));
                table.touch(entry, side, 0x12, now);
                found.path(side).into_iter().for_each(|path| table.allow(entry, side, &path, 1));
            }
        }
        3 => drop(table.get(&flow.key(Side::Forward)).map(|(entry, ..)| table.remove(entry))),
        4 => drop(table.expire(&Lifetimes::new(&Timeouts::default()), now)),
        _ => drop(table.free_port(PortId(2), flow_path(number).delivered)),
    }
    assert!(table.len() <= LIMIT as usize);
}

fn flow(number: u16, now: u64) -> Flow {
    let path = flow_path(number);
    Flow::new(PortId(1), &PacketHeader::first_of(path.sent), path, [true; 2], now)
}

/// A flow's path. Odd numbers go through a NAT.
fn flow_path(number: u16) -> FlowPath {
    let sent = FiveTuple {
        source: Ipv4Addr::new(10, 0, 0, 1),
        destination: Ipv4Addr::new(10, 0, 0, 2),
        protocol: TCP,
        source_port: 2000 + number,
        destination_port: 80,
    };
    let nat = (number % 2 == 1).then_some(NatId(1));
    let source = if nat.is_some() { Ipv4Addr::new(9, 9, 9, 9) } else { sent.source };
    let delivered = FiveTuple { source, ..sent };
    let (by, to, port) = (AttachmentId(1), AttachmentId(2), PortId(2));
    FlowPath { by, to, port, limits: LIMITS, sent, delivered, nat, leaves_segment: false }
}

#[test]
fn damaged_stores_are_restored_or_left_as_they_are() {
    let tally = Tally::new("files::damaged_stores_are_restored_or_left_as_they_are", "files");
    let directory = tempfile::tempdir().unwrap();
    let [path, whole] = ["cloud.redb", "whole.redb"].map(|name| directory.path().join(name));
    contents().write_file(&whole).unwrap();
    let whole = fs::read(whole).unwrap();
    let copy = export(&contents());
    check!().with_type::<(Vec<Damage>, Vec<Damage>, bool)>().for_each(|(to_store, to_copy, is_export)| {
        tally.add(2);
        let store = damaged(&whole, to_store);
        fs::write(&path, &store).unwrap();
        let text = if *is_export { directory.path().join("export") } else { path.with_extension("copy") };
        fs::write(&text, damaged(&copy, to_copy)).unwrap();
        let before = Contents::of_file(&path);
        match restore(&path, is_export.then_some(text.as_path())) {
            Ok(_) => assert!(Contents::of_file(&path).is_ok()),
            Err(error) => {
                assert!(before.is_err() || *is_export, "{error}");
                assert!(fs::read(&path).unwrap() == store, "{error}");
            }
        }
        for entry in fs::read_dir(directory.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    });
}

#[test]
fn damaged_rows_are_refused_or_loaded() {
    let tally = Tally::new("files::damaged_rows_are_refused_or_loaded", "files");
    let contents = contents();
    check!().with_type::<(u8, Vec<Damage>)>().for_each(|(which, damage)| {
        tally.add(1);
        let (collection, id) = contents.rows.keys().nth(usize::from(*which) % contents.rows.len()).unwrap();
        let row = damaged(&contents.rows[&(collection.clone(), id.clone())], damage);
        let kind = Kind::ALL.iter().find(|kind| kind.name() == collection).unwrap();
        let mut model = Model::new(1);
        let Ok(row) = String::from_utf8(row) else { return };
        if model.load(*kind, &row).is_ok() {
            assert!(model.take_changes().is_empty());
        }
    });
}

/// The contents of a small cloud's store.
fn contents() -> Contents {
    let mut model = Model::new(1);
    for call in [
        "CreateVpc&CidrBlock=10.0.0.0/16",
        "RunInstances&ImageId=ami-1a2b3c4d&MinCount=2&MaxCount=2",
        "CreateVpnGateway&Type=ipsec.1",
    ] {
        let form = format!("Action={call}");
        let request = Request::parse(&Call { form: &form, ..Call::default() }, Time(1_420_632_000_000)).unwrap();
        request.write(&mut model).unwrap();
    }
    let changes = model.take_changes();
    let row = |(kind, id): (Kind, &str)| {
        Some(((kind.name().to_owned(), id.to_owned()), model.row(kind, id)?.unwrap().into_bytes()))
    };
    Contents { change: 3, rows: changes.rows().filter_map(row).collect::<Rows>(), ..Contents::default() }
}

/// The text of `classiclink export`.
fn export(contents: &Contents) -> Vec<u8> {
    let mut text = Vec::new();
    let mut writer = Writer::new(&mut text, &Header::now(contents.change)).unwrap();
    for ((collection, id), value) in &contents.rows {
        writer.row(collection, id, value).unwrap();
    }
    writer.finish().unwrap();
    text
}

/// A change of a scenario file.
#[derive(Clone, Debug, TypeGenerator)]
enum Edit {
    Bytes(Damage),
    /// A line is removed, copied, or indented.
    Drop(u8),
    Copy(u8, u8),
    Indent(u8, #[generator(0u8..5)] u8),
    /// A word is replaced.
    Word(u16, #[generator(0..WORDS.len())] usize),
}

/// Words with a meaning in YAML or scenarios.
const WORDS: &[&str] = &[
    "",
    "-",
    ":",
    "{}",
    "[]",
    "[",
    "{",
    "}",
    "&a",
    "*a",
    "<<",
    "|",
    ">",
    "!!str",
    "~",
    "null",
    "true",
    "-1",
    "65536",
    "1e99",
    "0x1F",
    "\"",
    "'",
    "#",
    "---",
    "...",
    "%YAML",
    "10.0.0.0/33",
    "tcp",
    "udp 70000",
    "can",
    "cannot",
    "on",
    "still",
    "works",
    "Instances",
    "network",
    "steps",
    "é",
    "\u{feff}",
    "\u{0}",
    "\t",
];

#[test]
fn errors_in_scenario_files_have_a_line() {
    let tally = Tally::new("files::errors_in_scenario_files_have_a_line", "files");
    let mut texts = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios"), &mut texts);
    assert!(texts.iter().all(|text| load::parse(text).is_ok()) && texts.len() > 50);
    check!().with_type::<(u8, Vec<Edit>)>().for_each(|(which, edits)| {
        tally.add(1);
        let mut text = texts[usize::from(*which) % texts.len()].clone();
        edits.iter().take(6).for_each(|edit| text = edit.apply(&text));
        if let Err((place, message)) = load::parse(&text) {
            assert!(
                !message.is_empty() && place.line <= text.split(['\n', '\r']).count() as u64 + 1,
                "{message}: {text}"
            );
        }
    });
}

impl Edit {
    fn apply(&self, text: &str) -> String {
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        let count = lines.len().max(1);
        let at = |place: u8| usize::from(place) % count;
        if lines.is_empty() {
            return String::new();
        }
        match self {
            Self::Bytes(damage) => {
                let mut bytes = text.as_bytes().to_vec();
                damage.apply(&mut bytes);
                return String::from_utf8_lossy(&bytes).into_owned();
            }
            Self::Drop(line) => drop(lines.remove(at(*line))),
            Self::Copy(from, to) => lines.insert(at(*to), lines[at(*from)].clone()),
            Self::Indent(line, by) => lines[at(*line)].insert_str(0, &" ".repeat((*by).into())),
            Self::Word(place, word) => {
                let words: Vec<_> = text.split_inclusive(' ').collect();
                let place = usize::from(*place) % words.len();
                let word = format!("{} ", WORDS[*word]);
                return words.iter().enumerate().map(|(at, old)| if at == place { &word } else { *old }).collect();
            }
        }
        lines.join("\n") + "\n"
    }
}

fn collect(directory: &Path, texts: &mut Vec<String>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, texts);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            texts.push(fs::read_to_string(path).unwrap());
        }
    }
}
