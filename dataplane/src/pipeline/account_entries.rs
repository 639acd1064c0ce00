//! The entries of a worker's flow accounting: packets that accounted attachments accepted or rejected.

use crate::packet::tcp;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use wire::{Account, Accounts, AttachmentId, Direction, FiveTuple, TCP, UDP};

/// The greatest number of entries until the accounting is read. Other packets are counted by attachment only.
const LIMIT: usize = 65_536;

/// One worker's flow accounting.
#[derive(Debug, Default)]
pub struct FlowAccounting(Mutex<AccountEntries>);

/// The entries of a worker's accounting.
#[derive(Debug, Default)]
pub struct AccountEntries {
    counted: HashMap<AccountKey, Sum, foldhash::fast::RandomState>,
    /// Packets without an entry, by attachment.
    skipped: HashMap<AttachmentId, u64>,
}

/// The key of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AccountKey {
    /// The attachment.
    pub attachment: AttachmentId,
    /// Whether the packets went out or came in.
    pub direction: Direction,
    /// The 5-tuple as the attachment sees it.
    pub packet: FiveTuple,
    /// Whether the rules accepted the packets.
    pub accepted: bool,
}

#[derive(Debug)]
struct Sum {
    packets: u64,
    bytes: u64,
    first: u64,
    last: u64,
    tcp_flags: u8,
}

impl FlowAccounting {
    /// Opens the accounting for a batch. It stays open until the batch is written, so a packet is accounted before its
    /// receiver sees it.
    pub fn open(&self) -> MutexGuard<'_, AccountEntries> {
        // Entries stay valid if a writer panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes all entries out, as of this time in milliseconds of the engine's clock.
    pub fn take(&self, now: u64) -> Accounts {
        let AccountEntries { counted, skipped } = std::mem::take(&mut *self.open());
        let ago = |then: u64| Duration::from_millis(now.saturating_sub(then));
        let account = |(key, sum): (AccountKey, Sum)| Account {
            attachment: key.attachment,
            direction: key.direction,
            packet: key.packet,
            accepted: key.accepted,
            packets: sum.packets,
            bytes: sum.bytes,
            first: ago(sum.first),
            last: ago(sum.last),
            tcp_flags: sum.tcp_flags,
        };
        Accounts { entries: counted.into_iter().map(account).collect(), skipped: skipped.into_iter().collect() }
    }
}

impl AccountEntries {
    /// Counts packets and bytes, at this time in milliseconds.
    pub fn add(&mut self, key: AccountKey, (packets, bytes): (u64, u64), tcp_flags: u8, now: u64) {
        let key = AccountKey { packet: without_other_ports(key.packet), ..key };
        let full = self.counted.len() >= LIMIT;
        match self.counted.entry(key) {
            Entry::Occupied(mut known) => {
                let sum = known.get_mut();
                sum.packets += packets;
                sum.bytes += bytes;
                sum.last = now;
                sum.tcp_flags |= connection_flags(tcp_flags);
            }
            Entry::Vacant(_) if full => *self.skipped.entry(key.attachment).or_default() += packets,
            Entry::Vacant(free) => {
                free.insert(Sum { packets, bytes, first: now, last: now, tcp_flags: connection_flags(tcp_flags) });
            }
        }
    }
}

/// Clears the fields that protocols other than TCP and UDP have in place of ports, such as ICMP's identifier, so that the
/// packets between two hosts are one entry.
fn without_other_ports(packet: FiveTuple) -> FiveTuple {
    match packet.protocol {
        TCP | UDP => packet,
        _ => FiveTuple { source_port: 0, destination_port: 0, ..packet },
    }
}

/// The flags that begin and end a connection. ACK is kept only with SYN.
fn connection_flags(tcp_flags: u8) -> u8 {
    let beside = if tcp_flags & tcp::SYN != 0 { tcp::ACK } else { 0 };
    tcp_flags & (tcp::FIN | tcp::SYN | tcp::RST | beside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::{Address, ICMP};

    fn key(protocol: u8, source_port: u16) -> AccountKey {
        let (source, destination) = (Address::new(10, 0, 0, 1), Address::new(10, 0, 0, 2));
        let packet = FiveTuple { source, destination, protocol, source_port, destination_port: 80 };
        AccountKey { attachment: AttachmentId(7), direction: Direction::Ingress, packet, accepted: true }
    }

    #[test]
    fn packets_of_one_flow_are_summed_and_taken_once() {
        let accounting = FlowAccounting::default();
        accounting.open().add(key(TCP, 1000), (1, 60), tcp::SYN | tcp::ACK, 5_000);
        accounting.open().add(key(TCP, 1000), (44, 64_000), tcp::ACK | tcp::PSH, 6_000);
        accounting.open().add(key(TCP, 1001), (1, 60), tcp::ACK, 6_000);
        let mut entries = accounting.take(7_500).entries;
        entries.sort_by_key(|entry| entry.packet);
        let first = &entries[0];
        assert_eq!((entries.len(), first.packets, first.bytes), (2, 45, 64_060));
        assert_eq!((first.first, first.last), (Duration::from_millis(2_500), Duration::from_millis(1_500)));
        assert_eq!((first.tcp_flags, entries[1].tcp_flags), (tcp::SYN | tcp::ACK, 0));
        assert_eq!(accounting.take(8_000), Accounts::default());
    }

    #[test]
    fn packets_without_ports_are_one_flow() {
        let accounting = FlowAccounting::default();
        (0..9).for_each(|identifier| accounting.open().add(key(ICMP, identifier), (1, 84), 0, 0));
        let entries = accounting.take(0).entries;
        assert_eq!((entries.len(), entries[0].packets, entries[0].packet.destination_port), (1, 9, 0));
    }

    #[test]
    fn a_full_accounting_counts_what_it_skips() {
        let accounting = FlowAccounting::default();
        let (mut open, room) = (accounting.open(), LIMIT as u64);
        for n in 0..room + 3 {
            let packet = FiveTuple { destination: Address::from_bits(n as u32), ..key(UDP, 1).packet };
            open.add(AccountKey { packet, ..key(UDP, 1) }, (2, 100), 0, 0);
        }
        drop(open);
        let accounts = accounting.take(0);
        assert_eq!((accounts.entries.len(), accounts.skipped), (LIMIT, vec![(AttachmentId(7), 6)]));
    }
}
