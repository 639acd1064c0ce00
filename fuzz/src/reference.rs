//! Slow, obvious implementations of what the dataplane does fast.

use dataplane::packet::{GsoType, VirtioHeader, tcp};
use wire::{TCP, UDP};

/// The sum of 16-bit words (RFC 1071).
fn sum(bytes: &[u8]) -> u64 {
    bytes.chunks(2).map(|word| u64::from(word[0]) << 8 | word.get(1).copied().map_or(0, u64::from)).sum()
}

fn fold(mut sum: u64) -> u16 {
    while sum >> 16 != 0 {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// The checksum of bytes whose checksum field is zero.
pub fn checksum(bytes: &[u8]) -> u16 {
    !fold(sum(bytes))
}

/// The pseudo-header's sum of a packet whose transport header begins at `start`.
pub fn pseudo_sum(packet: &[u8], start: usize) -> u16 {
    let length = (packet.len() - start) as u64;
    fold(sum(&packet[12..20]) + u64::from(packet[9]) + length)
}

/// The TCP or UDP checksum of a packet whose checksum field is zero. A result of zero is given as 0xffff (RFC 768).
pub fn transport_checksum(packet: &[u8], start: usize) -> u16 {
    match !fold(u64::from(pseudo_sum(packet, start)) + sum(&packet[start..])) {
        0 => 0xffff,
        other => other,
    }
}

/// Whether the TCP, UDP or ICMP checksum of an unfragmented packet is correct.
pub fn has_correct_checksum(packet: &[u8]) -> bool {
    let start = usize::from(packet[0] & 15) * 4;
    match packet[9] {
        TCP | UDP => fold(u64::from(pseudo_sum(packet, start)) + sum(&packet[start..])) == 0xffff,
        _ => fold(sum(&packet[start..])) == 0xffff,
    }
}

/// The segments of a packet with this virtio header, with complete checksums.
pub fn segments(header: &VirtioHeader, packet: &[u8]) -> Vec<Vec<u8>> {
    if !header.needs_checksum() {
        return vec![packet.to_vec()];
    }
    let start = usize::from(packet[0] & 15) * 4;
    let headers = start + if packet[9] == TCP { usize::from(packet[start + 12] >> 4) * 4 } else { 8 };
    let payload = &packet[headers..];
    let size = if header.gso() == GsoType::None { payload.len() } else { header.gso_size.into() };
    let parts: Vec<&[u8]> = if payload.is_empty() { vec![payload] } else { payload.chunks(size).collect() };
    (0..parts.len())
        .map(|index| {
            let mut one = [&packet[..headers], parts[index]].concat();
            let length = one.len() as u16;
            one[2..4].copy_from_slice(&length.to_be_bytes());
            let id = u16::from_be_bytes([packet[4], packet[5]]).wrapping_add(index as u16);
            one[4..6].copy_from_slice(&id.to_be_bytes());
            set_ip_checksum(&mut one);
            if packet[9] == TCP {
                let sequence = u32::from_be_bytes(packet[start + 4..start + 8].try_into().unwrap());
                let sequence = sequence.wrapping_add((index * size) as u32);
                one[start + 4..start + 8].copy_from_slice(&sequence.to_be_bytes());
                if index > 0 {
                    one[start + 13] &= !tcp::CWR;
                }
                if index + 1 < parts.len() {
                    one[start + 13] &= !(tcp::FIN | tcp::PSH);
                }
            } else {
                one[start + 4..start + 6].copy_from_slice(&(length - start as u16).to_be_bytes());
            }
            let field = start + if packet[9] == TCP { 16 } else { 6 };
            one[field..field + 2].fill(0);
            let sum = transport_checksum(&one, start);
            one[field..field + 2].copy_from_slice(&sum.to_be_bytes());
            one
        })
        .collect()
}

/// Corrects an IPv4 header's checksum, if it is a header.
pub fn set_ip_checksum(bytes: &mut [u8]) {
    let length = usize::from(bytes[0] & 15) * 4;
    if (20..=bytes.len()).contains(&length) {
        bytes[10..12].fill(0);
        let sum = checksum(&bytes[..length]);
        bytes[10..12].copy_from_slice(&sum.to_be_bytes());
    }
}
