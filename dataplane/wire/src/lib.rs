//! What a controller and the dataplane say to each other: all that either knows of the other.
//!
//! The tables are plain data ([`Entry`], by [`Key`]); a [`Change`] sets or removes one. What a packet meets is told in [`Step`]s.
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

mod accounts;
mod address;
mod capture;
mod change;
mod frame;
mod ids;
mod impairment;
mod message;
mod reason;
mod recording;
mod step;
mod tables;
mod timeouts;
mod tuple;

pub use accounts::{Account, Accounts};
pub use address::{Address, Prefix};
pub use capture::{CaptureOrder, Captured, CapturedFlow, CapturedPackets, Instruction, Verdict};
pub use change::{Change, Entry, Key, Update};
pub use frame::{MAX_FRAME, body_length, decode, encode, read_frame, write_frame};
pub use ids::*;
pub use impairment::{FarEnd, Impairment, Impairments, Share};
pub use message::*;
pub use reason::DropReason;
pub use recording::{ControllerRow, RecordCall, RecordingOrder, RecordingStatus};
pub use step::{Culprit, Direction, Drop, Explanation, Step};
pub use tables::*;
pub use timeouts::Timeouts;
pub use tuple::{FiveTuple, ICMP, TCP, UDP};
