//! The command line: its commands and arguments.

#[macro_use]
mod stdout;

mod backup;
mod bench;
mod capture;
mod classic_regions;
mod console;
mod drops;
mod exchange;
mod exec;
mod failure;
mod filter;
mod flows;
mod hosts;
mod impair;
mod minimise;
mod processes;
mod reach;
mod record;
mod replay;
mod services;
mod show;
mod status;
mod timeout;
mod top;
mod units;
mod up;

use clap::{Args, Parser, Subcommand};
use classic_regions::ClassicRegions;
use control::admin;
use control::balancer::{self, configuration::Hello};
use control::managed::{ServiceCommand, respond};
use control::operator::{
    AdvanceClock, InterruptInstance, LinkInstances, ReadIdentityCertificate, Reset, UnlinkInstances,
};
use control::server::HostName;
use control::state::State;
use failure::{CannotWrite, Failure};
use nix::sys::signal::{SigHandler, Signal, signal};
use std::io::IsTerminal;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// A cloud network on this machine that carries real packets: EC2-Classic, VPCs, ClassicLink.
#[derive(Debug, Parser)]
#[command(name = "classiclink", version, disable_help_subcommand = false, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// The state directory of the system.
    #[arg(long, global = true, value_name = "DIR")]
    state: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run a system in the foreground, until Ctrl-C.
    Up(Up),
    /// Run a program in a host: an instance (by id or Name tag), or a host on the Internet or at a remote site.
    Exec {
        /// The host.
        host: String,
        /// The program and its arguments.
        #[arg(required = true, last = true, value_name = "CMD")]
        command: Vec<std::ffi::OsString>,
    },
    /// Run scenarios, each in a system of its own. Exit status 0: all steps passed; 1: some failed; 2: a file cannot be
    /// used.
    Run(Run),
    /// Show the path of a packet and of its reply, and what stops them. Exit status 0: both arrive; 1: one does
    /// not; 2: the question cannot be answered.
    Why(Why),
    /// Show which hosts reach which, by the dataplane's own decisions: all hosts, or those of `--from` and `--to`.
    Reach(reach::Reach),
    /// Show what is open in one cloud and not in another.
    Diff(reach::Diff),
    /// Show what a command would open and close. The command gets a copy of the cloud, so nothing changes.
    WhatIf(reach::WhatIf),
    /// Measure throughput and latency between two hosts: TCP, UDP, ping, connections.
    Bench(Bench),
    /// Show processes, instances, links, counters and drops.
    Status(Output),
    /// List connections, with their traffic and the rules that let them in.
    Flows(flows::Flows),
    /// Capture packets at hosts' interfaces, with their verdicts, for Wireshark: capture web tcp port 443 -w FILE.
    Capture(capture::Capture),
    /// List the most recent drops, explained.
    Drops(drops::Drops),
    /// Watch traffic, drops and changes in the terminal.
    Top,
    /// Print the records of flow logs up to now.
    FlowLogs {
        /// Only of this instance (by id or Name tag) or network interface.
        #[arg(value_name = "HOST|ENI")]
        of: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// Record packets, changes and verdicts, until Ctrl-C, for `replay`.
    Record(record::Record),
    /// Replay a recording, without a system. Exit status 1 if any verdict differs.
    Replay(replay::Replay),
    /// Write the smallest scenario in which a recorded packet gets the same verdict.
    Minimise(minimise::Minimise),
    /// Import a real network: the output of `aws ec2 describe-…`, of one account and Region or several, or templates.
    Import(exchange::Import),
    /// Export the cloud as files that `import` reads: the output of `aws ec2 describe-…`.
    Export(exchange::Export),
    /// Return a running system to its first start: removes everything in the cloud, and its hosts.
    Reset,
    /// Print the stored cloud as lines of JSON, for `up --restore FILE` or another program. No system may be up.
    Backup,
    /// Link EC2-Classic instances to a VPC, in one step.
    Link {
        /// The instances, by id or Name tag.
        #[arg(required = true, value_name = "INSTANCE")]
        instances: Vec<String>,
        /// The VPC, by id or Name tag.
        #[arg(long)]
        vpc: String,
        /// The link's security groups, of that VPC, by id or name.
        #[arg(long, required = true, num_args = 1.., value_name = "SG")]
        groups: Vec<String>,
    },
    /// Unlink EC2-Classic instances, in one step.
    Unlink {
        /// The instances, by id or Name tag.
        #[arg(required = true, value_name = "INSTANCE")]
        instances: Vec<String>,
    },
    /// List the linked instances.
    Links {
        /// Only of this VPC, by id.
        #[arg(long)]
        vpc: Option<String>,
        /// Only with this group, by id.
        #[arg(long, value_name = "SG")]
        group: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// Launch instances, and link them in the same step.
    Launch(console::Launch),
    /// Create VPCs, enable or disable them for ClassicLink, list them.
    #[command(subcommand)]
    Vpc(console::Vpc),
    /// Change the clock by which idle connections time out.
    #[command(subcommand)]
    Clock(Clock),
    /// Add, list and remove hosts outside the cloud: on the Internet or at a remote site. Let services' hosts fail.
    #[command(subcommand)]
    Host(Host),
    /// Impair a host's network (delay, loss, …), or restore it; list impairments.
    Impair(impair::Impair),
    /// Interrupt a Spot instance: it gets the notice at once, and ends two minutes later by the cloud's clock.
    Interrupt {
        /// The instance, by id or Name tag.
        instance: String,
    },
    /// Print the certificate that verifies the signatures of instance identity documents, as PEM.
    IdentityCertificate,
    /// The scenario runner's agent in a host.
    #[command(hide = true)]
    ProbeAgent {
        /// Its name.
        name: String,
    },
    /// Answer on a TCP port in place of a real server.
    #[command(hide = true)]
    Respond {
        /// The server's description.
        #[arg(long)]
        say: String,
        /// The port.
        #[arg(long)]
        port: u16,
        /// Speak TLS, with the certificate in the working directory.
        #[arg(long)]
        tls: bool,
    },
    /// The agent of `bench` in a host.
    #[command(hide = true)]
    BenchAgent,
    /// The balancer on a load balancer's node.
    #[command(hide = true)]
    Balance {
        /// The load balancer.
        #[arg(long)]
        load_balancer: String,
        /// Its zone.
        #[arg(long)]
        zone: String,
    },
    #[command(hide = true)]
    Control(processes::Control),
    #[command(hide = true)]
    Dataplane(processes::Dataplane),
}

#[derive(Debug, Args)]
struct Up {
    /// The API's address; port 0 chooses a free one.
    #[arg(long, default_value = "127.0.0.1:4570", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Let other machines reach the API. Without --accounts, whoever reaches it can do everything.
    #[arg(long)]
    public: bool,
    /// A host name or address that the API answers for, besides localhost and the address that a client reached; may be
    /// given several times.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<HostName>,
    /// The number of worker threads [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: Option<u16>,
    /// An account without EC2-Classic, in any Region; may be given several times.
    #[arg(long = "vpc-only-account", value_name = "ID", value_parser = account)]
    vpc_only_accounts: Vec<String>,
    /// The Regions with EC2-Classic, separated by commas, or `none` or `all`; in other Regions every account has a
    /// default VPC [default: those that had it on AWS].
    #[arg(long, value_name = "REGIONS")]
    classic_regions: Option<ClassicRegions>,
    /// Serve only the API, for test suites: needs no privilege, instances exist on paper, and there are no packets.
    #[arg(long, conflicts_with_all = ["workers", "timeouts", "flow_share", "service_commands", "run_user_data", "record"])]
    no_dataplane: bool,
    /// A JSON file of accounts, with their keys and policies. Requests must then be signed.
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// The MTU of ClassicLink [default: 1500].
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(576..))]
    link_mtu: Option<u16>,
    /// How long idle connections of a kind are remembered: tcp-half-open, tcp-established, tcp-closing, udp,
    /// udp-stream, icmp, other, and by NAT gateways: nat-tcp, nat-udp, nat-icmp; may be given several times.
    #[arg(long = "timeout", value_name = "KIND=DURATION", value_parser = timeout::parse)]
    timeouts: Vec<timeout::Timeout>,
    /// How many connections one interface of a host may have begun, of 1048576 in all [default: 131072].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    flow_share: Option<u32>,
    /// Run a real server on services' hosts instead of a stand-in: postgres='COMMAND' for RDS, redis='COMMAND' and
    /// memcached='COMMAND' for ElastiCache, and so on; may be given several times. A shell runs it on the host; it
    /// listens at $ADDRESS and $PORT, and $DATA is a directory of its own.
    #[arg(long = "service-command", value_name = "SERVER=COMMAND")]
    service_commands: Vec<ServiceCommand>,
    /// Run user data that begins with `#!` at an instance's first boot; its output is the console output. Whoever may
    /// launch instances then runs programs as you.
    #[arg(long)]
    run_user_data: bool,
    /// Record everything to FILE, as `record` does.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Delete the cloud that earlier runs left in the state directory.
    #[arg(long)]
    fresh: bool,
    /// Restore a damaged store from its copy, or from FILE, written by `backup`. The damaged file is kept.
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with = "fresh")]
    restore: Option<Option<PathBuf>>,
}

