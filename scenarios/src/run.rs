//! Runs many scenarios: several at a time, reported in order.

use crate::format::load::{LoadError, Loaded, load};
use crate::interrupt;
use crate::play::{self, Kept, Played};
use crate::report::{Report, Reports, Summary};
use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// The options of a run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The `classiclink` program to run the scenarios against.
    pub binary: PathBuf,
    /// The file of a JUnit report.
    pub junit: Option<PathBuf>,
    /// Whether to print JSON lines instead of text.
    pub json: bool,
    /// How many scenarios run at the same time.
    pub jobs: usize,
    /// Whether the system stays up after the last step, until Ctrl-C. Needs a single scenario.
    pub keep: bool,
}

impl Options {
    /// Text output, and somewhat more scenarios at a time than processors, because scenarios mostly wait.
    pub fn new(binary: PathBuf) -> Self {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        Self { binary, junit: None, json: false, jobs: processors + 1, keep: false }
    }
}

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A file cannot be used.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// Several scenarios cannot be kept.
    #[error("of {0} scenarios none is kept: give one file to --keep")]
    KeepSeveral(usize),
    /// A report cannot be written.
    #[error("cannot write the report: {0}")]
    Report(#[from] io::Error),
    /// Signals cannot be handled.
    #[error("cannot handle signals: {0}")]
    Signals(#[from] nix::Error),
}

/// An event of a running scenario.
enum Event {
    Step(Played),
    Kept(Kept),
    End,
}

/// Runs the scenarios in files and directories, and prints the results.
///
/// # Errors
/// The error in a file (nothing is run then), or an error of a report.
pub fn run(paths: &[PathBuf], options: &Options) -> Result<Summary, RunError> {
    let scenarios = load(paths)?;
    if options.keep && scenarios.len() != 1 {
        return Err(RunError::KeepSeveral(scenarios.len()));
    }
    interrupt::notice()?;
    let mut reports = Reports::new(options.json, options.junit.as_deref(), scenarios.len())?;
    let mut summary = Summary::default();
    let next = AtomicUsize::new(0);
    let (send, receive) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..options.jobs.clamp(1, scenarios.len().max(1)) {
            let (send, next, scenarios) = (send.clone(), &next, &scenarios);
            scope.spawn(move || work(scenarios, next, options, &send));
        }
        drop(send);
        in_order(&scenarios, &receive, |loaded, event| {
            if let Event::Step(step) = &event {
                *(if step.failure.is_none() { &mut summary.passed } else { &mut summary.failed }) += 1;
            }
            match event {
                Event::Step(step) => reports.step(loaded, &step),
                Event::Kept(kept) => reports.kept(&kept),
                Event::End => reports.end(loaded),
            }
        })
    })?;
    // After Ctrl-C some scenarios were not begun.
    let all: usize = scenarios.iter().map(|loaded| loaded.scenario.steps.len() + 1).sum();
    summary.failed += all - summary.passed - summary.failed;
    reports.finish(&summary)?;
    Ok(summary)
}

/// Plays scenarios that no other thread has begun.
fn work(scenarios: &[Loaded], next: &AtomicUsize, options: &Options, send: &mpsc::Sender<(usize, Event)>) {
    loop {
        let index = next.fetch_add(1, Ordering::Relaxed);
        let Some(loaded) = scenarios.get(index).filter(|_| !interrupt::came()) else { return };
        // The receiver lives as long as any sender.
        let mut report = |step| drop(send.send((index, Event::Step(step))));
        let keep = |kept| {
            let _ = send.send((index, Event::Kept(kept)));
            interrupt::wait();
        };
        let keep: Option<&dyn Fn(Kept)> = options.keep.then_some(&keep);
        play::play(&loaded.scenario, &options.binary, &mut report, &interrupt::came, keep);
        let _ = send.send((index, Event::End));
    }
}

/// Passes events on in the order of the scenarios: at once for the first that has not ended, later for those behind it.
fn in_order(
    scenarios: &[Loaded],
    events: &mpsc::Receiver<(usize, Event)>,
    mut forward: impl FnMut(&Loaded, Event) -> io::Result<()>,
) -> io::Result<()> {
    let (mut front, mut waiting) = (0, BTreeMap::<usize, VecDeque<Event>>::new());
    for (index, event) in events {
        waiting.entry(index).or_default().push_back(event);
        while let Some(event) = waiting.get_mut(&front).and_then(VecDeque::pop_front) {
            if matches!(event, Event::End) {
                front += 1;
                forward(&scenarios[front - 1], event)?;
            } else {
                forward(&scenarios[front], event)?;
            }
        }
    }
    Ok(())
}
