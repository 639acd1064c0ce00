//! How many flows each port has begun, and which of them make room for others.
//!
//! A flow counts for the port that began it. A port's list has its flows that are not
//! [assured](super::State::is_assured), the oldest first. Packets change a flow's state without updating the list, so a
//! listed flow may have become assured. The code that takes a flow from a list therefore checks the flow itself, and a sweep
//! updates the lists.

use std::collections::HashMap;
use wire::PortId;

/// A port, and the slots of its list.
pub type List = (PortId, Vec<u32>);

/// Shares of all ports.
#[derive(Debug)]
pub struct Shares {
    ports: HashMap<PortId, Share, foldhash::fast::RandomState>,
    /// One link for each slot that has been used.
    links: Vec<Link>,
    /// The port that had the longest list at the last search, and the greatest length of its list since then.
    longest: (PortId, u32),
}

/// One port's share.
#[derive(Debug, Default)]
struct Share {
    flows: u32,
    listed: u32,
    /// The first and last slot in the list, if it has any.
    ends: Option<[u32; 2]>,
}

/// A slot's place in its port's list.
#[derive(Clone, Copy, Debug)]
struct Link {
    port: PortId,
    is_listed: bool,
    /// The previous and the next slot.
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
    /// Shares for a table with this many slots.
    pub fn new(slots: u32) -> Self {
        // All memory is reserved now. Untouched memory costs nothing, and growing later would copy it while packets wait.
        Self { ports: HashMap::default(), links: Vec::with_capacity(slots as usize), longest: (PortId(0), 0) }
    }

    /// How many flows a port has begun.
    pub fn of(&self, port: PortId) -> u32 {
        self.ports.get(&port).map_or(0, |share| share.flows)
    }

    /// Adds the flow in this slot to a port, and to the port's list if it makes room for others.
    pub fn add(&mut self, slot: u32, port: PortId, makes_room: bool) {
        if self.links.len() <= slot as usize {
            self.links.resize(slot as usize + 1, Link::unlisted(port));
        }
        self.links[slot as usize] = Link::unlisted(port);
        let share = self.ports.entry(port).or_default();
        share.flows += 1;
        if makes_room {
            share.append(&mut self.links, slot);
            self.longest = longer(self.longest, (port, share.listed));
        }
    }

    /// Removes the flow in this slot.
    pub fn remove(&mut self, slot: u32) {
        let port = self.links[slot as usize].port;
        let Some(share) = self.ports.get_mut(&port) else { return };
        share.unlink(&mut self.links, slot);
        share.flows -= 1;
        if share.flows == 0 {
            self.ports.remove(&port);
        }
    }

    /// Adds the flow in this slot to its port's list.
    pub fn list(&mut self, slot: u32) {
        let Link { port, is_listed, .. } = self.links[slot as usize];
        let Some(share) = self.ports.get_mut(&port).filter(|_| !is_listed) else { return };
        share.append(&mut self.links, slot);
        self.longest = longer(self.longest, (port, share.listed));
    }

    /// Removes the flow in this slot from its port's list.
    pub fn unlist(&mut self, slot: u32) {
        let Link { port, is_listed, .. } = self.links[slot as usize];
        if let Some(share) = self.ports.get_mut(&port).filter(|_| is_listed) {
            share.unlink(&mut self.links, slot);
        }
    }

    /// The slot of the oldest flow in a port's list.
    pub fn oldest(&self, port: PortId) -> Option<u32> {
        self.ports.get(&port)?.ends.map(|ends| ends[OLDER])
    }

    /// Every port's list, the oldest flow first; and the port with the longest list, with that length.
    pub fn lists(&self) -> (Vec<List>, (PortId, u32)) {
        let list = |(port, share): (&PortId, &Share)| {
            let next = |slot: &u32| self.links[*slot as usize].neighbours[NEWER];
            (*port, std::iter::successors(share.ends.map(|ends| ends[OLDER]), next).collect())
        };
        let mut lists: Vec<_> =
            self.ports.iter().map(list).filter(|(_, slots): &(_, Vec<_>)| !slots.is_empty()).collect();
        lists.sort_unstable();
        (lists, self.longest)
    }

    /// Sets the port with the longest list, and that length.
    pub fn set_longest(&mut self, longest: (PortId, u32)) {
        self.longest = longest;
    }

    /// A port whose list is the longest, or at least half as long; of several, the last. All ports are searched only
    /// when a list has shrunk by half.
    pub fn longest(&mut self) -> Option<PortId> {
        let listed = |shares: &Self, port| shares.ports.get(&port).map_or(0, |share| share.listed);
        if listed(self, self.longest.0) <= self.longest.1 / 2 {
            let all = self.ports.iter().map(|(port, share)| (*port, share.listed));
            self.longest = all.max_by_key(|(port, listed)| (*listed, *port)).unwrap_or((PortId(0), 0));
        }
        (self.longest.1 > 0).then_some(self.longest.0)
    }
}

impl Share {
    /// Appends a slot that is not in the list.
    fn append(&mut self, links: &mut [Link], slot: u32) {
        let newest = self.ends.map(|ends| ends[NEWER]);
        self.ends = Some([self.ends.map_or(slot, |ends| ends[OLDER]), slot]);
        self.listed += 1;
        links[slot as usize].is_listed = true;
        links[slot as usize].neighbours = [newest, None];
        if let Some(newest) = newest {
            links[newest as usize].neighbours[NEWER] = Some(slot);
        }
    }

    /// Removes a slot from the list, if it is in it.
    fn unlink(&mut self, links: &mut [Link], slot: u32) {
        let Link { port, is_listed: true, neighbours: [older, newer] } = links[slot as usize] else { return };
        links[slot as usize] = Link::unlisted(port);
        self.listed -= 1;
        self.ends = self.ends.and_then(|[oldest, newest]| {
            Some([if oldest == slot { newer? } else { oldest }, if newest == slot { older? } else { newest }])
        });
        if let Some(older) = older {
            links[older as usize].neighbours[NEWER] = newer;
        }
        if let Some(newer) = newer {
            links[newer as usize].neighbours[OLDER] = older;
        }
    }
}

fn longer(one: (PortId, u32), other: (PortId, u32)) -> (PortId, u32) {
    if other.1 > one.1 { other } else { one }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Compares with plain lists.
        #[test]
        fn every_port_has_its_list(steps in prop::collection::vec((0u32..12, 0u32..3, 0u8..5), 0..200)) {
            let mut shares = Shares::new(12);
            let mut flows: HashMap<u32, u32> = HashMap::new();
            let mut lists: [Vec<u32>; 3] = Default::default();
            for (slot, port, what) in steps {
                match (what, flows.get(&slot).copied()) {
                    (0 | 1, None) => {
                        shares.add(slot, PortId(port), what == 1);
                        flows.insert(slot, port);
                        lists[port as usize].extend((what == 1).then_some(slot));
                    }
                    (1 | 2, Some(port)) => {
                        shares.list(slot);
                        if !lists[port as usize].contains(&slot) {
                            lists[port as usize].push(slot);
                        }
                    }
                    (3, Some(port)) => {
                        shares.unlist(slot);
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
