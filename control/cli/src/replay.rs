//! `classiclink replay`.

use super::Failure;
use clap::Args;
use control::clouds::Rehearsal;
use control::compile::Compiler;
use control::explain::names::Names;
use control::pcapng::{Packet, Writer};
use control::recording::{
    Culprit, RecordedCloud, RecordingError, bisect, change_words, leg_words, packet_words, steps_words,
};
use dataplane::pipeline::LegOutcome;
use dataplane::record::{Event, LegRecord, Mode, PacketEvent, ReadError, Reader, Replay as Replayed, Verdict};
use model::Model;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use std::time::{Duration, Instant};
use wire::{Change, DropReason, Update};

/// How many packets with another verdict are listed.
const TOLD: u64 = 20;

/// A recording, and how to replay it.
#[derive(Debug, Args)]
pub(super) struct Replay {
    /// The recording.
    #[arg(value_name = "FILE")]
    recording: PathBuf,
    /// Print every packet with its path, and every change.
    #[arg(short, long)]
    verbose: bool,
    /// The same, and wait for a line of input after each packet.
    #[arg(long)]
    step: bool,
    /// Stop after a packet: the first dropped one, the first dropped for this reason, or the one with this
    /// number.
    #[arg(long, value_name = "drop|REASON|N")]
    until: Option<Until>,
    /// Leave a change out: `--change 3=skip`; may be given several times.
    #[arg(long = "change", value_name = "N=skip", value_parser = skipped)]
    changes: Vec<u64>,
    /// Let a command change the network before a packet: `--what-if -- aws ec2 revoke-security-group-ingress …`.
    #[arg(long, requires = "command")]
    what_if: bool,
    /// The packet before which it changes [default: the first].
    #[arg(long, value_name = "N", requires = "what_if")]
    before: Option<u64>,
    /// Find the change that caused the last drop for this reason.
    #[arg(long, value_name = "REASON", value_parser = reason, conflicts_with_all = ["until", "changes", "what_if", "pcap", "step"])]
    bisect: Option<DropReason>,
    /// Find the cause of the first such drop instead.
    #[arg(long, requires = "bisect")]
    first: bool,
    /// Write the packets for Wireshark, with their verdicts as comments.
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
    /// The first packet that is printed or written.
    #[arg(long, value_name = "N")]
    from: Option<u64>,
    /// The last one, after which the replay stops.
    #[arg(long, value_name = "N")]
    to: Option<u64>,
    /// The command of `--what-if`.
    #[arg(last = true, value_name = "CMD", requires = "what_if")]
    command: Vec<OsString>,
}

/// Where a replay stops.
#[derive(Clone, Copy, Debug)]
enum Until {
    Drop,
    Reason(DropReason),
    Packet(u64),
}

impl FromStr for Until {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match (text, text.parse()) {
            ("drop", _) => Ok(Self::Drop),
            (_, Ok(number)) => Ok(Self::Packet(number)),
            _ => reason(text).map(Self::Reason),
        }
    }
}

impl Until {
    fn is_met(self, packet: &PacketEvent) -> bool {
        match (self, &packet.verdict) {
            (Self::Packet(number), _) => packet.number == number,
            (Self::Drop, Verdict::Drop { .. }) => true,
            (Self::Reason(reason), Verdict::Drop { drop, .. }) => drop.reason == reason,
            _ => false,
        }
    }
}

fn reason(text: &str) -> Result<DropReason, String> {
    let found = DropReason::ALL.iter().find(|reason| reason.name() == text);
    found.copied().ok_or_else(|| {
        let all: Vec<&str> = DropReason::ALL.iter().map(|reason| reason.name()).collect();
        format!("{text} is not a drop reason; the reasons are {}", all.join(", "))
    })
}

fn skipped(text: &str) -> Result<u64, String> {
    let number = text.strip_suffix("=skip").and_then(|number| number.parse().ok());
    number.ok_or_else(|| "give N=skip, where N is a change's number in `replay -v`".to_owned())
}

