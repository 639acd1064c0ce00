//! Rules of security groups and network ACLs as sentences: `tcp 6001 from sg-web`, `100 deny all from 10.0.0.0/8`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error};
use std::borrow::Cow;
use std::str::FromStr;

/// A rule of a security group: its traffic, and its sources or destinations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The traffic.
    pub traffic: Traffic,
    /// CIDR blocks and names of security groups.
    pub peers: Vec<String>,
}

/// A row of a network ACL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclRule {
    /// Its number.
    pub number: u16,
    /// Whether it allows.
    pub allow: bool,
    /// The traffic.
    pub traffic: Traffic,
    /// The source or destination block.
    pub cidr: String,
}

/// A protocol by the API's number or name, and its `FromPort` and `ToPort` (for ICMP: type and code).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// `tcp`, `udp`, `icmp`, `-1` or a number.
    pub protocol: String,
    /// The ports.
    pub ports: Option<(i32, i32)>,
}

/// Why a rule cannot be parsed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RuleError {
    /// No `from` or `to`.
    #[error("say whom the rule is for, as in `tcp 443 from 0.0.0.0/0`")]
    NoPeer,
    /// An unknown protocol.
    #[error("`{0}` is no traffic: say `all`, `tcp PORT`, `udp PORT`, `icmp TYPE/CODE` or `protocol NUMBER`")]
    Traffic(String),
    /// Something else in the place of a port.
    #[error("`{0}` is no port or range of ports")]
    Port(String),
    /// A network ACL's rule without number and verb.
    #[error("a network ACL's rule starts with its number and `allow` or `deny`, as in `100 deny all from 10.0.0.0/8`")]
    NoNumber,
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let (traffic, peers) =
            text.split_once(" from ").or_else(|| text.split_once(" to ")).ok_or(RuleError::NoPeer)?;
        let peers = peers.split(',').map(|peer| peer.trim().to_owned()).collect();
        Ok(Self { traffic: traffic.parse()?, peers })
    }
}

impl FromStr for AclRule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let (number, rest) = text.split_once(' ').ok_or(RuleError::NoNumber)?;
        let (verb, rest) = rest.split_once(' ').ok_or(RuleError::NoNumber)?;
        let allow = match verb {
            "allow" => true,
            "deny" => false,
            _ => return Err(RuleError::NoNumber),
        };
        let rule: Rule = rest.parse()?;
        let cidr = rule.peers.into_iter().next().ok_or(RuleError::NoPeer)?;
        Ok(Self { number: number.parse().map_err(|_| RuleError::NoNumber)?, allow, traffic: rule.traffic, cidr })
    }
}

impl FromStr for Traffic {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        let words: Vec<_> = text.split_whitespace().collect();
        let traffic = |protocol: &str, ports| Self { protocol: protocol.to_owned(), ports };
        Ok(match words[..] {
            ["all"] => traffic("-1", None),
            ["tcp"] => traffic("tcp", Some((0, 65535))),
            ["udp"] => traffic("udp", Some((0, 65535))),
            ["icmp"] => traffic("icmp", Some((-1, -1))),
            ["tcp" | "udp", range] => traffic(words[0], Some(ports(range, '-')?)),
            ["icmp", kind] if kind.contains('/') => traffic("icmp", Some(ports(kind, '/')?)),
            ["icmp", kind] => traffic("icmp", Some((ports(kind, '/')?.0, -1))),
            ["protocol", number] => traffic(number, None),
            ["protocol", number, "ports", range] => traffic(number, Some(ports(range, '-')?)),
            _ => return Err(RuleError::Traffic(text.to_owned())),
        })
    }
}

/// `80`, `80-90`; with `/`: `8/-1`.
fn ports(text: &str, between: char) -> Result<(i32, i32), RuleError> {
    let wrong = |_| RuleError::Port(text.to_owned());
    match text.split_once(between) {
        Some((from, to)) => Ok((from.parse().map_err(wrong)?, to.parse().map_err(wrong)?)),
        None => text.parse().map(|port| (port, port)).map_err(wrong),
    }
}

macro_rules! sentence {
    ($type:ty, $name:literal, $pattern:literal, $description:literal) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }

        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({"type": "string", "pattern": $pattern, "description": $description})
            }
        }
    };
}

sentence!(
    Rule,
    "Rule",
    "^(all|tcp|udp|icmp|protocol)( .+)? (from|to) .+$",
    "Traffic and peers: `tcp 6001 from sg-web`, `all to 0.0.0.0/0`, `icmp 8/-1 from 10.0.0.0/8, 192.168.0.0/16`."
);
sentence!(
    AclRule,
    "AclRule",
    "^[0-9]+ (allow|deny) (all|tcp|udp|icmp|protocol)( .+)? (from|to) .+$",
    "A number, a verb, traffic and a CIDR block: `100 deny tcp 6001 from 10.0.0.0/8`."
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_parsed() {
        let rule: Rule = "tcp 80-90 from sg-a, 10.0.0.0/8".parse().unwrap();
        assert_eq!(rule.traffic, Traffic { protocol: "tcp".into(), ports: Some((80, 90)) });
        assert_eq!(rule.peers, ["sg-a", "10.0.0.0/8"]);
        assert_eq!("icmp 8 to 0.0.0.0/0".parse::<Rule>().unwrap().traffic.ports, Some((8, -1)));
        assert_eq!("icmp 3/3 to 0.0.0.0/0".parse::<Rule>().unwrap().traffic.ports, Some((3, 3)));
        assert_eq!("all from sg-a".parse::<Rule>().unwrap().traffic.protocol, "-1");
        assert_eq!("protocol 50 ports 1-2 from sg-a".parse::<Rule>().unwrap().traffic.ports, Some((1, 2)));
        let deny: AclRule = "100 deny all from 10.0.0.0/8".parse().unwrap();
        assert_eq!((deny.number, deny.allow, deny.cidr.as_str()), (100, false, "10.0.0.0/8"));
    }

    #[test]
    fn errors_name_the_wrong_part() {
        assert_eq!("tcp 80".parse::<Rule>(), Err(RuleError::NoPeer));
        assert_eq!("tpc 80 from sg-a".parse::<Rule>(), Err(RuleError::Traffic("tpc 80".into())));
        assert_eq!("tcp http from sg-a".parse::<Rule>(), Err(RuleError::Port("http".into())));
        assert_eq!("deny all from 10.0.0.0/8".parse::<AclRule>(), Err(RuleError::NoNumber));
    }
}
