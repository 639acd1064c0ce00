//! One aggregation interval of one flow log at one network interface.

use super::record::{Flow, Interface, Record, Sum};
use model::{FlowLog, Time};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use wire::Account;

/// How many flows an interval counts at most. Beyond that its record says SKIPDATA.
const LIMIT: usize = 65_536;

/// An interval and its flows so far.
pub(super) struct Window {
    pub(super) log: Arc<FlowLog>,
    pub(super) interface: Arc<Interface>,
    since: Time,
    flows: BTreeMap<Flow, Sum>,
    /// Packets that were counted without a flow.
    skipped: u64,
    /// Whether some records of this interval were written before its end.
    has_records: bool,
}

impl Window {
    pub(super) fn new(log: Arc<FlowLog>, interface: Arc<Interface>, since: Time) -> Self {
        Self { log, interface, since, flows: BTreeMap::new(), skipped: 0, has_records: false }
    }

    /// Adds counts, if the flow log records such traffic.
    pub(super) fn add(&mut self, account: &Account, now: Time) {
        if !self.log.traffic.takes(account.accepted) || self.interface.leaves_out(&account.packet) {
            return;
        }
        let flow = Flow { packet: account.packet, direction: account.direction, accepted: account.accepted };
        let full = self.flows.len() >= LIMIT;
        let sum = Sum::of(account, now);
        match self.flows.get_mut(&flow) {
            Some(known) => known.add(&sum),
            None if full => self.skipped += account.packets,
            None => _ = self.flows.insert(flow, sum),
        }
    }

    /// Adds packets that were counted without a flow.
    pub(super) fn skip(&mut self, packets: u64) {
        self.skipped += packets;
    }

    /// The records that are due: at the interval's end, where the next one begins, or at once with `all`.
    pub(super) fn due(&mut self, now: Time, all: bool) -> Vec<String> {
        let end = self.since.after(Duration::from_secs(self.log.interval.into()));
        if now < end {
            return if all { self.rest() } else { Vec::new() };
        }
        let mut lines = self.rest();
        if !self.has_records {
            lines.push(Record::NoData.line(&self.log.format, &self.interface, self.since, end));
        }
        // The clock may have jumped. Skipped intervals have no records.
        (self.since, self.has_records) = (if now < end.after(end.since(self.since)) { end } else { now }, false);
        lines
    }

    /// The records of the flows so far, in the order in which the flows began.
    pub(super) fn rest(&mut self) -> Vec<String> {
        let mut flows: Vec<_> = std::mem::take(&mut self.flows).into_iter().collect();
        flows.sort_by_key(|(_, sum)| sum.start);
        let line = |(flow, sum): &(Flow, Sum)| {
            Record::Flow(flow, sum).line(&self.log.format, &self.interface, sum.start, sum.end)
        };
        let mut lines: Vec<String> = flows.iter().map(line).collect();
        if std::mem::take(&mut self.skipped) > 0 {
            let end = self.since.after(Duration::from_secs(self.log.interval.into()));
            lines.push(Record::SkipData.line(&self.log.format, &self.interface, self.since, end));
        }
        self.has_records |= !lines.is_empty();
        lines
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use model::{DEFAULT_FORMAT, LogDestination, LoggedTraffic, Scope};
    use std::net::Ipv4Addr;
    use wire::{AttachmentId, Direction, FiveTuple, TCP};

    const START: Time = Time(1_420_632_000_000);

    /// A flow log of all traffic with intervals of a minute.
    pub(in super::super) fn flow_log() -> FlowLog {
        FlowLog {
            id: "fl-1".into(),
            scope: Scope { account: "111122223333".into(), region: "us-east-1".into() },
            tags: Default::default(),
            resource: "eni-1".into(),
            traffic: LoggedTraffic::All,
            destination: LogDestination::Group("g".into(), None),
            permission: None,
            cross_account_role: None,
            format: DEFAULT_FORMAT.to_vec(),
            interval: 60,
            client_token: None,
            created: START,
        }
    }

    fn window(traffic: LoggedTraffic) -> Window {
        let log = FlowLog { traffic, ..flow_log() };
        Window::new(Arc::new(log), Arc::new(super::super::record::tests::interface()), START)
    }

    /// Two packets to a port.
    pub(in super::super) fn account(port: u16, accepted: bool) -> Account {
        let (source, destination) = (Ipv4Addr::new(10, 251, 50, 12), Ipv4Addr::new(192, 168, 1, 10));
        Account {
            attachment: AttachmentId(1),
            direction: Direction::Ingress,
            packet: FiveTuple { source, destination, protocol: TCP, source_port: 40000, destination_port: port },
            accepted,
            packets: 2,
            bytes: 120,
            first: Duration::from_secs(3),
            last: Duration::from_secs(1),
            tcp_flags: 2,
        }
    }

    fn after(seconds: u64) -> Time {
        START.after(Duration::from_secs(seconds))
    }

    #[test]
    fn the_packets_of_an_interval_are_one_record() {
        let mut window = window(LoggedTraffic::All);
        window.add(&account(6001, true), after(10));
        window.add(&account(6001, true), after(30));
        window.add(&account(22, false), after(30));
        assert_eq!(window.due(after(59), false), [""; 0]);
        let expected = [
            "2 111122223333 eni-1 10.251.50.12 192.168.1.10 40000 6001 6 4 240 1420632007 1420632029 ACCEPT OK",
            "2 111122223333 eni-1 10.251.50.12 192.168.1.10 40000 22 6 2 120 1420632027 1420632029 REJECT OK",
        ];
        assert_eq!(window.due(after(60), false), expected);
        assert_eq!(window.due(after(61), true), [""; 0], "records are written once");
    }

    #[test]
    fn an_interval_without_traffic_says_so() {
        let mut window = window(LoggedTraffic::Reject);
        window.add(&account(6001, true), after(10));
        let silence = |from: u64| format!("2 111122223333 eni-1 - - - - - - - {from} {} - NODATA", from + 60);
        assert_eq!(window.due(after(20), true), [""; 0], "the interval is not over yet");
        assert_eq!(window.due(after(60), false), [silence(1420632000)]);
        window.add(&account(22, false), after(70));
        assert_eq!(window.due(after(80), true).len(), 1);
        assert_eq!(window.due(after(120), false), [""; 0], "the interval had traffic, recorded before its end");
        assert_eq!(window.due(after(1000), false), [silence(1420632120)]);
        assert_eq!(window.due(after(1059), false), [""; 0], "after a jump the next begins when it is looked at");
        assert_eq!(window.due(after(1060), false), [silence(1420633000)]);
    }

    #[test]
    fn traffic_with_the_platform_is_left_out() {
        let mut window = window(LoggedTraffic::All);
        let mut metadata = account(80, true);
        metadata.packet.source = Ipv4Addr::new(169, 254, 169, 254);
        window.add(&metadata, after(10));
        window.add(&Account { packet: metadata.packet.reversed(), ..metadata }, after(10));
        assert_eq!(window.due(after(20), true), [""; 0]);
    }

    #[test]
    fn skipped_packets_are_recorded() {
        let mut window = window(LoggedTraffic::All);
        window.skip(7);
        assert_eq!(window.due(after(5), true), ["2 111122223333 eni-1 - - - - - - - 1420632000 1420632060 - SKIPDATA"]);
        assert_eq!(window.due(after(60), false), [""; 0]);
    }
}
