//! `classiclink record`.

use super::{CannotWrite, Failure, units};
use clap::Args;
use control::admin::{self, AdminError};
use control::operator::{LookAtRecording, StartRecording, StopRecording};
use control::recording::{self, Prepared};
use control::state::State;
use dataplane::record::{self, Reader};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use tokio::signal::unix::{SignalKind, signal};
use wire::RecordingStatus;

/// How often the recording's status is asked for.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long control may be unreachable. The dataplane ends the recording after that, too.
const AWAY: Duration = Duration::from_secs(10);
/// The smallest ring, in bytes.
const LEAST_RING: u64 = 1 << 20;

/// What to record.
#[derive(Debug, Args)]
pub(super) struct Record {
    /// The file.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Stop after this time: 90s, 5m.
    #[arg(long, value_name = "DURATION", value_parser = units::duration)]
    seconds: Option<Duration>,
    /// How many bytes of each packet are kept behind its headers, or `all`.
    #[arg(long, value_name = "BYTES|all", default_value = "0", value_parser = payload)]
    payload: Payload,
    /// Keep only the end, in at most this many bytes: 64MiB. Tables and flows are added to that.
    #[arg(long, value_name = "BYTES", value_parser = ring)]
    ring: Option<u64>,
}

/// How much of each packet is kept.
#[derive(Clone, Copy, Debug)]
struct Payload(Option<u32>);

fn payload(text: &str) -> Result<Payload, String> {
    match text {
        "all" => Ok(Payload(None)),
        number => number.parse().map(|number| Payload(Some(number))).map_err(|_| "give a number, or `all`".to_owned()),
    }
}

fn ring(text: &str) -> Result<u64, String> {
    match units::bytes(text)? {
        few if few < LEAST_RING => Err("give at least 1MiB".to_owned()),
        bytes => Ok(bytes),
    }
}

