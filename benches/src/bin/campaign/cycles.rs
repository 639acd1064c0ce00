//! Cycles: thousands of instances are launched and terminated in one state directory; memory, the store and leftovers are measured.

use super::Obstacle;
use super::cloud::{Cloud, instances, items};
use super::leftovers;
use super::report::{Report, largest, progress};
use clap::Args;
use nix::unistd::Pid;
use scenarios::cloud::system::System;
use scenarios::interrupt;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// A little more than the time for which a terminated instance is described.
const AN_HOUR: &str = "61m";
/// The time limit for namespaces to disappear.
const PATIENCE: Duration = Duration::from_secs(60);

/// The number of instances, and the limits.
#[derive(Args)]
pub struct Options {
    /// How many instances are launched and terminated.
    #[arg(long, default_value_t = 1000)]
    cycles: u64,
    /// The instances of a request; every other request is for a single one.
    #[arg(long, default_value_t = 40)]
    batch: u64,
    /// The number of instances after which the clock advances by an hour.
    #[arg(long, default_value_t = 1000)]
    hour: u64,
    /// The limit of control's memory, in MiB.
    #[arg(long, default_value_t = 100.0)]
    memory: f64,
    /// The limit of the store's size, in MiB.
    #[arg(long, default_value_t = 32.0)]
    store: f64,
}

/// Sizes at one time, in MiB.
struct Sample {
    /// Control's resident memory.
    memory: f64,
    /// The store on disk.
    store: f64,
}

/// Runs the campaign.
pub fn run(options: &Options) -> Result<Report, Obstacle> {
    let system = System::start_with(&super::classiclink()?, &[])?;
    let cloud = Cloud::at(&system.api);
    let subnet = make_subnet(&cloud)?;
    let (start, mut samples, mut last) = (Instant::now(), vec![sample(&system)?], Vec::new());
    let (mut done, mut hours) = (0, 0);
    while done < options.cycles && !interrupt::came() {
        let single = done % (options.batch + 1) == options.batch;
        let count = if single { 1 } else { options.batch.min(options.cycles - done).max(1) };
        last = cycle(&cloud, count, (done / 7 % 2 == 0).then_some(subnet.as_str()))?;
        done += count;
        if done / options.hour > hours {
            hours = done / options.hour;
            samples.push(sample(&system)?);
            system.tell(&["clock", "advance", AN_HOUR])?;
        }
        progress(done, options.cycles, "cycles");
    }
    let took = start.elapsed();
    samples.push(sample(&system)?);
    system.tell(&["clock", "advance", AN_HOUR])?;
    let left = Left::when_gone(&cloud, &system, &last)?;
    samples.push(sample(&system)?);

    let mut report = Report::default();
    report_sizes(&mut report, options, &samples, (done, took));
    left.report(&mut report);
    Ok(report)
}

fn make_subnet(cloud: &Cloud) -> Result<String, Obstacle> {
    let vpc = cloud.create("CreateVpc", &json!({"CidrBlock": "172.31.0.0/16"}), "/vpc/vpcId")?;
    cloud.create("CreateSubnet", &json!({"VpcId": vpc, "CidrBlock": "172.31.0.0/20"}), "/subnet/subnetId")
}

/// Launches instances in the subnet or in Classic, terminates them when they run, and returns their ids.
fn cycle(cloud: &Cloud, count: u64, subnet: Option<&str>) -> Result<Vec<String>, Obstacle> {
    let mut launch =
        json!({"ImageId": "ami-12345678", "InstanceType": "m1.small", "MinCount": count, "MaxCount": count});
    if let Some(subnet) = subnet {
        launch["SubnetId"] = json!(subnet);
    }
    let reply = cloud.must("RunInstances", &launch)?;
    let id = |instance: &Value| instance["instanceId"].as_str().map(str::to_owned);
    let ids: Vec<String> = items(&reply["instancesSet"]).filter_map(id).collect();
    cloud.wait_until_running(&ids)?;
    cloud.must("TerminateInstances", &json!({"InstanceId": ids}))?;
    Ok(ids)
}

