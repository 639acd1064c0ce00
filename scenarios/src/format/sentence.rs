//! Steps as English sentences: `web can tcp 6001 on app`, `c1 is cut: no-such-address`.

use super::reason::REASONS;
use serde::{Deserialize, Serialize};
use std::net::Ipv4Addr;
use std::time::Duration;

/// A step as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sentence {
    /// `web can tcp 6001 on app`, `web cannot ping app: ingress-filter`.
    Probe(Probe),
    /// `web opens tcp 6001 on app as t1`.
    Open {
        /// The host that opens it.
        from: String,
        /// The service that it uses.
        service: Service,
        /// The server.
        to: Target,
        /// The connection's name from now on.
        name: String,
    },
    /// `t1 still works`: data is echoed.
    Works {
        /// The connection.
        connection: String,
    },
    /// `t1 is cut: no-such-address`: data is not echoed, because it or its echo is dropped for this reason.
    Cut {
        /// The connection.
        connection: String,
        /// The expected drop.
        drop: Drop,
    },
    /// `app can send on t1`, `app cannot send on t1: ingress-filter`: one way only.
    Push {
        /// The sender, either end of the connection.
        from: String,
        /// The connection.
        connection: String,
        /// The expected drop; without one the data must arrive.
        drop: Option<Drop>,
    },
    /// `web can send gre to app`, `web cannot send udp 53 to app, source-routed: source-routed`: one packet made by hand.
    Send(Send),
    /// `app has seen tcp from web`, `app has not seen udp 53 from web`: what arrived at its interface since the scenario began.
    Seen {
        /// The host whose interface it is.
        host: String,
        /// The protocol and, where it matters, one of the ports.
        packet: Packet,
        /// The source address.
        from: Target,
        /// Whether it must not have been seen.
        not: bool,
    },
    /// `advance the clock by 31 s`.
    Advance(Duration),
    /// `kill control`, `kill the dataplane`: with SIGKILL; the step ends when a new one runs.
    Kill(Process),
    /// `web runs: curl http://192.168.1.10:6001`.
    Run {
        /// The host.
        host: String,
        /// The shell command.
        command: String,
    },
}

/// A probe with real sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// The host that probes.
    pub from: String,
    /// The service that it asks for.
    pub service: Service,
    /// The server.
    pub to: Target,
    /// The source address, if the host's system should not choose.
    pub source: Option<Target>,
    /// The expected outcome.
    pub outcome: Outcome,
}

/// A service that a probe or a connection uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Service {
    /// The TCP echo server at this port.
    Tcp(u16),
    /// The UDP echo server at this port.
    Udp(u16),
    /// ICMP echo.
    Ping,
}

/// The expected outcome of a probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is answered.
    Can {
        /// The source address the other side must see.
        seen_as: Option<Target>,
        /// The host that must answer, where the target is an address.
        answered_by: Option<String>,
    },
    /// It or its answer is dropped.
    Cannot(Drop),
}

/// The expected drop of a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drop {
    /// The name of the reason.
    pub reason: String,
    /// Whether it is the answer that is dropped (`… on the way back`).
    pub back: bool,
}

/// A destination, or a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A host, by its private address, or its public one where it has no other or the sender is on the Internet.
    Host(String),
    /// `web's private address`.
    Private(String),
    /// `web's public address`.
    Public(String),
    /// `web's eth1 address`: the first one of that interface.
    Interface(String, u16),
    /// An address.
    Address(Ipv4Addr),
    /// `$nat.public`: the address that this name stands for.
    Name(String),
}

/// A packet made by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Send {
    /// The host that sends it.
    pub from: String,
    /// Its kind.
    pub packet: Packet,
    /// Its destination.
    pub to: Target,
    /// What distinguishes it from an ordinary packet.
    pub clauses: Vec<Clause>,
    /// The expected drop; without one the packet must arrive.
    pub drop: Option<Drop>,
}

