//! The candidates of the comparison: ways from one host to another, each with a file that sets it up.

mod copy;
mod kernel;
mod openvswitch;
mod ours;

use crate::namespace;
use crate::programs::Hosts;
use crate::row::Row;
use crate::setup::{Obstacle, Setup};
use measuring::{Figure, Options, Session};
use std::any::Any;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

/// What forwards packets from one host to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Candidate {
    /// classiclink: a linked Classic instance to a VPC instance, under security groups.
    Ours,
    /// The bare copy of packets with their virtio headers, by one thread.
    Bare,
    /// The bare copy with virtio headers by two threads, one for each direction.
    Bare2,
    /// The bare copy between plain TUN interfaces.
    Plain,
    /// The kernel's router with nftables connection tracking.
    Kernel,
    /// Open vSwitch's userspace datapath with connection tracking.
    OpenVswitch,
}

/// A candidate that forwards packets. Dropping it ends the session first, and then removes the candidate's processes and namespaces.
pub struct Running {
    /// The measuring agents in its two hosts.
    session: Session,
    hosts: Hosts,
    /// The processes and namespaces that the candidate consists of.
    _parts: Box<dyn Any>,
}

impl Candidate {
    /// All candidates, in the order in which they take turns.
    pub const ALL: [Self; 6] = [Self::Ours, Self::Bare, Self::Bare2, Self::Plain, Self::Kernel, Self::OpenVswitch];

    /// The name on the command line and in the JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Bare => "bare",
            Self::Bare2 => "bare2",
            Self::Plain => "plain",
            Self::Kernel => "kernel",
            Self::OpenVswitch => "ovs",
        }
    }

    /// The name in the table and the picture.
    pub fn label(self) -> &'static str {
        match self {
            Self::Ours => "classiclink",
            Self::Bare => "bare copy",
            Self::Bare2 => "bare copy, 2 threads",
            Self::Plain => "plain TUN copy",
            Self::Kernel => "kernel + nftables",
            Self::OpenVswitch => "OVS userspace",
        }
    }

    /// Sets the candidate up, so that its two hosts reach each other.
    ///
    /// # Errors
    /// If a program that it needs is missing or fails.
    pub fn start(self, setup: &Setup, options: Options) -> Result<Running, Obstacle> {
        match self {
            Self::Ours => ours::start(setup, options),
            Self::Bare => copy::start(setup, options, "bare", &[]),
            Self::Bare2 => copy::start(setup, options, "bare2", &["--threads", "2"]),
            Self::Plain => copy::start(setup, options, "plain", &["--plain"]),
            Self::Kernel => kernel::start(setup, options),
            Self::OpenVswitch => openvswitch::start(setup, options),
        }
    }
}

impl Running {
    /// A candidate whose parts connect two namespaces.
    fn between<T: 'static>(setup: &Setup, a: &Path, b: &Path, options: Options, parts: T) -> Result<Self, Obstacle> {
        let agent = |path| {
            let mut command = namespace::inside(path);
            command.arg(setup.program("classiclink")).arg("bench-agent");
            command
        };
        let session = Session::start(("a", agent(a)), ("b", agent(b)), options)?;
        let enter = |path: &Path| words(&namespace::inside(path));
        Ok(Self::of(session, [enter(a), enter(b)], parts))
    }

    /// A candidate whose hosts are measured by `session` and entered by these commands, and whose parts go with it.
    fn of<T: 'static>(session: Session, enter: [Vec<OsString>; 2], parts: T) -> Self {
        let hosts = Hosts { enter, address: session.address() };
        Self { session, hosts, _parts: Box::new(parts) }
    }

    /// Measures a row, and the rows that the same measurement gives.
    pub fn measure(&mut self, row: Row, setup: &Setup, options: Options) -> Vec<(Row, Result<f64, String>)> {
        match row {
            Row::Own(metric) => {
                let figure =
                    |Figure { metric, value, missing }| (Row::Own(metric), value.ok_or(missing.unwrap_or_default()));
                self.session.measure(metric).into_iter().map(figure).collect()
            }
            Row::Other(program) => {
                let figure = program.measure(&self.hosts, setup.directory.path(), options.each);
                vec![(row, figure.map_err(|error| error.to_string()))]
            }
        }
    }
}

/// The program and arguments of a command.
fn words(command: &Command) -> Vec<OsString> {
    [command.get_program()].into_iter().chain(command.get_args()).map(OsString::from).collect()
}
