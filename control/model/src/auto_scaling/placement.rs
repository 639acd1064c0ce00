//! The places of a group's instances: evenly over its zones, and within a zone evenly over its subnets.

use super::{AutoScalingGroup, Lifecycle, Member};
use crate::{Instance, Model};
use std::collections::BTreeMap;

/// A place for an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub zone: String,
    pub subnet: Option<String>,
}

impl Model {
    /// The instances that count towards the capacity, each with its member.
    pub(super) fn counting_instances<'a>(
        &'a self,
        group: &'a AutoScalingGroup,
    ) -> impl Iterator<Item = (&'a Instance, &'a Member)> {
        group.active().filter_map(|(id, member)| Some((self.instances.get(id)?, member)))
    }

    /// The number of instances in each zone. The group's own zones are included, even empty ones.
    pub(super) fn spread<'a>(&'a self, group: &'a AutoScalingGroup) -> BTreeMap<&'a str, usize> {
        let mut spread: BTreeMap<&str, usize> = group.settings.zones.iter().map(|zone| (zone.as_str(), 0)).collect();
        for (instance, _) in self.counting_instances(group) {
            *spread.entry(&instance.zone).or_default() += 1;
        }
        spread
    }

    /// The places of a group, those with the fewest instances first.
    pub(super) fn places_of(&self, group: &AutoScalingGroup) -> Vec<Place> {
        let settings = &group.settings;
        let mut places: Vec<Place> = match settings.subnets.as_slice() {
            [] => settings.zones.iter().map(|zone| Place { zone: zone.clone(), subnet: None }).collect(),
            subnets => {
                let found = subnets.iter().filter_map(|id| self.subnets.get(id));
                found.map(|subnet| Place { zone: subnet.zone.clone(), subnet: Some(subnet.id.clone()) }).collect()
            }
        };
        let spread = self.spread(group);
        let in_subnet = |subnet: &Option<String>| {
            let there = |instance: &Instance| instance.vpc().map(|place| &place.subnet) == subnet.as_ref();
            self.counting_instances(group).filter(|(instance, _)| there(instance)).count()
        };
        places.sort_by_cached_key(|place| (spread.get(place.zone.as_str()).copied(), in_subnet(&place.subnet)));
        places
    }

    /// The zone that should get an instance of another zone, because the other one has at least two more or is not the group's any more.
    /// `None` while the group is not settled or no instance may be terminated.
    pub(super) fn underused_zone(&self, group: &AutoScalingGroup) -> Option<String> {
        let settled = group.capacity() == group.desired && group.active().all(|(_, m)| m.state == Lifecycle::InService);
        if !settled {
            return None;
        }
        let spread = self.spread(group);
        let own = |zone: &str| group.settings.zones.iter().any(|own| own == zone);
        let (least, fewest) = spread.iter().filter(|(zone, _)| own(zone)).min_by_key(|(_, count)| **count)?;
        let count = |zone: &str| spread.get(zone).copied().unwrap_or_default();
        let gives = |instance: &Instance| !own(&instance.zone) || count(&instance.zone) >= fewest + 2;
        let mut candidates = self.counting_instances(group).filter(|(_, member)| !member.protected);
        candidates.any(|(instance, _)| gives(instance)).then(|| (*least).to_owned())
    }
}
