//! Requests a second from one host to another: through a load balancer, and through nginx as a TCP proxy on a host beside it.

use super::super::Obstacle;
use super::super::cloud::{Instance, items};
use super::super::report::{Report, median, progress};
use super::{Options, PORT, Site};
use scenarios::interrupt;
use serde_json::json;
use std::net::Ipv4Addr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The kinds of requests, by `ab`'s arguments: one a connection, or many.
const KINDS: [(&str, &[&str]); 2] = [("connections", &[]), ("kept_alive", &["-k"])];

/// Measures the request rates, in alternation.
pub fn compare(options: &Options, report: &mut Report) -> Result<(), Obstacle> {
    let site = Site::make()?;
    let launch = || site.cloud.launch(json!({"SubnetId": site.subnet}));
    let (client, proxy, target) = (launch()?, launch()?, launch()?);
    let files = tempfile::tempdir()?;
    let _server = Server::start(&site, &target, &files, &web_server())?;
    let _proxy = Server::start(&site, &proxy, &files, &tcp_proxy(target.private))?;
    site.balance("measured", &[&target.id])?;
    site.wait_until_in_service("measured")?;
    let candidates = [("nginx", proxy.private), ("ours", address_of(&site, "measured")?)];
    for (_, address) in candidates {
        wait_until_served(&site, &client, address)?;
    }
    for (kind, arguments) in KINDS {
        let mut counted = [Vec::new(), Vec::new()];
        for round in 1..=options.rounds {
            for ((_, address), counts) in candidates.iter().zip(&mut counted) {
                counts.push(requests(&site, &client, *address, options, arguments)?);
            }
            progress(round, options.rounds, "rounds");
            if interrupt::came() {
                break;
            }
        }
        report_ratio(kind, counted, options, report);
    }
    Ok(())
}

/// Reports the ratio of our request rate to nginx's.
fn report_ratio(kind: &str, [nginx, ours]: [Vec<f64>; 2], options: &Options, report: &mut Report) {
    let part = median(&ours) / median(&nginx);
    let what = kind.replace('_', " ");
    report.say(format!(
        "  requests, {what:<12} {:.0} a second by nginx, {:.0} by the load balancer: {part:.2}",
        median(&nginx),
        median(&ours)
    ));
    report.figure(&format!("{kind}_nginx"), nginx);
    report.figure(&format!("{kind}_ours"), ours);
    if part < options.part {
        report.broken(format!(
            "requests, {what}: the load balancer carries {part:.2} of nginx's; {} is promised",
            options.part
        ));
    }
}

/// The configuration of nginx as a web server.
fn web_server() -> String {
    format!(
        "http {{ access_log off; keepalive_requests 1000000000; \
         server {{ listen {PORT} backlog=4096; location / {{ return 200 'it is here\\n'; }} }} }}"
    )
}

/// The configuration of nginx as a TCP proxy.
fn tcp_proxy(target: Ipv4Addr) -> String {
    format!("stream {{ server {{ listen {PORT} backlog=4096; proxy_pass {target}:{PORT}; }} }}")
}

/// An nginx in a host. It ends when this is dropped.
struct Server(Child);

impl Server {
    fn start(site: &Site, host: &Instance, files: &TempDir, block: &str) -> Result<Self, Obstacle> {
        let directory = files.path().join(&host.id);
        std::fs::create_dir(&directory)?;
        let module = Path::new("/usr/lib/nginx/modules/ngx_stream_module.so");
        let load = if module.exists() { format!("load_module {};\n", module.display()) } else { String::new() };
        let whole = format!(
            "{load}daemon off;\nuser root;\npid {}/pid;\nerror_log stderr;\nworker_processes auto;\n\
             events {{ worker_connections 4096; }}\n{block}\n",
            directory.display()
        );
        let configuration = directory.join("nginx.conf");
        std::fs::write(&configuration, whole)?;
        let file = configuration.to_string_lossy();
        let mut command = site.system.command(&["exec", &host.id, "--", "nginx", "-c", &file]);
        // Ctrl-C must reach the campaign only.
        let process = command.process_group(0).stdout(Stdio::null()).spawn()?;
        Ok(Self(process))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its workers end with their namespace in any case.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The address of a load balancer, from its network interface.
fn address_of(site: &Site, name: &str) -> Result<Ipv4Addr, Obstacle> {
    let wanted = json!({"Filter": [{"Name": "description", "Value": [format!("ELB {name}")]}]});
    let reply = site.cloud.describe("DescribeNetworkInterfaces", &wanted)?;
    let address = items(&reply["networkInterfaceSet"]).next().and_then(|found| found["privateIpAddress"].as_str());
    Ok(address.unwrap_or_default().parse().map_err(|_| format!("the load balancer {name} has no address: {reply}"))?)
}

/// Waits until one request gets through.
fn wait_until_served(site: &Site, client: &Instance, address: Ipv4Addr) -> Result<(), Obstacle> {
    let until = Instant::now() + Duration::from_secs(10);
    loop {
        match ab(site, client, address, &["-n", "1"]) {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() >= until => return Err(error),
            Err(_) => thread::sleep(Duration::from_millis(100)),
        }
    }
}

/// The request rate through an address, in requests a second.
fn requests(
    site: &Site,
    client: &Instance,
    address: Ipv4Addr,
    options: &Options,
    more: &[&str],
) -> Result<f64, Obstacle> {
    let (seconds, clients) = (options.seconds.to_string(), options.clients.to_string());
    let arguments = [&["-t", &seconds, "-n", "100000000", "-c", &clients], more].concat();
    ab(site, client, address, &arguments)
}

/// The requests per second that Apache's `ab` reports; all must have been answered.
fn ab(site: &Site, client: &Instance, address: Ipv4Addr, arguments: &[&str]) -> Result<f64, Obstacle> {
    let url = format!("http://{address}:{PORT}/");
    let command = [&["exec", &client.id, "--", "ab", "-q", "-r"], arguments, &[&url]].concat();
    let output = site.system.run(&command)?;
    let text = String::from_utf8_lossy(&output.stdout);
    let figure = |name: &str| -> Option<f64> {
        text.lines().find_map(|line| line.strip_prefix(name)?.split_whitespace().next()?.parse().ok())
    };
    match (figure("Requests per second:"), figure("Failed requests:")) {
        (Some(rate), Some(0.0)) => Ok(rate),
        _ => Err(format!(
            "`ab` says {text}{} (this needs nginx with its stream module, and apache2-utils)",
            String::from_utf8_lossy(&output.stderr)
        )
        .into()),
    }
}
