//! Balancing: the request rate of a load balancer beside nginx as a TCP proxy, and the cost of its health checks.

mod checks;
mod proxies;

use super::Obstacle;
use super::cloud::{Cloud, items};
use super::report::Report;
use clap::Args;
use scenarios::cloud::system::System;
use serde_json::{Value, json};
use std::thread;
use std::time::{Duration, Instant};

/// The time limit for targets to be in service: two checks, with room.
const PATIENCE: Duration = Duration::from_secs(180);
/// The port of load balancers, proxies and targets.
const PORT: u16 = 8080;

/// The load, and the limits.
#[derive(Args)]
pub struct Options {
    /// How often requests are counted; medians are shown. With 0 only health checks are measured.
    #[arg(long, default_value_t = 5)]
    rounds: u64,
    /// How long requests are counted each time, in seconds.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// How many clients ask at a time.
    #[arg(long, default_value_t = 32)]
    clients: u64,
    /// The least share of nginx's request rate that the load balancer must reach.
    #[arg(long, default_value_t = 0.6)]
    part: f64,
    /// How many load balancers check. With 0 only requests are counted.
    #[arg(long, default_value_t = 10)]
    balancers: usize,
    /// How many targets each of them has.
    #[arg(long, default_value_t = 100)]
    targets: usize,
    /// The duration of the measurement of the checks' cost, in seconds.
    #[arg(long, default_value_t = 60)]
    watch: u64,
    /// The largest share of a processor that all checks together may use.
    #[arg(long, default_value_t = 0.02)]
    cost: f64,
}

/// Runs the campaign.
pub fn run(options: &Options) -> Result<Report, Obstacle> {
    let mut report = Report::default();
    report.say("balancing");
    if options.rounds > 0 {
        proxies::compare(options, &mut report)?;
    }
    if options.balancers > 0 {
        checks::measure(options, &mut report)?;
    }
    Ok(report)
}

/// A system whose hosts are in one subnet and in the VPC's default group, whose members may connect to each other.
struct Site {
    system: System,
    cloud: Cloud,
    subnet: String,
}

impl Site {
    fn make() -> Result<Self, Obstacle> {
        let system = System::start_with(&super::classiclink()?, &[])?;
        let cloud = Cloud::at(&system.api);
        let vpc = cloud.create("CreateVpc", &json!({"CidrBlock": "10.1.0.0/16"}), "/vpc/vpcId")?;
        let place = json!({"VpcId": vpc, "CidrBlock": "10.1.0.0/20", "AvailabilityZone": "us-east-1a"});
        let subnet = cloud.create("CreateSubnet", &place, "/subnet/subnetId")?;
        Ok(Self { system, cloud, subnet })
    }

    /// Creates a load balancer with these targets.
    fn balance(&self, name: &str, targets: &[&str]) -> Result<(), Obstacle> {
        let listener = json!({"Protocol": "TCP", "LoadBalancerPort": PORT, "InstancePort": PORT});
        let balancer = json!({
            "LoadBalancerName": name, "Scheme": "internal",
            "Listeners": {"member": [listener]}, "Subnets": {"member": [self.subnet]},
        });
        self.cloud.must("CreateLoadBalancer", &balancer)?;
        let check = json!({
            "Target": format!("TCP:{PORT}"), "Interval": 30, "Timeout": 5, "UnhealthyThreshold": 2, "HealthyThreshold": 2,
        });
        self.cloud.must("ConfigureHealthCheck", &json!({"LoadBalancerName": name, "HealthCheck": check}))?;
        let targets: Vec<_> = targets.iter().map(|id| json!({"InstanceId": id})).collect();
        let register = json!({"LoadBalancerName": name, "Instances": {"member": targets}});
        self.cloud.must("RegisterInstancesWithLoadBalancer", &register)?;
        Ok(())
    }

    /// Waits until all targets of a load balancer are in service.
    fn wait_until_in_service(&self, name: &str) -> Result<(), Obstacle> {
        let until = Instant::now() + PATIENCE;
        loop {
            let reply = self.cloud.describe("DescribeInstanceHealth", &json!({"LoadBalancerName": name}))?;
            let out: Vec<&Value> =
                items(&reply["InstanceStates"]).filter(|target| target["State"] != "InService").collect();
            match out.first() {
                None => return Ok(()),
                Some(first) if Instant::now() >= until => {
                    return Err(format!("{} targets of {name} are out of service, {first} the first", out.len()).into());
                }
                Some(_) => thread::sleep(Duration::from_millis(200)),
            }
        }
    }
}
