//! The RST that answers a TCP packet without a connection.

use super::ip;
use super::tcp::{ACK, FIN, HEADER, RST, SYN};
use super::view::View;
use wire::TCP;

/// The RST as a whole packet, from the packet's receiver to its sender (RFC 9293 §3.5.2). `None` for a RST or a
/// fragment.
pub fn reset(packet: &[u8], view: &View) -> Option<Vec<u8>> {
    let (tuple, flags) = (view.header.tuple, view.header.tcp_flags);
    if tuple.protocol != TCP || flags & RST != 0 || view.fragment.is_some() {
        return None;
    }
    let tcp = packet.get(view.header_length..view.length)?;
    let sequence = u32::from_be_bytes(*tcp.get(4..)?.first_chunk()?);
    let acknowledged = u32::from_be_bytes(*tcp.get(8..)?.first_chunk()?);
    let back = ip::builder(tuple.destination, tuple.source);
    let (from, to) = (tuple.destination_port, tuple.source_port);
    let answer = if flags & ACK != 0 {
        back.tcp(from, to, acknowledged, 0).rst()
    } else {
        let payload = view.length - view.headers_length;
        let octets = payload as u32 + u32::from(flags & SYN != 0) + u32::from(flags & FIN != 0);
        back.tcp(from, to, 0, 0).rst().ack(sequence.wrapping_add(octets))
    };
    let mut bytes = Vec::with_capacity(ip::HEADER + HEADER);
    answer.write(&mut bytes, &[]).ok()?;
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packet::testing::has_correct_checksum;
    use etherparse::{PacketBuilder, PacketBuilderStep, TcpHeader, TcpHeaderSlice};

    /// The answer to a packet of 5 bytes with these flags, with sequence number 100 and, if it has an ACK,
    /// acknowledgement number 7.
    fn answer(with: impl FnOnce(PacketBuilderStep<TcpHeader>) -> PacketBuilderStep<TcpHeader>) -> Option<TcpHeader> {
        let mut bytes = Vec::new();
        with(PacketBuilder::ipv4([1, 1, 1, 1], [2, 2, 2, 2], 64).tcp(30, 40, 100, 500))
            .write(&mut bytes, b"hello")
            .unwrap();
        let answer = reset(&bytes, &View::parse(&bytes).unwrap())?;
        let back = View::parse(&answer).unwrap();
        assert_eq!(back.header.tuple, View::parse(&bytes).unwrap().header.tuple.reversed());
        assert!(has_correct_checksum(&answer));
        Some(TcpHeaderSlice::from_slice(&answer[20..]).unwrap().to_header())
    }

    #[test]
    fn it_is_where_the_sender_expects_it() {
        let to_data = answer(|packet| packet.ack(7).psh()).unwrap();
        assert_eq!((to_data.rst, to_data.ack, to_data.sequence_number), (true, false, 7));
        let to_the_last = answer(|packet| packet.fin()).unwrap();
        assert_eq!((to_the_last.rst, to_the_last.ack), (true, true));
        assert_eq!((to_the_last.sequence_number, to_the_last.acknowledgment_number), (0, 106));
        let bare = answer(|packet| packet).unwrap();
        assert_eq!((bare.sequence_number, bare.acknowledgment_number), (0, 105));
    }

    #[test]
    fn a_rst_has_no_answer() {
        assert_eq!(answer(|packet| packet.rst()), None);
        assert_eq!(answer(|packet| packet.rst().ack(7)), None);
    }
}