/// The kind of a packet made by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packet {
    /// A TCP SYN; 0: any port (`has seen` only).
    Tcp(u16),
    /// A UDP datagram; 0: any port (`has seen` only).
    Udp(u16),
    /// An ICMP message of this type.
    Icmp(u8),
    /// Any other protocol.
    Protocol(u8),
    /// An IPv6 packet.
    Ipv6,
    /// Bytes that are no packet.
    Garbage,
}

/// A difference between a packet made by hand and an ordinary one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    /// `from 10.0.0.1`: a source address that need not be the sender's.
    From(Target),
    /// `by eth1`: the interface that sends it; otherwise it is eth0.
    By(u16),
    /// `source-routed`: with a loose source route.
    SourceRouted,
    /// `in fragments`.
    Fragments,
    /// `in overlapping fragments`.
    OverlappingFragments,
    /// `without its first fragment`.
    WithoutFirst,
    /// `9001 bytes long`, header included.
    Long(u16),
    /// `not to be fragmented`.
    DontFragment,
    /// `with ttl 1`.
    Ttl(u8),
    /// `without a SYN`: a TCP segment of an open connection.
    WithoutSyn,
}

/// A process of the product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Process {
    /// Control.
    Control,
    /// The dataplane.
    Dataplane,
}

impl Process {
    /// Its name in `classiclink status`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Control => "control",
            Self::Dataplane => "dataplane",
        }
    }
}

/// What is wrong with a sentence.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SentenceError {
    /// It has no known form.
    #[error(
        "`{0}` is no step; the forms are in scenarios/README.md (`web can tcp 6001 on app`, `web cannot ping app: egress-filter`, …)"
    )]
    Form(String),
    /// A negative sentence has no reason.
    #[error("`{0}` must say why: `{0}: ingress-filter`")]
    NoReason(String),
    /// A positive sentence has a reason.
    #[error("`{0}` takes no reason")]
    Reason(String),
    /// The reason is unknown.
    #[error("`{0}` is no drop reason; they are {list}", list = REASONS.join(", "))]
    UnknownReason(String),
    /// A word is not a number that fits.
    #[error("`{0}` is no number that fits here")]
    Number(String),
    /// A clause is unknown.
    #[error("`{0}` cannot be said of a packet")]
    Clause(String),
}

type Parsed<T> = Result<T, SentenceError>;