impl Record {
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        if admin::ask(state, LookAtRecording)?.is_some_and(|status| !status.has_ended) {
            // The other recording may use this very file.
            return Err("a recording is running already: stop it first".into());
        }
        let files = self.files()?;
        let _prepared = self.start(state, &files)?;
        let ended = runtime.block_on(self.wait(state)).and_then(|()| Ok(stop(state)?));
        // However it ended, what was written is kept.
        join(&files)?;
        self.print_result(ended?)
    }

    /// The files to write.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let path = std::path::absolute(&self.output)?;
        Ok(match self.ring {
            Some(_) => vec![path.clone(), second(&path)],
            None => vec![path],
        })
    }

    /// Begins the recording. Files that were created are removed if it does not begin.
    fn start(&self, state: &State, files: &[PathBuf]) -> Result<Vec<Prepared>, Failure> {
        let Payload(payload) = self.payload;
        let what = StartRecording { files: files.to_vec(), payload, ring: self.ring, leased: true };
        let mut prepared = Vec::new();
        let started = prepare(files, &mut prepared).and_then(|()| Ok(admin::ask(state, what)?));
        if let Err(error) = started {
            // It may have begun although the answer was late.
            if matches!(admin::ask(state, LookAtRecording), Ok(status) if status.as_ref().is_none_or(|status| status.has_ended))
            {
                let made = files.iter().zip(&prepared).filter(|(_, prepared)| prepared.is_new);
                made.for_each(|(file, _)| _ = fs::remove_file(file));
            }
            return Err(error);
        }
        Ok(prepared)
    }

    /// Waits until the time is over, the user interrupts, the system stops, or the dataplane cannot write any more.
    async fn wait(&self, state: &State) -> Result<(), Failure> {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        let until = self.seconds.map(|seconds| Instant::now() + seconds);
        let mut answered = Instant::now();
        loop {
            let rest =
                until.map_or(LOOK_EVERY, |until| until.saturating_duration_since(Instant::now()).min(LOOK_EVERY));
            tokio::select! {
                _ = interrupt.recv() => return Ok(()),
                _ = terminate.recv() => return Ok(()),
                () = tokio::time::sleep(rest) => {}
            }
            if until.is_some_and(|until| Instant::now() >= until) {
                return Ok(());
            }
            match admin::ask(state, LookAtRecording) {
                Ok(Some(status)) if status.failed.is_none() && !status.has_ended => answered = Instant::now(),
                Ok(_) | Err(AdminError::NotUp(_)) => return Ok(()),
                Err(AdminError::Unreachable { .. } | AdminError::Refused(_)) if answered.elapsed() < AWAY => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Prints how much was recorded.
    fn print_result(&self, ended: Ended) -> Result<(), Failure> {
        let file = self.output.display();
        let status = match ended {
            Ended::Whole(status) => status,
            Ended::WithSystem => {
                println!("the system was stopped; {file} has everything until then");
                return Ok(());
            }
            Ended::WithDataplane => {
                return Err(format!(
                    "the dataplane was restarted, which ended the recording; {file} has what was written"
                )
                .into());
            }
        };
        let RecordingStatus { packets, changes, lost, bytes, failed, .. } = status;
        if let Some(why) = failed {
            return Err(format!("cannot continue {file}: {why}").into());
        }
        let lost = if lost > 0 { format!(", {lost} of them lost: they came too fast") } else { String::new() };
        println!(
            "recorded {packets} packets and {changes} changes{lost}; {} written to {file}",
            units::bytes_in_words(bytes)
        );
        Ok(())
    }
}

/// Creates the files, so that they belong to the user, and errors show at once.
fn prepare(files: &[PathBuf], prepared: &mut Vec<Prepared>) -> Result<(), Failure> {
    for file in files {
        prepared.push(recording::prepare(file).map_err(CannotWrite::at(file))?);
    }
    Ok(())
}

/// The second file, which is written in turn with the first.
fn second(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".ring");
    name.into()
}

/// How a recording ended.
enum Ended {
    /// It was stopped, and is written.
    Whole(RecordingStatus),
    /// The system was stopped.
    WithSystem,
    /// The dataplane was restarted.
    WithDataplane,
}

/// Ends the recording, and waits until it is written.
fn stop(state: &State) -> Result<Ended, AdminError> {
    match admin::ask(state, StopRecording).and_then(|_| written(state)) {
        Ok(Some(status)) => Ok(Ended::Whole(status)),
        Ok(None) => Ok(Ended::WithDataplane),
        // Control stops before the system does.
        Err(_) if state.running().is_err() => Ok(Ended::WithSystem),
        Err(error) => Err(error),
    }
}

/// The status of the recording once it is written. `None` if there is none.
fn written(state: &State) -> Result<Option<RecordingStatus>, AdminError> {
    loop {
        match admin::ask(state, LookAtRecording)? {
            Some(status) if !status.has_ended => std::thread::sleep(LOOK_EVERY / 10),
            ended => return Ok(ended),
        }
    }
}

/// When one of a recording's two files begins: after how many packets and changes. Files with the same number are told apart by
/// the time at which they were written.
fn begun(file: &Path) -> io::Result<([u64; 2], SystemTime)> {
    let before = match Reader::open(file).and_then(|mut reader| reader.next_record()) {
        Ok(Some(record::Record::Begin(beginning))) => beginning.before,
        // The file was emptied for a chapter that was not written.
        _ => [u64::MAX; 2],
    };
    Ok((before, fs::metadata(file)?.modified()?))
}

/// Joins two files that were written in turn, the older one first.
fn join(files: &[PathBuf]) -> io::Result<()> {
    let [first, second] = files else { return Ok(()) };
    let (older, newer) = if begun(first)? > begun(second)? { (second, first) } else { (first, second) };
    let mut from = File::open(newer)?;
    let mut to = File::options().append(true).open(older)?;
    io::copy(&mut from, &mut to)?;
    fs::remove_file(newer)?;
    if older == first { Ok(()) } else { fs::rename(older, first) }
}
