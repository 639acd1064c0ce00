//! Who has begun how many flows, and which of them make room for others.
//!
//! A flow counts for the port that began it. The flows of a port that are not [assured](super::State::is_assured) stand in a list,
//! the oldest first. A packet on its way changes a flow's state without a word to the list, so one may stand there that has been
//! assured meanwhile: who takes one from a list asks the flow itself, and a sweep puts the lists right.

use crate::policy::PortId;
use std::collections::HashMap;

/// Shares of all ports.
#[derive(Debug)]
pub struct Shares {
    ports: HashMap<PortId, Share, foldhash::fast::RandomState>,
    /// One of each slot that has been used.
    links: Vec<Link>,
    /// A port with a long list, and how long it was at its longest since it was found.
    longest: (PortId, u32),
}

/// What one port has.
#[derive(Debug, Default)]
struct Share {
    flows: u32,
    listed: u32,
    /// The list's ends, if it has any.
    ends: Option<[u32; 2]>,
}

/// A slot's place in the list of its flow's port.
#[derive(Clone, Copy, Debug)]
struct Link {
    port: PortId,
    is_listed: bool,
    /// The slots before and after it.
    neighbours: [Option<u32>; 2],
}

impl Link {
    fn unlisted(port: PortId) -> Self {
        Self { port, is_listed: false, neighbours: [None; 2] }
    }
}

const OLDER: usize = 0;
const NEWER: usize = 1;

impl Shares {
    /// Shares of a table with so many slots.
    pub fn new(slots: u32) -> Self {
        // Memory that is not used costs nothing; growing would copy it all while packets wait.
        Self { ports: HashMap::default(), links: Vec::with_capacity(slots as usize), longest: (PortId(0), 0) }
    }

    /// How many flows a port has.
    pub fn of(&self, port: PortId) -> u32 {
        self.ports.get(&port).map_or(0, |share| share.flows)
    }

    /// A port began the flow in this slot.
    pub fn add(&mut self, slot: u32, port: PortId) {
        if self.links.len() <= slot as usize {
            self.links.resize(slot as usize + 1, Link::unlisted(port));
        }
        self.links[slot as usize] = Link::unlisted(port);
        self.ports.entry(port).or_default().flows += 1;
    }

    /// The flow in this slot is gone.
    pub fn remove(&mut self, slot: u32) {
        self.settle(slot);
        let port = self.links[slot as usize].port;
        if let Some(share) = self.ports.get_mut(&port) {
            share.flows -= 1;
            if share.flows == 0 {
                self.ports.remove(&port);
            }
        }
    }

    /// The flow in this slot makes room for others from now on.
    pub fn list(&mut self, slot: u32) {
        let link = self.links[slot as usize];
        let Some(share) = self.ports.get_mut(&link.port).filter(|_| !link.is_listed) else { return };
        let newest = share.ends.map(|ends| ends[NEWER]);
        share.ends = Some([share.ends.map_or(slot, |ends| ends[OLDER]), slot]);
        share.listed += 1;
        if share.listed > self.longest.1 {
            self.longest = (link.port, share.listed);
        }
        self.links[slot as usize] = Link { is_listed: true, neighbours: [newest, None], ..link };
        if let Some(newest) = newest {
            self.links[newest as usize].neighbours[NEWER] = Some(slot);
        }
    }

    /// The flow in this slot makes no room any more.
    pub fn settle(&mut self, slot: u32) {
        let link = self.links[slot as usize];
        let Some(share) = self.ports.get_mut(&link.port).filter(|_| link.is_listed) else { return };
        let [older, newer] = link.neighbours;
        share.listed -= 1;
        share.ends = share.ends.and_then(|[oldest, newest]| {
            Some([if oldest == slot { newer? } else { oldest }, if newest == slot { older? } else { newest }])
        });
        self.links[slot as usize] = Link::unlisted(link.port);
        if let Some(older) = older {
            self.links[older as usize].neighbours[NEWER] = newer;
        }
        if let Some(newer) = newer {
            self.links[newer as usize].neighbours[OLDER] = older;
        }
    }

    /// The slot of the oldest flow that a port has in its list.
    pub fn oldest(&self, port: PortId) -> Option<u32> {
        self.ports.get(&port)?.ends.map(|ends| ends[OLDER])
    }

    /// A port whose list is the longest, or at least half as long. All ports are looked at only when a list has shrunk by half.
    pub fn longest(&mut self) -> Option<PortId> {
        let listed = |shares: &Self, port| shares.ports.get(&port).map_or(0, |share| share.listed);
        if listed(self, self.longest.0) <= self.longest.1 / 2 {
            let all = self.ports.iter().map(|(port, share)| (*port, share.listed));
            self.longest = all.max_by_key(|(_, listed)| *listed).unwrap_or((PortId(0), 0));
        }
        (self.longest.1 > 0).then_some(self.longest.0)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against plain lists.
        #[test]
        fn every_port_has_its_list(steps in prop::collection::vec((0u32..12, 0u32..3, 0u8..5), 0..200)) {
            let mut shares = Shares::new(12);
            let mut flows: HashMap<u32, u32> = HashMap::new();
            let mut lists: [Vec<u32>; 3] = Default::default();
            for (slot, port, what) in steps {
                match (what, flows.get(&slot).copied()) {
                    (0 | 1, None) => {
                        shares.add(slot, PortId(port));
                        flows.insert(slot, port);
                    }
                    (1 | 2, Some(port)) => {
                        shares.list(slot);
                        if !lists[port as usize].contains(&slot) {
                            lists[port as usize].push(slot);
                        }
                    }
                    (3, Some(port)) => {
                        shares.settle(slot);
                        lists[port as usize].retain(|listed| *listed != slot);
                    }
                    (4, Some(port)) => {
                        shares.remove(slot);
                        flows.remove(&slot);
                        lists[port as usize].retain(|listed| *listed != slot);
                    }
                    _ => {}
                }
                for (port, list) in (0..).zip(&lists) {
                    let began = flows.values().filter(|owner| **owner == port).count();
                    prop_assert_eq!(shares.of(PortId(port)) as usize, began);
                    prop_assert_eq!(shares.oldest(PortId(port)), list.first().copied());
                }
                let most = lists.iter().map(Vec::len).max().unwrap_or(0);
                let found = shares.longest().map_or(0, |port| lists[port.0 as usize].len());
                prop_assert!(found * 2 >= most && found <= most, "{} of {}", found, most);
            }
        }
    }
}
