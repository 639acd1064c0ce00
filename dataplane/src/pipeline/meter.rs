//! The rate limit of each port's requests to services: 1,024 packets a second, as EC2 limits an interface's traffic to
//! link-local services ("VPC DNS", Amazon VPC user guide).

use dashmap::DashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use wire::PortId;

/// Packets a second, and the burst that is allowed after a silence.
const RATE: u64 = 1024;
/// Later than any time of the clock, which has 48 bits.
const LATEST: u64 = RATE << 49;

/// Each port's theoretical arrival time, as in the generic cell rate algorithm (ITU-T I.371). Each packet moves it by a
/// `RATE`th of a second, and it is at most a second ahead. The unit is 1/`RATE` ms, so a packet counts 1000.
#[derive(Debug, Default)]
pub struct Meter {
    arrivals: DashMap<PortId, AtomicU64, foldhash::fast::RandomState>,
}

impl Meter {
    /// Whether a port may send this many packets now. `now` is in milliseconds.
    pub fn admits(&self, port: PortId, packets: u64, now: u64) -> bool {
        let (now, cost) = (now * RATE, packets * 1000);
        let later = |arrival: u64| Some(arrival.max(now) + cost).filter(|arrival| *arrival <= now + RATE * 1000);
        let arrival = self.arrivals.get(&port).unwrap_or_else(|| self.arrivals.entry(port).or_default().downgrade());
        arrival.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later).is_ok()
    }

    /// Each port's theoretical arrival time, by port number.
    pub fn image(&self) -> Vec<(PortId, u64)> {
        let mut all: Vec<_> =
            self.arrivals.iter().map(|entry| (*entry.key(), entry.value().load(Ordering::Relaxed))).collect();
        all.sort_unstable();
        all
    }

    /// Restores a meter.
    pub fn of_image(image: Vec<(PortId, u64)>) -> Self {
        let arrivals = image.into_iter().map(|(port, arrival)| (port, AtomicU64::new(arrival.min(LATEST))));
        Self { arrivals: arrivals.collect() }
    }

    /// Forgets ports that are gone.
    pub fn forget(&self, is_gone: impl Fn(PortId) -> bool) {
        self.arrivals.retain(|port, _| !is_gone(*port));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_port_has_its_own_limit() {
        let meter = Meter::default();
        let passed = |port, now| (0..5000).filter(|_| meter.admits(PortId(port), 1, now)).count();
        assert_eq!([passed(1, 10_000), passed(2, 10_000), passed(1, 10_000)], [1024, 1024, 0]);
        assert_eq!([passed(1, 10_500), passed(1, 10_500)], [512, 0]);
        assert_eq!(passed(1, 90_000), 1024);
        meter.forget(|port| port == PortId(1));
        assert_eq!([passed(1, 90_000), passed(2, 90_000)], [1024, 1024]);
    }

    #[test]
    fn a_coalesced_packet_counts_each_of_its_segments() {
        let meter = Meter::default();
        assert!(!meter.admits(PortId(1), 1025, 10_000) && meter.admits(PortId(1), 1024, 10_000));
        assert!(!meter.admits(PortId(1), 1, 10_000));
    }
}
