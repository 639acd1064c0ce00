//! What has ended is told for a while (semantics.md §6), and then forgotten.

use super::{Model, Result, Time};

impl Model {
    /// Whether something ended so long ago that nobody is told of it any more.
    pub fn has_forgettable(&self, now: Time) -> bool {
        self.instances.iter().any(|row| row.is_forgotten(now))
            || self.nat_gateways.iter().any(|row| !row.is_visible(now))
            || self.vpn_connections.iter().any(|row| !row.is_visible(now))
            || self.peerings.iter().any(|row| row.is_forgotten(now))
            || self.sessions.iter().any(|row| row.is_forgotten(now))
    }

    /// Takes out what ended so long ago that nobody is told of it any more.
    pub fn forget(&mut self, now: Time) -> Result<()> {
        self.instances.remove_where(|row| row.is_forgotten(now));
        self.nat_gateways.remove_where(|row| !row.is_visible(now));
        self.vpn_connections.remove_where(|row| !row.is_visible(now));
        self.peerings.remove_where(|row| row.is_forgotten(now));
        self.sessions.remove_where(|row| row.is_forgotten(now));
        Ok(())
    }
}
