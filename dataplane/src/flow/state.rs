//! The state of a flow, as far as its packets show it, and how long an idle flow in each state lives.

use crate::packet::{Header, tcp};
use std::time::Duration;
use wire::{TCP, Timeouts, UDP};

/// A side of a flow: one direction of its packets, and the end that sends them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Side {
    /// The direction of the first packet, and the initiator.
    Forward = 0,
    /// The direction of replies, and the responder.
    Reply = 1,
}

impl Side {
    /// The opposite side.
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
    /// TCP: first seen in the middle, and not answered since.
    TcpPickedUp,
    /// TCP: answered, not yet acknowledged.
    TcpAnswered,
    /// TCP: data may flow.
    TcpEstablished,
    /// TCP: the initiator has finished sending.
    TcpForwardDone,
    /// TCP: the responder has finished sending.
    TcpReplyDone,
    /// TCP: both have finished, or one has reset.
    TcpClosed,
    /// UDP: not answered yet.
    UdpSingle,
    /// UDP: answered once.
    UdpAnswered,
    /// UDP: more datagrams after the first answer.
    UdpStream,
    /// ICMP queries without an answer.
    Icmp,
    /// ICMP: an answer came back.
    IcmpAnswered,
    /// Any other protocol, one way only.
    Other,
    /// Any other protocol, both ways.
    OtherAnswered,
}

const STATES: [State; 14] = [
    State::TcpOpening,
    State::TcpPickedUp,
    State::TcpAnswered,
    State::TcpEstablished,
    State::TcpForwardDone,
    State::TcpReplyDone,
    State::TcpClosed,
    State::UdpSingle,
    State::UdpAnswered,
    State::UdpStream,
    State::Icmp,
    State::IcmpAnswered,
    State::Other,
    State::OtherAnswered,
];

impl State {
    /// The state after a flow's first packet. A TCP flow whose opening was not seen may be an older connection or may be
    /// forged; the first reply shows which.
    pub fn first(header: &Header) -> Self {
        match header.tuple.protocol {
            TCP if header.tcp_flags & tcp::RST != 0 => Self::TcpClosed,
            TCP if header.tcp_flags & tcp::SYN != 0 => Self::TcpOpening,
            TCP => Self::TcpPickedUp,
            UDP => Self::UdpSingle,
            wire::ICMP => Self::Icmp,
            _ => Self::Other,
        }
    }

    /// The state's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::TcpOpening => "opening",
            Self::TcpPickedUp => "picked-up",
            Self::TcpAnswered => "answered",
            Self::TcpEstablished => "established",
            Self::TcpForwardDone | Self::TcpReplyDone => "closing",
            Self::TcpClosed => "closed",
            Self::UdpSingle | Self::Icmp | Self::Other => "unanswered",
            Self::UdpAnswered | Self::IcmpAnswered | Self::OtherAnswered => "answered",
            Self::UdpStream => "stream",
        }
    }

    /// The state after another packet.
    pub fn next(self, side: Side, tcp_flags: u8) -> Self {
        use Side::{Forward, Reply};
        let fin = tcp_flags & tcp::FIN != 0;
        match (self, side) {
            (Self::UdpSingle, Reply) => Self::UdpAnswered,
            (Self::UdpAnswered, Forward) => Self::UdpStream,
            (Self::Icmp, Reply) => Self::IcmpAnswered,
            (Self::Other, Reply) => Self::OtherAnswered,
            (Self::UdpSingle | Self::UdpAnswered | Self::UdpStream, _) => self,
            (Self::Icmp | Self::IcmpAnswered | Self::Other | Self::OtherAnswered, _) => self,
            _ if tcp_flags & tcp::RST != 0 => Self::TcpClosed,
            (Self::TcpOpening | Self::TcpPickedUp, Forward) => self,
            (Self::TcpOpening, Reply) if tcp_flags & tcp::SYN != 0 => Self::TcpAnswered,
            (Self::TcpOpening | Self::TcpPickedUp, Reply) | (Self::TcpAnswered, Forward) if !fin => {
                Self::TcpEstablished
            }
            (Self::TcpReplyDone, Forward) | (Self::TcpForwardDone, Reply) if fin => Self::TcpClosed,
            (Self::TcpReplyDone | Self::TcpForwardDone | Self::TcpClosed, _) => self,
            (_, Forward) if fin => Self::TcpForwardDone,
            (_, Reply) if fin => Self::TcpReplyDone,
            _ => self,
        }
    }

    /// Whether the responder has taken part and the flow is not finished. Such a flow never makes room for others, like a
    /// connection that Linux's conntrack marks ASSURED. A SYN-ACK is not enough, because a server answers anybody's SYN.
    pub fn is_assured(self) -> bool {
        use State::*;
        match self {
            TcpOpening | TcpPickedUp | TcpAnswered | TcpClosed | UdpSingle | Icmp | Other => false,
            TcpEstablished | TcpForwardDone | TcpReplyDone | UdpAnswered | UdpStream | IcmpAnswered | OtherAnswered => {
                true
            }
        }
    }

    /// How long filters remember an idle flow in this state (semantics.md §4.3).
    pub fn timeout(self, timeouts: &Timeouts) -> Duration {
        use State::*;
        match self {
            TcpOpening | TcpPickedUp | TcpAnswered => timeouts.tcp_half_open,
            TcpEstablished => timeouts.tcp_established,
            TcpForwardDone | TcpReplyDone | TcpClosed => timeouts.tcp_closing,
            UdpSingle | UdpAnswered => timeouts.udp,
            UdpStream => timeouts.udp_stream,
            Icmp | IcmpAnswered => timeouts.icmp,
            Other | OtherAnswered => timeouts.other,
        }
    }

    /// How long a NAT remembers an idle flow in this state. For an unanswered or finished flow it keeps the port no
    /// longer than filters remember the flow.
    pub fn nat_timeout(self, timeouts: &Timeouts) -> Duration {
        use State::*;
        match self {
            TcpEstablished | TcpForwardDone | TcpReplyDone => timeouts.nat_tcp,
            UdpAnswered | UdpStream => timeouts.nat_udp,
            IcmpAnswered => timeouts.nat_icmp,
            _ => self.timeout(timeouts),
        }
    }

    /// The state of a number that `as u8` gave.
    pub fn from_number(number: u8) -> Self {
        STATES.get(usize::from(number)).copied().unwrap_or(Self::Other)
    }
}

