//! Dedicated Hosts and Capacity Reservations.

use super::{Importer, tags, unsigned};
use model::{
    CapacityReservation, CapacityTerms, DedicatedHost, HostKind, IdKind, InstanceMatch, OnOff, Scope, Tenancy,
};
use shapes::ec2;

impl Importer<'_> {
    pub(super) fn dedicated_host(&mut self, scope: &Scope, told: ec2::Host) {
        let Some(id) = self.id(IdKind::DedicatedHost, told.host_id) else { return };
        if let Some(state) = told.state.filter(|state| state.starts_with("released")) {
            return self.leave_out(format!("{id} is {state}"));
        }
        let properties = told.host_properties.unwrap_or_default();
        let kind = match (properties.instance_family, properties.instance_type) {
            (_, Some(instance_type)) => HostKind::Type(instance_type),
            (Some(family), None) => HostKind::Family(family),
            (None, None) => return self.leave_out(format!("{id}: it does not say which instances it is for")),
        };
        let is_on = |word: Option<String>| word.and_then(|word| OnOff::read("", &word).ok()).unwrap_or_default();
        self.model.dedicated_hosts.adopt(DedicatedHost {
            id,
            scope: scope.clone(),
            tags: tags(told.tags),
            zone: told.availability_zone.unwrap_or_default(),
            kind,
            auto_placement: is_on(told.auto_placement),
            recovery: is_on(told.host_recovery),
            maintenance: is_on(told.host_maintenance),
            allocated: told.allocation_time.unwrap_or(self.now),
        });
    }

    pub(super) fn capacity_reservation(&mut self, scope: &Scope, told: ec2::CapacityReservation) {
        let Some(id) = self.id(IdKind::CapacityReservation, told.capacity_reservation_id) else { return };
        if let Some(state) = told.state.filter(|state| state != "active" && state != "pending") {
            return self.leave_out(format!("{id} is {state}"));
        }
        let (Some(count), Some(instance_type)) = (unsigned(told.total_instance_count), told.instance_type) else {
            return self.leave_out(format!("{id}: it does not say for how many instances it is, or of which type"));
        };
        let matches = told.instance_match_criteria.unwrap_or_default();
        self.model.capacity_reservations.adopt(CapacityReservation {
            id,
            scope: scope.clone(),
            tags: tags(told.tags),
            terms: CapacityTerms {
                instance_type,
                platform: told.instance_platform.unwrap_or_else(|| "Linux/UNIX".to_owned()),
                zone: told.availability_zone.unwrap_or_default(),
                tenancy: match told.tenancy.as_deref() {
                    Some("dedicated") => Tenancy::Dedicated,
                    _ => Tenancy::Default,
                },
                count,
                ebs_optimized: told.ebs_optimized == Some(true),
                ephemeral_storage: told.ephemeral_storage == Some(true),
                until: told.end_date,
                matches: InstanceMatch::read("InstanceMatchCriteria", &matches).unwrap_or_default(),
            },
            created: told.create_date.unwrap_or(self.now),
        });
    }
}
