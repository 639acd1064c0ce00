//! Requests: how many the API answers in a second, and how fast it describes all instances, with a thousand of them running.

use super::Obstacle;
use super::client::Client;
use super::cloud::{Cloud, items};
use super::report::{Report, median};
use clap::Args;
use scenarios::cloud::system::System;
use serde_json::json;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

/// How often all instances are described.
const TIMES: usize = 20;

/// The load, and the limits.
#[derive(Args)]
pub struct Options {
    /// How many instances run meanwhile.
    #[arg(long, default_value_t = 1000)]
    instances: u64,
    /// How many clients ask at once.
    #[arg(long, default_value_t = 4)]
    clients: u32,
    /// How long each rate is counted, in seconds.
    #[arg(long, default_value_t = 5.0)]
    seconds: f64,
    /// The largest median time to describe all instances, in milliseconds.
    #[arg(long, default_value_t = 20.0)]
    all: f64,
    /// The fewest small questions a second.
    #[arg(long, default_value_t = 2000.0)]
    describes: f64,
    /// The fewest changes a second.
    #[arg(long, default_value_t = 500.0)]
    changes: f64,
}

/// Runs the campaign.
pub fn run(options: &Options) -> Result<Report, Obstacle> {
    let system = System::start_with(&super::classiclink()?, &[])?;
    let (cloud, endpoint) = (Cloud::at(&system.api), system.api.endpoint());
    let mut report = Report::default();
    let count = options.instances;
    let request = json!({"ImageId": "ami-12345678", "InstanceType": "m1.small", "MinCount": count, "MaxCount": count});
    let reply = cloud.must("RunInstances", &request)?;
    let ids: Vec<&str> = items(&reply["instancesSet"]).filter_map(|instance| instance["instanceId"].as_str()).collect();
    cloud.wait_until_running(&ids)?;
    let vpc = cloud.create("CreateVpc", &json!({"CidrBlock": "192.168.0.0/16"}), "/vpc/vpcId")?;

    let mut client = Client::to(endpoint)?;
    let describe_all = |client: &mut Client| {
        let start = Instant::now();
        client.ask("Action=DescribeInstances")?;
        Ok(start.elapsed().as_secs_f64() * 1e3)
    };
    let all: Vec<f64> = (0..TIMES).map(|_| describe_all(&mut client)).collect::<Result<_, Obstacle>>()?;
    report.at_most(&format!("all {count} instances are described in"), median(&all), "ms", options.all);
    report.figure("all_ms", all);

    let describe = |_: u32, _: u64| format!("Action=DescribeVpcs&VpcId.1={vpc}");
    let change = |client: u32, number: u64| {
        format!("Action=CreateTags&ResourceId.1={vpc}&Tag.1.Key=client{client}&Tag.1.Value={number}")
    };
    let mut rate = |what: &str, figure: &str, promised: f64, form: &(dyn Fn(u32, u64) -> String + Sync)| {
        let rate = per_second(endpoint, options, form)?;
        report.say(format!("  {what:<48} {rate:>8.0} a second"));
        if rate < promised {
            report.broken(format!("{what}: {rate:.0} a second; {promised} are promised"));
        }
        report.figure(figure, rate);
        Ok::<_, Obstacle>(())
    };
    rate("small questions", "describes", options.describes, &describe)?;
    rate("changes", "changes", options.changes, &change)?;
    Ok(report)
}

/// Requests that are answered in a second, to all clients together.
fn per_second(
    endpoint: SocketAddr,
    options: &Options,
    form: &(dyn Fn(u32, u64) -> String + Sync),
) -> Result<f64, Obstacle> {
    let whole = Duration::from_secs_f64(options.seconds);
    let one = |number: u32| -> Result<u64, Obstacle> {
        let mut client = Client::to(endpoint)?;
        let (start, mut answered) = (Instant::now(), 0);
        while start.elapsed() < whole {
            client.ask(&form(number, answered))?;
            answered += 1;
        }
        Ok(answered)
    };
    let counts: Vec<Result<u64, Obstacle>> = thread::scope(|scope| {
        let clients: Vec<_> = (0..options.clients).map(|number| scope.spawn(move || one(number))).collect();
        clients.into_iter().map(|client| client.join().unwrap_or_else(|_| Err("a client panicked".into()))).collect()
    });
    let sum: u64 = counts.into_iter().sum::<Result<u64, Obstacle>>()?;
    #[allow(clippy::cast_precision_loss, reason = "a rate")]
    Ok(sum as f64 / options.seconds)
}
