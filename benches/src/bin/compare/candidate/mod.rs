//! Who is compared.

mod copy;
mod kernel;
mod openvswitch;
mod ours;

use crate::namespace;
use crate::programs::Hosts;
use crate::row::Row;
use measuring::{Figure, Options, Session};
use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The port that the receiver's rules let in.
pub const PORT: u16 = 5201;

/// A way of packets from one host to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Candidate {
    /// classiclink: a linked Classic instance to a VPC instance, under security groups.
    Ours,
    /// The bare copy of packets with their virtio headers, by one thread.
    Bare,
    /// The same by two, one a direction.
    Bare2,
    /// The bare copy between plain TUN interfaces.
    Plain,
    /// The kernel's router with nftables connection tracking.
    Kernel,
    /// Open vSwitch's userspace datapath with connection tracking.
    OpenVswitch,
}

/// The one beside it, where servers of other programs listen.
pub const PROGRAMS_PORT: u16 = PORT + 1;

/// A candidate at work. Dropping it takes everything away that was made for it: first the session, then what it runs on.
pub struct Running {
    /// What measures between its two hosts.
    session: Session,
    hosts: Hosts,
    _kept: Box<dyn std::any::Any>,
}

/// What all candidates are made with.
pub struct Workshop {
    /// Where `classiclink` and the programs of this crate are.
    binaries: PathBuf,
    directory: TempDir,
    workers: Option<u16>,
}

/// Why a candidate cannot be measured.
pub type Obstacle = Box<dyn Error>;

impl Candidate {
    /// All, in the order in which they take turns.
    pub const ALL: [Self; 6] = [Self::Ours, Self::Bare, Self::Bare2, Self::Plain, Self::Kernel, Self::OpenVswitch];

    /// What it is called on the command line and in the JSON.
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

    /// What it is called for people.
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

    /// Puts it to work.
    pub fn start(self, workshop: &Workshop, options: Options) -> Result<Running, Obstacle> {
        match self {
            Self::Ours => ours::start(workshop, options),
            Self::Bare => copy::start(workshop, options, "bare", &[]),
            Self::Bare2 => copy::start(workshop, options, "bare2", &["--threads", "2"]),
            Self::Plain => copy::start(workshop, options, "plain", &["--plain"]),
            Self::Kernel => kernel::start(workshop, options),
            Self::OpenVswitch => openvswitch::start(workshop, options),
        }
    }
}

impl Running {
    /// Measures between two hosts, with what the way between them needs and the words that lead into each.
    fn between<T: 'static>(session: Session, enter: [Vec<OsString>; 2], kept: T) -> Self {
        let hosts = Hosts { enter, address: session.address() };
        Self { session, hosts, _kept: Box::new(kept) }
    }

    /// Measures a row; some come with another.
    pub fn measure(&mut self, row: Row, workshop: &Workshop, options: Options) -> Vec<(Row, Result<f64, String>)> {
        match row {
            Row::Own(metric) => {
                let figure =
                    |Figure { metric, value, missing }| (Row::Own(metric), value.ok_or(missing.unwrap_or_default()));
                self.session.measure(metric).into_iter().map(figure).collect()
            }
            Row::Other(program) => {
                let figure = program.measure(&self.hosts, workshop.directory.path(), options.each);
                vec![(row, figure.map_err(|error| error.to_string()))]
            }
        }
    }
}

/// The words of a command.
fn words(command: &Command) -> Vec<OsString> {
    [command.get_program()].into_iter().chain(command.get_args()).map(OsString::from).collect()
}

impl Workshop {
    /// The programs lie beside this one.
    pub fn new(workers: Option<u16>) -> Result<Self, Obstacle> {
        let own = std::env::current_exe()?;
        let binaries = own.parent().ok_or("this program lies nowhere")?.to_owned();
        Ok(Self { binaries, directory: tempfile::Builder::new().prefix("clbench-").tempdir()?, workers })
    }

    fn program(&self, name: &str) -> PathBuf {
        self.binaries.join(name)
    }

    /// Measures between two namespaces, and keeps what the way between them needs.
    fn between<T: 'static>(&self, a: &Path, b: &Path, options: Options, kept: T) -> Result<Running, Obstacle> {
        let agent = |path| {
            let mut command = namespace::inside(path);
            command.arg(self.program("classiclink")).arg("bench-agent");
            command
        };
        let session = Session::start(("a", agent(a)), ("b", agent(b)), options)?;
        let enter = |path: &Path| words(&namespace::inside(path));
        Ok(Running::between(session, [enter(a), enter(b)], kept))
    }
}

/// A process that ends when this is dropped, with its input.
pub struct Process(pub Child);

impl Process {
    /// Starts it out of reach of Ctrl-C, which is for us: we end it.
    pub fn start(command: &mut Command) -> std::io::Result<Self> {
        use std::os::unix::process::CommandExt;
        command.process_group(0).spawn().map(Self)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let end = Instant::now() + Duration::from_secs(2);
        while matches!(self.0.try_wait(), Ok(None)) && Instant::now() < end {
            std::thread::sleep(Duration::from_millis(10));
        }
        // It is gone already, or has to go.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
