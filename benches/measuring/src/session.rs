//! A session: an agent in each of two hosts, and the measurements between them.

use super::figures::{Figure, Metric};
use super::protocol::{Answer, Connections, Request};
use serde::Deserialize;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::Duration;

/// The time in which streams reach their speed before anything is counted.
const WARM_UP: Duration = Duration::from_millis(300);

/// The reason why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// An agent did not start or has ended.
    #[error("the agent in {host} does not answer: {source}")]
    Agent {
        /// The host.
        host: String,
        /// Why.
        source: io::Error,
    },
    /// A request to an agent failed.
    #[error("{host}: {why}")]
    Failed {
        /// The host.
        host: String,
        /// Why.
        why: String,
    },
    /// The receiver has no address.
    #[error("{0} has no address: name one with --address")]
    NoAddress(String),
    /// The processors' times cannot be read.
    #[error("/proc/stat: {0}")]
    ProcessorTimes(io::Error),
}

/// The options of a measurement.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How long each figure is measured.
    pub each: Duration,
    /// The TCP and UDP port at the receiver.
    pub port: u16,
    /// The receiver's address, or its first one that is not a loopback address.
    pub address: Option<Ipv4Addr>,
}

/// Two hosts, ready to measure between them. The first opens all connections.
pub struct Session {
    from: Agent,
    to: Agent,
    target: SocketAddrV4,
    each: Duration,
    /// Processor seconds per gigabyte in the last measurement of four streams.
    cpu: Option<f64>,
}

impl Session {
    /// Starts an agent in both hosts. Each host is given by its name and the command that runs the agent there.
    ///
    /// # Errors
    /// If one does not start, or cannot listen.
    pub fn start(from: (&str, Command), to: (&str, Command), options: Options) -> Result<Self, BenchError> {
        let from = Agent::start(from.0, from.1)?;
        let mut to = Agent::start(to.0, to.1)?;
        let addresses = match to.ask(Request::Listen { port: options.port })? {
            Answer::Listening { addresses } => addresses,
            other => return Err(to.unexpected(&other)),
        };
        let address = options.address.or_else(|| addresses.first().copied());
        let address = address.ok_or_else(|| BenchError::NoAddress(to.host.clone()))?;
        Ok(Self { from, to, target: SocketAddrV4::new(address, options.port), each: options.each, cpu: None })
    }

    /// The address that connections are opened to.
    pub fn address(&self) -> Ipv4Addr {
        *self.target.ip()
    }

    /// Measures a metric. [`Metric::PingP99`] and [`Metric::CpuPerGigabyte`] come with [`Metric::PingMedian`] and
    /// [`Metric::Tcp4`], and are not measured by themselves.
    pub fn measure(&mut self, metric: Metric) -> Vec<Figure> {
        let measured = match metric {
            Metric::Tcp1 => self.streams(1, 0).map(|speed| vec![(metric, speed)]),
            Metric::Tcp4 => self.streams(4, 0).map(|speed| {
                let cpu = self.cpu.map(|cpu| (Metric::CpuPerGigabyte, cpu));
                [(metric, speed)].into_iter().chain(cpu).collect()
            }),
            Metric::Tcp16 => self.streams(16, 0).map(|speed| vec![(metric, speed)]),
            Metric::TcpBoth => self.streams(4, 4).map(|speed| vec![(metric, speed)]),
            Metric::Udp64 => self.datagrams(64).map(|rate| vec![(metric, rate)]),
            Metric::Udp1400 => self.datagrams(1400).map(|rate| vec![(metric, rate)]),
            Metric::PingMedian => self.ping(),
            Metric::Connect => self.connect().map(|rate| vec![(metric, rate)]),
            Metric::PingP99 | Metric::CpuPerGigabyte => Ok(Vec::new()),
        };
        match measured {
            Ok(figures) => {
                let figure = |(metric, value)| Figure { metric, value: Some(value), missing: None };
                figures.into_iter().map(figure).collect()
            }
            Err(error) => vec![Figure { metric, value: None, missing: Some(error.to_string()) }],
        }
    }

    /// Gbit/s of this many streams each way, added up.
    fn streams(&mut self, sending: usize, receiving: usize) -> Result<f64, BenchError> {
        self.to.tell(Request::Connections(Connections::Stream))?;
        self.from.tell(Request::Stream { to: self.target, sending, receiving })?;
        let (cpu, received) = (processor_seconds, |agent: &mut Agent| agent.received());
        thread::sleep(WARM_UP);
        let before = (cpu()?, received(&mut self.to)?, received(&mut self.from)?);
        thread::sleep(self.each);
        let after = (cpu()?, received(&mut self.to)?, received(&mut self.from)?);
        self.from.tell(Request::Stop)?;
        let bytes_per_second = after.1.bytes_since(&before.1) + after.2.bytes_since(&before.2);
        let gigabytes = bytes_per_second * after.1.seconds_since(&before.1) / 1e9;
        self.cpu = (gigabytes > 0.0).then(|| (after.0 - before.0) / gigabytes);
        Ok(bytes_per_second * 8.0 / 1e9)
    }

