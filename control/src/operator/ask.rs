//! The requests of operators.

use super::capture::CaptureWish;
use super::console::Console;
use crate::explain::Traffic;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use wire::Direction;

/// A request, and the type of its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "kebab-case")]
pub enum Ask {
    /// The host's name of an instance id, a Name tag or a host's name. Answered by a string.
    Resolve {
        /// What the user calls it.
        host: String,
    },
    /// Asks for the path of a packet and of its reply. Answered by a [`Why`](super::Why).
    Why {
        /// The sender.
        from: String,
        /// The source address; by default the one that the sender's Linux would choose.
        #[serde(default)]
        source: Option<Ipv4Addr>,
        /// A host, or an address.
        to: String,
        /// The protocol and port.
        traffic: Traffic,
    },
    /// Takes files of real networks up, and gives imported instances hosts. Answered by an
    /// [`Imported`](crate::import::Imported).
    Import {
        /// Files and directories, by full path.
        paths: Vec<PathBuf>,
        /// The instances that get hosts, by id or Name tag; `all` is every one.
        hosts: Vec<String>,
        /// Whether names, tags, accounts and public addresses become others.
        anonymise: bool,
        /// Parameters of templates.
        #[serde(default)]
        parameters: BTreeMap<String, String>,
    },
    /// A copy of the whole cloud. Answered by a [`CloudCopy`](super::CloudCopy).
    Cloud,
    /// Answered by a [`Status`](super::Status).
    Status,
    /// Who talks to whom. Answered by [`FlowRows`](super::FlowRows).
    Flows {
        /// At one end or the other; `None`: all.
        #[serde(default)]
        host: Option<String>,
        /// So many of them; `None`: all that are told of at once.
        #[serde(default)]
        most: Option<usize>,
    },
    /// Captures packets from now on. Answered by a number.
    Capture(CaptureWish),
    /// What a capture has now. Answered by [`PacketRows`](super::PacketRows), each of which is told of once.
    Captured {
        /// Its number.
        capture: u64,
    },
    /// Ends a capture. Answered by nothing.
    EndCapture {
        /// Its number.
        capture: u64,
    },
    /// Recent drops, oldest first. Answered by a list of [`Drop`](super::Drop).
    Drops,
    /// The last changes of the cloud, oldest first. Answered by a list of [`ChangeRow`](crate::recent::ChangeRow).
    Changes,
    /// What flow logs have recorded, up to now. Answered by a list of [`Stream`](crate::flow_logs::Stream).
    FlowLogs {
        /// Of this network interface, or of those of this instance; `None`: all.
        of: Option<String>,
    },
    /// Has the dataplane record. Answered by a [`RecordingStatus`](wire::RecordingStatus), or null if there is no recording.
    Record {
        /// What is to be done.
        what: Recording,
    },
    /// Lets the clock of idle connections jump ahead.
    AdvanceClock {
        /// How far.
        seconds: f64,
    },
    /// Takes the system back to its first start.
    Reset,
    /// Adds a host outside the cloud.
    HostAdd {
        /// Its name.
        name: String,
        /// Its address.
        address: Ipv4Addr,
        /// The customer gateway of its site; `None`: it is on the Internet.
        site: Option<String>,
        /// The AWS service that it stands for.
        #[serde(default)]
        service: Option<String>,
    },
    /// Lists them. Answered by a list of [`HostRow`].
    HostList,
    /// Removes one.
    HostRemove {
        /// Its name.
        name: String,
    },
    /// Gives a host a bad network, or a good one again. Answered by nothing.
    Impair {
        /// What the user calls it.
        host: String,
        /// Only with this one: a prefix, an address, or what the user calls another host.
        #[serde(default)]
        with: Option<String>,
        /// Only to what it sends there, or to what it is given from there.
        #[serde(default)]
        way: Option<Direction>,
        /// The words for it (`delay=50ms,loss=1%`); `None`: a good one.
        what: Option<String>,
    },
    /// Who has a bad network. Answered by a list of [`ImpairmentRow`].
    Impairments,
    /// Has a host of a service fail, or come up again.
    HostFail {
        /// Its name.
        name: String,
        /// Whether it is to fail.
        down: bool,
    },
    /// Has a Spot instance interrupted. Answered by the time when it is, in words.
    Interrupt {
        /// What the user calls it.
        instance: String,
    },
    /// The certificate by which signatures of instance identity documents are proven. Answered by a string, in PEM.
    IdentityCertificate,
    /// One of the console's one-step changes.
    Console(Console),
}

impl Ask {
    /// Whether the request changes nothing, so that it can be repeated.
    pub fn only_looks(&self) -> bool {
        match self {
            Ask::Resolve { .. }
            | Ask::Why { .. }
            | Ask::Changes
            | Ask::Cloud
            | Ask::Drops
            | Ask::Flows { .. }
            | Ask::Status
            | Ask::FlowLogs { .. }
            | Ask::Impairments
            | Ask::IdentityCertificate
            | Ask::HostList => true,
            Ask::Console(what) => *what == Console::Vpcs,
            Ask::Record { what } => *what == Recording::Look,
            Ask::Import { .. }
            | Ask::AdvanceClock { .. }
            | Ask::Reset
            | Ask::Capture(_)
            | Ask::Captured { .. }
            | Ask::EndCapture { .. }
            | Ask::HostAdd { .. }
            | Ask::HostFail { .. }
            | Ask::Interrupt { .. }
            | Ask::Impair { .. }
            | Ask::HostRemove { .. } => false,
        }
    }
}

/// What is to be done about a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Recording {
    /// Begin one.
    Start {
        /// The files, by full path: empty, or recordings to write behind. With a second one they are written in turn.
        files: Vec<PathBuf>,
        /// How many bytes of packets are kept behind their headers; `None`: all.
        payload: Option<u32>,
        /// How many bytes the files may have together, beside what each begins with.
        ring: Option<u64>,
        /// Whether it ends when nobody looks at it any more.
        leased: bool,
    },
    /// Tell how far it is.
    Look,
    /// End it. It is written when a look says that it has ended.
    Stop,
}

/// A host that has a bad network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImpairmentRow {
    /// An instance's id, or a host's name.
    pub host: String,
    /// The instance's Name tag.
    pub name: Option<String>,
    /// Only to those between it and this: a prefix, an instance's id, or a host's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// What happens to its packets, in the words that ask for it.
    pub impairment: String,
}

/// A host outside the cloud, or one that belongs to a service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostRow {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: Ipv4Addr,
    /// The customer gateway of its site; `None`: it is on the Internet.
    pub site: Option<String>,
    /// The AWS service that it stands for.
    pub service: Option<String>,
    /// The service that it belongs to: `rds`, say.
    #[serde(default)]
    pub owner: Option<String>,
}