/// Parses a sentence; `value` is what stands after the colon.
///
/// # Errors
/// What is wrong with it.
pub fn parse(text: &str, value: Option<&str>) -> Parsed<Sentence> {
    let mut clauses = text.split(", ");
    let words: Vec<_> = clauses.next().unwrap_or_default().split_whitespace().collect();
    let clauses: Vec<_> = clauses.collect();
    let form = || SentenceError::Form(text.to_owned());
    let no_reason = || if value.is_some() { Err(SentenceError::Reason(text.to_owned())) } else { Ok(()) };
    let drop = || value.ok_or_else(|| SentenceError::NoReason(text.to_owned())).and_then(reason);

    Ok(match words[..] {
        [host, "runs"] => Sentence::Run { host: host.into(), command: value.ok_or_else(form)?.into() },
        ["advance", "the", "clock", "by", number, unit] => {
            no_reason()?;
            Sentence::Advance(duration(number, unit).ok_or_else(form)?)
        }
        ["kill", "control"] => Sentence::Kill(Process::Control),
        ["kill", "the", "dataplane"] => Sentence::Kill(Process::Dataplane),
        [name, "still", "works"] => {
            no_reason()?;
            Sentence::Works { connection: name.into() }
        }
        [name, "is", "cut"] => Sentence::Cut { connection: name.into(), drop: drop()? },
        [from, verb @ ("can" | "cannot"), "send", "on", name] => {
            let drop = if verb == "can" { no_reason().map(|()| None) } else { drop().map(Some) };
            Sentence::Push { from: from.into(), connection: name.into(), drop: drop? }
        }
        [from, verb @ ("can" | "cannot"), "send", ref rest @ ..] => {
            let to = rest.iter().position(|word| *word == "to").ok_or_else(form)?;
            Sentence::Send(Send {
                from: from.into(),
                packet: packet(&rest[..to]).ok_or_else(form)?,
                to: target(&rest[to + 1..]).ok_or_else(form)?,
                clauses: clauses.into_iter().map(clause).collect::<Parsed<_>>()?,
                drop: if verb == "can" { no_reason().map(|()| None) } else { drop().map(Some) }?,
            })
        }
        [host, "has", ref rest @ ..] => {
            no_reason()?;
            let (not, rest) = match rest {
                ["seen", rest @ ..] => (false, rest),
                ["not", "seen", rest @ ..] => (true, rest),
                _ => return Err(form()),
            };
            let from = rest.iter().position(|word| *word == "from").ok_or_else(form)?;
            let (packet, from) = (packet(&rest[..from]).ok_or_else(form)?, target(&rest[from + 1..]).ok_or_else(form)?);
            Sentence::Seen { host: host.into(), packet, from, not }
        }
        [from, "opens", ref rest @ .., "as", name] => {
            no_reason()?;
            let (service, to) = service(rest, "to").ok_or_else(form)??;
            Sentence::Open { from: from.into(), service, to, name: name.into() }
        }
        [from, "can", ref rest @ ..] => {
            no_reason()?;
            let (service, to) = service(rest, "").ok_or_else(form)??;
            let (mut source, mut seen_as, mut answered_by) = (None, None, None);
            for clause in clauses {
                match clause.split_whitespace().collect::<Vec<_>>()[..] {
                    ["from", ref whom @ ..] => source = Some(target(whom).ok_or_else(form)?),
                    ["seen", "as", ref whom @ ..] => seen_as = Some(target(whom).ok_or_else(form)?),
                    ["answered", "by", host] => answered_by = Some(host.to_owned()),
                    _ => return Err(form()),
                }
            }
            let outcome = Outcome::Can { seen_as, answered_by };
            Sentence::Probe(Probe { from: from.into(), service, to, source, outcome })
        }
        [from, "cannot", ref rest @ ..] => {
            let (service, to) = service(rest, "").ok_or_else(form)??;
            let source = match clauses[..] {
                [] => None,
                [clause] => match clause.split_whitespace().collect::<Vec<_>>()[..] {
                    ["from", ref whom @ ..] => Some(target(whom).ok_or_else(form)?),
                    _ => return Err(form()),
                },
                _ => return Err(form()),
            };
            Sentence::Probe(Probe { from: from.into(), service, to, source, outcome: Outcome::Cannot(drop()?) })
        }
        _ => return Err(form()),
    })
}

/// `tcp 6001 on app`, `ping app`; `to` is a word that may follow `ping`.
fn service(words: &[&str], to: &str) -> Option<Parsed<(Service, Target)>> {
    match words {
        ["tcp", port, "on", whom @ ..] => Some(number(port).and_then(|port| with(Service::Tcp(port), whom))),
        ["udp", port, "on", whom @ ..] => Some(number(port).and_then(|port| with(Service::Udp(port), whom))),
        ["ping", word, whom @ ..] if *word == to => Some(with(Service::Ping, whom)),
        ["ping", whom @ ..] => Some(with(Service::Ping, whom)),
        _ => None,
    }
}

fn with(service: Service, whom: &[&str]) -> Parsed<(Service, Target)> {
    target(whom).map(|target| (service, target)).ok_or_else(|| SentenceError::Form(whom.join(" ")))
}

/// `app`, `app's public address`, `192.168.1.1`.
fn target(words: &[&str]) -> Option<Target> {
    match words {
        [whose, "private", "address"] => whose.strip_suffix("'s").map(|name| Target::Private(name.into())),
        [whose, "public", "address"] => whose.strip_suffix("'s").map(|name| Target::Public(name.into())),
        [whose, interface, "address"] => {
            Some(Target::Interface(whose.strip_suffix("'s")?.into(), interface.strip_prefix("eth")?.parse().ok()?))
        }
        [word] => Some(match word.strip_prefix('$') {
            Some(name) => Target::Name(name.into()),
            None => word.parse().map_or_else(|_| Target::Host((*word).into()), Target::Address),
        }),
        _ => None,
    }
}