#[derive(Debug, Args)]
struct Run {
    /// Scenario files, or directories of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Also write a JUnit report.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// How many scenarios run at the same time [default: the number of processors plus one].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Keep a scenario's system up after its last step, until Ctrl-C.
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct Why {
    /// The sender: a host, by id, name or address, or a service's resource, by its name or endpoint.
    from: String,
    /// The destination: a host, or any IPv4 address.
    to: String,
    /// The source address [default: the one that the sender's Linux would choose].
    #[arg(long, value_name = "ADDRESS")]
    source: Option<Ipv4Addr>,
    /// TCP to this port.
    #[arg(long, value_name = "PORT", group = "traffic")]
    tcp: Option<u16>,
    /// UDP to this port.
    #[arg(long, value_name = "PORT", group = "traffic")]
    udp: Option<u16>,
    /// An ICMP echo (the default).
    #[arg(long, group = "traffic")]
    icmp: bool,
    /// Another protocol, by its number.
    #[arg(long, value_name = "NUMBER", group = "traffic", value_parser = services::protocol)]
    protocol: Option<u8>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct Bench {
    /// The sender, which opens the connections.
    from: String,
    /// The receiver.
    to: String,
    /// The receiver's TCP and UDP port. Its rules must let in this port and ICMP.
    #[arg(long, default_value_t = 5201)]
    port: u16,
    /// The receiver's address as the sender knows it [default: its first own].
    #[arg(long, value_name = "IP")]
    address: Option<Ipv4Addr>,
    /// How long each figure is measured, in seconds.
    #[arg(long, default_value_t = 2.0, value_parser = seconds)]
    seconds: f64,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct Output {
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Clock {
    /// Advance the clock: 90s, 5m, 2h, 5d.
    Advance {
        /// By how much.
        #[arg(value_parser = units::duration)]
        duration: Duration,
    },
}

#[derive(Debug, Subcommand)]
enum Host {
    /// Add a host.
    Add {
        /// Its name.
        name: String,
        /// Its address: a public one, or one of the site's.
        #[arg(long, value_name = "IP")]
        address: Ipv4Addr,
        /// The customer gateway of its site [default: it is on the Internet].
        #[arg(long, value_name = "cgw-…")]
        site: Option<String>,
        /// The AWS service that the host stands for. Gateway endpoints lead to it.
        #[arg(long, value_name = "com.amazonaws.…", conflicts_with = "site")]
        service: Option<String>,
    },
    /// List hosts.
    List(Output),
    /// Remove a host.
    Remove {
        /// Its name.
        name: String,
    },
    /// Let a service's host fail: a Multi-AZ DB instance fails over. `status` lists these hosts.
    Fail {
        /// Its name.
        name: String,
    },
    /// Let a failed service's host recover.
    Repair {
        /// Its name.
        name: String,
    },
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    let log = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "warn".into());
    let colours = std::io::stderr().is_terminal();
    tracing_subscriber::fmt()
        .with_env_filter(log)
        .with_writer(std::io::stderr)
        .with_ansi(colours)
        .without_time()
        .init();
    if cli.verb.only_prints() {
        end_with_reader();
    }
    match run(cli.verb, State::at(cli.state)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("classiclink: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Lets the process end silently when its output's reader is gone (`classiclink reach | head -1`), as other programs
/// do.
fn end_with_reader() {
    // SAFETY: the default action involves no handler.
    let done = unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) };
    if let Err(error) = done {
        tracing::debug!("SIGPIPE stays ignored: {error}");
    }
}

impl Verb {
    /// Whether it only talks to control and prints.
    fn only_prints(&self) -> bool {
        !matches!(
            self,
            Verb::Up(_)
                | Verb::Exec { .. }
                | Verb::Run(_)
                | Verb::WhatIf(_)
                | Verb::Bench(_)
                | Verb::Capture(_)
                | Verb::Record(_)
                | Verb::Replay(_)
                | Verb::Minimise(_)
                | Verb::Top
                | Verb::ProbeAgent { .. }
                | Verb::BenchAgent
                | Verb::Control(_)
                | Verb::Dataplane(_)
        )
    }
}

fn run(verb: Verb, state: State) -> Result<ExitCode, Failure> {
    match verb {
        Verb::Up(arguments) => up::run(&arguments.options(state))?,
        Verb::Exec { host, command } => exec::run(&state, &host, &command)?,
        Verb::Run(run) => return run.run(),
        Verb::ProbeAgent { name } => scenarios::agent::run(&name)?,
        Verb::Bench(bench) => bench::run(&state, &bench)?,
        Verb::Respond { say, port, tls } => respond::run(&say, port, tls)?,
        Verb::BenchAgent => measuring::agent::run()?,
        Verb::Why(why) => return show::why(&state, why),
        Verb::Reach(reach) => reach.run(&state)?,
        Verb::Diff(diff) => diff.run(&state)?,
        Verb::WhatIf(what_if) => what_if.run(&state)?,
        Verb::Status(output) => status::print(&state, output.json)?,
        Verb::Flows(flows) => flows.run(&state)?,
        Verb::Capture(capture) => capture.run(&state)?,
        Verb::Drops(drops) => drops.run(&state)?,
        Verb::Top => top::run(&state)?,
        Verb::FlowLogs { of, output } => show::flow_logs(&state, of, output.json)?,
        Verb::Clock(Clock::Advance { duration }) => {
            admin::ask(&state, AdvanceClock { seconds: duration.as_secs_f64() })?;
        }
        Verb::Reset => admin::ask(&state, Reset)?,
        Verb::Record(record) => record.run(&state)?,
        Verb::Replay(replay) => return replay.run(),
        Verb::Minimise(minimise) => minimise.run()?,
        Verb::Import(import) => import.run(&state)?,
        Verb::Export(export) => export.run(&state)?,
        Verb::Backup => backup::run(&state)?,
        Verb::Link { instances, vpc, groups } => admin::ask(&state, LinkInstances { instances, vpc, groups })?,
        Verb::Unlink { instances } => admin::ask(&state, UnlinkInstances { instances })?,
        Verb::Links { vpc, group, output } => console::links(&state, vpc, group, output.json)?,
        Verb::Launch(launch) => launch.run(&state)?,
        Verb::Vpc(vpc) => vpc.run(&state)?,
        Verb::Host(host) => hosts::run(&state, host)?,
        Verb::Impair(impair) => impair.run(&state)?,
        Verb::Interrupt { instance } => {
            println!("interrupted at {}", admin::ask(&state, InterruptInstance { instance })?);
        }
        Verb::IdentityCertificate => print!("{}", admin::ask(&state, ReadIdentityCertificate)?),
        Verb::Balance { load_balancer, zone } => {
            balancer::run(&state.balancers_socket(), &Hello { load_balancer, zone })?;
        }
        Verb::Control(control) => processes::control(state, control)?,
        Verb::Dataplane(dataplane) => processes::dataplane(&state, dataplane)?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Up {
    fn options(self, state: State) -> up::Options {
        up::Options {
            listen: self.listen,
            public: self.public,
            hosts: self.hosts,
            state,
            workers: self.workers.map(usize::from),
            vpc_only_accounts: self.vpc_only_accounts,
            classic_regions: self.classic_regions.map(|regions| regions.to_string()),
            has_dataplane: !self.no_dataplane,
            accounts: self.accounts,
            link_mtu: self.link_mtu,
            timeouts: self.timeouts.iter().map(ToString::to_string).collect(),
            flow_share: self.flow_share,
            service_commands: self.service_commands,
            run_user_data: self.run_user_data,
            record: self.record,
            fresh: self.fresh,
            restore: self.restore,
        }
    }
}

impl Run {
    fn run(self) -> Result<ExitCode, Failure> {
        let mut options = scenarios::Options::new(std::env::current_exe()?);
        options.junit = self.junit;
        options.json = self.output.json;
        options.keep = self.keep;
        options.jobs = self.jobs.map_or(options.jobs, usize::from);
        match scenarios::run(&self.paths, &options) {
            Ok(summary) if summary.failed == 0 => Ok(ExitCode::SUCCESS),
            Ok(_) => Ok(ExitCode::FAILURE),
            Err(error) => {
                eprintln!("classiclink: {error}");
                Ok(ExitCode::from(stdout::NO_ANSWER))
            }
        }
    }
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds @ 0.1..=3600.0) => Ok(seconds),
        _ => Err("give a number of seconds from 0.1 to 3600".to_owned()),
    }
}

fn account(text: &str) -> Result<String, String> {
    if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err("an account id has 12 digits".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_state_directory_can_be_given_after_the_verb() {
        let cli =
            Cli::try_parse_from(["classiclink", "exec", "web", "--state", "/s", "--", "ping", "-c", "1"]).unwrap();
        assert_eq!(cli.state, Some(PathBuf::from("/s")));
        assert!(matches!(cli.verb, Verb::Exec { command, .. } if command == ["ping", "-c", "1"]));
    }

    #[test]
    fn one_kind_of_traffic_at_a_time() {
        assert!(Cli::try_parse_from(["classiclink", "why", "a", "b", "--tcp", "1", "--icmp"]).is_err());
    }
}
