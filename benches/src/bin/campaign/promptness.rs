//! Promptness: from RunInstances to running, for one instance and for a thousand; and answers while connections are half open.

use super::Obstacle;
use super::cloud::{Cloud, instances, items};
use super::report::{Report, largest, median};
use clap::Args;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use scenarios::cloud::system::System;
use serde_json::json;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

/// How often one instance is launched, and how often the endpoint is asked under half-open connections.
const TIMES: usize = 20;

/// The numbers of instances and connections, and the limits.
#[derive(Args)]
pub struct Options {
    /// How many instances come with one request.
    #[arg(long, default_value_t = 1000)]
    instances: u64,
    /// How many connections are half open.
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
    /// How long one instance may take to run, in milliseconds: the median of 20.
    #[arg(long, default_value_t = 50.0)]
    one: f64,
    /// How long all together may take, in seconds.
    #[arg(long, default_value_t = 3.0)]
    all: f64,
    /// The longest answer under half-open connections, in milliseconds.
    #[arg(long, default_value_t = 100.0)]
    answer: f64,
}

/// Runs the campaign.
pub fn run(options: &Options) -> Result<Report, Obstacle> {
    let system = System::start_with(&super::classiclink()?, &[])?;
    let cloud = Cloud::at(&system.api);
    let mut report = Report::default();

    let ones: Vec<f64> =
        (0..TIMES).map(|_| Ok(launch(&cloud, 1)?.as_secs_f64() * 1e3)).collect::<Result<_, Obstacle>>()?;
    report.at_most("one instance runs after", median(&ones), "ms", options.one);
    report.figure("one_ms", ones);

    let answers = answers_under_half_open(&cloud, system.api.endpoint(), options.connections)?;
    report.at_most("longest answer beside half-open connections", largest(&answers), "ms", options.answer);
    report.figure("answers_ms", answers);

    let all = launch(&cloud, options.instances)?.as_secs_f64();
    report.at_most("all of one request run after", all, "s", options.all);
    report.figure("all_s", all);
    Ok(report)
}

/// The time from the call until all run.
fn launch(cloud: &Cloud, count: u64) -> Result<Duration, Obstacle> {
    let start = Instant::now();
    let request = json!({"ImageId": "ami-12345678", "InstanceType": "m1.small", "MinCount": count, "MaxCount": count});
    let reply = cloud.must("RunInstances", &request)?;
    let launched = items(&reply["instancesSet"]).count() as u64;
    if launched != count {
        return Err(format!("{launched} of {count} instances were launched").into());
    }
    // Rarely enough that the questions slow the launch down little.
    let pause = Duration::from_millis(count.clamp(1, 20));
    while is_any_pending(cloud)? {
        thread::sleep(pause);
    }
    Ok(start.elapsed())
}

/// Whether an instance of the account is still pending. The answer is short, so that the question slows the launch down little.
fn is_any_pending(cloud: &Cloud) -> Result<bool, Obstacle> {
    let filter = json!([{"Name": "instance-state-name", "Value": ["pending"]}]);
    let reply = cloud.describe("DescribeInstances", &json!({"Filter": filter, "MaxResults": 5}))?;
    Ok(instances(&reply).next().is_some())
}

/// How long small questions take, in milliseconds, while this many connections have sent half a request.
fn answers_under_half_open(cloud: &Cloud, endpoint: SocketAddr, count: usize) -> Result<Vec<f64>, Obstacle> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
    let mut open = Vec::with_capacity(count);
    let mut answers = Vec::new();
    for number in 0..count {
        let mut connection = TcpStream::connect(endpoint)?;
        connection.write_all(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")?;
        open.push(connection);
        if number % (count / TIMES).max(1) == 0 {
            answers.push(ask(cloud)?);
        }
    }
    for _ in 0..TIMES {
        answers.push(ask(cloud)?);
    }
    Ok(answers)
}

fn ask(cloud: &Cloud) -> Result<f64, Obstacle> {
    let start = Instant::now();
    cloud.must("DescribeVpcs", &json!({}))?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}
