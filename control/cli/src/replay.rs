//! `classiclink replay`.

mod printer;
mod what_if;

use super::Failure;
use clap::Args;
use clap::builder::RangedU64ValueParser;
use control::explain::names::Names;
use control::recording::{Culprit, RecordedCloud, RecordingError, bisect, change_words, packet_words};
use dataplane::record::{Event, Mode, PacketEvent, Reader, Replay as Replayed, Verdict};
use model::Model;
use printer::Printer;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use what_if::rehearse;
use wire::DropReason;

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
    /// Stop after a packet: the first dropped one, the first dropped for this reason, or the one with this number.
    #[arg(long, value_name = "drop|REASON|N")]
    until: Option<Until>,
    /// Leave a change out: `--change 3=skip`; may be given several times.
    #[arg(long = "change", value_name = "N=skip", value_parser = skipped)]
    changes: Vec<u64>,
    /// Let a command change the network before a packet: `--what-if -- aws ec2 revoke-security-group-ingress …`.
    #[arg(long, requires = "command")]
    what_if: bool,
    /// The packet before which it changes [default: the first].
    #[arg(long, value_name = "N", requires = "what_if", value_parser = numbered())]
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
    #[arg(long, value_name = "N", value_parser = numbered())]
    from: Option<u64>,
    /// The last one, after which the replay stops.
    #[arg(long, value_name = "N", value_parser = numbered())]
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
            (_, Ok(0)) => Err("the first packet is 1".to_owned()),
            (_, Ok(number)) => Ok(Self::Packet(number)),
            _ => reason(text).map(Self::Reason),
        }
    }
}

impl Until {
    /// Whether the replay stops after this packet.
    fn is_met(self, packet: &PacketEvent) -> bool {
        match (self, &packet.verdict) {
            (Self::Packet(number), _) => packet.number == number,
            (Self::Drop, Verdict::Drop { .. }) => true,
            (Self::Reason(reason), Verdict::Drop { drop, .. }) => drop.reason == reason,
            _ => false,
        }
    }
}

/// Parses a drop reason.
fn reason(text: &str) -> Result<DropReason, String> {
    let found = DropReason::ALL.iter().find(|reason| reason.name() == text);
    found.copied().ok_or_else(|| {
        let all: Vec<&str> = DropReason::ALL.iter().map(|reason| reason.name()).collect();
        format!("{text} is not a drop reason; the reasons are {}", all.join(", "))
    })
}

/// Parses a packet's number. The first is 1.
fn numbered() -> RangedU64ValueParser {
    clap::value_parser!(u64).range(1..)
}

/// Parses `N=skip`.
fn skipped(text: &str) -> Result<u64, String> {
    let number = text.strip_suffix("=skip").and_then(|number| number.parse().ok());
    number
        .filter(|number| *number > 0)
        .ok_or_else(|| "give N=skip, where N is a change's number in `replay -v`".to_owned())
}

impl Replay {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        if let (Some(from), Some(to)) = (self.from, self.to)
            && from > to
        {
            return Err("--from is behind --to: no packet is between them".into());
        }
        if let Some(reason) = self.bisect {
            return self.find_culprit(reason);
        }
        let mut mode =
            Mode { skip: self.changes.iter().copied().collect(), trace: self.is_verbose(), ..Mode::default() };
        if self.what_if {
            mode.insert = rehearse(&self.recording, self.before.unwrap_or(1), &self.command)?;
        }
        // From here on it only prints.
        super::end_with_reader();
        Printer::of(&self, mode)?.run()
    }

    fn is_verbose(&self) -> bool {
        self.verbose || self.step
    }

    /// Prints the change that caused a drop.
    fn find_culprit(&self, reason: DropReason) -> Result<ExitCode, Failure> {
        let culprit = bisect(&self.recording, reason, !self.first)?;
        let (Culprit::Change { packet, .. } | Culprit::None { packet } | Culprit::Unknown { packet, .. }) = &culprit;
        let model = model_before(&self.recording, packet.number)?;
        let names = Names::of(&model);
        println!("{}", packet_words(&names, packet));
        match &culprit {
            Culprit::Change { number, update, without, .. } => {
                // It may have been dropped before, for another reason.
                let did =
                    if matches!(without.verdict, Verdict::Forward { .. }) { "made it" } else { "gave it this reason" };
                println!("change {number} {did}: {}", change_words(&names, &names, update));
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
