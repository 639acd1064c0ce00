//! What was counted at attachments.

use crate::ids::AttachmentId;
use crate::step::Direction;
use crate::tuple::FiveTuple;
use serde::{Deserialize, Serialize};
use std::time::Duration;

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
