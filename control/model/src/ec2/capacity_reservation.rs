//! Capacity Reservations: room for instances of a type in a zone. There is always room here; what is reserved is kept, shown and
//! counted.

use crate::collection::resource;
use crate::words::words;
use crate::{
    Caller, CapacityPreference, Error, IdKind, Instance, InstanceType, Model, Result, Scope, Tags, Tenancy, Time, tags,
};
use serde::{Deserialize, Serialize};

words! {
    /// Which instances run in a Capacity Reservation: all that fit, or those that name it.
    InstanceMatch { Open "open", Targeted "targeted" }
}

/// What is reserved, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityTerms {
    /// The instance type.
    pub instance_type: String,
    /// What its instances run, `Linux/UNIX` say.
    pub platform: String,
    /// Its zone.
    pub zone: String,
    /// On what hardware.
    pub tenancy: Tenancy,
    /// For how many instances.
    pub count: u32,
    /// Whether for instances optimised for EBS.
    pub ebs_optimized: bool,
    /// Whether for instances with disks of their own.
    #[serde(default)]
    pub ephemeral_storage: bool,
    /// When it ends, if it does.
    pub until: Option<Time>,
    /// Which instances run in it.
    pub matches: InstanceMatch,
}

/// A Capacity Reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityReservation {
    /// `cr-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// What is reserved.
    #[serde(flatten)]
    pub terms: CapacityTerms,
    /// Since when.
    pub created: Time,
}

resource!(CapacityReservation, IdKind::CapacityReservation);

/// What ModifyCapacityReservation changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CapacityChange {
    /// For how many instances.
    pub count: Option<u32>,
    /// Another end; an inner `None` is none.
    pub until: Option<Option<Time>>,
    /// Which instances run in it.
    pub matches: Option<InstanceMatch>,
}

impl Model {
    /// CreateCapacityReservation. Answers with the id.
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

    /// CancelCapacityReservation: its instances go on, and it is told of for a while.
    pub fn cancel_capacity(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.capacity_reservations.find(&caller.scope, id)?;
        let row = self.capacity_reservations.remove(id);
        self.depart(row, caller.now);
        Ok(())
    }

    /// The Capacity Reservations whose end has come.
    pub(crate) fn expired_capacity(&self, now: Time) -> impl Iterator<Item = &CapacityReservation> {
        self.capacity_reservations.iter().filter(move |row| row.terms.until.is_some_and(|until| until <= now))
    }

    /// Takes those out whose end has come; they are told of for a while.
    pub(crate) fn expire_capacity(&mut self, now: Time) {
        let expired: Vec<String> = self.expired_capacity(now).map(|row| row.id.clone()).collect();
        for id in expired {
            let row = self.capacity_reservations.remove(&id);
            self.depart(row, now);
        }
    }

    /// How many instances run in a Capacity Reservation: each in the one made first that it fits and that has room.
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
