//! EC2 Fleets: On-Demand and Spot Instances that are launched together by launch templates. Ended instances are not replaced.

use crate::LINGER;
use crate::collection::resource;
use crate::words::words;
use crate::{Caller, Error, IdKind, Instance, LaunchForm, Model, Result, Scope, Tags, Time, tags};
use serde::{Deserialize, Serialize};

words! {
    /// The type of a fleet.
    FleetKind { Maintain "maintain", Request "request", Instant "instant" }
}

/// A launch template, as a fleet names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetTemplate {
    /// Its id, if the request has it.
    pub id: Option<String>,
    /// Its name, if the request has it.
    pub name: Option<String>,
    /// The version, a word or a number.
    pub version: Option<String>,
}

/// An override of a launch template.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FleetOverride {
    /// The instance type.
    pub instance_type: Option<String>,
    /// The instance requirements, as JSON of the API's structure. Empty if there are none.
    #[serde(default)]
    pub required: String,
    /// The maximum price of Spot Instances in an hour.
    pub max_price: Option<String>,
    /// The subnet.
    pub subnet: Option<String>,
    /// The zone.
    pub zone: Option<String>,
    /// The weighted capacity of an instance.
    pub weight: Option<f64>,
    /// The priority. The lowest number comes first.
    pub priority: Option<f64>,
    /// The image.
    pub image: Option<String>,
}

/// A launch template and its overrides.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FleetConfig {
    /// The template.
    pub template: FleetTemplate,
    /// The overrides, each of which is a capacity pool.
    pub overrides: Vec<FleetOverride>,
}

/// The target capacity, in units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetTarget {
    /// The total.
    pub total: u32,
    /// On-Demand.
    pub on_demand: u32,
    /// Spot.
    pub spot: u32,
    /// Whether the unassigned part is Spot capacity.
    pub spot_by_default: bool,
}

impl FleetTarget {
    /// What was said of neither kind goes to the one that is meant by default.
    ///
    /// # Errors
    /// Both together are more than the whole.
    pub fn of(total: u32, on_demand: Option<u32>, spot: Option<u32>, spot_by_default: bool) -> Result<FleetTarget> {
        let rest = |said: Option<u32>| total.saturating_sub(said.unwrap_or(0));
        let (on_demand, spot) = match spot_by_default {
            true => (on_demand.unwrap_or(0), spot.unwrap_or(rest(on_demand))),
            false => (on_demand.unwrap_or(rest(spot)), spot.unwrap_or(0)),
        };
        match on_demand.checked_add(spot) {
            Some(both) if both <= total => Ok(FleetTarget { total, on_demand, spot, spot_by_default }),
            _ => Err(Error::FleetCapacity {}),
        }
    }
}

/// An instance of a fleet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleetInstance {
    /// The instance.
    pub id: String,
    /// Whether it is a Spot instance.
    pub spot: bool,
    /// The launch template, with the number of its version.
    pub template: FleetTemplate,
    /// The override.
    pub other: Option<FleetOverride>,
}

/// Rounds a sum of weights, so that it can be compared with a target: ten tenths are one in spite of rounding errors.
pub fn units(sum: f64) -> f64 {
    // The sum of no numbers is -0.0.
    (sum * 1e6).round() / 1e6 + 0.0
}

impl FleetInstance {
    /// Its weight, in units.
    pub fn weight(&self) -> f64 {
        self.other.as_ref().and_then(|other| other.weight).unwrap_or(1.0)
    }
}

/// A launch that failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleetError {
    /// EC2's code.
    pub code: String,
    /// The code in words.
    pub message: String,
    /// Whether it was for a Spot Instance.
    pub spot: bool,
    /// The template.
    pub template: FleetTemplate,
    /// The override.
    pub other: Option<FleetOverride>,
}

/// A fleet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fleet {
    /// `fleet-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// The time of its creation.
    pub created: Time,
    /// Its type.
    pub kind: FleetKind,
    /// Its launch templates.
    pub configs: Vec<FleetConfig>,
    /// Its target capacity.
    pub target: FleetTarget,
    /// The allocation strategy of Spot capacity, in the API's word.
    pub spot_strategy: String,
    /// The allocation strategy of On-Demand capacity, in the API's word.
    pub on_demand_strategy: String,
    /// The excess capacity termination policy, in the API's word.
    pub excess: String,
    /// The request as it was sent, of which parts are only returned.
    #[serde(default)]
    pub form: LaunchForm,
    /// Its start.
    pub from: Option<Time>,
    /// Its end.
    pub until: Option<Time>,
    /// Its instances.
    pub instances: Vec<FleetInstance>,
    /// The failed launches.
    pub errors: Vec<FleetError>,
    /// Once it is deleted, whether its instances were terminated.
    pub deleted: Option<bool>,
}

