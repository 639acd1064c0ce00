//! Prints the events of a replay, and how they differ from the recorded ones.

use super::{Replay, Until};
use crate::{CannotWrite, Failure};
use control::explain::names::Names;
use control::pcapng::{Packet, Writer};
use control::recording::{RecordedCloud, RecordingError, change_words, leg_words, packet_words, steps_words};
use dataplane::pipeline::LegOutcome;
use dataplane::record::{Event, LegRecord, Mode, PacketEvent, ReadError, Reader, Replay as Replayed};
use model::Model;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use wire::Update;

/// How many packets with another verdict are listed.
const LISTED: u64 = 20;

/// Prints a replay.
pub(super) struct Printer<'r> {
    order: &'r Replay,
    replay: Replayed<BufReader<File>>,
    /// Whether the replay differs from the recording by intention: a change is left out or inserted.
    is_other: bool,
    cloud: RecordedCloud,
    /// The cloud's model, until it changes.
    model: Option<Model>,
    pcap: Option<Writer<BufWriter<File>>>,
    counts: Counts,
    /// The number of the latest packet.
    latest: u64,
    /// The number of the newest change.
    newest: u64,
    /// Whether the packet was replayed after which the replay stops.
    is_there: bool,
    /// Whether a recording has begun.
    has_begun: bool,
    /// Whether the recording's end was read.
    has_ended: bool,
}

/// The numbers of what was replayed.
#[derive(Clone, Copy, Default)]
struct Counts {
    packets: u64,
    changes: u64,
    /// Verdicts, outcomes and counters that differ from the recorded ones.
    different: u64,
    /// Packets and changes that are missing in the recording.
    lost: u64,
}

impl<'r> Printer<'r> {
    /// Opens the recording, and creates the file of `--pcap`.
    pub(super) fn of(order: &'r Replay, mode: Mode) -> Result<Self, Failure> {
        let is_other = mode.is_other();
        let replay = Replayed::of(Reader::open(&order.recording)?, mode);
        let create = |path: &PathBuf| {
            let file = File::create(path).map_err(CannotWrite::at(path))?;
            Ok::<_, Failure>(Writer::new(BufWriter::new(file))?)
        };
        let pcap = order.pcap.as_ref().map(create).transpose()?;
        Ok(Self {
            order,
            replay,
            is_other,
            cloud: RecordedCloud::default(),
            model: None,
            pcap,
            counts: Counts::default(),
            latest: 0,
            newest: 0,
            is_there: false,
            has_begun: false,
            has_ended: false,
        })
    }

