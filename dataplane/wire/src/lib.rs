//! The protocol between a controller and the dataplane. Neither knows anything else of the other.
//!
//! The tables are plain data ([`Entry`], by [`Key`]). A [`Change`] sets or removes an entry. A packet's path is told in
//! [`Step`]s.
//!
//! The dataplane listens on a Unix stream socket. Frames have a 4-byte big-endian length and that many bytes of
//! postcard. A new connection replaces the old one with its first frame. Tables and hosts stay when the controller
//! disconnects.
//!
//! - **Calls.** The controller sends a [`Call`]: a [`Request`] and a number. The dataplane answers each with one
//!   [`Message::Answer`] with the same number. Requests other than [`Request::Ping`] are carried out one after another,
//!   in order.
//! - **Events.** The dataplane sends an unrequested [`Message::Event`]. Answers and events are in the order in which
//!   things happened: the states of hosts that an update changes are sent before the update's answer.
//! - **Hosts.** An update is answered when its tables are in force. Hosts are made, changed and removed after that, in
//!   the background; events report each host's state ([`HostState`]). A failure is reported with its reason, affects no
//!   other host and is retried. After whole tables, [`Event::AllHosts`] reports every host, so that a new connection
//!   misses nothing that happened without one. A host whose last port is removed is switched off; a later one with its
//!   name is a new host.
//! - **Heartbeats.** The controller sends [`Request::Ping`] every [`HEARTBEAT`]; the answer overtakes requests in
//!   progress. Each side logs that the other has been silent for [`SILENCE`]. Neither closes the connection: the
//!   supervisor restarts whichever hangs.

mod accounts;
mod address;
mod capture;
mod change;
mod drop_reason;
mod frame;
mod ids;
mod impairment;
mod message;
mod packed_packets;
mod recording;
mod step;
mod tables;
mod timeouts;
mod tuple;

pub use accounts::{Account, Accounts};
pub use address::{Address, Prefix};
pub use capture::{CaptureOrder, CapturedFlow, CapturedPackets, FlowRole, Instruction, PacketMeta, Verdict};
pub use change::{Change, Entry, Key, Update};
pub use drop_reason::DropReason;
pub use frame::{MAX_FRAME, body_length, decode, encode, read_frame, write_frame};
pub use ids::{AclId, AttachmentId, FilterId, GroupId, NatId, PortId, RuleId, SERVICES, SegmentId, TableId, VrfId};
pub use impairment::{FarEnd, Impairment, Impairments, Share};
pub use message::{
    Call, DropRecord, Event, FlowRecord, HEARTBEAT, HostReport, HostState, Message, PortStatus, Reply, Request,
    SILENCE, Status,
};
pub use packed_packets::{Captured, PackedPackets};
pub use recording::{ControllerRow, RecordCall, RecordingOrder, RecordingStatus};
pub use step::{Culprit, Direction, Drop, Explanation, Step};
pub use tables::{
    Acl, AclRule, Attachment, Endpoint, Few, Filter, Hop, INTERFACE_PREFIX, MOST_TABLES, Nat, NextHop, Peer, Port,
    PortKind, Route, Rule, Segment, Traffic, interface_name,
};
pub use timeouts::Timeouts;
pub use tuple::{FiveTuple, ICMP, TCP, UDP};
