//! Whose turn it is. Ports that have packets take turns of one cost; who has had more than that pays before the next.
//!
//! While few ports are busy they are asked directly, which is cheaper than asking which ports have packets; not for long, though: a
//! port that was silent so far waits for no more than one turn before it is noticed.

use std::collections::VecDeque;
use wire::PortId;

/// What a turn may cost. The unit is about a microsecond: [`copying`] a packet in or out, half a [`DECISION`].
pub const TURN: u32 = 128;
/// What a packet costs whose way has to be decided.
pub const DECISION: u32 = 2;
/// How many ports are asked directly.
const HOT_PORTS: usize = 4;
/// What may be spent on them before others are looked at.
const LOOK_AROUND: u32 = 64;

/// What it costs to read or write so many packets of so many bytes in all.
pub fn copying(packets: u32, bytes: usize) -> u32 {
    packets + (bytes / 8192) as u32
}

/// What a port has had beyond its turns.
#[derive(Clone, Copy, Debug, Default)]
pub struct Debt(u32);

impl Debt {
    /// Whether it is a port's turn; if it owes, it has paid one turn of it instead.
    pub fn pay(&mut self) -> bool {
        let free = self.0 == 0;
        self.0 = self.0.saturating_sub(TURN);
        free
    }

    /// Notes what a turn has cost.
    pub fn owe(&mut self, cost: u32) {
        self.0 = self.0.saturating_add(cost.saturating_sub(TURN));
    }
}

/// The ports that a worker asks directly.
#[derive(Debug, Default)]
pub struct Rota {
    /// The one to be asked next is the first.
    hot: VecDeque<PortId>,
    /// What was spent since all ports were looked at.
    spent: u32,
}

impl Rota {
    /// The next port to ask directly; `None` when it is time to look at all.
    pub fn next(&mut self) -> Option<PortId> {
        if self.spent >= LOOK_AROUND {
            return None;
        }
        self.hot.rotate_left(usize::from(!self.hot.is_empty()));
        self.hot.back().copied()
    }

    /// How many ports are asked directly.
    pub fn hot(&self) -> usize {
        self.hot.len()
    }

    /// Notes what asking a port has cost, or serving it.
    pub fn spend(&mut self, cost: u32) {
        self.spent = self.spent.saturating_add(cost);
    }

    /// All ports were looked at, and these had packets.
    pub fn looked(&mut self, busy: &[PortId]) {
        self.spent = 0;
        if busy.len() > HOT_PORTS {
            // Asking which ports have packets is cheap among so many that have.
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

    /// A port has gone.
    pub fn forget(&mut self, port: PortId) {
        self.hot.retain(|hot| *hot != port);
    }

    /// No port is asked directly any more.
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
    fn few_busy_ports_are_asked_in_turn() {
        let mut rota = Rota::default();
        rota.looked(&ports(&[1, 2, 3]));
        let asked: Vec<_> = std::iter::from_fn(|| rota.next()).take(6).collect();
        assert_eq!(asked, ports(&[1, 2, 3, 1, 2, 3]));
        rota.forget(PortId(2));
        assert_eq!([rota.next(), rota.next()], [Some(PortId(1)), Some(PortId(3))]);
    }

    #[test]
    fn others_are_looked_at_before_long() {
        let mut rota = Rota::default();
        rota.looked(&ports(&[1]));
        rota.spend(LOOK_AROUND);
        assert_eq!(rota.next(), None);
        rota.looked(&[]);
        assert_eq!(rota.next(), Some(PortId(1)), "asking has told nothing against it");
    }

    #[test]
    fn many_busy_ports_are_not_asked_directly() {
        let mut rota = Rota::default();
        rota.looked(&ports(&[1, 2, 3, 4, 5]));
        assert_eq!(rota.next(), None);
        rota.looked(&ports(&[1, 2, 3, 4]));
        rota.looked(&ports(&[5]));
        let asked: Vec<_> = std::iter::from_fn(|| rota.next()).take(4).collect();
        assert_eq!(asked, ports(&[2, 3, 4, 5]), "the oldest gives way");
    }

    #[test]
    fn who_has_had_more_waits_until_it_is_paid() {
        let mut debt = Debt::default();
        let mut had = 0;
        for _ in 0..100 {
            if debt.pay() {
                had += 10 * TURN;
                debt.owe(10 * TURN);
            }
        }
        assert_eq!(had, 100 * TURN);
    }
}