fn packet(words: &[&str]) -> Option<Packet> {
    Some(match words {
        ["tcp"] => Packet::Tcp(0),
        ["udp"] => Packet::Udp(0),
        ["tcp", port] => Packet::Tcp(port.parse().ok()?),
        ["udp", port] => Packet::Udp(port.parse().ok()?),
        ["icmp" | "echo"] => Packet::Icmp(8),
        ["timestamp"] => Packet::Icmp(13),
        ["icmp", kind] => Packet::Icmp(kind.parse().ok()?),
        ["gre"] => Packet::Protocol(47),
        ["esp"] => Packet::Protocol(50),
        ["protocol", protocol] => Packet::Protocol(protocol.parse().ok()?),
        ["ipv6"] => Packet::Ipv6,
        ["garbage"] => Packet::Garbage,
        _ => return None,
    })
}

fn clause(text: &str) -> Parsed<Clause> {
    let wrong = || SentenceError::Clause(text.to_owned());
    Ok(match text.split_whitespace().collect::<Vec<_>>()[..] {
        ["from", ref whom @ ..] => Clause::From(target(whom).ok_or_else(wrong)?),
        ["by", interface] => Clause::By(number(interface.strip_prefix("eth").ok_or_else(wrong)?)?),
        ["source-routed"] => Clause::SourceRouted,
        ["in", "fragments"] => Clause::Fragments,
        ["in", "overlapping", "fragments"] => Clause::OverlappingFragments,
        ["without", "its", "first", "fragment"] => Clause::WithoutFirst,
        [bytes, "bytes", "long"] => Clause::Long(number(bytes)?),
        ["not", "to", "be", "fragmented"] => Clause::DontFragment,
        ["with", "ttl", ttl] => Clause::Ttl(number(ttl)?),
        ["without", "a", "SYN"] => Clause::WithoutSyn,
        _ => return Err(wrong()),
    })
}

