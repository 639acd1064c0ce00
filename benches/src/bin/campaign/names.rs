//! Names: many hosts query the resolver at a steady rate beside the transfer of two others.
//!
//! An interface may send the resolver 1,024 packets a second, so several hosts are needed for a higher rate.

use super::Obstacle;
use super::agent::Agent;
use super::cloud::{Cloud, Instance};
use super::inside::protocol::{Queries, Request};
use super::measurement::{measure, session};
use super::report::{Report, median, progress};
use clap::Args;
use measuring::Metric;
use scenarios::cloud::system::System;
use scenarios::interrupt;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

/// The resolver of EC2-Classic.
const RESOLVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(172, 16, 0, 23), 53);

/// The load, the length of the measurements, and the limits.
#[derive(Args)]
pub struct Options {
    /// How often everything is measured; medians are shown. A transfer has one of several speeds, as the scheduler places
    /// its worker, so that many short rounds tell more than a few long ones.
    #[arg(long, default_value_t = 24)]
    rounds: u64,
    /// How long the transfer is measured each time.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// How many queries a second are asked by all hosts together.
    #[arg(long, default_value_t = 10_000)]
    rate: u32,
    /// How many hosts ask.
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..))]
    hosts: u32,
    /// The part of the queries that must be answered.
    #[arg(long, default_value_t = 0.999)]
    answered: f64,
    /// The part of its speed that the transfer must keep.
    #[arg(long, default_value_t = 0.9)]
    kept: f64,
}

/// The measurements of the rounds.
#[derive(Default)]
struct Figures {
    alone: Vec<f64>,
    beside: Vec<f64>,
    /// Queries a second that were asked, and the part of them that was answered.
    rate: Vec<f64>,
    answered: Vec<f64>,
}

/// Runs the campaign.
pub fn run(options: &Options) -> Result<Report, Obstacle> {
    let system = System::start_with(&super::classiclink()?, &[])?;
    let cloud = Cloud::at(&system.api);
    let launch = || cloud.launch(json!({}));
    let (from, to) = (launch()?, launch()?);
    let askers: Vec<Instance> = (0..options.hosts).map(|_| launch()).collect::<Result<_, _>>()?;
    let mut agents: Vec<Agent> =
        askers.iter().map(|asker| Agent::start(&system, &asker.id)).collect::<Result<_, _>>()?;
    let name = format!("ip-{}.ec2.internal", to.private.to_string().replace('.', "-"));
    let mut transfer = session(&system, &from, &to, Duration::from_secs_f64(options.seconds))?;

    let mut figures = Figures::default();
    for round in 1..=options.rounds {
        // The transfer alone comes before and after in turns, so that drift does not affect the ratio.
        if round % 2 == 1 {
            figures.alone.push(measure(&mut transfer, Metric::Tcp1)?);
        }
        for agent in &mut agents {
            agent.request(Request::Query { to: RESOLVER, name: name.clone(), rate: options.rate / options.hosts })?;
        }
        figures.beside.push(measure(&mut transfer, Metric::Tcp1)?);
        let ended: Vec<Queries> = agents.iter_mut().map(Agent::end_queries).collect::<Result<_, _>>()?;
        let total = |count: fn(&Queries) -> u64| ended.iter().map(count).sum::<u64>() as f64;
        // They end one after another, each after a time of its own.
        figures.rate.push(ended.iter().map(|host| host.asked as f64 / host.lasted.as_secs_f64()).sum());
        figures.answered.push(total(|host| host.answered) / total(|host| host.asked));
        if round % 2 == 0 {
            figures.alone.push(measure(&mut transfer, Metric::Tcp1)?);
        }
        progress(round, options.rounds, "rounds");
        if interrupt::came() {
            break;
        }
    }
    Ok(figures.report(options))
}

impl Figures {
    fn report(&self, options: &Options) -> Report {
        let [alone, beside] = [&self.alone, &self.beside].map(|values| median(values));
        let [rate, answered] = [&self.rate, &self.answered].map(|values| median(values));
        let kept = beside / alone;
        let mut report = Report::default();
        report.say(format!("names: {} rounds, medians", self.beside.len()));
        report.say(format!(
            "  queries   {rate:.0} a second of {} hosts, {:.2} % answered",
            options.hosts,
            answered * 100.0
        ));
        report.say(format!(
            "  transfer  {alone:.1} Gbit/s alone, {beside:.1} beside the queries: {kept:.2} of its speed"
        ));
        report.figure("queries_a_second", self.rate.clone());
        report.figure("queries_answered", self.answered.clone());
        report.figure("transfer_alone", self.alone.clone());
        report.figure("transfer_beside", self.beside.clone());
        report.figure("transfer_kept", kept);
        if answered < options.answered {
            report.broken(format!("{answered:.4} of the queries were answered; {} is promised", options.answered));
        }
        if kept < options.kept {
            report.broken(format!("the transfer kept {kept:.2} of its speed; {} is promised", options.kept));
        }
        report
    }
}
