//! Calls, answers and events.

use crate::accounts::Accounts;
use crate::capture::{CaptureOrder, CapturedPackets};
use crate::change::Update;
use crate::drop_reason::DropReason;
use crate::ids::{AttachmentId, FilterId, PortId, RuleId};
use crate::recording::{RecordCall, RecordingStatus};
use crate::step::{Drop, Explanation};
use crate::tuple::FiveTuple;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How often the controller sends [`Request::Ping`].
pub const HEARTBEAT: Duration = Duration::from_millis(500);
/// The time without a frame after which the other side counts as silent.
pub const SILENCE: Duration = Duration::from_secs(2);

/// A frame from the controller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The call's number, chosen by the controller. The answer has it too.
    pub id: u64,
    /// The request.
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
    /// An unrequested event.
    Event(Event),
}

/// An event of the dataplane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// Every host. A host that is not named does not exist.
    AllHosts(Vec<HostReport>),
    /// A host's new state.
    Host(HostReport),
}

/// A host's state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostReport {
    /// The host's name.
    pub host: String,
    /// Its state.
    pub state: HostState,
}

/// The state of a host, compared with its ports in the tables in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostState {
    /// It does not exist yet.
    Making,
    /// It exists, with all its interfaces.
    Up,
    /// It exists, and is being taken over from an earlier process or changed.
    Changing,
    /// It could not be made, changed or removed. It is retried.
    Failed {
        /// The reason, for a person.
        why: String,
    },
    /// Its last port was removed. Its processes end, and it is removed.
    Leaving,
    /// It is gone.
    Gone,
}

/// A request of the controller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Request {
    /// Ask whether the dataplane is alive. Answered by [`Reply::Pong`], at once.
    Ping,
    /// Apply changes together. Answered by [`Reply::Applied`] when every worker uses the new tables, or by
    /// [`Reply::Refused`] if nothing has changed. Hosts follow in the background.
    Apply(Update),
    /// Explain the path of a packet and of its reply. Changes nothing. Answered by [`Reply::Explained`].
    Why {
        /// The sending port.
        port: PortId,
        /// A first packet: a TCP SYN, a datagram, an ICMP query.
        packet: FiveTuple,
    },
    /// Report counters and sizes. Answered by [`Reply::Status`].
    Status,
    /// List the most recent drops, the oldest first. Answered by [`Reply::Drops`].
    Drops,
    /// List flows. Answered by [`Reply::Flows`].
    Flows {
        /// Only flows that begin or end at these ports. `None`: all flows.
        ports: Option<Vec<PortId>>,
        /// The greatest number of flows.
        most: usize,
    },
    /// Begin a capture. It ends with [`Request::EndCapture`], or when nobody has fetched its packets for a minute. Answered
    /// by [`Reply::Capturing`].
    Capture(CaptureOrder),
    /// Fetch captured packets. Answered by [`Reply::Captured`], or by [`Reply::Refused`] if the capture is not running.
    Captured {
        /// The capture's number.
        capture: u64,
        /// The approximate greatest number of bytes.
        most: usize,
    },
    /// End a capture. Answered by [`Reply::Done`].
    EndCapture(u64),
    /// Advance the clock by which flows expire. Answered by [`Reply::Done`].
    AdvanceClock(Duration),
    /// Take the entries of the flow accounting since the last request. Answered by [`Reply::Accounts`].
    Accounts,
    /// Make a request about recordings. Answered by [`Reply::Recording`] or [`Reply::Refused`].
    Record(RecordCall),
}

/// A reply of the dataplane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Reply {
    /// The dataplane is alive.
    Pong,
    /// The version is in force on every worker.
    Applied {
        /// The version.
        version: u64,
    },
    /// The changes could not be applied; nothing has changed.
    Refused {
        /// The reason, for a person.
        why: String,
    },
    /// The path of a packet and of its reply.
    Explained(Explanation),
    /// Counters and sizes.
    Status(Status),
    /// Recent drops.
    Drops {
        /// The drops, the oldest first.
        records: Vec<DropRecord>,
        /// How many older ones are no longer remembered.
        forgotten: u64,
    },
    /// Flows, in no order.
    Flows {
        /// The flows.
        flows: Vec<FlowRecord>,
        /// How many more flows match.
        others: usize,
        /// How long packets and bytes have been counted. Counting begins with the first request and ends 30 s after the
        /// last.
        counted: Duration,
    },
    /// The number of the new capture.
    Capturing(u64),
    /// Captured packets.
    Captured(CapturedPackets),
    /// Done.
    Done,
    /// Entries of the flow accounting.
    Accounts(Accounts),
    /// The status of the recording, or of the one that was stopped. `None` if there is none.
    Recording(Option<RecordingStatus>),
}

/// One dropped packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DropRecord {
    /// The time, in nanoseconds since 1970.
    pub at: u64,
    /// The port it came from.
    pub port: PortId,
    /// The 5-tuple as it was sent. `None` if it could not be parsed.
    pub packet: Option<FiveTuple>,
    /// The reason and the culprit.
    pub drop: Drop,
}

/// A flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowRecord {
    /// The port that began it.
    pub from: PortId,
    /// The attachment that it leaves by.
    pub by: AttachmentId,
    /// The attachment that it arrives at.
    pub to: AttachmentId,
    /// The 5-tuple as it was sent.
    pub sent: FiveTuple,
    /// The 5-tuple as it is delivered.
    pub delivered: FiveTuple,
    /// The name of its state.
    pub state: String,
    /// Whether it is tracked at the initiator's and at the responder's end.
    pub tracked: [bool; 2],
    /// The rules in force now that would let its first packet out at its sender and in at its receiver.
    pub admitted: [Option<(FilterId, RuleId)>; 2],
    /// The time since its last packet, by the dataplane's clock.
    pub idle: Duration,
    /// The time since its first packet. `None` if an earlier dataplane did not record it.
    pub age: Option<Duration>,
    /// Packets of both directions since counting began.
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
    /// The processor time that each worker has used, polling included.
    pub busy: Vec<Duration>,
    /// The number of flows.
    pub flows: usize,
    /// Every port's counters.
    pub ports: Vec<PortStatus>,
}

/// A port's counters, since the dataplane started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PortStatus {
    /// The port's number.
    pub port: PortId,
    /// Its host.
    pub host: String,
    /// The index of the interface: 1 is `eth1`.
    pub interface: u16,
    /// Packets that the host sent. A coalesced packet counts each of its segments.
    pub sent_packets: u64,
    /// Bytes the host sent, IPv4 headers included.
    pub sent_bytes: u64,
    /// Packets that the host received.
    pub received_packets: u64,
    /// Bytes that the host received.
    pub received_bytes: u64,
    /// Dropped packets that the host sent, by reason. Reasons without drops are left out.
    pub drops: Vec<(DropReason, u64)>,
}
