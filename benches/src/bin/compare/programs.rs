//! Benchmark programs of others, each with its server. They report their own figures, and are run where they are installed.

use crate::process::Process;
use crate::setup::{Obstacle, PROGRAMS_PORT};
use serde::Serialize;
use serde_json::Value;
use std::ffi::OsString;
use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take until it listens.
const PATIENCE: Duration = Duration::from_secs(5);
/// Requests that redis-benchmark sends for a figure.
const REQUESTS: &str = "60000";
/// Connections that ab opens for a figure, with a request each.
const CONNECTIONS: &str = "20000";

/// A program, and what it measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Program {
    /// Datagrams of 64 bytes that arrive, by iperf3.
    Iperf3Udp64,
    /// Requests of 50 clients to Redis, by redis-benchmark.
    RedisGet,
    /// Requests to nginx, a connection each, by ab.
    NginxAb,
}

/// The two hosts in which programs are run.
pub struct Hosts {
    /// The commands that run the program and arguments appended to them in each host.
    pub enter: [Vec<OsString>; 2],
    /// The address of the second.
    pub address: Ipv4Addr,
}

impl Program {
    /// All programs, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Iperf3Udp64, Self::RedisGet, Self::NginxAb];

    /// The name in the table and the picture.
    pub fn label(self) -> &'static str {
        match self {
            Self::Iperf3Udp64 => "iperf3 -u -b 0 -l 64",
            Self::RedisGet => "redis-benchmark, GET",
            Self::NginxAb => "ab against nginx",
        }
    }

    /// Runs the server in the second host and the program in the first. Returns the figure that it reports, in thousands a second.
    ///
    /// # Errors
    /// If either is not installed or fails, or the output has no figure.
    pub fn measure(self, hosts: &Hosts, directory: &Path, each: Duration) -> Result<f64, Obstacle> {
        let (address, port) = (hosts.address.to_string(), PROGRAMS_PORT.to_string());
        let server = match self {
            Self::Iperf3Udp64 => words(&["iperf3", "--version4", "--server", "--port", &port]),
            Self::RedisGet => words(&["redis-server", "--port", &port, "--save", "", "--protected-mode", "no"]),
            Self::NginxAb => nginx(directory)?,
        };
        let seconds = each.as_secs_f64().ceil().to_string();
        let url = format!("http://{address}:{port}/");
        let client: &[&str] = match self {
            Self::Iperf3Udp64 => &[
                "iperf3", "--client", &address, "--port", &port, "-u", "-b", "0", "-l", "64", "-t", &seconds, "--json",
            ],
            Self::RedisGet => &["redis-benchmark", "-h", &address, "-p", &port, "-n", REQUESTS, "-t", "get", "--csv"],
            Self::NginxAb => &["ab", "-q", "-n", CONNECTIONS, "-c", "32", &url],
        };
        let mut server = serve(hosts, &server)?;
        let output = hosts.command(0, &words(client)).stdin(Stdio::null()).output()?;
        // The server has nothing to save, and would take longer to end than the measurement did.
        server.0.kill()?;
        let report = String::from_utf8_lossy(&output.stdout);
        let figure = if output.status.success() { self.figure(&report) } else { None };
        figure.ok_or_else(|| format!("{report}{}", String::from_utf8_lossy(&output.stderr)).trim().to_owned().into())
    }

    /// The figure in the program's report, in thousands a second.
    fn figure(self, report: &str) -> Option<f64> {
        let each_second: f64 = match self {
            Self::Iperf3Udp64 => {
                let report: Value = serde_json::from_str(report).ok()?;
                let sum = report.pointer("/end/sum")?;
                let number = |name: &str| sum.get(name)?.as_f64();
                (number("packets")? - number("lost_packets")?) / number("seconds")?
            }
            Self::RedisGet => {
                let line = report.lines().find(|line| line.starts_with("\"GET\""))?;
                line.split(',').nth(1)?.trim_matches('"').parse().ok()?
            }
            Self::NginxAb => {
                let line = report.lines().find(|line| line.starts_with("Requests per second:"))?;
                line.split_whitespace().nth(3)?.parse().ok()?
            }
        };
        Some(each_second / 1e3)
    }
}

impl Hosts {
    /// A program in a host, 0 or 1.
    fn command(&self, host: usize, program: &[OsString]) -> Command {
        let mut words = self.enter[host].iter().chain(program);
        let mut command = Command::new(words.next().map_or_else(OsString::new, OsString::clone));
        command.args(words);
        command
    }
}

/// Starts a server in the second host, and waits until it listens.
fn serve(hosts: &Hosts, server: &[OsString]) -> Result<Process, Obstacle> {
    let mut command = hosts.command(1, server);
    let mut process = Process::start(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()))?;
    let end = Instant::now() + PATIENCE;
    // The TCP sockets of the server's namespace (proc_net(5)); state 0A is LISTEN.
    let sockets = format!("/proc/{}/net/tcp", process.0.id());
    let listening = format!(":{PROGRAMS_PORT:04X} 00000000:0000 0A");
    while !fs::read_to_string(&sockets).is_ok_and(|sockets| sockets.contains(&listening)) {
        if let Some(status) = process.0.try_wait()? {
            return Err(format!("{} ended: {status}", server[0].display()).into());
        }
        if Instant::now() > end {
            return Err(format!("{} does not listen", server[0].display()).into());
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(process)
}

/// nginx in one process, which answers every request with `ok`. Its configuration is in the directory.
fn nginx(directory: &Path) -> Result<Vec<OsString>, Obstacle> {
    let (file, own) = (directory.join("nginx.conf"), directory.display());
    let configuration = format!(
        "daemon off; master_process off; pid {own}/nginx.pid; error_log {own}/nginx.log;\n\
         events {{ worker_connections 4096; }}\n\
         http {{ access_log off; client_body_temp_path {own}; proxy_temp_path {own}; fastcgi_temp_path {own};\n\
         uwsgi_temp_path {own}; scgi_temp_path {own};\n\
         server {{ listen {PROGRAMS_PORT} backlog=4096; location / {{ return 200 \"ok\\n\"; }} }} }}\n"
    );
    fs::write(&file, configuration)?;
    Ok(vec!["nginx".into(), "-c".into(), file.into()])
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}
