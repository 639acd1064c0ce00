//! Programs that people measure with, each with its server: they tell their own figures, and are measured where they are installed.

use crate::candidate::{Obstacle, PROGRAMS_PORT, Process};
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
/// How many requests are sent for a figure.
const REQUESTS: &str = "60000";
const CONNECTIONS: &str = "20000";

/// What is measured by another program.
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

/// Two hosts that programs can be run in.
pub struct Hosts {
    /// The words that lead into each; a program and its arguments follow.
    pub enter: [Vec<OsString>; 2],
    /// Where the second is found.
    pub address: Ipv4Addr,
}

impl Program {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Iperf3Udp64, Self::RedisGet, Self::NginxAb];

    /// What people call it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Iperf3Udp64 => "iperf3 -u -b 0 -l 64",
            Self::RedisGet => "redis-benchmark, GET",
            Self::NginxAb => "ab against nginx",
        }
    }

    /// Thousands a second that the program tells of.
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
        let told = hosts.command(0, &words(client)).stdin(Stdio::null()).output()?;
        // It has nothing to put in order; waiting for it would take longer than measuring.
        server.0.kill()?;
        let said = String::from_utf8_lossy(&told.stdout);
        let figure = if told.status.success() { self.figure(&said) } else { None };
        figure.ok_or_else(|| format!("{said}{}", String::from_utf8_lossy(&told.stderr)).trim().to_owned().into())
    }

    /// What it says, in thousands a second.
    fn figure(self, said: &str) -> Option<f64> {
        let each_second: f64 = match self {
            Self::Iperf3Udp64 => {
                let said: Value = serde_json::from_str(said).ok()?;
                let sum = said.pointer("/end/sum")?;
                let number = |name: &str| sum.get(name)?.as_f64();
                (number("packets")? - number("lost_packets")?) / number("seconds")?
            }
            Self::RedisGet => {
                let line = said.lines().find(|line| line.starts_with("\"GET\""))?;
                line.split(',').nth(1)?.trim_matches('"').parse().ok()?
            }
            Self::NginxAb => {
                let line = said.lines().find(|line| line.starts_with("Requests per second:"))?;
                line.split_whitespace().nth(3)?.parse().ok()?
            }
        };
        Some(each_second / 1e3)
    }
}

impl Hosts {
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
    // The kernel's list of the sockets of the server's own namespace.
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

/// nginx with one worker, which has one word for everybody.
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
