//! The command line: what can be asked, and where it goes.

mod backup;
mod bench;
mod capture;
mod classic_regions;
mod console;
mod duration;
mod exchange;
mod exec;
mod filter;
mod flows;
mod hosts;
mod impair;
mod minimise;
mod processes;
mod reach;
mod record;
mod replay;
mod show;
mod size;
mod timeout;
mod top;
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
    /// Run a program in a host: an instance (by id or Name tag), or a host of the Internet or of a remote site.
    Exec {
        /// The host.
        host: String,
        /// The program and its arguments.
        #[arg(required = true, last = true, value_name = "CMD")]
        command: Vec<std::ffi::OsString>,
    },
    /// Run scenarios, each in a system of its own: exit status 0 if all steps pass, 1 if not, 2 for a file that cannot be used.
    Run(Run),
    /// Tell which path a packet and its reply would take, and what stops them.
    Why(Why),
    /// Tell who reaches whom: all hosts, or those of `--from` and `--to`, by the decisions that packets get.
    Reach(reach::Reach),
    /// Tell what is open in one cloud and not in the other.
    Diff(reach::Diff),
    /// Tell what a command would open and close, without changing anything: it is given a copy of the cloud.
    WhatIf(reach::WhatIf),
    /// Measure throughput and latency between two hosts: TCP, UDP, ping, connections.
    Bench(Bench),
    /// Show processes, instances, links, counters and drops.
    Status(Output),
    /// Show who talks to whom: the connections that are known, what passes on them, and the rules that let them in.
    Flows(flows::Flows),
    /// Capture packets at hosts' interfaces, each with what became of it, for Wireshark: capture web tcp port 443 -w FILE.
    Capture(capture::Capture),
    /// Show the most recent drops, explained.
    Drops {
        /// Go on with those that come, until Ctrl-C.
        #[arg(long)]
        follow: bool,
        #[command(flatten)]
        output: Output,
    },
    /// Watch traffic, drops and changes in the terminal.
    Top,
    /// Show what flow logs have recorded, up to now.
    FlowLogs {
        /// Of this instance (by id or Name tag) or network interface only.
        #[arg(value_name = "HOST|ENI")]
        of: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// Record what comes to the dataplane, until Ctrl-C: packets, changes and what became of each packet, for `replay`.
    Record(record::Record),
    /// Let a recording happen again, without a system: exit status 1 if anything comes out otherwise.
    Replay(replay::Replay),
    /// Write the least scenario in which a recorded packet gets the verdict that it got.
    Minimise(minimise::Minimise),
    /// Take up a real network: what `aws ec2 describe-…` prints, of one account and Region or many, or a template.
    Import(exchange::Import),
    /// Write the cloud as files that `import` takes: what `aws ec2 describe-…` would print.
    Export(exchange::Export),
    /// Take a running system back to its first start: everything in the cloud goes, and its hosts with it.
    Reset,
    /// Print the stored cloud, of whatever version, as lines of JSON, for `up --restore FILE` or another program. No system may be up.
    Backup,
    /// Link EC2-Classic instances to a VPC, all in one step.
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
    /// Unlink EC2-Classic instances, all in one step.
    Unlink {
        /// The instances, by id or Name tag.
        #[arg(required = true, value_name = "INSTANCE")]
        instances: Vec<String>,
    },
    /// List the linked instances.
    Links {
        /// Of this VPC only, by id.
        #[arg(long)]
        vpc: Option<String>,
        /// With this group only, by id.
        #[arg(long, value_name = "SG")]
        group: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// Launch instances, and link them in the same step.
    Launch(console::Launch),
    /// Create VPCs, enable them for ClassicLink, disable them, list them.
    #[command(subcommand)]
    Vpc(console::Vpc),
    /// Work with the clock by which idle connections time out.
    #[command(subcommand)]
    Clock(Clock),
    /// Hosts outside the cloud: on the Internet, or at a remote site. Failures of services' hosts.
    #[command(subcommand)]
    Host(Host),
    /// Give a host a bad network (delay, loss, …), or a good one again; list those that have one.
    Impair(impair::Impair),
    /// Interrupt a Spot instance: it is told of it at once, and ends two minutes later by the cloud's clock.
    Interrupt {
        /// The instance, by id or Name tag.
        instance: String,
    },
    /// Print the certificate by which the signatures of instance identity documents are proven, in PEM.
    IdentityCertificate,
    /// The scenario runner's helper inside a host.
    #[command(hide = true)]
    ProbeAgent {
        /// What it calls itself.
        name: String,
    },
    /// Answer on a TCP port, in the place of a real server: say who this is.
    #[command(hide = true)]
    Respond {
        /// Who it is.
        #[arg(long)]
        say: String,
        /// The port.
        #[arg(long)]
        port: u16,
    },
    /// The helper of `bench` inside a host.
    #[command(hide = true)]
    BenchAgent,
    /// The balancer in a load balancer's host.
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
    /// Where the EC2 API listens; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:4570", value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// Let the API listen beyond this machine, where without --accounts whoever reaches it can do everything.
    #[arg(long)]
    public: bool,
    /// A host name or address that the API answers for, besides localhost and the address it is reached at; may be given several
    /// times.
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<HostName>,
    /// How many threads forward packets [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    workers: Option<u16>,
    /// An account without EC2-Classic, in any Region; may be given several times.
    #[arg(long = "vpc-only-account", value_name = "ID", value_parser = account)]
    vpc_only_accounts: Vec<String>,
    /// The Regions with EC2-Classic, with commas between them, `none` or `all`; elsewhere every account finds a default VPC [default:
    /// those that had it on AWS].
    #[arg(long, value_name = "REGIONS")]
    classic_regions: Option<ClassicRegions>,
    /// Serve the API alone, for test suites: nothing needs a privilege, instances run on paper, and there are no packets.
    #[arg(long, conflicts_with_all = ["workers", "timeouts", "flow_share", "service_commands", "run_user_data", "record"])]
    no_dataplane: bool,
    /// Who may ask, with which keys, and what each may do: a file of JSON. Requests must be signed then.
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// The largest packet that ClassicLink carries [default: 1500].
    #[arg(long, value_name = "BYTES", value_parser = clap::value_parser!(u16).range(576..))]
    link_mtu: Option<u16>,
    /// How long an idle connection is remembered, by kind: tcp-half-open, tcp-established, tcp-closing, udp, udp-stream, icmp,
    /// other, and by NAT gateways: nat-tcp, nat-udp, nat-icmp; may be given several times.
    #[arg(long = "timeout", value_name = "KIND=DURATION", value_parser = timeout::parse)]
    timeouts: Vec<timeout::Timeout>,
    /// How many connections one interface of a host may have begun, of 1048576 in all [default: 131072].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1 << 20))]
    flow_share: Option<u32>,
    /// Start a real server where services would only say who they are: postgres='COMMAND' for RDS, redis='COMMAND' and
    /// memcached='COMMAND' for ElastiCache, and so on; may be given several times. The shell runs it on the service's host; $ADDRESS
    /// and $PORT are where it is to listen, $DATA is a directory of its own.
    #[arg(long = "service-command", value_name = "SERVER=COMMAND")]
    service_commands: Vec<ServiceCommand>,
    /// Run user data that begins with `#!` in its instance, when that first boots; what it prints is the console output. Whoever may
    /// launch instances then runs programs as you.
    #[arg(long)]
    run_user_data: bool,
    /// Record everything to FILE, as `record` does.
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Delete the cloud that earlier runs have left in the state directory.
    #[arg(long)]
    fresh: bool,
    /// Go on with what is left of a damaged store: its copy, or FILE, written by `backup`. The damaged file is kept.
    #[arg(long, value_name = "FILE", num_args = 0..=1, conflicts_with = "fresh")]
    restore: Option<Option<PathBuf>>,
}

#[derive(Debug, Args)]
struct Run {
    /// Scenario files, or directories of them.
    #[arg(required = true, value_name = "FILE|DIR")]
    paths: Vec<PathBuf>,
    /// Write a JUnit report, too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// How many scenarios run at the same time [default: one more than processors].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=64))]
    jobs: Option<u16>,
    /// Keep the system of a scenario up after the last step, until Ctrl-C.
    #[arg(long)]
    keep: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct Why {
    /// The sender: an instance or another host.
    from: String,
    /// The destination: a host, or an IPv4 address.
    to: String,
    /// The source address; by default the one that the sender's Linux would choose.
    #[arg(long, value_name = "ADDRESS")]
    source: Option<Ipv4Addr>,
    /// TCP, to this port.
    #[arg(long, value_name = "PORT", group = "traffic")]
    tcp: Option<u16>,
    /// UDP, to this port.
    #[arg(long, value_name = "PORT", group = "traffic")]
    udp: Option<u16>,
    /// An ICMP echo; the default.
    #[arg(long, group = "traffic")]
    icmp: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
struct Bench {
    /// The sender, which opens the connections.
    from: String,
    /// The receiver.
    to: String,
    /// The receiver's TCP and UDP port, which its rules have to let in, as well as ICMP.
    #[arg(long, default_value_t = 5201)]
    port: u16,
    /// The receiver's address as the sender knows it [default: its first own].
    #[arg(long, value_name = "IP")]
    address: Option<Ipv4Addr>,
    /// How long each figure is measured.
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
    /// Let the clock jump ahead: 90s, 5m, 2h, 5d.
    Advance {
        /// How far.
        #[arg(value_parser = duration::parse)]
        duration: Duration,
    },
}

#[derive(Debug, Subcommand)]
enum Host {
    /// Add a host.
    Add {
        /// Its name.
        name: String,
        /// Its address: a public one on the Internet, or one of the site's.
        #[arg(long, value_name = "IP")]
        address: Ipv4Addr,
        /// The customer gateway of the site it is at [default: none: it is on the Internet].
        #[arg(long, value_name = "cgw-…")]
        site: Option<String>,
        /// The AWS service that the host stands for; gateway endpoints lead to it.
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
    /// Let a host of a service fail: a Multi-AZ DB instance fails over. `status` lists these hosts.
    Fail {
        /// Its name.
        name: String,
    },
    /// Let a host of a service that has failed come up again.
    Repair {
        /// Its name.
        name: String,
    },
}

/// A failed verb: what to tell the user.
type Failure = Box<dyn std::error::Error>;

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

/// Lets the process end in silence, as other programs do, when nobody reads its output any more (`classiclink reach | head -1`).
fn end_with_reader() {
    // SAFETY: the default action involves no handler.
    let done = unsafe { signal(Signal::SIGPIPE, SigHandler::SigDfl) };
    if let Err(error) = done {
        tracing::debug!("SIGPIPE stays ignored: {error}");
    }
}

impl Verb {
    /// Whether it speaks with nobody but control and whoever reads its output.
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
        Verb::Respond { say, port } => respond::run(&say, port)?,
        Verb::BenchAgent => measuring::agent::run()?,
        Verb::Why(why) => return show::why(&state, why),
        Verb::Reach(reach) => reach.run(&state)?,
        Verb::Diff(diff) => diff.run(&state)?,
        Verb::WhatIf(what_if) => what_if.run(&state)?,
        Verb::Status(output) => show::status(&state, output.json)?,
        Verb::Flows(flows) => flows.run(&state)?,
        Verb::Capture(capture) => capture.run(&state)?,
        Verb::Drops { follow, output } => show::drops(&state, follow, output.json)?,
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
                Ok(ExitCode::from(2))
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
