//! Scale: how long changes, questions and the start of control take with ten thousand instances in the model, of which three thousand
//! run.

use super::Obstacle;
use super::account;
use super::client::Client;
use super::cloud::{Cloud, PATIENCE, items};
use super::report::{Report, median};
use clap::Args;
use nix::sys::signal::{Signal, kill};
use scenarios::cloud::system::System;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

/// Instances of one launch.
const LAUNCH: usize = 1000;
/// How often each is measured; the median counts.
const TIMES: usize = 20;
/// As many rules as a group of EC2-Classic may have.
const RULES: usize = 100;
/// Groups of which each refers to as many others as it may.
const GROUPS: usize = 200;

/// The size of the model, and the limits in milliseconds.
#[derive(Args)]
pub struct Options {
    /// How many instances the model has.
    #[arg(long, default_value_t = 10_000)]
    instances: usize,
    /// How many of them run.
    #[arg(long, default_value_t = 3000)]
    live: usize,
    /// A change of a rule, until it is in force.
    #[arg(long, default_value_t = 5.0)]
    change: f64,
    /// DescribeInstances of a launch of a thousand.
    #[arg(long, default_value_t = 20.0)]
    describe: f64,
    /// From the end of control until the next one answers.
    #[arg(long, default_value_t = 2000.0)]
    start: f64,
    /// `classiclink status`.
    #[arg(long, default_value_t = 50.0)]
    status: f64,
    /// All rules that a group may have, given at once, until they are in force.
    #[arg(long, default_value_t = 50.0)]
    rules: f64,
}

/// Runs the campaign.
pub fn run(options: &Options) -> Result<Report, Obstacle> {
    let system = System::start_with(&super::classiclink()?, &[])?;
    let scale = Scale { cloud: Cloud::at(&system.api), endpoint: system.api.endpoint(), system };
    let launch = scale.fill(options)?;
    let mut report = Report::default();
    report.say(format!("scale: {} instances, of which {} are hosts; medians", options.instances, options.live));
    let mut at_most = |what: &str, figure: &str, promised: f64, times: Vec<f64>| {
        report.at_most(what, median(&times), "ms", promised);
        report.figure(figure, times);
    };
    at_most("a rule of the group of all hosts", "change_ms", options.change, scale.changes()?);
    at_most("a thousand instances described", "describe_ms", options.describe, scale.descriptions(&launch)?);
    at_most("classiclink status", "status_ms", options.status, scale.statuses()?);
    at_most(&format!("{RULES} rules for one group"), "rules_ms", options.rules, vec![scale.many_rules()?]);
    at_most(
        &format!("{GROUPS} groups that refer to each other"),
        "groups_ms",
        options.rules,
        vec![scale.many_groups()?],
    );
    at_most("a new control answers after", "start_ms", options.start, vec![scale.new_control()?]);
    Ok(report)
}

/// A large system.
struct Scale {
    cloud: Cloud,
    endpoint: SocketAddr,
    system: System,
}

impl Scale {
    /// Launches the instances that run, and imports the others. Returns the first launch.
    fn fill(&self, options: &Options) -> Result<String, Obstacle> {
        let mut left = options.live;
        let mut first = None;
        while left > 0 {
            let count = left.min(LAUNCH);
            let launch =
                json!({"ImageId": "ami-12345678", "InstanceType": "m1.small", "MinCount": count, "MaxCount": count});
            let reply = self.cloud.must("RunInstances", &launch)?;
            let ids = items(&reply["instancesSet"]).filter_map(|instance| instance["instanceId"].as_str());
            self.cloud.wait_until_running(&ids.collect::<Vec<_>>())?;
            first = first.or(reply["reservationId"].as_str().map(str::to_owned));
            left -= count;
        }
        let directory = tempfile::tempdir()?;
        let instances = options.instances.saturating_sub(options.live);
        let imported = account::Options { instances, asked: instances / 2, groups: 100, services: 10, most: 0.0 };
        account::write(&imported, directory.path())?;
        self.system.tell(&["import", &directory.path().to_string_lossy()])?;
        first.ok_or_else(|| "no instance was launched".into())
    }

