//! Removes rows of what has ended, once it is no longer described (semantics.md §6).

use super::{FormerBlock, Model, Result, RouteTable, Subnet, Time, Vpc, VpnGateway};

fn has_old(former: &[FormerBlock], now: Time) -> bool {
    former.iter().any(|block| block.is_forgotten(now))
}

impl Model {
    /// Whether some row has ended so long ago that it is no longer described.
    pub fn has_forgettable(&self, now: Time) -> bool {
        self.instances.iter().any(|row| row.is_forgotten(now))
            || self.nat_gateways.iter().any(|row| !row.is_visible(now))
            || self.vpn_connections.iter().any(|row| !row.is_visible(now))
            || self.peerings.iter().any(|row| row.is_forgotten(now))
            || self.tokened_requests.iter().any(|row| row.is_forgotten(now))
            || self.departures.iter().any(|row| row.is_forgotten(now))
            || self.vpcs.iter().any(|row| has_old(&row.former, now))
            || self.subnets.iter().any(|row| has_old(&row.former, now))
            || self.route_tables.iter().any(|row| row.former.iter().any(|was| was.is_forgotten(now)))
            || self.vpn_gateways.iter().any(|row| row.detached.as_ref().is_some_and(|was| was.is_forgotten(now)))
            || self.sessions.iter().any(|row| row.is_forgotten(now))
            || self.scaling_activities.iter().any(|row| row.is_forgotten(now))
            || self.service_events.iter().any(|row| row.is_forgotten(now))
            || self.transit_peerings.iter().any(|row| row.is_forgotten(now))
            || self.expired_capacity(now).next().is_some()
            || self.forgotten_fleets(now).next().is_some()
            || self.forgotten_spot_fleets(now).next().is_some()
    }

    /// Removes the rows of what ended so long ago that it is no longer described.
    pub fn forget(&mut self, now: Time) -> Result<()> {
        self.instances.remove_where(|row| row.is_forgotten(now));
        let instances = &self.instances;
        self.consoles.remove_where(|console| instances.get(&console.id).is_none());
        self.forget_spot_requests();
        self.nat_gateways.remove_where(|row| !row.is_visible(now));
        self.vpn_connections.remove_where(|row| !row.is_visible(now));
        self.peerings.remove_where(|row| row.is_forgotten(now));
        self.tokened_requests.remove_where(|row| row.is_forgotten(now));
        self.departures.remove_where(|row| row.is_forgotten(now));
        let old = |block: &FormerBlock| block.is_forgotten(now);
        self.vpcs.update(|vpc: &Vpc| has_old(&vpc.former, now), |vpc| vpc.former.retain(|block| !old(block)));
        self.subnets.update(|row: &Subnet| has_old(&row.former, now), |row| row.former.retain(|block| !old(block)));
        let had = |row: &RouteTable| row.former.iter().any(|was| was.is_forgotten(now));
        self.route_tables.update(had, |row| row.former.retain(|was| !was.is_forgotten(now)));
        let was = |row: &VpnGateway| row.detached.as_ref().is_some_and(|was| was.is_forgotten(now));
        self.vpn_gateways.update(was, |row| row.detached = None);
        self.sessions.remove_where(|row| row.is_forgotten(now));
        self.scaling_activities.remove_where(|row| row.is_forgotten(now));
        self.service_events.remove_where(|row| row.is_forgotten(now));
        self.transit_peerings.remove_where(|row| row.is_forgotten(now));
        self.expire_capacity(now);
        let fleets: Vec<String> = self.forgotten_fleets(now).map(|fleet| fleet.id.clone()).collect();
        fleets.iter().for_each(|id| drop(self.fleets.remove(id)));
        let fleets: Vec<String> = self.forgotten_spot_fleets(now).map(|fleet| fleet.id.clone()).collect();
        fleets.iter().for_each(|id| drop(self.spot_fleets.remove(id)));
        Ok(())
    }
}
