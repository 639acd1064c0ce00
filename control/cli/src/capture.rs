//! `classiclink capture`: captures packets to a file or another program.

mod follower;
mod output;

use super::filter::compile;
use super::units;
use super::{CannotWrite, Failure};
use clap::Args;
use control::admin::{self, AdminError};
use control::operator::{CaptureCounts, CountCapture, EndCapture, StartCapture};
use control::pcapng::since_1970;
use control::state::State;
use follower::{End, Follower, is_over};
use output::{Files, Output};
use scenarios::interrupt;
use std::io::{self, ErrorKind, IsTerminal};
use std::path::PathBuf;
use std::slice;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// How long the last packets may take to be written. On a machine that is busy with other programs the follower hardly runs.
const GRACE: Duration = Duration::from_secs(2);
/// How often it is checked whether the capture is over.
const TICK: Duration = Duration::from_millis(50);

/// Why a capture failed.
#[derive(Debug, thiserror::Error)]
enum CaptureFailure {
    /// The file cannot be made.
    #[error(transparent)]
    Open(#[from] CannotWrite),
    /// The output cannot be written, or there is no thread for it.
    #[error("{0}")]
    Write(#[from] io::Error),
    /// Control does not answer, or has refused.
    #[error(transparent)]
    Ask(#[from] AdminError),
}

#[derive(Debug, Args)]
pub(super) struct Capture {
    /// The host (an instance or another; not with --all), and a filter in the syntax of tcpdump and Wireshark: tcp port
    /// 443.
    #[arg(value_name = "HOST|FILTER")]
    words: Vec<String>,
    /// Capture packets of this host, too. May be given several times.
    #[arg(long, value_name = "HOST", conflicts_with = "all")]
    also: Vec<String>,
    /// Capture packets of all hosts.
    #[arg(long)]
    all: bool,
    /// The output: a pcapng file, or - for standard output.
    #[arg(short, long, value_name = "FILE|-")]
    write: PathBuf,
    /// Begin another file after this many bytes: web-1.pcapng, web-2.pcapng after web.pcapng.
    #[arg(long, value_name = "SIZE", value_parser = units::some_bytes)]
    file_size: Option<u64>,
    /// How many files are kept, the newest ones. Otherwise all.
    #[arg(long, value_name = "N", requires = "file_size", value_parser = clap::value_parser!(u64).range(1..))]
    files: Option<u64>,
    /// Stop after this many packets. A packet from one host to another counts twice, once at each interface.
    #[arg(short, long, value_name = "N")]
    count: Option<u64>,
    /// Stop after this many seconds.
    #[arg(long, value_name = "N", value_parser = super::seconds)]
    seconds: Option<f64>,
    /// How many bytes of each packet are kept.
    #[arg(short, long, value_name = "BYTES", default_value_t = 262_144)]
    snaplen: u32,
    /// How many bytes may wait to be written; beyond it the oldest packets are dropped and counted: 64MiB, 500KiB.
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = units::some_bytes)]
    ring: u64,
}

impl Capture {
    pub(super) fn run(self, state: &State) -> Result<(), Failure> {
        let (hosts, filter) = match &self.words[..] {
            filter if self.all => (None, filter),
            [host, filter @ ..] => (Some([slice::from_ref(host), &self.also[..]].concat()), filter),
            [] => return Err("name a host, or give --all".into()),
        };
        if self.file_size.is_some() && self.is_piped() {
            return Err("standard output is one file: give -w FILE with --file-size".into());
        }
        if self.is_piped() && io::stdout().is_terminal() {
            return Err("standard output is a terminal: give -w FILE, or read along: -w - | wireshark -k -i -".into());
        }
        let filter = if filter.is_empty() { Vec::new() } else { compile(&filter.join(" "))? };
        interrupt::notice()?;
        let capture = admin::ask(state, StartCapture { hosts, filter, snap: self.snaplen, ring: self.ring })?;
        let ended = self.write(state, capture);
        // The capture also ends by itself when its packets are no longer fetched.
        let end = admin::ask(state, EndCapture { capture });
        match ended {
            // The reader has closed the pipe.
            Err(CaptureFailure::Write(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            Err(CaptureFailure::Write(error)) => Err(format!("cannot write {}: {error}", self.write.display()).into()),
            ended => Ok(ended.and(end.map_err(CaptureFailure::from))?),
        }
    }

    fn write(&self, state: &State, capture: u64) -> Result<(), CaptureFailure> {
        let files = Files::new(self.write.clone(), self.file_size, self.files);
        let output = Arc::new(Mutex::new(Output::begin(files)?));
        let until = self.seconds.map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
        let follower = Follower {
            state: state.clone(),
            capture,
            count: self.count,
            until,
            is_piped: self.is_piped(),
            output: output.clone(),
        };
        let ending = follower.begin()?;
        let unwritten = match await_end(&ending, until, || admin::ask(state, CountCapture { capture }))? {
            Ended::As(End::ReaderGone) => return Ok(()),
            Ended::As(End::Whole) => None,
            Ended::Late(counts) => Some(counts),
        };
        finish(&mut Output::lock(&output), unwritten)
    }

    fn is_piped(&self) -> bool {
        self.write.as_os_str() == "-"
    }
}

/// How the wait for the follower ended.
#[derive(Debug, PartialEq, Eq)]
enum Ended {
    /// The follower is done.
    As(End),
    /// It was not done in time. The capture had counted this many packets when it was over.
    Late(CaptureCounts),
}

/// Waits until the follower is done, or until the capture has been over for a while.
fn await_end(
    ending: &Receiver<Result<End, CaptureFailure>>,
    until: Option<Instant>,
    count: impl Fn() -> Result<CaptureCounts, AdminError>,
) -> Result<Ended, CaptureFailure> {
    let mut over: Option<(Instant, CaptureCounts)> = None;
    loop {
        match ending.recv_timeout(TICK) {
            Ok(end) => return Ok(Ended::As(end?)),
            Err(RecvTimeoutError::Disconnected) => return Err(io::Error::other("the follower ended early").into()),
            Err(RecvTimeoutError::Timeout) => {}
        }
        match over {
            None if is_over(until) => over = Some((Instant::now(), count()?)),
            Some((since, counts)) if since.elapsed() >= GRACE => return Ok(Ended::Late(counts)),
            _ => {}
        }
    }
}

/// Ends the file, and tells what is in it.
fn finish(output: &mut Output, late: Option<CaptureCounts>) -> Result<(), CaptureFailure> {
    let Output { writer, written, lost, closed, .. } = output;
    *closed = true;
    let mut tale = String::new();
    if let Some(counts) = late {
        let unwritten = counts.seen.saturating_sub(counts.lost + *written);
        *lost = counts.lost + unwritten;
        tale = format!(
            ", {unwritten} of them because they could not be written in time; other programs keep this machine busy"
        );
    } else if *lost > 0 {
        tale = ": use a larger --ring, a smaller --snaplen or a filter".into();
    }
    writer.finish(since_1970(), *lost)?;
    eprintln!("{written} packets captured, {lost} lost{tale}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    const COUNTS: CaptureCounts = CaptureCounts { seen: 9, lost: 2 };

    #[test]
    fn a_capture_ends_in_time_although_its_follower_never_runs() {
        let (_follower, ending) = channel();
        let begun = Instant::now();
        let ended = await_end(&ending, Some(begun), || Ok(COUNTS)).unwrap();
        assert_eq!(ended, Ended::Late(COUNTS));
        assert!((GRACE..GRACE * 4).contains(&begun.elapsed()));
    }

    #[test]
    fn what_was_not_written_in_time_counts_as_lost() {
        let directory = tempfile::tempdir().unwrap();
        let mut output = Output::begin(Files::new(directory.path().join("web.pcapng"), None, None)).unwrap();
        (output.written, output.lost) = (4, 1);
        finish(&mut output, Some(COUNTS)).unwrap();
        assert!(output.lost == 5 && output.closed);
    }

    #[test]
    fn a_follower_that_is_done_ends_a_capture() {
        let (follower, ending) = channel();
        follower.send(Ok(End::Whole)).unwrap();
        assert_eq!(await_end(&ending, None, || Ok(COUNTS)).unwrap(), Ended::As(End::Whole));
        drop(follower);
        assert!(await_end(&ending, None, || Ok(COUNTS)).is_err());
    }
}
