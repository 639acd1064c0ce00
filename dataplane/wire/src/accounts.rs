//! Flow accounting: packets that accounted attachments accepted or rejected.

use crate::ids::AttachmentId;
use crate::step::Direction;
use crate::tuple::FiveTuple;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The entries of the flow accounting.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// The entries in no order. Two workers may each have one for the same flow.
    pub entries: Vec<Account>,
    /// Packets for which there was no room, by attachment.
    pub skipped: Vec<(AttachmentId, u64)>,
}

/// Packets of one flow in one direction at one attachment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// The attachment.
    pub attachment: AttachmentId,
    /// Whether they left or entered the attachment.
    pub direction: Direction,
    /// The 5-tuple as the attachment sees it. The ports are 0 unless the protocol is TCP or UDP.
    pub packet: FiveTuple,
    /// Whether the rules accepted them there.
    pub accepted: bool,
    /// The number of packets.
    pub packets: u64,
    /// Bytes, IPv4 headers included.
    pub bytes: u64,
    /// The age of the first packet, by the dataplane's clock.
    pub first: Duration,
    /// The age of the last packet, by the same clock.
    pub last: Duration,
    /// The TCP flags of all packets together: FIN 1, SYN 2, RST 4, and ACK 16 of a SYN-ACK only, as in EC2's flow logs
    /// (field `tcp-flags`, VPC user guide, "Flow log records").
    pub tcp_flags: u8,
}
