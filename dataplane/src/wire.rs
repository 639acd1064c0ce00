//! What a controller and the dataplane say to each other.
//!
//! Over a Unix stream socket, the dataplane listening: frames of a 4-byte big-endian length and that many bytes of postcard. A new
//! connection takes the place of the old one with its first frame. Tables and hosts stay when the controller goes away.
//!
//! - **Calls.** The controller sends a [`Call`]: a [`Request`] and a number. The dataplane answers each with one
//!   [`Message::Answer`] of the same number, requests but [`Request::Ping`] one after another and in order.
//! - **Events.** The dataplane speaks first in a [`Message::Event`]. Answers and events are in the order in which things happened:
//!   who has the answer to an update has been told before what it means for hosts.
//! - **Hosts.** An update is answered when its tables are in force. Hosts are made, changed and taken away after that, in the
//!   background; events tell of each host how far it is ([`HostState`]). What fails is told with the reason, harms no other host
//!   and is tried again. After whole tables, [`Event::AllHosts`] tells of every host, so that a new connection misses nothing that
//!   happened without one. A host whose last port goes is switched off; one of the same name that comes later is a new one.
//! - **Heartbeats.** The controller sends [`Request::Ping`] every [`HEARTBEAT`]; the answer overtakes requests in work, however long
//!   they take. Each side says so when the other has been silent for [`SILENCE`]. Neither hangs up: whoever supervises them does.

use crate::packet::FiveTuple;
use crate::pipeline::{Direction, Drop, DropReason, Step};
use crate::policy::{AttachmentId, Change, PortId};
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::time::Duration;

/// The largest frame accepted, in bytes: whole tables of a very large network fit.
pub const MAX_FRAME: usize = 1 << 30;

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
        /// So many at most.
        most: usize,
    },
    /// Lets the dataplane's clock, by which flows time out, jump ahead. Answered by [`Reply::Done`].
    AdvanceClock(Duration),
    /// What was counted at accounted attachments since this was last asked; answered by [`Reply::Accounts`].
    Accounts,
}

/// A set of changes that makes one version of the tables out of another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Update {
    /// The version that the tables have afterwards.
    pub version: u64,
    /// Whether `changes` are the whole tables: what they do not name goes.
    pub whole: bool,
    /// The changes, applied in order, all or none.
    pub changes: Vec<Change>,
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
        /// How many more there are.
        others: usize,
    },
    /// Done.
    Done,
    /// What was counted; the counts begin anew.
    Accounts(Accounts),
}

/// The way of a first packet and, where it was delivered, of the receiver's reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// There: ends in [`Step::Delivered`] or [`Step::Dropped`].
    pub there: Vec<Step>,
    /// Back, if it got there.
    pub back: Option<Vec<Step>>,
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
    /// How long ago its last packet came, by the dataplane's clock.
    pub idle: Duration,
}

/// What was counted at accounted attachments.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// In no order; what two workers counted of the same is there twice.
    pub entries: Vec<Account>,
    /// Packets for which there was no room, by attachment.
    pub skipped: Vec<(AttachmentId, u64)>,
}

/// Packets of one flow in one direction at one attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Where.
    pub attachment: AttachmentId,
    /// Whether they went out or came in.
    pub direction: Direction,
    /// As they looked there, translation done or undone; without ports if they are neither TCP nor UDP.
    pub packet: FiveTuple,
    /// Whether the rules let them pass there.
    pub accepted: bool,
    /// How many.
    pub packets: u64,
    /// Bytes, IPv4 headers included.
    pub bytes: u64,
    /// How long ago the first came, by the dataplane's clock.
    pub first: Duration,
    /// How long ago the last came.
    pub last: Duration,
    /// FIN 1, SYN 2, RST 4, and ACK 16 where it stood beside a SYN, of all packets.
    pub tcp_flags: u8,
}

/// Counters and sizes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The version in force.
    pub version: u64,
    /// How many workers run.
    pub workers: usize,
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

/// Writes one frame.
///
/// # Errors
/// Whatever the writer says; a message that cannot be encoded is `InvalidData`.
pub fn write_frame<T: Serialize>(to: &mut impl Write, message: &T) -> io::Result<()> {
    to.write_all(&encode(message)?)
}

/// Reads one frame.
///
/// # Errors
/// Whatever the reader says; a frame that is too long or is no `T` is `InvalidData`.
pub fn read_frame<T: for<'a> Deserialize<'a>>(from: &mut impl Read) -> io::Result<T> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut body = vec![0; body_length(length)?];
    from.read_exact(&mut body)?;
    decode(&body)
}

/// A whole frame, for writers of other kinds.
///
/// # Errors
/// `InvalidData` if the message cannot be encoded or is too long.
pub fn encode<T: Serialize>(message: &T) -> io::Result<Vec<u8>> {
    let mut frame = postcard::to_extend(message, vec![0; 4]).map_err(invalid)?;
    let length = frame.len() - 4;
    if length > MAX_FRAME {
        return Err(invalid(format!("a message of {length} bytes is over the limit of {MAX_FRAME}")));
    }
    frame[..4].copy_from_slice(&(length as u32).to_be_bytes());
    Ok(frame)
}

/// How many bytes follow these first four of a frame.
///
/// # Errors
/// `InvalidData` if they announce more than [`MAX_FRAME`].
pub fn body_length(header: [u8; 4]) -> io::Result<usize> {
    let length = u32::from_be_bytes(header) as usize;
    if length > MAX_FRAME {
        return Err(invalid(format!("a frame of {length} bytes is over the limit of {MAX_FRAME}")));
    }
    Ok(length)
}

/// The message in a frame's body.
///
/// # Errors
/// `InvalidData` if it is no `T`.
pub fn decode<T: for<'a> Deserialize<'a>>(body: &[u8]) -> io::Result<T> {
    postcard::from_bytes(body).map_err(invalid)
}

fn invalid(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}
