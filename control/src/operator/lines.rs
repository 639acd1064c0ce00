//! The traffic between hosts now, from two readings of connections' counters.

use super::names::Names;
use super::{Failure, Operator};
use crate::link::LinkError;
use model::Model;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};
use wire::{FiveTuple, FlowRecord, PortId, Reply, Request};

/// How many connections are read. A picture of more would be unreadable, and the counters of interfaces include all.
const MOST: usize = 4096;
/// With more connections than this none are read: walking over a million would block the dataplane for a moment.
pub(crate) const MOST_KNOWN: usize = 50_000;
/// The pause after a reading is this many times its duration, so that reading takes a hundredth of a processor at most.
const REST: u32 = 100;
/// The shortest pause. Rates are over a second or more.
const LEAST_REST: Duration = Duration::from_secs(1);

/// The traffic between two hosts in both directions, per second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The host that began the connections: an instance's id, or a host's name.
    pub from: String,
    /// Whether they leave through a link.
    pub from_link: bool,
    /// The other end.
    pub to: String,
    /// Whether they arrive through a link.
    pub to_link: bool,
    /// How many connections had packets.
    pub flows: usize,
    /// Packets.
    pub packets: u64,
    /// Bits.
    pub bits: u64,
}

/// The previous reading.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    at: Option<Instant>,
    next: Option<Instant>,
    /// Packets and bytes of each connection.
    counts: HashMap<(PortId, FiveTuple), [u64; 2]>,
}

/// Two ends, each with whether it is a link.
type Ends = (String, bool, String, bool);

impl Operator {
    /// The traffic between hosts now, if `known` connections are not too many. `None` if the previous reading is too
    /// recent.
    ///
    /// # Errors
    /// The dataplane's error.
    pub(crate) async fn lines(&self, known: usize, before: &mut Lines) -> Result<Option<Vec<Line>>, Failure> {
        let start = Instant::now();
        if known > MOST_KNOWN {
            *before = Lines::default();
            return Ok(Some(Vec::new()));
        }
        if before.next.is_some_and(|next| start < next) {
            return Ok(None);
        }
        let reply = self.service.link().ask(Request::Flows { ports: None, most: MOST }).await?;
        let Reply::Flows { flows, .. } = reply else { return Err(LinkError::unexpected(reply).into()) };
        let model = self.service.look(Model::clone);
        let lines = before.grown(&Names::of(&model), &flows, start);
        before.next = Some(Instant::now() + (start.elapsed() * REST).max(LEAST_REST));
        Ok(Some(lines))
    }
}

impl Lines {
    /// The traffic since the previous reading. A connection that is seen for the first time counts only if it began
    /// after that reading.
    fn grown(&mut self, names: &Names<'_>, flows: &[FlowRecord], now: Instant) -> Vec<Line> {
        let seconds = self.at.replace(now).map(|at| (now - at).as_secs_f64().max(0.001));
        let counts = flows.iter().map(|flow| ((flow.from, flow.sent), [flow.packets, flow.bytes]));
        let before = std::mem::replace(&mut self.counts, counts.collect());
        let Some(seconds) = seconds else { return Vec::new() };
        let mut lines: BTreeMap<Ends, (usize, [u64; 2])> = BTreeMap::new();
        for flow in flows {
            let is_new = flow.age.is_some_and(|age| age.as_secs_f64() <= seconds);
            let was = before.get(&(flow.from, flow.sent)).copied().or(is_new.then_some([0; 2]));
            let Some(was) = was else { continue };
            let [packets, bytes] = grown([flow.packets, flow.bytes], was);
            if packets == 0 {
                continue;
            }
            let ends = (names.port(flow.from).0, names.is_link(flow.by), names.at(flow.to).0, names.is_link(flow.to));
            let (count, sums) = lines.entry(ends).or_default();
            *count += 1;
            *sums = [sums[0] + packets, sums[1] + bytes];
        }
        let a_second = |count: u64| (count as f64 / seconds).ceil() as u64;
        let line = |((from, from_link, to, to_link), (flows, [packets, bytes])): (Ends, (usize, [u64; 2]))| Line {
            from,
            from_link,
            to,
            to_link,
            flows,
            packets: a_second(packets),
            bits: a_second(bytes * 8),
        };
        lines.into_iter().map(line).collect()
    }
}

/// The growth of counters. Counters that have fallen were reset.
fn grown(now: [u64; 2], before: [u64; 2]) -> [u64; 2] {
    if now[0] < before[0] { now } else { [now[0] - before[0], now[1].saturating_sub(before[1])] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::HostPlace;
    use wire::{AttachmentId, TCP};

    #[test]
    fn a_line_has_the_traffic_between_two_hosts() {
        let mut model = Model::new(1);
        model.add_host("visitor", HostPlace::Internet, [203, 0, 113, 200].into()).unwrap();
        model.add_host("other", HostPlace::Internet, [203, 0, 113, 201].into()).unwrap();
        let names = Names::of(&model);
        let [visitor, other] = ["visitor", "other"].map(|name| model.hosts.get(name).unwrap());
        let flow = |port: u16, packets: u64| {
            let (source, destination) = (visitor.address, other.address);
            let sent = FiveTuple { source, destination, protocol: TCP, source_port: port, destination_port: 443 };
            FlowRecord {
                from: PortId(visitor.port),
                by: AttachmentId(visitor.attachment),
                to: AttachmentId(other.attachment),
                sent,
                delivered: sent,
                state: "established".into(),
                tracked: [false; 2],
                admitted: [None; 2],
                idle: Duration::ZERO,
                age: Some(Duration::from_secs(1)),
                packets,
                bytes: packets * 100,
            }
        };
        let (mut lines, start) = (Lines::default(), Instant::now());
        assert!(lines.grown(&names, &[flow(1, 10)], start).is_empty(), "the first reading gives no rates");
        let later = start + Duration::from_secs(2);
        let old = FlowRecord { age: Some(Duration::from_secs(60)), ..flow(4, 1000) };
        let grown = lines.grown(&names, &[flow(1, 30), flow(2, 4), flow(3, 0), old], later);
        let expected = Line {
            from: "visitor".into(),
            from_link: false,
            to: "other".into(),
            to_link: false,
            flows: 2,
            packets: 12,
            bits: 9600,
        };
        assert_eq!(grown, [expected]);
        assert!(lines.grown(&names, &[flow(1, 30), flow(2, 4)], later + LEAST_REST).is_empty(), "nothing has passed");
        let anew = lines.grown(&names, &[flow(1, 3)], later + LEAST_REST * 2);
        assert_eq!(anew[0].packets, 3, "who counted anew");
    }
}
