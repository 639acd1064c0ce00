//! Neighbours: one host floods with SYNs beside the transfer of two others and the pings of two more.

use super::Obstacle;
use super::agent::Agent;
use super::cloud::{Cloud, Instance};
use super::inside::protocol::Request;
use super::measurement::{measure, session};
use super::report::{Report, median, progress};
use clap::Args;
use measuring::Metric;
use scenarios::cloud::system::System;
use scenarios::interrupt;
use serde_json::json;
use std::time::Duration;

/// The flood and the transfer share the machine, so the transfer's fair share is half of its speed alone.
const FAIR_SHARE: f64 = 0.5;

/// The length of the measurements, and the limits.
#[derive(Args)]
pub struct Options {
    /// How often everything is measured; medians are shown.
    #[arg(long, default_value_t = 5)]
    rounds: u64,
    /// How long each figure is measured each time.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
    /// The part of its fair share that the transfer must keep.
    #[arg(long, default_value_t = 0.5)]
    kept: f64,
    /// The largest median of pings beside the flood, in milliseconds.
    #[arg(long, default_value_t = 1.0)]
    ping: f64,
}

/// The measurements of the rounds.
#[derive(Default)]
struct Figures {
    alone: Vec<f64>,
    beside: Vec<f64>,
    ping_alone: Vec<f64>,
    ping_beside: Vec<f64>,
}

/// Runs the campaign.
pub fn run(options: &Options) -> Result<Report, Obstacle> {
    let system = System::start_with(&super::classiclink()?, &[])?;
    let cloud = Cloud::at(&system.api);
    let hosts = launch_hosts(&cloud)?;
    let [flooder, flooded, from, to, pinging, pinged] = &hosts;
    let each = Duration::from_secs_f64(options.seconds);
    let mut flood = Agent::start(&system, &flooder.id)?;
    let (mut transfer, mut pings) = (session(&system, from, to, each)?, session(&system, pinging, pinged, each)?);

    let mut figures = Figures::default();
    for round in 1..=options.rounds {
        figures.alone.push(measure(&mut transfer, Metric::Tcp1)?);
        figures.ping_alone.push(measure(&mut pings, Metric::PingMedian)?);
        flood.request(Request::Flood { to: flooded.private })?;
        figures.beside.push(measure(&mut transfer, Metric::Tcp1)?);
        figures.ping_beside.push(measure(&mut pings, Metric::PingMedian)?);
        flood.request(Request::EndFlood)?;
        progress(round, options.rounds, "rounds");
        if interrupt::came() {
            break;
        }
    }
    Ok(figures.report(options))
}

/// Six Classic instances in the default group, whose members reach each other.
fn launch_hosts(cloud: &Cloud) -> Result<[Instance; 6], Obstacle> {
    let launch = || cloud.launch(json!({}));
    Ok([launch()?, launch()?, launch()?, launch()?, launch()?, launch()?])
}

impl Figures {
    fn report(&self, options: &Options) -> Report {
        let [alone, beside] = [&self.alone, &self.beside].map(|values| median(values));
        let [ping_alone, ping_beside] = [&self.ping_alone, &self.ping_beside].map(|values| median(values) / 1e3);
        let share = beside / (alone * FAIR_SHARE);
        let mut report = Report::default();
        report.say(format!("neighbours: {} rounds, medians", self.beside.len()));
        report.say(format!("  transfer           {alone:.1} Gbit/s alone, {beside:.1} beside a flood of SYNs"));
        report.say(format!("  of its fair share  {share:.2}"));
        report.say(format!("  ping               {ping_alone:.3} ms alone, {ping_beside:.3} beside the flood"));
        report.figure("transfer_alone", self.alone.clone());
        report.figure("transfer_beside", self.beside.clone());
        report.figure("fair_share_kept", share);
        report.figure("ping_alone_us", self.ping_alone.clone());
        report.figure("ping_beside_us", self.ping_beside.clone());
        if share < options.kept {
            report.broken(format!("the transfer kept {share:.2} of its fair share; {} is promised", options.kept));
        }
        if ping_beside > options.ping {
            report.broken(format!("pings took {ping_beside:.3} ms beside the flood; {} is promised", options.ping));
        }
        report
    }
}
