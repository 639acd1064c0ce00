//! `classiclink capture`: captures packets to a file or another program.

use super::filter::compile;
use super::units;
use super::{CannotWrite, Failure};
use clap::Args;
use control::admin;
use control::idle::give_way;
use control::operator::{EndCapture, ReadCapture, StartCapture};
use control::pcapng::{Writer, since_1970};
use control::state::State;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use scenarios::interrupt;
use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The pause when no packet is waiting and a program reads along.
const LIVE_REST: Duration = Duration::from_millis(100);
/// The pause when no packet is waiting and a file is written. Each round takes processors from the network for a moment.
const REST: Duration = Duration::from_millis(500);

#[derive(Debug, Args)]
pub(super) struct Capture {
    /// The host (an instance or another; not with --all), and a filter in the syntax of tcpdump and Wireshark: tcp port
    /// 443.
    #[arg(value_name = "HOST|FILTER")]
    words: Vec<String>,
    /// Capture packets of all hosts.
    #[arg(long)]
    all: bool,
    /// The output: a pcapng file, or - for standard output.
    #[arg(short, long, value_name = "FILE|-")]
    write: PathBuf,
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
        let (host, filter) = match &self.words[..] {
            filter if self.all => (None, filter),
            [host, filter @ ..] => (Some(host.clone()), filter),
            [] => return Err("name a host, or give --all".into()),
        };
        let filter = if filter.is_empty() { Vec::new() } else { compile(&filter.join(" "))? };
        interrupt::notice()?;
        // The network comes first. Packets that are lost meanwhile are counted.
        give_way();
        let capture = admin::ask(state, StartCapture { host, filter, snap: self.snaplen, ring: self.ring })?;
        let ended = self.write(state, capture);
        // The capture also ends by itself when its packets are no longer fetched.
        let end = admin::ask(state, EndCapture { capture });
        match ended {
            // The reader has closed the pipe.
            Err(error) if is_broken_pipe(&*error) => Ok(()),
            Err(error) if error.is::<io::Error>() => {
                Err(format!("cannot write {}: {error}", self.write.display()).into())
            }
            ended => Ok(ended.and(end.map_err(Failure::from))?),
        }
    }

    fn write(&self, state: &State, capture: u64) -> Result<(), Failure> {
        let mut writer = Writer::new(self.open()?)?;
        // A live reader sees that the capture has begun.
        writer.flush()?;
        let until = self.seconds.map(|seconds| Instant::now() + Duration::from_secs_f64(seconds));
        let (mut written, mut lost, mut end) = (0u64, 0, None);
        loop {
            let ends = interrupt::came() || until.is_some_and(|until| Instant::now() >= until);
            if ends {
                end.get_or_insert_with(since_1970);
            }
            // If packets arrive faster than they are fetched, there is always another page.
            let is_late = |at: u64| end.is_some_and(|end| at > end);
            let page = admin::ask(state, ReadCapture { capture })?;
            lost = page.lost.max(lost);
            let most = self.count.map_or(u64::MAX, |count| count - written);
            let wanted = page.each().take(usize::try_from(most).unwrap_or(usize::MAX));
            for packet in wanted.take_while(|packet| !is_late(packet.at)) {
                writer.packet(&packet)?;
                written += 1;
            }
            writer.flush()?;
            if self.count == Some(written)
                || ends && (!page.more || page.packets.last().is_some_and(|row| is_late(row.at)))
            {
                break;
            }
            if self.is_piped() && reader_is_gone() {
                return Ok(());
            }
            if !page.more && !ends {
                let rest = if self.is_piped() { LIVE_REST } else { REST };
                std::thread::sleep(
                    until.map_or(rest, |until| rest.min(until.saturating_duration_since(Instant::now()))),
                );
            }
        }
        writer.finish(since_1970(), lost)?;
        let advice = if lost > 0 { ": use a larger --ring, a smaller --snaplen or a filter" } else { "" };
        eprintln!("{written} packets captured, {lost} lost{advice}");
        Ok(())
    }

    fn is_piped(&self) -> bool {
        self.write.as_os_str() == "-"
    }

    fn open(&self) -> Result<Box<dyn Write>, Failure> {
        if self.is_piped() {
            return Ok(Box::new(BufWriter::new(io::stdout())));
        }
        let file = File::create(&self.write).map_err(CannotWrite::at(&self.write))?;
        Ok(Box::new(BufWriter::new(file)))
    }
}

/// Whether the reader has closed the pipe. Otherwise only the next packet would show it.
fn reader_is_gone() -> bool {
    let output = io::stdout();
    let mut watched = [PollFd::new(output.as_fd(), PollFlags::empty())];
    let polled = poll(&mut watched, PollTimeout::ZERO);
    polled.is_ok() && watched[0].revents().is_some_and(|events| events.contains(PollFlags::POLLERR))
}

fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe)
}
