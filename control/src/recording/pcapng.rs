//! Packets of a recording as pcapng (draft-ietf-opsawg-pcapng), for Wireshark: one interface a port, the verdict as a comment.

use std::collections::BTreeMap;
use std::io::{self, Write};
use wire::PortId;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 6;
/// Packets begin with their IPv4 header (LINKTYPE_RAW).
const RAW: u16 = 101;
const END: u16 = 0;
const COMMENT: u16 = 1;
const INTERFACE_NAME: u16 = 2;
/// The unit of times, as a power of ten.
const RESOLUTION: u16 = 9;
const NANOSECONDS: u8 = 9;

/// A file of packets.
pub struct PcapNg<W> {
    to: W,
    interfaces: BTreeMap<PortId, u32>,
}

impl<W: Write> PcapNg<W> {
    /// Begins one.
    ///
    /// # Errors
    /// What the writer says.
    pub fn new(to: W) -> io::Result<Self> {
        let mut file = Self { to, interfaces: BTreeMap::new() };
        let mut body = Vec::new();
        body.extend_from_slice(&0x1a2b_3c4du32.to_le_bytes());
        body.extend_from_slice(&1u16.to_le_bytes());
        body.extend_from_slice(&0u16.to_le_bytes());
        // The section's length is not known.
        body.extend_from_slice(&u64::MAX.to_le_bytes());
        file.block(SECTION, &body)?;
        Ok(file)
    }

    /// Writes a packet that came from a port, whose interface has this name: when (in nanoseconds since 1970), how many bytes it had,
    /// what is kept of them, and what is said of it.
    ///
    /// # Errors
    /// What the writer says.
    pub fn packet(
        &mut self,
        (port, name): (PortId, &str),
        at: u64,
        length: u32,
        bytes: &[u8],
        comment: &str,
    ) -> io::Result<()> {
        let interface = self.interface(port, name)?;
        let mut body = Vec::with_capacity(bytes.len() + comment.len() + 64);
        body.extend_from_slice(&interface.to_le_bytes());
        body.extend_from_slice(&((at >> 32) as u32).to_le_bytes());
        body.extend_from_slice(&(at as u32).to_le_bytes());
        body.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        body.extend_from_slice(&length.to_le_bytes());
        body.extend_from_slice(bytes);
        pad(&mut body);
        option(&mut body, COMMENT, comment.as_bytes());
        option(&mut body, END, &[]);
        self.block(PACKET, &body)
    }

    /// Has written all that is not yet.
    ///
    /// # Errors
    /// What the writer says.
    pub fn finish(mut self) -> io::Result<()> {
        self.to.flush()
    }

    /// The number of a port's interface, which is told of before its first packet.
    fn interface(&mut self, port: PortId, name: &str) -> io::Result<u32> {
        if let Some(number) = self.interfaces.get(&port) {
            return Ok(*number);
        }
        let mut body = Vec::new();
        body.extend_from_slice(&RAW.to_le_bytes());
        body.extend_from_slice(&[0; 6]);
        option(&mut body, INTERFACE_NAME, name.as_bytes());
        option(&mut body, RESOLUTION, &[NANOSECONDS]);
        option(&mut body, END, &[]);
        self.block(INTERFACE, &body)?;
        let number = self.interfaces.len() as u32;
        self.interfaces.insert(port, number);
        Ok(number)
    }

    fn block(&mut self, kind: u32, body: &[u8]) -> io::Result<()> {
        let length = (body.len() as u32 + 12).to_le_bytes();
        self.to.write_all(&kind.to_le_bytes())?;
        self.to.write_all(&length)?;
        self.to.write_all(body)?;
        self.to.write_all(&length)
    }
}

fn option(body: &mut Vec<u8>, code: u16, value: &[u8]) {
    let value = value.get(..usize::from(u16::MAX)).unwrap_or(value);
    body.extend_from_slice(&code.to_le_bytes());
    body.extend_from_slice(&(value.len() as u16).to_le_bytes());
    body.extend_from_slice(value);
    pad(body);
}

/// Everything begins at a multiple of four bytes.
fn pad(body: &mut Vec<u8>) {
    body.resize(body.len().next_multiple_of(4), 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_as_the_format_says() {
        let mut bytes = Vec::new();
        let mut file = PcapNg::new(&mut bytes).unwrap();
        file.packet((PortId(7), "web eth0"), 0x1_0000_0002, 60, b"12345", "arrives").unwrap();
        file.packet((PortId(7), "web eth0"), 3, 5, b"12345", "").unwrap();
        file.finish().unwrap();
        let (mut kinds, mut at) = (vec![], 0);
        while at < bytes.len() {
            let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
            let length = word(at + 4) as usize;
            assert_eq!((length % 4, word(at + length - 4) as usize), (0, length));
            kinds.push(word(at));
            at += length;
        }
        assert_eq!(kinds, [SECTION, INTERFACE, PACKET, PACKET]);
        let packet = 28 + u32::from_le_bytes(bytes[32..36].try_into().unwrap()) as usize;
        let words: Vec<u32> =
            bytes[packet + 8..packet + 28].as_chunks().0.iter().map(|word| u32::from_le_bytes(*word)).collect();
        assert_eq!(words, [0, 1, 2, 5, 60]);
    }
}
