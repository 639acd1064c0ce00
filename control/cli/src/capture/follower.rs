//! The thread that fetches packets and writes them. It gives way to everything, so that the network comes first.

use super::CaptureFailure;
use super::output::Output;
use control::admin;
use control::idle::give_way;
use control::operator::ReadCapture;
use control::pcapng::since_1970;
use control::state::State;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use scenarios::interrupt;
use std::io;
use std::os::fd::AsFd;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// The pause when no packet is waiting and a program reads along.
const LIVE_REST: Duration = Duration::from_millis(100);
/// The pause when no packet is waiting and a file is written. Each round takes processors from the network for a moment.
const REST: Duration = Duration::from_millis(500);

/// How a capture ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// All packets up to its end are written.
    Whole,
    /// The reader has closed the pipe.
    ReaderGone,
}

/// Follows a capture to its end.
pub(super) struct Follower {
    pub(super) state: State,
    pub(super) capture: u64,
    pub(super) count: Option<u64>,
    pub(super) until: Option<Instant>,
    /// Whether another program reads along.
    pub(super) is_piped: bool,
    pub(super) output: Arc<Mutex<Output>>,
}

impl Follower {
    /// Begins to follow. The receiver gets the end.
    pub(super) fn begin(self) -> io::Result<Receiver<Result<End, CaptureFailure>>> {
        let (done, end) = channel();
        thread::Builder::new().name("follower".into()).spawn(move || {
            give_way();
            // Whoever waited may have given up.
            let _ = done.send(self.follow());
        })?;
        Ok(end)
    }

    fn follow(&self) -> Result<End, CaptureFailure> {
        let mut end = None;
        loop {
            let ends = is_over(self.until);
            if ends {
                end.get_or_insert_with(since_1970);
            }
            // If packets arrive faster than they are fetched, there is always another page.
            let is_late = |at: u64| end.is_some_and(|end| at > end);
            let begun = Instant::now();
            let page = admin::ask(&self.state, ReadCapture { capture: self.capture })?;
            let packets = page.in_order();
            for packet in packets.iter().take_while(|packet| !is_late(packet.at)) {
                let mut output = Output::lock(&self.output);
                if output.closed || self.is_complete(&output) {
                    break;
                }
                output.add(packet)?;
            }
            let is_complete = {
                let mut output = Output::lock(&self.output);
                output.lost = page.lost;
                output.writer.flush()?;
                self.is_complete(&output)
            };
            if is_complete || ends && (!page.more || packets.last().is_some_and(|packet| is_late(packet.at))) {
                return Ok(End::Whole);
            }
            if self.is_piped && reader_is_gone() {
                return Ok(End::ReaderGone);
            }
            if !ends {
                self.rest(begun.elapsed(), page.more);
            }
        }
    }

    fn is_complete(&self, output: &Output) -> bool {
        self.count == Some(output.written)
    }

    /// Rests: for as long as the last page took if more is waiting, so that a busy network keeps half of the time for itself.
    fn rest(&self, took: Duration, more: bool) {
        let pause = if self.is_piped { LIVE_REST } else { REST };
        let rest = if more { took.min(pause) } else { pause };
        thread::sleep(self.until.map_or(rest, |until| rest.min(until.saturating_duration_since(Instant::now()))));
    }
}

/// Whether a capture is to end: its time is over, or somebody has interrupted it.
pub(super) fn is_over(until: Option<Instant>) -> bool {
    interrupt::came() || until.is_some_and(|until| Instant::now() >= until)
}

/// Whether the reader has closed the pipe. Otherwise only the next packet would show it.
fn reader_is_gone() -> bool {
    let output = io::stdout();
    let mut watched = [PollFd::new(output.as_fd(), PollFlags::empty())];
    let polled = poll(&mut watched, PollTimeout::ZERO);
    polled.is_ok() && watched[0].revents().is_some_and(|events| events.contains(PollFlags::POLLERR))
}
