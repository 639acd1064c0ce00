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

/// A Capacity Reservation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CapacityReservation {
    /// `cr-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
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
    /// When it ends, if it does.
    pub until: Option<Time>,
    /// Which instances run in it.
    pub matches: InstanceMatch,
    /// Since when.
    pub created: Time,
}

resource!(CapacityReservation, IdKind::CapacityReservation);

/// What a new Capacity Reservation is to be like.
#[derive(Clone, Debug)]
pub struct NewCapacityReservation {
    /// The instance type.
    pub instance_type: String,
    /// What its instances run.
    pub platform: String,
    /// Its zone.
    pub zone: String,
    /// On what hardware.
    pub tenancy: Tenancy,
    /// For how many instances.
    pub count: u32,
    /// Whether for instances optimised for EBS.
    pub ebs_optimized: bool,
    /// When it ends, if it does.
    pub until: Option<Time>,
    /// Which instances run in it.
    pub matches: InstanceMatch,
    /// Its tags.
    pub tags: Tags,
}

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
    pub fn reserve_capacity(&mut self, caller: &Caller, new: NewCapacityReservation) -> Result<String> {
        tags::check(&new.tags)?;
        if InstanceType::named(&new.instance_type).is_none() {
            return Err(Error::UnknownType { instance_type: new.instance_type });
        }
        let zone = self.zone(&caller.scope, Some(&new.zone))?;
        let id = self.new_id(IdKind::CapacityReservation);
        self.capacity_reservations.insert(CapacityReservation {
            id: id.clone(),
            scope: caller.scope.clone(),
            tags: new.tags,
            instance_type: new.instance_type,
            platform: new.platform,
            zone,
            tenancy: new.tenancy,
            count: new.count,
            ebs_optimized: new.ebs_optimized,
            until: new.until,
            matches: new.matches,
            created: caller.now,
        });
        Ok(id)
    }

    /// ModifyCapacityReservation.
    pub fn modify_capacity(&mut self, caller: &Caller, id: &str, change: &CapacityChange) -> Result<()> {
        let row = self.capacity_reservations.find_mut(&caller.scope, id)?;
        row.count = change.count.unwrap_or(row.count);
        row.until = change.until.unwrap_or(row.until);
        row.matches = change.matches.unwrap_or(row.matches);
        Ok(())
    }

    /// CancelCapacityReservation: its instances go on, and it is told of for a while.
    pub fn cancel_capacity(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.capacity_reservations.find(&caller.scope, id)?;
        let row = self.capacity_reservations.remove(id);
        self.depart(row, caller.now);
        Ok(())
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
                let runs_here = used < row.count && self.runs_in(instance, row);
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
        let fits = instance.instance_type == row.instance_type
            && instance.zone == row.zone
            && instance.tenancy == row.tenancy
            && platform.billing().0 == row.platform;
        let meant = match &instance.options.capacity_target {
            Some(target) => *target == row.id,
            None => row.matches == InstanceMatch::Open && instance.options.capacity != CapacityPreference::None,
        };
        fits && meant
    }
}
