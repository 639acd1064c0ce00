//! The formation of a cache's servers: who copies whom, and which slots a shard has.

use super::{Deployment, Thing};
use crate::{ManagedHost, Model};
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;

/// The number of slots in a cluster (Redis cluster specification).
const SLOTS: usize = 16_384;

/// The place of a server among the servers of its cache.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Formation {
    /// Its own address.
    pub own: Ipv4Addr,
    /// The addresses of the others.
    pub others: Vec<Ipv4Addr>,
    /// The address of the primary that it copies. `None` for a primary.
    pub primary: Option<Ipv4Addr>,
    /// The slots of its shard. `None` without shards.
    pub slots: Option<Vec<RangeInclusive<u16>>>,
}

impl Deployment {
    /// The slots of the shard at this index in the form of the API: those that the user gave, or an equal part of all.
    pub fn slots(&self, shard: usize) -> String {
        let given =
            self.told("NodeGroups").and_then(|groups| Some(groups.get(shard)?.get("Slots")?.as_str()?.to_owned()));
        let shards = (self.hosts.len() / self.layout.each()).max(1);
        let (start, end) = (SLOTS * shard / shards, SLOTS * (shard + 1) / shards);
        given.unwrap_or_else(|| format!("{start}-{}", end.saturating_sub(1)))
    }
}

impl Model {
    /// The formation of a host's server. `None` if the host belongs to no replication group.
    pub fn formation_of(&self, host: &str) -> Option<Formation> {
        let host = self.managed_hosts.get(host)?;
        let cache = self.deployments.get(&host.owner.resource).filter(|row| row.thing == Thing::ReplicationGroup)?;
        let index = cache.hosts.iter().position(|id| *id == host.id)?;
        let address = |host: &ManagedHost| self.managed_addresses(host).0;
        let (each, has_shards) = (cache.layout.each(), cache.layout.has_shards());
        let primary = if has_shards { index - index % each } else { cache.primary };
        let primary = cache.hosts.get(primary).filter(|id| **id != host.id).and_then(|id| self.managed_hosts.get(id));
        Some(Formation {
            own: address(host)?,
            others: self.hosts_of(cache).filter(|other| other.id != host.id).filter_map(address).collect(),
            primary: primary.and_then(address),
            slots: has_shards.then(|| slot_ranges(&cache.slots(index / each)).unwrap_or_default()),
        })
    }
}

/// The ranges in a text such as `0-99,200`. `None` if one is not a range of slots, or if there are too many.
pub fn slot_ranges(text: &str) -> Option<Vec<RangeInclusive<u16>>> {
    let range = |text: &str| {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let range = first.trim().parse::<u16>().ok()?..=last.trim().parse().ok()?;
        (!range.is_empty() && usize::from(*range.end()) < SLOTS).then_some(range)
    };
    let ranges = text.split(',').map(range).collect::<Option<Vec<_>>>()?;
    let count: usize = ranges.iter().map(|range| range.len()).sum();
    (count <= SLOTS).then_some(ranges)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_ranges_and_single_numbers() {
        assert_eq!(slot_ranges("0-99,200, 300-301"), Some(vec![0..=99, 200..=200, 300..=301]));
        for wrong in ["", "0-16384", "5-3", "a-b", "0-16383,0-16383"] {
            assert_eq!(slot_ranges(wrong), None, "{wrong}");
        }
    }
}
