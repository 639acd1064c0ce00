//! `classiclink record`.

use super::{Failure, duration, size};
use clap::Args;
use control::admin::{self, AdminError};
use control::operator::{Ask, Recording};
use control::recording::{self, Prepared};
use control::state::State;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tokio::signal::unix::{SignalKind, signal};
use wire::RecordingStatus;

/// How often is looked how far it is.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How long the system may be away, and come back: then the dataplane has ended the recording, too.
const AWAY: Duration = Duration::from_secs(10);
/// No recording is kept in less.
const LEAST_RING: u64 = 1 << 20;

/// What is recorded.
#[derive(Debug, Args)]
pub(super) struct Record {
    /// The file.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Stop after this time: 90s, 5m.
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    seconds: Option<Duration>,
    /// How many bytes of each packet are kept behind its headers, or `all`.
    #[arg(long, value_name = "BYTES|all", default_value = "0", value_parser = payload)]
    payload: Payload,
    /// Keep only the end, in at most so many bytes: 64MiB. Tables and flows come on top.
    #[arg(long, value_name = "BYTES", value_parser = ring)]
    ring: Option<u64>,
}

/// How much is kept of packets.
#[derive(Clone, Copy, Debug)]
struct Payload(Option<u32>);

fn payload(text: &str) -> Result<Payload, String> {
    match text {
        "all" => Ok(Payload(None)),
        number => number.parse().map(|number| Payload(Some(number))).map_err(|_| "give a number, or `all`".to_owned()),
    }
}

fn ring(text: &str) -> Result<u64, String> {
    match size::parse(text)? {
        few if few < LEAST_RING => Err("give at least 1MiB".to_owned()),
        bytes => Ok(bytes),
    }
}

impl Record {
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        if ask(state, Recording::Look)?.is_some_and(|status| !status.has_ended) {
            // It may be to this very file.
            return Err("somebody records already: there is one recording at a time".into());
        }
        let files = self.files()?;
        let _prepared = self.start(state, &files)?;
        runtime.block_on(self.wait(state))?;
        ask(state, Recording::Stop)?;
        let status = loop {
            match ask(state, Recording::Look)? {
                Some(status) if !status.has_ended => std::thread::sleep(LOOK_EVERY / 10),
                ended => break ended,
            }
        };
        let status =
            status.ok_or("the dataplane has ended meanwhile, and the recording with it: what was written is kept")?;
        join(&files, status.newest)?;
        self.tell(&status)
    }

    /// Where it is written.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let path = std::path::absolute(&self.output)?;
        Ok(match self.ring {
            Some(_) => vec![path.clone(), second(&path)],
            None => vec![path],
        })
    }

    /// Has it begun. What was made for nothing goes.
    fn start(&self, state: &State, files: &[PathBuf]) -> Result<Vec<Prepared>, Failure> {
        let Payload(payload) = self.payload;
        let what = Recording::Start { files: files.to_vec(), payload, ring: self.ring, leased: true };
        let mut prepared = Vec::new();
        let started = prepare(files, &mut prepared).and_then(|()| Ok(ask(state, what)?));
        if let Err(error) = started {
            // It may have begun though nobody said so in time.
            if matches!(ask(state, Recording::Look), Ok(status) if status.as_ref().is_none_or(|status| status.has_ended))
            {
                let made = files.iter().zip(&prepared).filter(|(_, prepared)| prepared.is_new);
                made.for_each(|(file, _)| _ = fs::remove_file(file));
            }
            return Err(error);
        }
        Ok(prepared)
    }

    /// Looks how far it is until the time is over, somebody interrupts, or nothing can be written any more.
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
            match ask(state, Recording::Look) {
                Ok(Some(status)) if status.failed.is_none() && !status.has_ended => answered = Instant::now(),
                Ok(_) => return Ok(()),
                Err(AdminError::Unreachable { .. } | AdminError::Refused(_)) if answered.elapsed() < AWAY => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn tell(&self, status: &RecordingStatus) -> Result<(), Failure> {
        let RecordingStatus { packets, changes, lost, bytes, failed, .. } = status;
        let file = self.output.display();
        if let Some(why) = failed {
            return Err(format!("{file} could not be written any further: {why}").into());
        }
        let lost = if *lost > 0 { format!(", {lost} of them lost: they came too fast") } else { String::new() };
        println!("recorded {packets} packets and {changes} changes{lost}; {} written to {file}", size::words(*bytes));
        Ok(())
    }
}

fn ask(state: &State, what: Recording) -> Result<Option<RecordingStatus>, AdminError> {
    admin::ask(state, &Ask::Record { what })
}

/// Makes the files: so they belong to who records, and what is wrong with them is known at once.
fn prepare(files: &[PathBuf], prepared: &mut Vec<Prepared>) -> Result<(), Failure> {
    for file in files {
        let made = recording::prepare(file);
        prepared.push(made.map_err(|error| format!("{} cannot be written: {error}", file.display()))?);
    }
    Ok(())
}

/// The file that is written in turn with another.
fn second(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".ring");
    name.into()
}

/// Puts two files that were written in turn together: the older first.
fn join(files: &[PathBuf], newest: usize) -> io::Result<()> {
    let [first, second] = files else { return Ok(()) };
    let (older, newer) = if newest == 0 { (second, first) } else { (first, second) };
    let mut from = File::open(newer)?;
    let mut to = File::options().append(true).open(older)?;
    io::copy(&mut from, &mut to)?;
    fs::remove_file(newer)?;
    if older == first { Ok(()) } else { fs::rename(older, first) }
}