/// The time of a flow's last packet, in milliseconds of the engine's clock, and the state since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Activity {
    /// The time of the last packet.
    pub last: u64,
    /// Its state.
    pub state: State,
}

impl Activity {
    /// The activity of a flow that begins with this packet.
    pub fn first(header: &Header, now: u64) -> Self {
        Self { last: now, state: State::first(header) }
    }

    /// The activity after another packet.
    pub fn after(self, side: Side, tcp_flags: u8, now: u64) -> Self {
        Self { last: now, state: self.state.next(side, tcp_flags) }
    }

    /// The time since the last packet, in milliseconds.
    pub fn idle(self, now: u64) -> u64 {
        now.saturating_sub(self.last)
    }
}

/// How long an idle flow in each state lives, in milliseconds.
///
/// A flow through a NAT is remembered by the NAT, by which its replies return, and by the filters at both ends. Each
/// has its own timeouts. Here it is one entry, which lives as long as the NAT remembers it.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// For direct flows and for flows through a NAT.
    entries: [[u64; STATES.len()]; 2],
    /// How long the filters remember the flow, so that the rules are not asked again.
    tracked: [[u64; STATES.len()]; 2],
}

impl Lifetimes {
    /// The lifetimes that these timeouts give.
    pub fn new(timeouts: &Timeouts) -> Self {
        let direct = STATES.map(|state| milliseconds(state.timeout(timeouts)));
        let translated = STATES.map(|state| milliseconds(state.nat_timeout(timeouts)));
        let both = STATES.map(|state| direct[state as usize].min(translated[state as usize]));
        Self { entries: [direct, translated], tracked: [direct, both] }
    }

    /// Lifetimes of zero: every flow has expired.
    pub fn none() -> Self {
        Self { entries: [[0; STATES.len()]; 2], tracked: [[0; STATES.len()]; 2] }
    }

    /// Whether a flow has expired.
    #[inline]
    pub fn is_over(&self, activity: Activity, translated: bool, now: u64) -> bool {
        activity.idle(now) > self.entries[usize::from(translated)][activity.state as usize]
    }

    /// Whether the filters at its ends still remember a flow.
    #[inline]
    pub fn is_tracked(&self, activity: Activity, translated: bool, now: u64) -> bool {
        activity.idle(now) <= self.tracked[usize::from(translated)][activity.state as usize]
    }
}

fn milliseconds(timeout: Duration) -> u64 {
    u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX)
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
    fn one_udp_exchange_is_not_a_stream() {
        let state = State::UdpSingle.next(Forward, 0).next(Reply, 0).next(Reply, 0);
        assert_eq!(state, State::UdpAnswered);
        assert_eq!(state.next(Forward, 0), State::UdpStream);
    }

    /// One end alone cannot assure a flow.
    #[test]
    fn only_the_other_end_can_assure_a_flow() {
        for begun in
            [State::TcpOpening, State::TcpPickedUp, State::TcpClosed, State::UdpSingle, State::Icmp, State::Other]
        {
            for flags in 0..64 {
                let state = begun.next(Forward, flags).next(Forward, ACK);
                assert!(!state.is_assured(), "{begun:?}, {flags}: {state:?}");
            }
        }
        for (begun, flags) in
            [(State::TcpOpening, ACK), (State::TcpPickedUp, ACK), (State::UdpSingle, 0), (State::Icmp, 0)]
        {
            assert!(begun.next(Reply, flags).is_assured(), "{begun:?}");
        }
        assert!(State::Other.next(Reply, 0).is_assured());
        assert!(!State::TcpOpening.next(Reply, SYN | ACK).is_assured(), "a server answers anybody's SYN");
        assert!(!State::TcpPickedUp.next(Reply, RST).is_assured());
    }

    #[test]
    fn nats_and_filters_forget_in_their_own_time() {
        let timeouts = Timeouts { udp_stream: Duration::from_secs(60), ..Timeouts::default() };
        let lifetimes = Lifetimes::new(&timeouts);
        let at = |seconds: u64, state, translated| {
            let activity = Activity { last: 0, state };
            let now = seconds * 1000;
            (!lifetimes.is_over(activity, translated, now), lifetimes.is_tracked(activity, translated, now))
        };
        assert_eq!(at(60, State::UdpStream, false), (true, true));
        assert_eq!(at(61, State::UdpStream, false), (false, false));
        assert_eq!(at(60, State::UdpStream, true), (true, true));
        assert_eq!(at(61, State::UdpStream, true), (true, false));
        assert_eq!(at(350, State::TcpEstablished, true), (true, true));
        assert_eq!(at(351, State::TcpEstablished, true), (false, false));
        assert_eq!(at(351, State::TcpEstablished, false), (true, true));
    }

    #[test]
    fn states_convert_to_numbers_and_back() {
        for state in STATES {
            assert_eq!(State::from_number(state as u8), state);
        }
    }
}