impl Replay {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        if let Some(reason) = self.bisect {
            return self.find_culprit(reason);
        }
        let mut mode =
            Mode { skip: self.changes.iter().copied().collect(), trace: self.is_verbose(), ..Mode::default() };
        if self.what_if {
            let number = self.before.unwrap_or(1);
            mode.insert.insert(number, self.rehearse(number)?);
        }
        // From here on it only prints.
        super::end_with_reader();
        Telling::of(&self, mode)?.tell()
    }

    fn is_verbose(&self) -> bool {
        self.verbose || self.step
    }

    /// The changes of the tables that the command makes to the cloud as it is before a packet.
    fn rehearse(&self, before: u64) -> Result<Vec<Change>, Failure> {
        let model = model_before(&self.recording, before)?;
        let changed = Rehearsal::of(model.clone(), &self.command)?;
        let [old, new] = [&model, &changed].map(|model| Compiler::whole(model).1);
        let wanted = new.whole().into_iter().filter_map(|change| match change {
            Change::Set(entry) => Some((entry.key(), entry)),
            Change::Remove(_) => None,
        });
        let wanted = wanted.collect();
        let keys = old.whole().iter().map(Change::key).collect::<BTreeSet<_>>();
        Ok(old.difference(keys, &wanted))
    }

    fn find_culprit(&self, reason: DropReason) -> Result<ExitCode, Failure> {
        let culprit = bisect(&self.recording, reason, !self.first)?;
        let (Culprit::Change { packet, .. } | Culprit::None { packet } | Culprit::Unknown { packet, .. }) = &culprit;
        let model = model_before(&self.recording, packet.number)?;
        let names = Names::of(&model);
        println!("{}", packet_words(&names, packet));
        match &culprit {
            Culprit::Change { number, update, without, .. } => {
                println!("change {number} made it: {}", change_words(&names, update));
                // The recorded verdict is printed already.
                let mut without = without.clone();
                without.record.verdict = without.verdict.clone();
                println!("without it: {}", packet_words(&names, &without));
            }
            Culprit::None { .. } => println!("no change made it: without any of them it is dropped, too"),
            Culprit::Unknown { before, .. } => println!(
                "which change made it cannot be told: without any after change {before} it is dropped, too, and those up to it cannot \
                 be left out, for the recording begins, or something is missing, behind them"
            ),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The cloud as it is before a packet.
fn model_before(recording: &Path, packet: u64) -> Result<Model, RecordingError> {
    let mut replay = Replayed::of(Reader::open(recording)?, Mode::default());
    let mut cloud = RecordedCloud::default();
    while let Some(event) = replay.next_event()? {
        match event {
            Event::Began { platform, rows, .. } => cloud = RecordedCloud::begin(platform, rows),
            Event::Noted(_, rows) => cloud.note(rows),
            Event::Packet(event) if event.number >= packet => return cloud.model(),
            _ => {}
        }
    }
    Err(RecordingError::NoPacket(packet))
}

/// A replay that is printed.
struct Telling<'r> {
    order: &'r Replay,
    replay: Replayed<BufReader<File>>,
    is_other: bool,
    cloud: RecordedCloud,
    /// The cloud's model, until it changes.
    model: Option<Model>,
    pcap: Option<Writer<BufWriter<File>>>,
    packets: u64,
    changes: u64,
    /// The number of the newest change.
    newest: u64,
    /// Whether the packet was met at which it stops.
    is_there: bool,
    different: u64,
    lost: u64,
    has_ended: bool,
}

impl<'r> Telling<'r> {
    fn of(order: &'r Replay, mode: Mode) -> Result<Self, Failure> {
        let is_other = mode.is_other();
        let replay = Replayed::of(Reader::open(&order.recording)?, mode);
        let create = |path: &PathBuf| {
            let file = File::create(path).map_err(|error| format!("cannot write {}: {error}", path.display()))?;
            Ok::<_, Failure>(Writer::new(BufWriter::new(file))?)
        };
        let pcap = order.pcap.as_ref().map(create).transpose()?;
        let (cloud, model) = (RecordedCloud::default(), None);
        let (packets, changes, newest, different, lost) = (0, 0, 0, 0, 0);
        let (is_there, has_ended) = (false, false);
        Ok(Self {
            order,
            replay,
            is_other,
            cloud,
            model,
            pcap,
            packets,
            changes,
            newest,
            is_there,
            different,
            lost,
            has_ended,
        })
    }

    fn tell(mut self) -> Result<ExitCode, Failure> {
        // The time to make an engine is not counted.
        let mut start = Instant::now();
        let ended = loop {
            match self.replay.next_event() {
                Ok(Some(event)) => {
                    if self.packets == 0 {
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
        if self.packets > 0 || ended.is_none() {
            self.summary(start.elapsed(), ended.is_none());
        }
        if let (Some(mut pcap), Some(path)) = (self.pcap.take(), &self.order.pcap) {
            pcap.flush().map_err(|error| format!("cannot write {}: {error}", path.display()))?;
        }
        match ended {
            Some(error @ ReadError::Cut { .. }) if self.packets > 0 => eprintln!("classiclink: {error}"),
            Some(error) => return Err(error.into()),
            None => self.check_numbers()?,
        }
        let is_same = self.different == 0 || self.is_other;
        Ok(if is_same { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    /// Checks that the recording has the packet and the changes that were named.
    fn check_numbers(&self) -> Result<(), Failure> {
        match self.order.until {
            Some(Until::Packet(number)) if !self.is_there => return Err(RecordingError::NoPacket(number).into()),
            Some(_) => return Ok(()),
            None => {}
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
                if !follows && self.is_other {
                    self.tell_undone(before);
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
                    self.different += 1;
                    let (counter, recorded, replayed) = (difference.counter, difference.recorded, difference.replayed);
                    let model = self.model()?;
                    println!("{}: {counter}: {replayed}; recorded: {recorded}", Names::of(model).host(difference.port));
                }
            }
        }
        Ok(true)
    }

    fn lose(&mut self, [packets, changes]: [u64; 2]) {
        if (packets, changes) != (0, 0) {
            println!("here {packets} packets and {changes} changes are missing: they came too fast to be recorded");
        }
        self.lost = self.lost.saturating_add(packets).saturating_add(changes);
    }

    /// Differences end where another beginning in the recording restores the recorded state.
    fn tell_undone(&self, [packets, changes]: [u64; 2]) {
        if self.packets > 0 || self.changes > 0 {
            println!("from here on everything is as it was recorded: what was done otherwise before is undone");
        } else if let Some(first) = self.order.changes.iter().find(|number| **number <= changes) {
            println!("change {first} cannot be left out: the recording begins behind change {changes}");
        } else if self.order.what_if && self.order.before.unwrap_or(1) <= packets {
            println!("nothing is changed: the recording begins behind packet {packets}");
        }
    }

    fn packet(&mut self, packet: &PacketEvent) -> Result<bool, Failure> {
        self.packets += 1;
        let is_last = self.order.until.is_some_and(|until| until.is_met(packet));
        self.is_there |= is_last;
        let is_same = packet.is_same();
        self.different += u64::from(!is_same);
        let is_in_slice = self.is_in_slice(packet.number);
        let with_steps = self.order.is_verbose() && is_in_slice;
        let is_told = with_steps || is_last || (!is_same && self.different <= TOLD);
        let is_saved = self.pcap.is_some() && is_in_slice;
        if is_told || is_saved {
            let names = Names::of(self.model()?);
            let words = packet_words(&names, packet);
            let host = names.host(packet.record.port);
            if is_told {
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
                    sent: true,
                    length: record.length,
                    bytes: &record.bytes,
                    comment: &words,
                })?;
            }
        }
        if self.order.step && is_in_slice && !is_last {
            // At the end of the input it continues by itself.
            io::stdin().lock().read_line(&mut String::new())?;
        }
        let is_beyond = self.order.to.is_some_and(|to| packet.number >= to);
        Ok(!is_last && !is_beyond)
    }

    /// Prints a packet on an impaired network.
    fn entered_leg(&mut self, record: &LegRecord, outcome: LegOutcome) -> Result<(), Failure> {
        let is_same = outcome == record.outcome;
        self.different += u64::from(!is_same);
        if self.order.is_verbose() || (!is_same && self.different <= TOLD) {
            println!("  {}", leg_words(&Names::of(self.model()?), record, outcome));
        }
        Ok(())
    }

    fn is_in_slice(&self, number: u64) -> bool {
        let (from, to) = (self.order.from.unwrap_or(0), self.order.to.unwrap_or(u64::MAX));
        (from..=to).contains(&number)
    }

    fn change(&mut self, number: u64, update: &Update, made: Option<Result<(), String>>) -> Result<(), Failure> {
        self.changes += 1;
        self.newest = number;
        let fate = match made {
            Some(Ok(())) => String::new(),
            None => " (left out)".to_owned(),
            Some(Err(why)) => {
                self.different += 1;
                format!(" (it cannot be made: {why})")
            }
        };
        if self.order.is_verbose() || !fate.is_empty() {
            let words = change_words(&Names::of(self.model()?), update);
            println!("change {number}: {words}{fate}");
        }
        Ok(())
    }

    fn model(&mut self) -> Result<&Model, RecordingError> {
        match &mut self.model {
            Some(model) => Ok(model),
            none => Ok(none.insert(self.cloud.model()?)),
        }
    }

    fn summary(&self, took: Duration, is_read: bool) {
        let Self { packets, changes, different, lost, .. } = *self;
        if different > TOLD && !self.order.is_verbose() {
            println!("and {} others", different - TOLD);
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