resource!(Fleet, IdKind::Fleet, |fleet| fleet.instances.iter().map(|instance| instance.id.clone()).collect());

impl Model {
    /// Adds a fleet whose instances were launched.
    pub fn insert_fleet(&mut self, fleet: Fleet) -> Result<()> {
        tags::check(&fleet.tags)?;
        self.fleets.insert(fleet);
        Ok(())
    }

    /// The id of a new fleet.
    pub fn new_fleet_id(&mut self) -> String {
        self.new_id(IdKind::Fleet)
    }

    /// A fleet's state, in the API's word.
    pub fn fleet_state(&self, fleet: &Fleet) -> &'static str {
        let is = |own: &FleetInstance| self.instances.get(&own.id).is_some_and(|found| !found.is_terminated());
        match fleet.deleted {
            None => "active",
            Some(_) if !fleet.instances.iter().any(is) => "deleted",
            Some(true) => "deleted_terminating",
            Some(false) => "deleted_running",
        }
    }

    /// Whether a fleet is no longer described: it is deleted, and so are the descriptions of its instances.
    fn is_fleet_forgotten(&self, fleet: &Fleet, now: Time) -> bool {
        let is_known = |own: &FleetInstance| self.instances.get(&own.id).is_some();
        fleet.deleted.is_some() && now.since(fleet.created) >= LINGER && !fleet.instances.iter().any(is_known)
    }

    /// The fleets that are no longer described.
    pub(crate) fn forgotten_fleets(&self, now: Time) -> impl Iterator<Item = &Fleet> {
        self.fleets.iter().filter(move |fleet| self.is_fleet_forgotten(fleet, now))
    }

    /// The instances of a fleet that still exist.
    pub fn instances_of_fleet<'m>(
        &'m self,
        fleet: &'m Fleet,
    ) -> impl Iterator<Item = (&'m FleetInstance, &'m Instance)> {
        let living =
            move |own: &'m FleetInstance| Some((own, self.instances.get(&own.id).filter(|found| !found.is_gone())?));
        fleet.instances.iter().filter_map(living)
    }

    /// The capacity of a kind that a fleet has, in units.
    pub fn capacity_of_fleet(&self, fleet: &Fleet, spot: bool) -> f64 {
        units(self.instances_of_fleet(fleet).filter(|(own, _)| own.spot == spot).map(|(own, _)| own.weight()).sum())
    }

    /// Terminates a fleet's instances above its target, the newest first.
    pub fn shrink_fleet(&mut self, caller: &Caller, id: &str) -> Result<()> {
        let fleet = self.fleets.find(&caller.scope, id)?;
        let mut gone = Vec::new();
        for (spot, wanted) in [(false, fleet.target.on_demand), (true, fleet.target.spot)] {
            let mut there = self.capacity_of_fleet(fleet, spot);
            let mut living: Vec<_> = self.instances_of_fleet(fleet).filter(|(own, _)| own.spot == spot).collect();
            while let Some((own, _)) = living.pop() {
                if units(there - own.weight()) >= f64::from(wanted) {
                    there -= own.weight();
                    gone.push(own.id.clone());
                }
            }
        }
        if gone.is_empty() { Ok(()) } else { self.terminate_instances(caller, &gone).map(drop) }
    }

    /// DeleteFleets, for one fleet. Returns the previous and the new state. A fleet that is terminating stays so.
    pub fn delete_fleet(&mut self, caller: &Caller, id: &str, terminate: bool) -> Result<(&'static str, &'static str)> {
        let fleet = self.fleets.find(&caller.scope, id)?;
        if fleet.kind == FleetKind::Instant && !terminate {
            return Err(Error::FleetNotDeletable { id: id.to_owned() });
        }
        let before = self.fleet_state(fleet);
        let living: Vec<String> = self.instances_of_fleet(fleet).map(|(_, instance)| instance.id.clone()).collect();
        if terminate && !living.is_empty() {
            self.terminate_instances(caller, &living)?;
        }
        let fleet = self.fleets.find_mut(&caller.scope, id)?;
        fleet.deleted = Some(terminate || fleet.deleted == Some(true));
        Ok((before, self.fleet_state(self.fleets.find(&caller.scope, id)?)))
    }
}
