//! Capture files for Wireshark: pcapng (draft-ietf-opsawg-pcapng), with the four kinds of blocks that are needed.

use std::collections::HashMap;
use std::io::{self, Write};
use std::time::{SystemTime, UNIX_EPOCH};

/// LINKTYPE_IPV4: packets that begin with an IPv4 header. LINKTYPE_RAW would cover both IP versions, but tcpdump reads
/// only one interface of that type (libpcap 1.10).
const LINKTYPE_IPV4: u16 = 228;
/// LINKTYPE_IPV6: packets that begin with an IPv6 header.
const LINKTYPE_IPV6: u16 = 229;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const STATISTICS: u32 = 5;
const PACKET: u32 = 6;

const END_OF_OPTIONS: u16 = 0;
const COMMENT: u16 = 1;
/// An interface's option.
const NAME: u16 = 2;
/// An interface's option.
const DESCRIPTION: u16 = 3;
/// A packet's option. Its lowest bits are 1 for a packet that the interface's host received, and 2 for one that it
/// sent.
const FLAGS: u16 = 2;
/// A section's option.
const APPLICATION: u16 = 4;
/// A statistics block's option.
const DROPPED: u16 = 5;
/// An interface's option: the resolution of its times, as a power of ten.
const RESOLUTION: u16 = 9;
const NANOSECONDS: u8 = 9;

/// A packet to be written.
#[derive(Clone, Copy, Debug)]
pub struct Packet<'a> {
    /// The time, in nanoseconds since 1970.
    pub at: u64,
    /// The name of the interface.
    pub interface: &'a str,
    /// The description of the interface: its host.
    pub host: &'a str,
    /// Whether its host sent it.
    pub sent: bool,
    /// Its length in bytes.
    pub length: u32,
    /// Its first bytes.
    pub bytes: &'a [u8],
    /// The packet's comment.
    pub comment: &'a str,
}

/// Now, in nanoseconds since 1970.
pub fn since_1970() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos() as u64
}

/// Writes a file. An interface is declared before its first packet.
#[derive(Debug)]
pub struct Writer<W> {
    to: W,
    /// The numbers of declared interfaces by name and host: those of IPv4, and those of IPv6.
    interfaces: [HashMap<String, HashMap<String, u32>>; 2],
    /// How many interfaces are declared.
    declared: u32,
    bytes: u64,
    /// Memory for the body of a packet's block.
    body: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// The writer's error.
    pub fn new(to: W) -> io::Result<Self> {
        let mut writer = Self { to, interfaces: Default::default(), declared: 0, bytes: 0, body: Vec::new() };
        let mut body = Vec::new();
        body.extend(0x1a2b_3c4d_u32.to_le_bytes());
        body.extend(1u16.to_le_bytes());
        body.extend(0u16.to_le_bytes());
        // The length of the section is not known.
        body.extend(u64::MAX.to_le_bytes());
        option(&mut body, APPLICATION, concat!("classiclink ", env!("CARGO_PKG_VERSION")).as_bytes());
        option(&mut body, END_OF_OPTIONS, &[]);
        writer.block(SECTION, &body)?;
        Ok(writer)
    }

    /// Writes a packet.
    ///
    /// # Errors
    /// The writer's error.
    pub fn packet(&mut self, packet: &Packet<'_>) -> io::Result<()> {
        let Packet { at, interface, host, sent, length, bytes, comment } = *packet;
        let mut body = std::mem::take(&mut self.body);
        body.clear();
        let is_ipv6 = bytes.first().is_some_and(|first| first >> 4 == 6);
        body.extend(self.interface((interface, host), is_ipv6)?.to_le_bytes());
        time(&mut body, at);
        body.extend((bytes.len() as u32).to_le_bytes());
        body.extend(length.max(bytes.len() as u32).to_le_bytes());
        padded(&mut body, bytes);
        option(&mut body, COMMENT, comment.as_bytes());
        option(&mut body, FLAGS, &(if sent { 2u32 } else { 1 }).to_le_bytes());
        option(&mut body, END_OF_OPTIONS, &[]);
        self.block(PACKET, &body)?;
        self.body = body;
        Ok(())
    }

    /// Writes the number of lost packets, and flushes.
    ///
    /// # Errors
    /// The writer's error.
    pub fn finish(&mut self, at: u64, lost: u64) -> io::Result<()> {
        if self.declared > 0 {
            let mut body = Vec::new();
            body.extend(0u32.to_le_bytes());
            time(&mut body, at);
            option(&mut body, DROPPED, &lost.to_le_bytes());
            option(&mut body, END_OF_OPTIONS, &[]);
            self.block(STATISTICS, &body)?;
        }
        self.flush()
    }