fn sample(system: &System) -> Result<Sample, Obstacle> {
    let control = system.process("control").ok_or("control is down")?;
    Ok(Sample { memory: resident(control)?, store: stored(system.state())? })
}

/// A process's memory that is in use, in MiB (proc_pid_status(5), VmRSS).
fn resident(process: Pid) -> Result<f64, Obstacle> {
    let status = fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    let kib: f64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kib / 1024.0)
}

/// The store's size on disk, in MiB: all files whose names begin with the store's.
fn stored(state: &Path) -> Result<f64, Obstacle> {
    let mut bytes = 0;
    for entry in fs::read_dir(state)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("cloud") {
            bytes += entry.metadata()?.len();
        }
    }
    Ok(bytes as f64 / 1024.0 / 1024.0)
}

/// Reports the sizes, and those that exceed their limits.
fn report_sizes(report: &mut Report, options: &Options, samples: &[Sample], (done, took): (u64, Duration)) {
    let memory: Vec<f64> = samples.iter().map(|sample| sample.memory).collect();
    let store: Vec<f64> = samples.iter().map(|sample| sample.store).collect();
    let line = |name: &str, values: &[f64]| {
        let (first, last) = (values.first().unwrap_or(&0.0), values.last().unwrap_or(&0.0));
        format!("  {name:<18} {first:.1} MiB at first, {:.1} at most, {last:.1} at last", largest(values))
    };
    report.say(format!("cycles: {done} instances launched and terminated in {:.1} s", took.as_secs_f64()));
    report.say(line("control's memory", &memory));
    report.say(line("the store", &store));
    report.figure("cycles", done);
    report.figure("seconds", took.as_secs_f64());
    report.figure("memory_mib", memory.clone());
    report.figure("store_mib", store.clone());
    for (name, values, limit) in [("control's memory", &memory, options.memory), ("the store", &store, options.store)] {
        if largest(values) > limit {
            report.broken(format!("{name} has grown to {:.1} MiB; {limit} are allowed", largest(values)));
        }
    }
}

/// Whatever still exists of instances that were terminated an hour ago.
struct Left {
    described: usize,
    interfaces: usize,
    volumes: usize,
    /// Marks of hosts, and namespaces of the last instances.
    hosts: usize,
}

impl Left {
    /// Looks repeatedly until nothing is left or the time is over; `last` are the ids of the last instances.
    fn when_gone(cloud: &Cloud, system: &System, last: &[String]) -> Result<Self, Obstacle> {
        let until = Instant::now() + PATIENCE;
        loop {
            let left = Self::now(cloud, system, last)?;
            if left.is_nothing() || Instant::now() > until {
                return Ok(left);
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn now(cloud: &Cloud, system: &System, last: &[String]) -> Result<Self, Obstacle> {
        let all = |action| cloud.describe(action, &json!({}));
        let is_of_last = |name: &String| last.iter().any(|id| name.contains(id.as_str()));
        let marks = leftovers::marks(system.state()).len();
        Ok(Self {
            described: instances(&all("DescribeInstances")?).count(),
            interfaces: items(&all("DescribeNetworkInterfaces")?["networkInterfaceSet"]).count(),
            volumes: items(&all("DescribeVolumes")?["volumeSet"]).count(),
            hosts: marks + leftovers::namespaces().iter().filter(|name| is_of_last(name)).count(),
        })
    }

    fn is_nothing(&self) -> bool {
        self.described + self.interfaces + self.volumes + self.hosts == 0
    }

    fn report(&self, report: &mut Report) {
        let Self { described, interfaces, volumes, hosts } = *self;
        report.say(format!(
            "  an hour later      {described} instances, {interfaces} interfaces, {volumes} volumes, {hosts} hosts"
        ));
        let figures = json!({"instances": described, "interfaces": interfaces, "volumes": volumes, "hosts": hosts});
        report.figure("left", figures);
        if !self.is_nothing() {
            report.broken("something is left of instances that were terminated an hour ago");
        }
    }
}
