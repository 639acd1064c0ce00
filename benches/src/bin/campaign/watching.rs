//! Watching: how much a capture slows down the transfer, the datagrams, the connections and the pings of two hosts.

use super::Obstacle;
use super::cloud::{Cloud, PATIENCE};
use super::measurement::{measure, session};
use super::report::{Report, median, progress};
use clap::Args;
use measuring::Metric;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use scenarios::cloud::system::System;
use scenarios::interrupt;
use serde_json::json;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The figures that are measured, and whether more is better.
const METRICS: [(Metric, bool); 4] =
    [(Metric::Tcp1, true), (Metric::Udp64, true), (Metric::Connect, true), (Metric::PingMedian, false)];
/// The captures: none, one of all headers, one of whole packets.
const WATCHERS: [(&str, Option<&[&str]>); 3] =
    [("nobody", None), ("headers", Some(&["--all", "--snaplen", "96"])), ("all", Some(&["--all"]))];

/// The length of the measurements, and the limit.
#[derive(Args)]
pub struct Options {
    /// How often everything is measured; medians are shown. The scheduler makes some rounds slow, so that many short ones
    /// tell more than a few long ones.
    #[arg(long, default_value_t = 24)]
    rounds: u64,
    /// How long each figure is measured each time.
    #[arg(long, default_value_t = 0.4)]
    seconds: f64,
    /// The largest share that a capture of headers may cost.
    #[arg(long, default_value_t = 0.1)]
    cost: f64,
}

/// Runs the campaign.
pub fn run(options: &Options) -> Result<Report, Obstacle> {
    let system = System::start_with(&super::classiclink()?, &[])?;
    let cloud = Cloud::at(&system.api);
    let (from, to) = (cloud.launch(json!({}))?, cloud.launch(json!({}))?);
    let mut pair = session(&system, &from, &to, Duration::from_secs_f64(options.seconds))?;
    let directory = tempfile::tempdir()?;
    let mut figures = vec![vec![Vec::new(); WATCHERS.len()]; METRICS.len()];
    for round in 1..=options.rounds {
        for (watcher, (_, arguments)) in WATCHERS.iter().enumerate() {
            let capture =
                arguments.map(|arguments| Capture::start(&system, arguments, directory.path())).transpose()?;
            for (metric, figures) in METRICS.iter().zip(&mut figures) {
                figures[watcher].push(measure(&mut pair, metric.0)?);
            }
            drop(capture);
        }
        progress(round, options.rounds, "rounds");
        if interrupt::came() {
            break;
        }
    }
    Ok(report(&figures, options))
}

fn report(figures: &[Vec<Vec<f64>>], options: &Options) -> Report {
    let mut report = Report::default();
    report.say(format!("watching: {} rounds, medians", figures[0][0].len()));
    for ((metric, more_is_better), of) in METRICS.iter().zip(figures) {
        let medians: Vec<f64> = of.iter().map(|values| median(values)).collect();
        let cost = |watched: f64| if *more_is_better { 1.0 - watched / medians[0] } else { watched / medians[0] - 1.0 };
        for (watcher, (name, _)) in WATCHERS.iter().enumerate().skip(1) {
            let (label, cost) = (metric.label(), cost(medians[watcher]));
            let (alone, watched) = (medians[0], medians[watcher]);
            report.say(format!("  {label:<24} {name:<8} {alone:>12.2} → {watched:>12.2}, costs {:.1} %", cost * 100.0));
            report.figure(&format!("{label} {name}"), of[watcher].clone());
            if *name == "headers" && cost > options.cost {
                report.broken(format!("{label}: {:.1} % while headers are kept", cost * 100.0));
            }
        }
        report.figure(&format!("{} nobody", metric.label()), of[0].clone());
    }
    report
}

/// A running capture.
struct Capture(Child);

impl Capture {
    /// Starts a capture, and waits until it has begun.
    fn start(system: &System, arguments: &[&str], directory: &Path) -> Result<Self, Obstacle> {
        let file = directory.join("capture.pcapng");
        let _ = std::fs::remove_file(&file);
        let mut command = system.command(&[&["capture"], arguments].concat());
        command.arg("-w").arg(&file).stderr(Stdio::null());
        let capture = Self(command.spawn()?);
        let until = Instant::now() + PATIENCE;
        while std::fs::metadata(&file).map_or(0, |file| file.len()) == 0 {
            if Instant::now() > until {
                return Err("the capture does not begin".into());
            }
            thread::sleep(Duration::from_millis(5));
        }
        Ok(capture)
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // By SIGINT the capture in the dataplane ends, too.
        let _ = kill(Pid::from_raw(self.0.id() as i32), Signal::SIGINT);
        let _ = self.0.wait();
    }
}