fn reason(text: &str) -> Parsed<Drop> {
    let (reason, back) = match text.strip_suffix(" on the way back") {
        Some(reason) => (reason, true),
        None => (text, false),
    };
    if REASONS.contains(&reason) {
        Ok(Drop { reason: reason.to_owned(), back })
    } else {
        Err(SentenceError::UnknownReason(reason.to_owned()))
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Parsed<T> {
    text.parse().map_err(|_| SentenceError::Number(text.to_owned()))
}

/// `31 s`, `5 minutes`.
pub(super) fn duration(number: &str, unit: &str) -> Option<Duration> {
    let seconds = match unit.trim_end_matches('s') {
        "" | "second" => 1,
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return None,
    };
    Some(Duration::from_secs(number.parse::<u64>().ok()?.checked_mul(seconds)?))
}

impl Sentence {
    /// The names of the hosts in the sentence.
    pub fn hosts(&self) -> Vec<&str> {
        match self {
            Self::Probe(Probe { from, to, source, outcome, .. }) => {
                let (seen_as, by) = match outcome {
                    Outcome::Can { seen_as, answered_by } => (seen_as.as_ref(), answered_by.as_deref()),
                    Outcome::Cannot(_) => (None, None),
                };
                let source = source.as_ref().and_then(Target::host);
                let all = [Some(from.as_str()), to.host(), source, seen_as.and_then(Target::host), by];
                all.into_iter().flatten().collect()
            }
            Self::Open { from, to, .. } => [Some(from.as_str()), to.host()].into_iter().flatten().collect(),
            Self::Push { from, .. } => vec![from],
            Self::Send(Send { from, to, clauses, .. }) => {
                let sources = clauses.iter().filter_map(|clause| match clause {
                    Clause::From(source) => source.host(),
                    _ => None,
                });
                [Some(from.as_str()), to.host()].into_iter().flatten().chain(sources).collect()
            }
            Self::Seen { host, from, .. } => [Some(host.as_str()), from.host()].into_iter().flatten().collect(),
            Self::Run { host, .. } => vec![host],
            Self::Works { .. } | Self::Cut { .. } | Self::Advance(_) | Self::Kill(_) => Vec::new(),
        }
    }

    /// The connection that the sentence needs.
    pub fn connection(&self) -> Option<&str> {
        match self {
            Self::Works { connection } | Self::Cut { connection, .. } | Self::Push { connection, .. } => {
                Some(connection)
            }
            _ => None,
        }
    }
}

impl Target {
    /// The host's name, if the target is a host.
    pub fn host(&self) -> Option<&str> {
        match self {
            Self::Host(name) | Self::Private(name) | Self::Public(name) | Self::Interface(name, _) => Some(name),
            Self::Address(_) | Self::Name(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_have_a_service_a_target_and_an_outcome() {
        let Sentence::Probe(probe) = parse("web can tcp 6001 on app, seen as web's private address", None).unwrap()
        else {
            panic!("no probe");
        };
        assert_eq!(
            (probe.from.as_str(), probe.service, probe.to),
            ("web", Service::Tcp(6001), Target::Host("app".into()))
        );
        assert_eq!(probe.outcome, Outcome::Can { seen_as: Some(Target::Private("web".into())), answered_by: None });

        let Sentence::Probe(probe) =
            parse("web cannot ping 192.168.1.1", Some("no-such-address on the way back")).unwrap()
        else {
            panic!("no probe");
        };
        assert_eq!((probe.to, probe.source), (Target::Address([192, 168, 1, 1].into()), None));
        assert_eq!(probe.outcome, Outcome::Cannot(Drop { reason: "no-such-address".into(), back: true }));
    }

    #[test]
    fn targets_and_sources_may_be_interfaces() {
        let Sentence::Probe(probe) = parse("web can ping app's eth1 address, from web's eth2 address", None).unwrap()
        else {
            panic!("no probe");
        };
        assert_eq!(
            (probe.to, probe.source),
            (Target::Interface("app".into(), 1), Some(Target::Interface("web".into(), 2)))
        );
        let Sentence::Probe(probe) = parse("web cannot ping app, from $second", Some("no-public-address")).unwrap()
        else {
            panic!("no probe");
        };
        assert_eq!(probe.source, Some(Target::Name("second".into())));
        let Sentence::Send(send) = parse("web can send gre to app, by eth1", None).unwrap() else { panic!("no send") };
        assert_eq!(send.clauses, [Clause::By(1)]);
    }

    #[test]
    fn connections_and_hand_made_packets_are_parsed() {
        assert_eq!(
            parse("app cannot send on t1", Some("ingress-filter")).unwrap(),
            Sentence::Push {
                from: "app".into(),
                connection: "t1".into(),
                drop: Some(Drop { reason: "ingress-filter".into(), back: false })
            }
        );
        let Sentence::Send(send) = parse("web can send udp 53 to app, from 10.0.0.1, in fragments", None).unwrap()
        else {
            panic!("no send")
        };
        assert_eq!(send.clauses, [Clause::From(Target::Address([10, 0, 0, 1].into())), Clause::Fragments]);
        assert!(matches!(
            parse("web opens ping to app as p1", None).unwrap(),
            Sentence::Open { service: Service::Ping, .. }
        ));
        assert_eq!(
            parse("advance the clock by 5 days", None).unwrap(),
            Sentence::Advance(Duration::from_secs(432_000))
        );
    }

    #[test]
    fn a_cannot_needs_a_known_reason() {
        let text = "web cannot tcp 1 on app";
        assert_eq!(parse(text, None), Err(SentenceError::NoReason(text.into())));
        assert_eq!(parse(text, Some("because")), Err(SentenceError::UnknownReason("because".into())));
        assert_eq!(parse("web flies to app", None), Err(SentenceError::Form("web flies to app".into())));
        assert_eq!(parse("web can tcp http on app", None), Err(SentenceError::Number("http".into())));
    }
}
