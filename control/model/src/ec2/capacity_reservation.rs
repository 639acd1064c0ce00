//! Capacity Reservations: capacity for instances of a type in a zone. Capacity is never short here, so reservations have no effect.

use crate::collection::resource;
use crate::words::words;
use crate::{
    Caller, CapacityPreference, Error, IdKind, Instance, InstanceType, Model, Result, Scope, Tags, Tenancy, Time, tags,
};
use serde::{Deserialize, Serialize};

words! {
    /// The instances that run in a Capacity Reservation: all that match, or those that name it.
    InstanceMatch { Open "open", Targeted "targeted" }
}

/// The reserved capacity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityTerms {
    /// The instance type.
    pub instance_type: String,
    /// The platform of its instances: `Linux/UNIX`, for example.
    pub platform: String,
    /// Its zone.
    pub zone: String,
    /// The tenancy.
    pub tenancy: Tenancy,
    /// The number of instances.
    pub count: u32,
    /// Whether it is for EBS-optimized instances.
    pub ebs_optimized: bool,
    /// Whether it is for instances with instance store volumes.
    #[serde(default)]
    pub ephemeral_storage: bool,
    /// Its end, if it has one.
    pub until: Option<Time>,
    /// The instances that run in it.
    pub matches: InstanceMatch,
}

/// A Capacity Reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityReservation {
    /// `cr-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The reserved capacity.
    #[serde(flatten)]
    pub terms: CapacityTerms,
    /// The time of its creation.
    pub created: Time,
}

resource!(CapacityReservation, IdKind::CapacityReservation);

/// The changes of ModifyCapacityReservation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapacityChange {
    /// The number of instances.
    pub count: Option<u32>,
    /// Its end. An inner `None` removes it.
    pub until: Option<Option<Time>>,
    /// The instances that run in it.
    pub matches: Option<InstanceMatch>,
}

impl Model {
    /// CreateCapacityReservation. Returns the id.
    pub fn reserve_capacity(&mut self, caller: &Caller, mut terms: CapacityTerms, tags: Tags) -> Result<String> {
        tags::check(&tags)?;
        if InstanceType::named(&terms.instance_type).is_none() {
            return Err(Error::UnknownType { instance_type: terms.instance_type });
        }
        terms.zone = self.zone(&caller.scope, Some(&terms.zone))?;
        let id = self.new_id(IdKind::CapacityReservation);
        let (scope, created) = (caller.scope.clone(), caller.now);
        self.capacity_reservations.insert(CapacityReservation { id: id.clone(), scope, tags, terms, created });
        Ok(id)
    }

    /// ModifyCapacityReservation.
    pub fn modify_capacity(&mut self, caller: &Caller, id: &str, change: &CapacityChange) -> Result<()> {
        let terms = &mut self.capacity_reservations.find_mut(&caller.scope, id)?.terms;
        terms.count = change.count.unwrap_or(terms.count);
        terms.until = change.until.unwrap_or(terms.until);
        terms.matches = change.matches.unwrap_or(terms.matches);
        Ok(())
    }

    /// CancelCapacityReservation. Its instances run on. It is described for a while.
    pub fn cancel_capacity(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.capacity_reservations.find(&caller.scope, id)?;
        let row = self.capacity_reservations.remove(id);
        self.depart(row, caller.now);
        Ok(())
    }

    /// The Capacity Reservations that have ended.
    pub(crate) fn expired_capacity(&self, now: Time) -> impl Iterator<Item = &CapacityReservation> {
        self.capacity_reservations.iter().filter(move |row| row.terms.until.is_some_and(|until| until <= now))
    }

    /// Removes the Capacity Reservations that have ended. They are described for a while.
    pub(crate) fn expire_capacity(&mut self, now: Time) {
        let expired: Vec<String> = self.expired_capacity(now).map(|row| row.id.clone()).collect();
        for id in expired {
            let row = self.capacity_reservations.remove(&id);
            self.depart(row, now);
        }
    }

    /// The number of instances in a Capacity Reservation. Each instance is in the oldest matching one with room.
    pub fn capacity_used(&self, wanted: &CapacityReservation) -> u32 {
        let running = self.instances.of(&wanted.scope).filter(|instance| instance.is_on());
        let mut rest: Vec<&Instance> = running.collect();
        let mut all: Vec<&CapacityReservation> = self.capacity_reservations.of(&wanted.scope).collect();
        all.sort_by_cached_key(|row| self.place_of_id(&row.id));
        for row in all {
            let mut used = 0;
            rest.retain(|instance| {
                let runs_here = used < row.terms.count && self.runs_in(instance, row);
                used += u32::from(runs_here);
                !runs_here
            });
            if row.id == wanted.id {
                return used;
            }
        }
        0
    }

    fn runs_in(&self, instance: &Instance, row: &CapacityReservation) -> bool {
        let platform = self.image(&instance.image).map(|image| image.platform).unwrap_or_default();
        let fits = instance.instance_type == row.terms.instance_type
            && instance.zone == row.terms.zone
            && instance.tenancy == row.terms.tenancy
            && platform.billing().0 == row.terms.platform;
        let meant = match &instance.options.capacity_target {
            Some(target) => *target == row.id,
            None => row.terms.matches == InstanceMatch::Open && instance.options.capacity != CapacityPreference::None,
        };
        fits && meant
    }
}