    /// Replays and prints. Exit status 1 means that a verdict differs although the replay should be the same.
    pub(super) fn run(mut self) -> Result<ExitCode, Failure> {
        // The time to make an engine is not counted.
        let mut start = Instant::now();
        let ended = loop {
            match self.replay.next_event() {
                Ok(Some(event)) => {
                    if self.counts.packets == 0 {
                        start = Instant::now();
                    }
                    if !self.event(event)? {
                        break None;
                    }
                }
                Ok(None) => break None,
                // Everything before the damage was replayed and is printed.
                Err(error) => break Some(error),
            }
        };
        if self.counts.packets > 0 || ended.is_none() {
            self.summary(start.elapsed(), ended.is_none());
        }
        if let (Some(mut pcap), Some(path)) = (self.pcap.take(), &self.order.pcap) {
            pcap.flush().map_err(CannotWrite::at(path))?;
        }
        match ended {
            Some(error @ ReadError::Cut { .. }) if self.counts.packets > 0 => eprintln!("classiclink: {error}"),
            Some(error) => return Err(error.into()),
            None => self.check_numbers()?,
        }
        let is_same = self.counts.different == 0 || self.is_other;
        Ok(if is_same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Checks that the recording has the packet and the changes that were named.
    fn check_numbers(&self) -> Result<(), Failure> {
        match self.order.until {
            Some(Until::Packet(number)) if !self.is_there => return Err(RecordingError::NoPacket(number).into()),
            Some(_) => return Ok(()),
            None => {}
        }
        if let Some(from) = self.order.from.filter(|from| *from > self.latest) {
            return Err(RecordingError::NoPacket(from).into());
        }
        match self.order.changes.iter().find(|number| **number > self.newest) {
            Some(number) if self.order.to.is_none() => Err(RecordingError::NoChange(*number).into()),
            _ => Ok(()),
        }
    }

    /// Prints an event. Returns whether to continue.
    fn event(&mut self, event: Event) -> Result<bool, Failure> {
        match event {
            Event::Began { platform, rows, before, lost, follows, .. } => {
                self.lose(lost);
                if !follows {
                    self.begin(lost, before);
                }
                self.newest = before[1];
                self.cloud = RecordedCloud::begin(platform, rows);
                self.model = None;
            }
            Event::Packet(packet) => return self.packet(&packet),
            Event::EnteredLeg { record, outcome } => self.entered_leg(&record, outcome)?,
            Event::Changed { number, update, made } => self.change(number, &update, made)?,
            Event::Noted(what, rows) => {
                if self.order.is_verbose() {
                    println!("  of the cloud: {what}");
                }
                self.cloud.note(rows);
                self.model = None;
            }
            Event::Advanced(by) if self.order.is_verbose() => {
                println!("the clock jumps ahead by {}", humantime::format_duration(by));
            }
            Event::Advanced(_) => {}
            Event::Ended { lost, counters } => {
                self.has_ended = true;
                self.lose(lost);
                for difference in counters.unwrap_or_default() {
                    self.counts.different += 1;
                    let (counter, recorded, replayed) = (difference.counter, difference.recorded, difference.replayed);
                    let model = self.model()?;
                    println!("{}: {counter}: {replayed}; recorded: {recorded}", Names::of(model).host(difference.port));
                }
            }
        }
        Ok(true)
    }

    /// Counts packets and changes that are missing in the recording.
    fn lose(&mut self, [packets, changes]: [u64; 2]) {
        if (packets, changes) != (0, 0) {
            println!("here {packets} packets and {changes} changes are missing: they came too fast to be recorded");
        }
        self.counts.lost = self.counts.lost.saturating_add(packets).saturating_add(changes);
    }

    /// Notes a beginning that does not continue the chapter before it.
    fn begin(&mut self, lost: [u64; 2], before: [u64; 2]) {
        if self.has_begun && lost == [0; 2] {
            println!("here something is missing: the dataplane was restarted, or the file is damaged");
        }
        if self.is_other {
            self.explain_restored(before);
        }
        (self.has_begun, self.has_ended) = (true, false);
    }

    /// Prints what another beginning in the recording means: it restores the recorded state, so that differences end.
    fn explain_restored(&self, [packets, changes]: [u64; 2]) {
        if self.counts.packets > 0 || self.counts.changes > 0 {
            println!("from here on everything is as it was recorded: what was done otherwise before is undone");
        } else if let Some(first) = self.order.changes.iter().find(|number| **number <= changes) {
            println!("change {first} cannot be left out: the recording begins behind change {changes}");
        } else if self.order.what_if && self.order.before.unwrap_or(1) <= packets {
            println!("nothing is changed: the recording begins behind packet {packets}");
        }
    }

    /// Counts a packet, and shows it if it is to be shown. Returns whether to continue.
    fn packet(&mut self, packet: &PacketEvent) -> Result<bool, Failure> {
        self.counts.packets += 1;
        self.latest = packet.number;
        let is_last = self.order.until.is_some_and(|until| until.is_met(packet));
        self.is_there |= is_last;
        let is_same = packet.is_same();
        self.counts.different += u64::from(!is_same);
        let is_in_slice = self.is_in_slice(packet.number);
        let with_steps = self.order.is_verbose() && is_in_slice;
        let is_printed = with_steps || is_last || (!is_same && self.counts.different <= LISTED);
        let is_saved = self.pcap.is_some() && is_in_slice;
        if is_printed || is_saved {
            self.show(packet, is_printed, with_steps, is_saved)?;
        }
        if self.order.step && is_in_slice && !is_last {
            // At the end of the input it continues by itself.
            io::stdin().lock().read_line(&mut String::new())?;
        }
        let is_beyond = self.order.to.is_some_and(|to| packet.number >= to);
        Ok(!is_last && !is_beyond)
    }

    /// Prints a packet, with its steps or without, and writes it to the file of `--pcap`.
    fn show(
        &mut self,
        packet: &PacketEvent,
        is_printed: bool,
        with_steps: bool,
        is_saved: bool,
    ) -> Result<(), Failure> {
        let names = Names::of(self.model()?);
        let words = packet_words(&names, packet);
        let host = names.host(packet.record.port);
        if is_printed {
            println!("{words}");
        }
        if with_steps {
            steps_words(&names, packet).iter().for_each(|step| println!("  {step}"));
        }
        if let Some(pcap) = self.pcap.as_mut().filter(|_| is_saved) {
            let record = &packet.record;
            pcap.packet(&Packet {
                at: packet.at,
                interface: &host,
                host: &host,
                sent: true,
                length: record.length,
                bytes: &record.bytes,
                comment: &words,
            })?;
        }
        Ok(())
    }

    /// Prints a packet on an impaired network, among the packets of the slice.
    fn entered_leg(&mut self, record: &LegRecord, outcome: LegOutcome) -> Result<(), Failure> {
        let is_same = outcome == record.outcome;
        self.counts.different += u64::from(!is_same);
        let is_listed = self.order.is_verbose() && self.is_in_slice(self.latest);
        if is_listed || (!is_same && self.counts.different <= LISTED) {
            println!("  {}", leg_words(&Names::of(self.model()?), record, outcome));
        }
        Ok(())
    }

    /// Whether a packet is between `--from` and `--to`.
    fn is_in_slice(&self, number: u64) -> bool {
        let (from, to) = (self.order.from.unwrap_or(0), self.order.to.unwrap_or(u64::MAX));
        (from..=to).contains(&number)
    }

    /// Counts a change, and prints it if it is left out or differs.
    fn change(&mut self, number: u64, update: &Update, made: Option<Result<(), String>>) -> Result<(), Failure> {
        self.counts.changes += 1;
        self.newest = number;
        let fate = match made {
            Some(Ok(())) => String::new(),
            None => " (left out)".to_owned(),
            Some(Err(why)) => {
                self.counts.different += 1;
                format!(" (it cannot be made: {why})")
            }
        };
        if self.order.is_verbose() || !fate.is_empty() {
            let before = self.cloud.model_before()?;
            let words = change_words(&Names::of(self.model()?), &Names::of(&before), update);
            println!("change {number}: {words}{fate}");
        }
        Ok(())
    }

    /// The cloud's model at this point of the recording.
    fn model(&mut self) -> Result<&Model, RecordingError> {
        match &mut self.model {
            Some(model) => Ok(model),
            none => Ok(none.insert(self.cloud.model()?)),
        }
    }

    /// Prints the numbers of what was replayed. `is_read` says whether the recording was read to its end.
    fn summary(&self, took: Duration, is_read: bool) {
        let Counts { packets, changes, different, lost } = self.counts;
        if different > LISTED && !self.order.is_verbose() {
            println!("and {} others", different - LISTED);
        }
        let speed = packets as f64 / took.as_secs_f64().max(1e-6);
        let lost = if lost > 0 { format!(", {lost} lost when it was recorded") } else { String::new() };
        println!("{packets} packets, {changes} changes, {different} differences{lost}; {speed:.0} packets a second");
        let is_whole = self.order.until.is_none() && self.order.to.is_none();
        if is_whole && is_read && !self.has_ended {
            println!("the recording has no end: its recorder was killed, or still runs");
        }
    }
}
