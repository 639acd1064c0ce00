//! The order in which a worker serves its ports: a deficit round robin (Shreedhar and Varghese, 1995). Each turn has the same
//! quantum of cost, and a port that exceeds it skips turns until the excess is paid back.
//!
//! While few ports are busy a worker polls them directly, which is cheaper than `epoll_wait`. Once a certain cost is spent on
//! them it looks at all ports, so a port that was silent waits for about one turn.

use std::collections::VecDeque;
use wire::PortId;

/// The cost that a turn may have. The unit is about a microsecond: the cost of [`copying`] a packet in or out, and half of a
/// [`DECISION`].
pub const QUANTUM: u32 = 128;
/// The cost of deciding a packet's path.
pub const DECISION: u32 = 2;
/// How many ports are polled directly.
const HOT_PORTS: usize = 4;
/// The cost that may be spent on them before all ports are looked at.
const LOOK_AROUND: u32 = 64;

/// The cost of reading or writing this many packets with this many bytes in all.
pub fn copying(packets: u32, bytes: usize) -> u32 {
    packets + (bytes / 8192) as u32
}

/// How far a port has exceeded its turns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Debt(u32);

impl Debt {
    /// Whether it is the port's turn. A port in debt pays one quantum back instead.
    pub fn pay(&mut self) -> bool {
        let is_paid = self.0 == 0;
        self.0 = self.0.saturating_sub(QUANTUM);
        is_paid
    }

    /// Adds the cost of a turn, as far as it exceeds the quantum.
    pub fn owe(&mut self, cost: u32) {
        self.0 = self.0.saturating_add(cost.saturating_sub(QUANTUM));
    }
}

/// The ports that a worker polls directly.
#[derive(Debug, Default)]
pub struct Schedule {
    /// The first is polled next.
    hot: VecDeque<PortId>,
    /// The cost spent since all ports were looked at.
    spent: u32,
}

impl Schedule {
    /// The next port to poll. `None` when it is time to look at all ports.
    pub fn next(&mut self) -> Option<PortId> {
        if self.spent >= LOOK_AROUND {
            return None;
        }
        self.hot.rotate_left(usize::from(!self.hot.is_empty()));
        self.hot.back().copied()
    }

    /// The number of ports that are polled directly.
    pub fn hot(&self) -> usize {
        self.hot.len()
    }

    /// Adds the cost of polling or serving a port.
    pub fn spend(&mut self, cost: u32) {
        self.spent = self.spent.saturating_add(cost);
    }

    /// Notes that all ports were looked at, and that these had packets.
    pub fn looked(&mut self, busy: &[PortId]) {
        self.spent = 0;
        if busy.len() > HOT_PORTS {
            // With many busy ports `epoll_wait` is cheap for each of them.
            return self.hot.clear();
        }
        for port in busy {
            if !self.hot.contains(port) {
                self.hot.push_back(*port);
            }
        }
        let old = self.hot.len().saturating_sub(HOT_PORTS);
        self.hot.drain(..old);
    }

    /// Forgets a port.
    pub fn forget(&mut self, port: PortId) {
        self.hot.retain(|hot| *hot != port);
    }

    /// Stops polling ports directly.
    pub fn rest(&mut self) {
        self.hot.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(all: &[u32]) -> Vec<PortId> {
        all.iter().copied().map(PortId).collect()
    }

    #[test]
    fn few_busy_ports_are_polled_in_turn() {
        let mut schedule = Schedule::default();
        schedule.looked(&ports(&[1, 2, 3]));
        let asked: Vec<_> = std::iter::from_fn(|| schedule.next()).take(6).collect();
        assert_eq!(asked, ports(&[1, 2, 3, 1, 2, 3]));
        schedule.forget(PortId(2));
        assert_eq!([schedule.next(), schedule.next()], [Some(PortId(1)), Some(PortId(3))]);
    }

    #[test]
    fn all_ports_are_looked_at_before_long() {
        let mut schedule = Schedule::default();
        schedule.looked(&ports(&[1]));
        schedule.spend(LOOK_AROUND);
        assert_eq!(schedule.next(), None);
        schedule.looked(&[]);
        assert_eq!(schedule.next(), Some(PortId(1)), "a port without packets stays among those that are polled");
    }

    #[test]
    fn many_busy_ports_are_not_polled_directly() {
        let mut schedule = Schedule::default();
        schedule.looked(&ports(&[1, 2, 3, 4, 5]));
        assert_eq!(schedule.next(), None);
        schedule.looked(&ports(&[1, 2, 3, 4]));
        schedule.looked(&ports(&[5]));
        let asked: Vec<_> = std::iter::from_fn(|| schedule.next()).take(4).collect();
        assert_eq!(asked, ports(&[2, 3, 4, 5]), "the oldest port is replaced");
    }

    #[test]
    fn a_port_that_exceeds_its_turn_waits_until_the_excess_is_paid() {
        let mut debt = Debt::default();
        let mut had = 0;
        for _ in 0..100 {
            if debt.pay() {
                had += 10 * QUANTUM;
                debt.owe(10 * QUANTUM);
            }
        }
        assert_eq!(had, 100 * QUANTUM);
    }
}