    /// The times to authorise a rule for all hosts and to revoke it, in milliseconds.
    fn changes(&self) -> Result<Vec<f64>, Obstacle> {
        let change = |number: usize| {
            let action =
                if number.is_multiple_of(2) { "AuthorizeSecurityGroupIngress" } else { "RevokeSecurityGroupIngress" };
            let rule = format!(
                "IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort={0}&IpPermissions.1.ToPort={0}",
                1000 + number / 2
            );
            format!("Action={action}&GroupName=default&{rule}&IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0")
        };
        self.times((0..2 * TIMES).map(change))
    }

    /// The times to describe the instances of a launch, found among all, in milliseconds.
    fn descriptions(&self, launch: &str) -> Result<Vec<f64>, Obstacle> {
        let form = format!("Action=DescribeInstances&Filter.1.Name=reservation-id&Filter.1.Value.1={launch}");
        self.times((0..TIMES).map(|_| form.clone()))
    }

    /// The times of these requests, in milliseconds.
    fn times(&self, forms: impl Iterator<Item = String>) -> Result<Vec<f64>, Obstacle> {
        let mut client = Client::to(self.endpoint)?;
        forms.map(|form| timed(|| client.ask(&form))).collect()
    }

    fn statuses(&self) -> Result<Vec<f64>, Obstacle> {
        let status = || {
            let ended = self.system.command(&["status"]).stdout(Stdio::null()).status()?;
            if ended.success() { Ok(()) } else { Err(Obstacle::from("`classiclink status` failed")) }
        };
        (0..TIMES).map(|_| timed(status)).collect()
    }

    /// Gives a group all the rules that it may have at once.
    fn many_rules(&self) -> Result<f64, Obstacle> {
        let group = self.group(0)?;
        let range = |number: usize| json!({"CidrIp": format!("{}/32", Ipv4Addr::from(0x0800_0000 + number as u32))});
        let ranges: Vec<Value> = (0..RULES).map(range).collect();
        timed(|| self.allow(&group, json!({"IpRanges": ranges})))
    }

    /// Has each of many groups allow as many others as it may.
    fn many_groups(&self) -> Result<f64, Obstacle> {
        let groups = (1..=GROUPS).map(|number| self.group(number)).collect::<Result<Vec<_>, _>>()?;
        let peers = |from: usize| -> Vec<Value> {
            groups.iter().cycle().skip(from).take(RULES).map(|group| json!({"GroupId": group})).collect()
        };
        let allow = |(number, group): (usize, &String)| timed(|| self.allow(group, json!({"Groups": peers(number)})));
        let each = groups.iter().enumerate().map(allow).collect::<Result<Vec<_>, _>>()?;
        Ok(median(&each))
    }

    fn group(&self, number: usize) -> Result<String, Obstacle> {
        let group = json!({"GroupName": format!("group-{number}"), "GroupDescription": "-"});
        self.cloud.create("CreateSecurityGroup", &group, "/groupId")
    }

    /// Allows TCP port 80 from these sources.
    fn allow(&self, group: &str, from: Value) -> Result<(), Obstacle> {
        let mut rule = json!({"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80});
        if let (Some(rule), Value::Object(from)) = (rule.as_object_mut(), from) {
            rule.extend(from);
        }
        let rules = json!({"GroupId": group, "IpPermissions": [rule]});
        self.cloud.must("AuthorizeSecurityGroupIngress", &rules).map(drop)
    }

    /// Kills control, and waits until the next one answers.
    fn new_control(&self) -> Result<f64, Obstacle> {
        let control = self.system.process("control").ok_or("control does not run")?;
        kill(control, Signal::SIGKILL)?;
        timed(|| {
            let until = Instant::now() + PATIENCE;
            while Client::to(self.endpoint).and_then(|mut client| client.ask("Action=DescribeVpcs")).is_err() {
                if Instant::now() > until {
                    return Err("no other control answers".into());
                }
                thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        })
    }
}

/// How long something takes, in milliseconds.
fn timed(mut work: impl FnMut() -> Result<(), Obstacle>) -> Result<f64, Obstacle> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}
