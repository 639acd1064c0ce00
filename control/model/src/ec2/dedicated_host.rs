//! Dedicated Hosts. All instances share this machine, so they have no effect.

use crate::collection::resource;
use crate::words::words;
use crate::{Caller, Error, IdKind, Instance, Model, Result, Scope, Tags, Time, tags};
use serde::{Deserialize, Serialize};

words! {
    /// Whether something is on.
    OnOff { Off "off", On "on" }
}

/// The instances that a Dedicated Host is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostKind {
    /// Instances of a family: `c5`.
    Family(String),
    /// Instances of a type: `c5.large`.
    Type(String),
}

/// A Dedicated Host.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DedicatedHost {
    /// `h-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its zone.
    pub zone: String,
    /// The instances that it is for.
    pub kind: HostKind,
    /// Whether instances that name no host may be placed on it.
    pub auto_placement: OnOff,
    /// Whether its instances are moved if it fails.
    pub recovery: OnOff,
    /// Whether its instances are moved before its maintenance.
    pub maintenance: OnOff,
    /// The time of its creation.
    pub allocated: Time,
}

resource!(DedicatedHost, IdKind::DedicatedHost);

/// The changes of ModifyHosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostChange {
    /// The instances that it is for.
    pub kind: Option<HostKind>,
    /// Whether instances that name no host may be placed on it.
    pub auto_placement: Option<OnOff>,
    /// Whether its instances are moved if it fails.
    pub recovery: Option<OnOff>,
    /// Whether its instances are moved before its maintenance.
    pub maintenance: Option<OnOff>,
}

impl Model {
    /// AllocateHosts: allocates a number of equal hosts. Returns the ids.
    pub fn allocate_hosts(
        &mut self,
        caller: &Caller,
        (zone, kind): (&str, HostKind),
        count: u32,
        change: HostChange,
        tags: Tags,
    ) -> Result<Vec<String>> {
        tags::check(&tags)?;
        let zone = self.zone(&caller.scope, Some(zone))?;
        let one = |model: &mut Model| {
            let id = model.new_id(IdKind::DedicatedHost);
            model.dedicated_hosts.insert(DedicatedHost {
                id: id.clone(),
                scope: caller.scope.clone(),
                tags: tags.clone(),
                zone: zone.clone(),
                kind: kind.clone(),
                auto_placement: change.auto_placement.unwrap_or(OnOff::On),
                recovery: change.recovery.unwrap_or_default(),
                maintenance: change.maintenance.unwrap_or_default(),
                allocated: caller.now,
            });
            id
        };
        Ok((0..count).map(|_| one(self)).collect())
    }

    /// The instances that are on a Dedicated Host.
    pub fn instances_on<'m>(&'m self, host: &'m DedicatedHost) -> impl Iterator<Item = &'m Instance> {
        let here = move |instance: &&Instance| instance.options.dedicated_host.as_deref() == Some(host.id.as_str());
        self.instances.of(&host.scope).filter(|instance| !instance.is_gone()).filter(here)
    }

    /// ModifyHosts, for one resource.
    pub fn modify_host(&mut self, caller: &Caller, id: &str, change: &HostChange) -> Result<()> {
        let host = self.dedicated_hosts.find_mut(&caller.scope, id)?;
        host.kind = change.kind.clone().unwrap_or_else(|| host.kind.clone());
        host.auto_placement = change.auto_placement.unwrap_or(host.auto_placement);
        host.recovery = change.recovery.unwrap_or(host.recovery);
        host.maintenance = change.maintenance.unwrap_or(host.maintenance);
        Ok(())
    }

    /// ReleaseHosts, for one host. One with instances is refused. It is described for a while.
    pub fn release_host(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let host = self.dedicated_hosts.find(&caller.scope, id)?;
        if self.instances_on(host).next().is_some() {
            return Err(Error::HostOccupied { id: id.to_owned() });
        }
        let host = self.dedicated_hosts.remove(id);
        self.depart(host, caller.now);
        Ok(())
    }
}
