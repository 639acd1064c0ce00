//! What a flow's packets have said so far, which decides how long it lives without another.

use super::timeouts::Timeouts;
use crate::packet::{Header, TCP, UDP, tcp};

/// Which way along a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Side {
    /// As its first packet.
    Forward = 0,
    /// Against it.
    Reply = 1,
}

impl Side {
    /// The other way.
    pub fn other(self) -> Self {
        match self {
            Self::Forward => Self::Reply,
            Self::Reply => Self::Forward,
        }
    }
}

/// The state of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum State {
    /// TCP: opened, not answered.
    TcpOpening,
    /// TCP: answered, not yet acknowledged.
    TcpAnswered,
    /// TCP: data may flow.
    TcpEstablished,
    /// TCP: the initiator has finished sending.
    TcpForwardDone,
    /// TCP: the responder has finished sending.
    TcpReplyDone,
    /// TCP: both have, or one has reset.
    TcpClosed,
    /// UDP: nothing came back yet.
    UdpSingle,
    /// UDP: one answer came back.
    UdpAnswered,
    /// UDP: and more was said after it.
    UdpStream,
    /// An ICMP query.
    Icmp,
    /// Any other protocol.
    Other,
}

const STATES: [State; 11] = [
    State::TcpOpening,
    State::TcpAnswered,
    State::TcpEstablished,
    State::TcpForwardDone,
    State::TcpReplyDone,
    State::TcpClosed,
    State::UdpSingle,
    State::UdpAnswered,
    State::UdpStream,
    State::Icmp,
    State::Other,
];

impl State {
    /// The state after a flow's first packet. A TCP flow whose opening was not seen is taken for established.
    pub fn first(header: &Header) -> Self {
        match header.tuple.protocol {
            TCP if header.tcp_flags & tcp::RST != 0 => Self::TcpClosed,
            TCP if header.tcp_flags & tcp::SYN != 0 => Self::TcpOpening,
            TCP => Self::TcpEstablished,
            UDP => Self::UdpSingle,
            crate::packet::ICMP => Self::Icmp,
            _ => Self::Other,
        }
    }

    /// The state after another packet.
    pub fn next(self, side: Side, tcp_flags: u8) -> Self {
        use Side::{Forward, Reply};
        let fin = tcp_flags & tcp::FIN != 0;
        match (self, side) {
            (Self::UdpSingle, Reply) => Self::UdpAnswered,
            (Self::UdpAnswered, Forward) => Self::UdpStream,
            (Self::UdpSingle | Self::UdpAnswered | Self::UdpStream | Self::Icmp | Self::Other, _) => self,
            _ if tcp_flags & tcp::RST != 0 => Self::TcpClosed,
            (Self::TcpOpening, Reply) if tcp_flags & tcp::SYN != 0 => Self::TcpAnswered,
            (Self::TcpOpening, Reply) | (Self::TcpAnswered, Forward) if !fin => Self::TcpEstablished,
            (Self::TcpReplyDone, Forward) | (Self::TcpForwardDone, Reply) if fin => Self::TcpClosed,
            (Self::TcpReplyDone | Self::TcpForwardDone | Self::TcpClosed, _) => self,
            (_, Forward) if fin => Self::TcpForwardDone,
            (_, Reply) if fin => Self::TcpReplyDone,
            _ => self,
        }
    }

    /// Whether it may make room for others when the table is full.
    pub fn is_half_open(self) -> bool {
        matches!(self, Self::TcpOpening | Self::TcpAnswered | Self::TcpClosed | Self::UdpSingle | Self::Icmp)
    }

    /// The state of a number that came from `as u8`.
    pub fn from_number(number: u8) -> Self {
        STATES.get(usize::from(number)).copied().unwrap_or(Self::Other)
    }
}

/// When a flow's last packet came, in milliseconds of the engine's clock, and the state it is in since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// When its last packet came.
    pub last: u64,
    /// Its state.
    pub state: State,
}

impl Activity {
    /// That of a flow which begins with this packet.
    pub fn first(header: &Header, now: u64) -> Self {
        Self { last: now, state: State::first(header) }
    }

    /// That after another packet.
    pub fn after(self, side: Side, tcp_flags: u8, now: u64) -> Self {
        Self { last: now, state: self.state.next(side, tcp_flags) }
    }

    /// Whether the flow has been idle for longer than its state allows.
    pub fn is_over(self, lifetimes: &Lifetimes, now: u64) -> bool {
        now.saturating_sub(self.last) > lifetimes.of(self.state)
    }
}

/// How long a flow in each state lives without a packet, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes([u64; STATES.len()]);

impl Lifetimes {
    /// By the given timeouts.
    pub fn new(timeouts: &Timeouts) -> Self {
        Self(STATES.map(|state| {
            let timeout = match state {
                State::TcpOpening | State::TcpAnswered => timeouts.tcp_half_open,
                State::TcpEstablished => timeouts.tcp_established,
                State::TcpForwardDone | State::TcpReplyDone | State::TcpClosed => timeouts.tcp_closing,
                State::UdpSingle | State::UdpAnswered => timeouts.udp,
                State::UdpStream => timeouts.udp_stream,
                State::Icmp => timeouts.icmp,
                State::Other => timeouts.other,
            };
            u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)
        }))
    }

    /// None at all: every flow's time is over.
    pub fn none() -> Self {
        Self([0; STATES.len()])
    }

    /// The lifetime in a state.
    pub fn of(&self, state: State) -> u64 {
        self.0[state as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::Side::{Forward, Reply};
    use super::*;
    use tcp::{ACK, FIN, RST, SYN};

    fn after(packets: &[(Side, u8)]) -> State {
        packets.iter().fold(State::TcpOpening, |state, (side, flags)| state.next(*side, *flags))
    }

    #[test]
    fn a_tcp_connection_opens_and_closes() {
        let opened = [(Reply, SYN | ACK), (Forward, ACK)];
        assert_eq!(after(&opened), State::TcpEstablished);
        assert_eq!(after(&[&opened[..], &[(Reply, FIN | ACK), (Forward, ACK)]].concat()), State::TcpReplyDone);
        assert_eq!(
            after(&[&opened[..], &[(Reply, FIN | ACK), (Forward, FIN | ACK), (Reply, ACK)]].concat()),
            State::TcpClosed
        );
        assert_eq!(after(&[(Reply, RST | ACK)]), State::TcpClosed);
        assert_eq!(after(&[(Forward, SYN), (Forward, SYN)]), State::TcpOpening, "retransmissions change nothing");
    }

    #[test]
    fn one_udp_exchange_is_no_stream() {
        let state = State::UdpSingle.next(Forward, 0).next(Reply, 0).next(Reply, 0);
        assert_eq!(state, State::UdpAnswered);
        assert_eq!(state.next(Forward, 0), State::UdpStream);
    }

    #[test]
    fn states_are_their_numbers() {
        for state in STATES {
            assert_eq!(State::from_number(state as u8), state);
        }
    }
}
