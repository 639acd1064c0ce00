//! The traffic of interfaces per second, from two readings of their counters.

use super::PortRow;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::time::Instant;

/// The traffic of an interface, per second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rate {
    /// The host: an instance's id, or a name.
    pub host: String,
    /// An instance's Name tag.
    pub name: Option<String>,
    /// Its interface.
    pub interface: String,
    /// Packets it sends.
    pub sent_packets: u64,
    /// Bits it sends.
    pub sent_bits: u64,
    /// Packets it receives.
    pub received_packets: u64,
    /// Bits it receives.
    pub received_bits: u64,
    /// Packets that it sends and that are dropped.
    pub dropped: u64,
}

/// The previous reading.
#[derive(Debug, Default)]
pub struct Rates {
    at: Option<Instant>,
    /// Sent and received packets and bytes, and drops, of every interface of every host.
    counts: HashMap<(String, String), [u64; 5]>,
}

impl Rates {
    /// The traffic per second since the previous reading. Interfaces without traffic are left out.
    pub fn of(&mut self, ports: &[PortRow]) -> Vec<Rate> {
        let now = Instant::now();
        let seconds = self.at.replace(now).map(|at| (now - at).as_secs_f64());
        let counts: HashMap<_, _> = ports.iter().map(|port| (key(port), counts(port))).collect();
        let before = std::mem::replace(&mut self.counts, counts);
        let Some(seconds) = seconds else { return Vec::new() };
        let rate = |port: &PortRow| rate(port, before.get(&key(port))?, seconds);
        ports.iter().filter_map(rate).collect()
    }
}

fn rate(port: &PortRow, before: &[u64; 5], seconds: f64) -> Option<Rate> {
    let mut grown = counts(port);
    for (count, before) in grown.iter_mut().zip(before) {
        // A host that was made again counts from 0.
        *count = count.saturating_sub(*before);
    }
    let a_second = |count: u64| (count as f64 / seconds).round() as u64;
    let [sent_packets, sent_bytes, received_packets, received_bytes, dropped] = grown;
    grown.iter().any(|count| *count > 0).then(|| Rate {
        host: port.host.clone(),
        name: port.name.clone(),
        interface: port.interface.clone(),
        sent_packets: a_second(sent_packets),
        sent_bits: a_second(sent_bytes * 8),
        received_packets: a_second(received_packets),
        received_bits: a_second(received_bytes * 8),
        dropped: a_second(dropped),
    })
}

fn key(port: &PortRow) -> (String, String) {
    (port.host.clone(), port.interface.clone())
}

fn counts(port: &PortRow) -> [u64; 5] {
    let drops = port.drops.values().sum();
    [port.sent_packets, port.sent_bytes, port.received_packets, port.received_bytes, drops]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn port(sent_packets: u64) -> PortRow {
        PortRow {
            host: "web".into(),
            interface: "eth0".into(),
            name: None,
            sent_packets,
            sent_bytes: sent_packets * 100,
            received_packets: 0,
            received_bytes: 0,
            drops: Default::default(),
        }
    }

    #[test]
    fn rates_are_the_growth_of_counters() {
        let mut rates = Rates::default();
        assert!(rates.of(&[port(10)]).is_empty(), "the first reading gives no rates");
        rates.at = rates.at.map(|at| at - Duration::from_secs(2));
        let grown = rates.of(&[port(2010)]);
        assert!((1..=1000).contains(&grown[0].sent_packets), "{grown:?}");
        assert!(rates.of(&[port(2010)]).is_empty(), "nothing has passed");
        assert!(rates.of(&[port(2)]).is_empty(), "the host was made again");
    }
}
