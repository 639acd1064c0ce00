//! Calls, answers and events.

use crate::accounts::Accounts;
use crate::capture::{CaptureOrder, CapturedPackets};
use crate::change::Update;
use crate::ids::{AttachmentId, FilterId, PortId, RuleId};
use crate::reason::DropReason;
use crate::recording::{RecordCall, RecordingStatus};
use crate::step::{Drop, Explanation};
use crate::tuple::FiveTuple;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often the controller sends [`Request::Ping`].
pub const HEARTBEAT: Duration = Duration::from_millis(500);
/// After how long without a frame the other side is said not to answer.
pub const SILENCE: Duration = Duration::from_secs(2);

/// A frame from the controller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The number that the answer bears; the controller's to choose.
    pub id: u64,
    /// What is asked.
    pub request: Request,
}

/// A frame from the dataplane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Message {
    /// The answer to a call.
    Answer {
        /// The call's number.
        id: u64,
        /// The answer.
        reply: Reply,
    },
    /// What nobody asked for.
    Event(Event),
}

/// What the dataplane says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Every host. What is not named is not there.
    AllHosts(Vec<HostReport>),
    /// A host's state is another one now.
    Host(HostReport),
}

/// How far a host is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostReport {
    /// The host's name.
    pub host: String,
    /// Its state.
    pub state: HostState,
}

/// The state of a host, compared with what the tables in force say of its ports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostState {
    /// It is not there yet.
    Making,
    /// It is there, with all its interfaces.
    Up,
    /// It is there, and is being taken over from an earlier process or given what has changed.
    Changing,
    /// It could not be made, changed or taken away. It is tried again.
    Failed {
        /// What stood in the way, for a person.
        why: String,
    },
    /// The tables have no port of it any more; its processes end and it goes.
    Leaving,
    /// It is gone.
    Gone,
}

/// What the controller asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Whether the dataplane is there. Answered by [`Reply::Pong`], at once.
    Ping,
    /// Apply changes as one; answered by [`Reply::Applied`] when every worker uses the new tables, or by [`Reply::Refused`],
    /// then nothing has changed. Hosts follow in the background.
    Apply(Update),
    /// Which way would this packet take, and its reply? Changes nothing. Answered by [`Reply::Explained`].
    Why {
        /// The sender.
        port: PortId,
        /// A first packet: a TCP SYN, a datagram, an ICMP query.
        packet: FiveTuple,
    },
    /// Answered by [`Reply::Status`].
    Status,
    /// The most recent drops, oldest first; answered by [`Reply::Drops`].
    Drops,
    /// The flows that are known; answered by [`Reply::Flows`].
    Flows {
        /// Those that begin or end at these ports; or all.
        ports: Option<Vec<PortId>>,
        /// So many at most.
        most: usize,
    },
    /// Capture packets, until [`Request::EndCapture`] or until nobody has asked for 10 s; answered by [`Reply::Capturing`].
    Capture(CaptureOrder),
    /// What a capture has; answered by [`Reply::Captured`], or by [`Reply::Refused`] if it is not running.
    Captured {
        /// Its number.
        capture: u64,
        /// About so many bytes at most.
        most: usize,
    },
    /// End a capture. Answered by [`Reply::Done`].
    EndCapture(u64),
    /// Lets the dataplane's clock, by which flows time out, jump ahead. Answered by [`Reply::Done`].
    AdvanceClock(Duration),
    /// What was counted at accounted attachments since this was last asked; answered by [`Reply::Accounts`].
    Accounts,
    /// Record, or tell of the recording; answered by [`Reply::Recording`], or by [`Reply::Refused`].
    Record(RecordCall),
}

/// What the dataplane answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// It is there.
    Pong,
    /// The version is in force on every worker.
    Applied {
        /// The version.
        version: u64,
    },
    /// The changes could not be applied; nothing has changed.
    Refused {
        /// What stood in the way, for a person.
        why: String,
    },
    /// A packet's way and its reply's.
    Explained(Explanation),
    /// The state of things.
    Status(Status),
    /// Recent drops.
    Drops(Vec<DropRecord>),
    /// Flows, in no order.
    Flows {
        /// Those that were wanted.
        flows: Vec<FlowRecord>,
        /// How many more of these there are.
        others: usize,
        /// How long their packets and bytes are counted: since this was first asked, unless nobody has asked for 30 s.
        counted: Duration,
    },
    /// A capture runs, of this number.
    Capturing(u64),
    /// What was captured.
    Captured(CapturedPackets),
    /// Done.
    Done,
    /// What was counted; the counts begin anew.
    Accounts(Accounts),
    /// How far the recording is or, if it was to end, has come; `None`: there is none.
    Recording(Option<RecordingStatus>),
}

/// One dropped packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropRecord {
    /// When, in nanoseconds of the system's real-time clock since 1970.
    pub at: u64,
    /// The port it came from.
    pub port: PortId,
    /// What it was, as sent; `None` where it could not be parsed.
    pub packet: Option<FiveTuple>,
    /// Why, and through whom.
    pub drop: Drop,
}

/// A flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowRecord {
    /// The port that began it.
    pub from: PortId,
    /// The attachment it leaves by.
    pub by: AttachmentId,
    /// The attachment it arrives at.
    pub to: AttachmentId,
    /// As it was sent.
    pub sent: FiveTuple,
    /// As it is delivered.
    pub delivered: FiveTuple,
    /// Its state, in words.
    pub state: String,
    /// Whether it is tracked at the initiator's end, at the responder's end.
    pub tracked: [bool; 2],
    /// The rules, of those in force now, that would let its first packet out and in.
    pub admitted: [Option<(FilterId, RuleId)>; 2],
    /// How long ago its last packet came, by the dataplane's clock.
    pub idle: Duration,
    /// How long ago its first packet came; `None` where an earlier dataplane did not note it.
    pub age: Option<Duration>,
    /// Packets of both directions, since they are counted.
    pub packets: u64,
    /// Their bytes, IPv4 headers included.
    pub bytes: u64,
}

/// Counters and sizes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The version in force.
    pub version: u64,
    /// How many workers run.
    pub workers: usize,
    /// How much processor time each of them has had, looking for packets included.
    pub busy: Vec<Duration>,
    /// How many flows are known.
    pub flows: usize,
    /// Every port's counters.
    pub ports: Vec<PortStatus>,
}

/// A port's counters, since the dataplane started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PortStatus {
    /// Which port.
    pub port: PortId,
    /// Its host.
    pub host: String,
    /// Its place among the host's interfaces: 1 is `eth1`.
    pub interface: u16,
    /// Packets the host sent (a 64 KiB offload packet counts as the packets it stands for).
    pub sent_packets: u64,
    /// Bytes the host sent, IPv4 headers included.
    pub sent_bytes: u64,
    /// Packets the host was given.
    pub received_packets: u64,
    /// Bytes the host was given.
    pub received_bytes: u64,
    /// Packets the host sent that were dropped, by reason; reasons without any are left out.
    pub drops: Vec<(DropReason, u64)>,
}
