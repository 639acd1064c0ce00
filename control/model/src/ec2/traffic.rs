//! Protocols and ports, as rules of security groups and network ACLs name them (semantics.md §4.2).

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A protocol and, where it has them, ports or type and code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Traffic {
    /// Every packet.
    All,
    /// TCP to ports from … to.
    Tcp(u16, u16),
    /// UDP to ports from … to.
    Udp(u16, u16),
    /// ICMP of this type and code; `None` is every one.
    Icmp(Option<u8>, Option<u8>),
    /// ICMPv6 of this type and code; `None` is every one.
    Icmpv6(Option<u8>, Option<u8>),
    /// Any other protocol, by number.
    Other(u8),
}

impl Traffic {
    /// Parses the API's form: a protocol's name or number (`-1` is all), and two ports, or type and code.
    pub fn new(protocol: &str, from: Option<i32>, to: Option<i32>) -> Result<Traffic> {
        let invalid = || Error::InvalidValue { name: "IpProtocol".into(), value: protocol.into() };
        match protocol.to_ascii_lowercase().as_str() {
            "-1" | "all" => Ok(Traffic::All),
            "tcp" | "6" => ports(from, to).map(|(from, to)| Traffic::Tcp(from, to)),
            "udp" | "17" => ports(from, to).map(|(from, to)| Traffic::Udp(from, to)),
            "icmp" | "1" => kind_and_code(from, to).map(|(kind, code)| Traffic::Icmp(kind, code)),
            "icmpv6" | "58" => kind_and_code(from, to).map(|(kind, code)| Traffic::Icmpv6(kind, code)),
            number => number.parse().map(Traffic::Other).map_err(|_| invalid()),
        }
    }

    /// The API's word for the protocol in a security group.
    pub fn protocol(self) -> String {
        match self {
            Traffic::All => "-1".into(),
            Traffic::Tcp(..) => "tcp".into(),
            Traffic::Udp(..) => "udp".into(),
            Traffic::Icmp(..) => "icmp".into(),
            Traffic::Icmpv6(..) => "icmpv6".into(),
            Traffic::Other(number) => number.to_string(),
        }
    }

    /// The protocol's number; -1 is all.
    pub fn protocol_number(self) -> i32 {
        match self {
            Traffic::All => -1,
            Traffic::Tcp(..) => 6,
            Traffic::Udp(..) => 17,
            Traffic::Icmp(..) => 1,
            Traffic::Icmpv6(..) => 58,
            Traffic::Other(number) => i32::from(number),
        }
    }

    /// The API's `FromPort` and `ToPort`, or type and code (-1 is all), where the protocol has them.
    pub fn range(self) -> Option<(i32, i32)> {
        let one = |value: Option<u8>| value.map_or(-1, i32::from);
        match self {
            Traffic::All | Traffic::Other(_) => None,
            Traffic::Tcp(from, to) | Traffic::Udp(from, to) => Some((from.into(), to.into())),
            Traffic::Icmp(kind, code) | Traffic::Icmpv6(kind, code) => Some((one(kind), one(code))),
        }
    }

    /// Whether EC2-Classic has such rules: those for TCP, UDP and ICMP.
    pub fn is_classic(self) -> bool {
        matches!(self, Traffic::Tcp(..) | Traffic::Udp(..) | Traffic::Icmp(..))
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Traffic::All => f.write_str("ALL"),
            Traffic::Other(number) => write!(f, "protocol {number}"),
            other => {
                let (from, to) = other.range().unwrap_or((-1, -1));
                write!(f, "{}, from port: {from}, to port: {to}", other.protocol().to_uppercase())
            }
        }
    }
}

fn ports(from: Option<i32>, to: Option<i32>) -> Result<(u16, u16)> {
    let (Some(from), Some(to)) = (from, to) else {
        return Err(Error::OnePort {});
    };
    if (from, to) == (-1, -1) {
        return Ok((0, u16::MAX));
    }
    match (u16::try_from(from), u16::try_from(to)) {
        (Ok(from), Ok(to)) if from <= to => Ok((from, to)),
        _ => Err(Error::InvalidPortRange { range: format!("{from}-{to}") }),
    }
}

fn kind_and_code(kind: Option<i32>, code: Option<i32>) -> Result<(Option<u8>, Option<u8>)> {
    let one = |value: Option<i32>| match value {
        None | Some(-1) => Ok(None),
        Some(value) => u8::try_from(value).map(Some).map_err(|_| Error::InvalidIcmp { value }),
    };
    match (one(kind)?, one(code)?) {
        (None, _) => Ok((None, None)),
        both => Ok(both),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_mean_the_same() {
        for (word, number, from, to) in [("tcp", "6", 1, 2), ("UDP", "17", 0, 65535), ("icmp", "1", 8, -1)] {
            let by_word = Traffic::new(word, Some(from), Some(to)).unwrap();
            assert_eq!(by_word, Traffic::new(number, Some(from), Some(to)).unwrap());
            assert_eq!(by_word.range(), Some((from, to)));
        }
        assert_eq!(Traffic::new("50", Some(1), Some(2)).unwrap(), Traffic::Other(50));
        assert_eq!(Traffic::new("icmp", Some(-1), Some(3)).unwrap(), Traffic::Icmp(None, None));
    }

    #[test]
    fn impossible_ranges_are_refused() {
        for (protocol, from, to) in
            [("tcp", Some(2), Some(1)), ("tcp", None, None), ("udp", Some(0), Some(65536)), ("icmp", Some(256), None)]
        {
            assert_eq!(Traffic::new(protocol, from, to).unwrap_err().code(), "InvalidParameterValue");
        }
        assert!(Traffic::new("256", None, None).is_err() && Traffic::new("tea", None, None).is_err());
    }
}