    /// Thousands of datagrams that arrive in a second.
    fn datagrams(&mut self, size: usize) -> Result<f64, BenchError> {
        self.from.tell(Request::Datagrams { to: self.target, size })?;
        thread::sleep(WARM_UP);
        let before = self.to.received()?;
        thread::sleep(self.each);
        let after = self.to.received()?;
        self.from.tell(Request::Stop)?;
        let rate = (after.datagrams - before.datagrams) as f64 / after.seconds_since(&before);
        if rate == 0.0 {
            let why = format!("no datagram arrived at {}: does a rule let UDP in?", self.target);
            return Err(BenchError::Failed { host: self.to.host.clone(), why });
        }
        Ok(rate / 1e3)
    }

    /// The median and the 99th percentile of round-trip times, in microseconds.
    fn ping(&mut self) -> Result<Vec<(Metric, f64)>, BenchError> {
        match self.from.ask(Request::Ping { to: *self.target.ip(), seconds: self.each.as_secs_f64() })? {
            Answer::Pinged { median, p99, .. } => {
                Ok(vec![(Metric::PingMedian, median as f64 / 1e3), (Metric::PingP99, p99 as f64 / 1e3)])
            }
            other => Err(self.from.unexpected(&other)),
        }
    }

    /// Thousands of connections a second.
    fn connect(&mut self) -> Result<f64, BenchError> {
        self.to.tell(Request::Connections(Connections::Close))?;
        match self.from.ask(Request::Connect { to: self.target, seconds: self.each.as_secs_f64() })? {
            Answer::Connected { count, seconds } => Ok(count as f64 / seconds / 1e3),
            other => Err(self.from.unexpected(&other)),
        }
    }
}

/// The counts of what an agent has received.
struct Received {
    bytes: u64,
    datagrams: u64,
    /// The time of the count, in nanoseconds of the monotonic clock.
    at: u64,
}

impl Received {
    /// Seconds since an earlier count.
    fn seconds_since(&self, before: &Self) -> f64 {
        self.at.saturating_sub(before.at).max(1) as f64 / 1e9
    }

    /// Bytes a second since an earlier count.
    fn bytes_since(&self, before: &Self) -> f64 {
        self.bytes.saturating_sub(before.bytes) as f64 / self.seconds_since(before)
    }
}

/// The connection to an agent, which ends when this is dropped.
struct Agent {
    host: String,
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Agent {
    fn start(host: &str, mut command: Command) -> Result<Self, BenchError> {
        let broken = |source| BenchError::Agent { host: host.to_owned(), source };
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(broken)?;
        let output = process.stdout.take().ok_or_else(|| broken(io::ErrorKind::BrokenPipe.into()))?;
        let input = process.stdin.take();
        Ok(Self { host: host.to_owned(), process, input, output: BufReader::new(output) })
    }

    /// Makes a request and returns the answer.
    fn ask(&mut self, request: Request) -> Result<Answer, BenchError> {
        let answer = self.exchange(request).map_err(|source| BenchError::Agent { host: self.host.clone(), source })?;
        match answer {
            Answer::Failed(why) => Err(BenchError::Failed { host: self.host.clone(), why }),
            answer => Ok(answer),
        }
    }

    /// Makes a request whose answer does not matter.
    fn tell(&mut self, request: Request) -> Result<(), BenchError> {
        self.ask(request).map(drop)
    }

    fn received(&mut self) -> Result<Received, BenchError> {
        match self.ask(Request::Count)? {
            Answer::Received { bytes, datagrams, at } => Ok(Received { bytes, datagrams, at }),
            other => Err(self.unexpected(&other)),
        }
    }

    fn exchange(&mut self, request: Request) -> io::Result<Answer> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        input.write_all(format!("{}\n", serde_json::to_string(&request)?).as_bytes())?;
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Answer::deserialize(&mut serde_json::Deserializer::from_str(&line))?)
    }

    fn unexpected(&self, answer: &Answer) -> BenchError {
        BenchError::Failed { host: self.host.clone(), why: format!("unexpected answer {answer:?}") }
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        // The agent ends with its input; an agent that hangs is killed.
        self.input = None;
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Seconds that all processors of the machine were busy, since it started.
fn processor_seconds() -> Result<f64, BenchError> {
    let text = std::fs::read_to_string("/proc/stat").map_err(BenchError::ProcessorTimes)?;
    // user nice system idle iowait irq softirq, in hundredths of a second (proc_stat(5))
    let times: Vec<f64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|time| time.parse().ok())
        .collect();
    let busy = [0, 1, 2, 5, 6].iter().filter_map(|index| times.get(*index)).sum::<f64>();
    Ok(busy / 100.0)
}