    /// How many bytes were written.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The underlying writer.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.to
    }

    /// Flushes.
    ///
    /// # Errors
    /// The writer's error.
    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    /// The number of an interface, which is declared if it is new.
    fn interface(&mut self, (name, host): (&str, &str), is_ipv6: bool) -> io::Result<u32> {
        if let Some(number) = self.interfaces[usize::from(is_ipv6)].get(name).and_then(|hosts| hosts.get(host)) {
            return Ok(*number);
        }
        let link_type = if is_ipv6 { LINKTYPE_IPV6 } else { LINKTYPE_IPV4 };
        let mut body = Vec::new();
        body.extend(link_type.to_le_bytes());
        body.extend(0u16.to_le_bytes());
        // A snap length of 0 means no limit.
        body.extend(0u32.to_le_bytes());
        option(&mut body, NAME, name.as_bytes());
        option(&mut body, DESCRIPTION, host.as_bytes());
        option(&mut body, RESOLUTION, &[NANOSECONDS]);
        option(&mut body, END_OF_OPTIONS, &[]);
        self.block(INTERFACE, &body)?;
        let number = self.declared;
        self.declared += 1;
        self.interfaces[usize::from(is_ipv6)].entry(name.to_owned()).or_default().insert(host.to_owned(), number);
        Ok(number)
    }

    /// Writes a block: its type, and its length before and behind the body.
    fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        self.bytes += body.len() as u64 + 12;
        let length = (body.len() as u32 + 12).to_le_bytes();
        for part in [&kind.to_le_bytes()[..], &length, body, &length] {
            self.to.write_all(part)?;
        }
        Ok(())
    }
}

/// Writes a time as two 32-bit halves, the high one first.
fn time(body: &mut Vec<u8>, at: u64) {
    body.extend(((at >> 32) as u32).to_le_bytes());
    body.extend((at as u32).to_le_bytes());
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = &value[..value.len().min(usize::from(u16::MAX))];
    body.extend(code.to_le_bytes());
    body.extend((value.len() as u16).to_le_bytes());
    padded(body, value);
}

/// Writes bytes, padded with zeros to a multiple of four.
fn padded(body: &mut Vec<u8>, bytes: &[u8]) {
    body.extend(bytes);
    body.resize(body.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The blocks of a file: kind and body.
    fn blocks(mut file: &[u8]) -> Vec<(u32, Vec<u8>)> {
        let number = |bytes: &[u8]| u32::from_le_bytes(bytes[..4].try_into().unwrap());
        let mut blocks = Vec::new();
        while !file.is_empty() {
            let length = number(&file[4..]) as usize;
            assert!(length.is_multiple_of(4) && number(&file[length - 4..]) as usize == length);
            blocks.push((number(file), file[8..length - 4].to_vec()));
            file = &file[length..];
        }
        blocks
    }

    #[test]
    fn interfaces_come_before_their_packets_and_statistics_last() {
        let mut file = Vec::new();
        let mut writer = Writer::new(&mut file).unwrap();
        let packet = Packet {
            at: 5 << 32 | 7,
            interface: "web eth0",
            host: "i-1 (web)",
            sent: true,
            length: 90,
            bytes: b"12345",
            comment: "ok",
        };
        writer.packet(&packet).unwrap();
        writer.packet(&Packet { interface: "app eth0", sent: false, ..packet }).unwrap();
        writer.packet(&packet).unwrap();
        writer.finish(9, 3).unwrap();
        let blocks = blocks(&file);
        let kinds: Vec<u32> = blocks.iter().map(|(kind, _)| *kind).collect();
        assert_eq!(kinds, [SECTION, INTERFACE, PACKET, INTERFACE, PACKET, PACKET, STATISTICS]);
        let (_, first) = &blocks[2];
        let wanted = [
            &[0, 0, 0, 0, 5, 0, 0, 0, 7, 0, 0, 0, 5, 0, 0, 0, 90, 0, 0, 0][..],
            b"12345\0\0\0",
            &[1, 0, 2, 0, b'o', b'k', 0, 0, 2, 0, 4, 0, 2, 0, 0, 0, 0, 0, 0, 0],
        ];
        assert_eq!(*first, wanted.concat());
        assert_eq!(blocks[4].1[0], 1, "the second interface");
    }

    #[test]
    fn interfaces_of_one_name_are_told_apart_by_their_hosts() {
        let mut file = Vec::new();
        let mut writer = Writer::new(&mut file).unwrap();
        let (interface, bytes, comment) = ("web eth0", &b"12345"[..], "");
        let packet = Packet { at: 7, interface, host: "i-1", sent: true, length: 90, bytes, comment };
        for host in ["i-1", "i-2", "i-1"] {
            writer.packet(&Packet { host, ..packet }).unwrap();
        }
        let blocks = blocks(&file);
        let interfaces: Vec<u8> = blocks.iter().filter(|(kind, _)| *kind == PACKET).map(|(_, body)| body[0]).collect();
        assert_eq!(interfaces, [0, 1, 0]);
        assert!(blocks[1].1.windows(8).any(|part| part == b"\x03\0\x03\0i-1\0"));
    }

    #[test]
    fn a_file_without_packets_is_a_file() {
        let mut file = Vec::new();
        Writer::new(&mut file).unwrap().finish(0, 0).unwrap();
        assert_eq!(blocks(&file).len(), 1);
    }
}
