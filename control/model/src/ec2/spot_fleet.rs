//! Spot Fleet requests: instances that are launched together, by launch specifications or launch templates. Ended instances are not
//! replaced.

use super::fleet::units;
use crate::LINGER;
use crate::collection::resource;
use crate::{Caller, Error, IdKind, Instance, LaunchForm, Model, Result, Scope, Tags, Time, tags};
use serde::{Deserialize, Serialize};

/// An instance of a Spot Fleet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpotFleetInstance {
    /// The instance.
    pub id: String,
    /// Its weight, in units.
    pub weight: f64,
    /// Whether it is a Spot instance.
    pub spot: bool,
}

/// An event of a Spot Fleet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpotFleetEvent {
    /// The time.
    pub at: Time,
    /// The event type, in the API's word.
    pub kind: String,
    /// The event subtype, in the API's word.
    pub what: String,
    /// The description.
    pub description: Option<String>,
    /// The instance.
    pub instance: Option<String>,
}

/// A Spot Fleet request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpotFleet {
    /// `sfr-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The time of its creation.
    pub created: Time,
    /// The request configuration as it was sent.
    pub config: LaunchForm,
    /// The target capacity, in units.
    pub target: u32,
    /// The On-Demand part of it.
    pub on_demand: u32,
    /// Whether instances above a lowered target stay.
    pub keeps_excess: bool,
    /// Its instances.
    pub instances: Vec<SpotFleetInstance>,
    /// Its events.
    pub events: Vec<SpotFleetEvent>,
    /// Once it is cancelled, whether its instances were terminated.
    pub cancelled: Option<bool>,
}

resource!(SpotFleet, IdKind::SpotFleetRequest, |fleet| fleet.instances.iter().map(|own| own.id.clone()).collect());

impl SpotFleet {
    /// Adds an event.
    pub fn note(&mut self, at: Time, kind: &str, what: &str, description: Option<String>, instance: Option<String>) {
        let (kind, what) = (kind.to_owned(), what.to_owned());
        self.events.push(SpotFleetEvent { at, kind, what, description, instance });
    }
}

impl Model {
    /// Adds a Spot Fleet whose instances were launched.
    pub fn insert_spot_fleet(&mut self, fleet: SpotFleet) -> Result<()> {
        tags::check(&fleet.tags)?;
        self.spot_fleets.insert(fleet);
        Ok(())
    }

    /// The id of a new Spot Fleet.
    pub fn new_spot_fleet_id(&mut self) -> String {
        self.new_id(IdKind::SpotFleetRequest)
    }

    /// The instances of a Spot Fleet that still exist.
    pub fn instances_of_spot_fleet<'m>(
        &'m self,
        fleet: &'m SpotFleet,
    ) -> impl Iterator<Item = (&'m SpotFleetInstance, &'m Instance)> {
        let living =
            |own: &'m SpotFleetInstance| Some((own, self.instances.get(&own.id).filter(|found| !found.is_gone())?));
        fleet.instances.iter().filter_map(living)
    }

    /// The capacity of a kind that a Spot Fleet has, in units.
    pub fn capacity_of_spot_fleet(&self, fleet: &SpotFleet, spot: bool) -> f64 {
        let of_kind = self.instances_of_spot_fleet(fleet).filter(|(own, _)| own.spot == spot);
        units(of_kind.map(|(own, _)| own.weight).sum())
    }

    /// A Spot Fleet's state, in the API's word.
    pub fn spot_fleet_state(&self, fleet: &SpotFleet) -> &'static str {
        let is = |own: &SpotFleetInstance| self.instances.get(&own.id).is_some_and(|found| !found.is_terminated());
        match fleet.cancelled {
            None => "active",
            Some(_) if !fleet.instances.iter().any(is) => "cancelled",
            Some(true) => "cancelled_terminating",
            Some(false) => "cancelled_running",
        }
    }

    /// CancelSpotFleetRequests, for one request. Returns the previous and the new state. One that is terminating stays so.
    pub fn cancel_spot_fleet(
        &mut self,
        caller: &Caller,
        id: &str,
        terminate: bool,
    ) -> Result<(&'static str, &'static str)> {
        let fleet = self.spot_fleets.find(&caller.scope, id)?;
        let before = self.spot_fleet_state(fleet);
        if before == "cancelled" {
            return Err(Error::SpotFleetNotCancellable { id: id.to_owned() });
        }
        let living: Vec<String> = self.instances_of_spot_fleet(fleet).map(|(own, _)| own.id.clone()).collect();
        if terminate && !living.is_empty() {
            self.terminate_instances(caller, &living)?;
        }
        let fleet = self.spot_fleets.find_mut(&caller.scope, id)?;
        fleet.cancelled = Some(terminate || fleet.cancelled == Some(true));
        let after = self.spot_fleet_state(self.spot_fleets.find(&caller.scope, id)?);
        self.spot_fleets.find_mut(&caller.scope, id)?.note(caller.now, "fleetRequestChange", after, None, None);
        Ok((before, after))
    }

    /// Terminates a Spot Fleet's Spot Instances above its target, the newest first.
    pub fn shrink_spot_fleet(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let fleet = self.spot_fleets.find(&caller.scope, id)?;
        let wanted = f64::from(fleet.target.saturating_sub(fleet.on_demand));
        let mut there = self.capacity_of_spot_fleet(fleet, true);
        let mut living: Vec<_> = self.instances_of_spot_fleet(fleet).filter(|(own, _)| own.spot).collect();
        let mut gone = Vec::new();
        while let Some((own, _)) = living.pop() {
            if units(there - own.weight) >= wanted {
                there -= own.weight;
                gone.push(own.id.clone());
            }
        }
        if gone.is_empty() { Ok(()) } else { self.terminate_instances(caller, &gone).map(drop) }
    }

    /// The Spot Fleets that are no longer described, because they have ended and so have the descriptions of their instances.
    pub(crate) fn forgotten_spot_fleets(&self, now: Time) -> impl Iterator<Item = &SpotFleet> {
        let is_known = |own: &SpotFleetInstance| self.instances.get(&own.id).is_some();
        self.spot_fleets.iter().filter(move |fleet| {
            fleet.cancelled.is_some() && now.since(fleet.created) >= LINGER && !fleet.instances.iter().any(is_known)
        })
    }
}
