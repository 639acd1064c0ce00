//! The cost of health checks: processor time of all processes of a system, before it has load balancers and while they
//! check.

use super::super::Obstacle;
use super::super::agent::Agent;
use super::super::cloud::items;
use super::super::inside::protocol::Request;
use super::super::report::{Report, progress};
use super::{Options, PORT, Site};
use serde_json::json;
use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

/// Runs the measurement.
pub fn measure(options: &Options, report: &mut Report) -> Result<(), Obstacle> {
    let site = Site::make()?;
    let targets = launch(&site, options.targets)?;
    let _servers = serve(&site, &targets)?;
    let watch = Duration::from_secs(options.watch);
    let idle = busy_share(site.system.state(), watch);
    let names: Vec<String> = (1..=options.balancers).map(|number| format!("lb-{number}")).collect();
    let ids: Vec<&str> = targets.iter().map(String::as_str).collect();
    for name in &names {
        site.balance(name, &ids)?;
    }
    for (number, name) in (1..).zip(&names) {
        site.wait_until_in_service(name)?;
        progress(number, names.len() as u64, "load balancers");
    }
    let checking = busy_share(site.system.state(), watch);
    let cost = checking - idle;
    report.say(format!(
        "  health checks, {} x {}  {:.2} % of a processor ({:.2} % with them, {:.2} % without)",
        options.balancers,
        options.targets,
        cost * 1e2,
        checking * 1e2,
        idle * 1e2
    ));
    report.figure("checks_cost", cost);
    report.figure("checks_idle", idle);
    if cost > options.cost {
        report.broken(format!(
            "health checks take {:.2} % of a processor; {} % is promised",
            cost * 1e2,
            options.cost * 1e2
        ));
    }
    Ok(())
}

fn launch(site: &Site, count: usize) -> Result<Vec<String>, Obstacle> {
    let request = json!({
        "ImageId": "ami-12345678", "InstanceType": "m1.small", "MinCount": count, "MaxCount": count, "SubnetId": site.subnet,
    });
    let reply = site.cloud.must("RunInstances", &request)?;
    let ids: Vec<String> = items(&reply["instancesSet"])
        .filter_map(|instance| instance["instanceId"].as_str().map(str::to_owned))
        .collect();
    site.cloud.wait_until_running(&ids)?;
    Ok(ids)
}

/// An agent in each target that accepts connections.
fn serve(site: &Site, targets: &[String]) -> Result<Vec<Agent>, Obstacle> {
    let start = |id: &String| {
        let mut agent = Agent::start(&site.system, id)?;
        agent.request(Request::Serve { port: PORT })?;
        Ok(agent)
    };
    targets.iter().map(start).collect()
}

/// The share of a processor that a system's processes use, from their processor time in this period.
fn busy_share(state: &Path, watch: Duration) -> f64 {
    let (before, start) = (spent(state), Instant::now());
    thread::sleep(watch);
    (spent(state).saturating_sub(before)).as_secs_f64() / start.elapsed().as_secs_f64()
}

/// The processor time of all processes of a system, found by their command lines: `up`, control, the dataplane and the
/// load balancers' programs. The programs in targets belong to the user and do not count.
fn spent(state: &Path) -> Duration {
    let mark = state.to_string_lossy();
    let own = |line: &str| line.contains(&*mark) && !line.split('\0').any(|word| word == "exec");
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let time = |process: fs::DirEntry| {
        let line = fs::read_to_string(process.path().join("cmdline")).ok()?;
        own(&line).then(|| fs::read_to_string(process.path().join("stat")).ok()).flatten().map(|stat| ticks(&stat))
    };
    Duration::from_secs_f64(processes.filter_map(time).sum::<f64>() / 100.0)
}

/// User and system time in proc_pid_stat(5), in hundredths of a second.
fn ticks(stat: &str) -> f64 {
    let after_name = stat.rsplit(") ").next().unwrap_or_default();
    after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum()
}
