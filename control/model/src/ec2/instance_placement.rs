//! ModifyInstancePlacement: the placement of an instance from its next start on.

use crate::{Caller, Error, InstanceOptions, Model, Result, Tenancy};

/// A change of a placement. Absent parts stay.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlacementChange {
    /// The tenancy.
    pub tenancy: Option<Tenancy>,
    /// Whether it stays on its dedicated host: `host` or `default`.
    pub affinity: Option<String>,
    /// The dedicated host.
    pub host: Option<String>,
    /// The placement group's name, empty for none.
    pub group: Option<String>,
    /// The partition of the group.
    pub partition: Option<u32>,
}

impl PlacementChange {
    /// Whether the instance must be stopped for it.
    fn needs_stop(&self) -> bool {
        self.tenancy.is_some() || self.host.is_some() || self.group.is_some() || self.partition.is_some()
    }
}

impl Model {
    /// ModifyInstancePlacement.
    pub fn modify_placement(&mut self, caller: &Caller, id: &str, change: PlacementChange) -> Result<()> {
        if change == PlacementChange::default() {
            return Err(Error::NoAttribute {});
        }
        if let Some(host) = &change.host {
            self.dedicated_hosts.find(&caller.scope, host)?;
        }
        let needs_stop = change.needs_stop();
        let PlacementChange { tenancy, affinity, host, group, partition } = change;
        let instance = self.instances.find(&caller.scope, id)?;
        let tenancy = tenancy.unwrap_or(instance.tenancy);
        // T3 instances cannot be moved to or from Dedicated Hosts (API reference, ModifyInstancePlacement).
        let (was_on_host, is_on_host) = (instance.tenancy == Tenancy::Host, tenancy == Tenancy::Host);
        if was_on_host != is_on_host && instance.instance_type.starts_with("t3.") {
            return Err(Error::TenancyForGood { instance_type: instance.instance_type.clone() });
        }
        let change = |options: &mut InstanceOptions| {
            options.affinity = affinity.or_else(|| options.affinity.take());
            options.dedicated_host =
                host.or_else(|| options.dedicated_host.take()).filter(|_| is_on_host || !was_on_host);
            options.placement_group = group.or_else(|| options.placement_group.take()).filter(|name| !name.is_empty());
            options.partition = partition.or(options.partition);
            Ok(())
        };
        match needs_stop {
            true => self.change_options_of_stopped(caller, id, change)?,
            false => self.change_options(caller, id, change)?,
        }
        self.instances.find_mut(&caller.scope, id)?.tenancy = tenancy;
        Ok(())
    }
}
