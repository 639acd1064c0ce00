//! Fleets: instances launched together, On-Demand and Spot, by launch templates. They are launched at once and not replaced.

use crate::LINGER;
use crate::collection::resource;
use crate::words::words;
use crate::{Caller, Error, IdKind, Instance, LaunchForm, Model, Result, Scope, Tags, Time, tags};
use serde::{Deserialize, Serialize};

words! {
    /// What a fleet does about its capacity.
    FleetKind { Maintain "maintain", Request "request", Instant "instant" }
}

/// A launch template, as a fleet names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetTemplate {
    /// Its id, if it is named by that.
    pub id: Option<String>,
    /// Its name, if it is named by that.
    pub name: Option<String>,
    /// The version, a word or a number.
    pub version: Option<String>,
}

/// What is otherwise than in the template.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FleetOverride {
    /// The instance type.
    pub instance_type: Option<String>,
    /// What is required of the type, as the JSON of the API's structure; empty if nothing is.
    #[serde(default)]
    pub required: String,
    /// The most that is paid an hour for Spot instances.
    pub max_price: Option<String>,
    /// The subnet.
    pub subnet: Option<String>,
    /// The zone.
    pub zone: Option<String>,
    /// How many units of capacity an instance has.
    pub weight: Option<f64>,
    /// The least comes first.
    pub priority: Option<f64>,
    /// The image.
    pub image: Option<String>,
}

/// A template and what is otherwise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FleetConfig {
    /// The template.
    pub template: FleetTemplate,
    /// What is otherwise; each is a pool of its own.
    pub overrides: Vec<FleetOverride>,
}

/// How much of each kind is wanted, in units of capacity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FleetTarget {
    /// All of it.
    pub total: u32,
    /// On-Demand.
    pub on_demand: u32,
    /// Spot.
    pub spot: u32,
    /// Whether what was said of neither is Spot.
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

/// An instance of a fleet, and what it was launched by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FleetInstance {
    /// The instance.
    pub id: String,
    /// Whether it is a Spot instance.
    pub spot: bool,
    /// The template, by the number of its version.
    pub template: FleetTemplate,
    /// What was otherwise.
    pub other: Option<FleetOverride>,
}

/// A sum of weights as it compares with a target: ten tenths are one, though the sum of their fractions is a little less.
pub fn units(sum: f64) -> f64 {
    // The sum of no numbers is -0.0.
    (sum * 1e6).round() / 1e6 + 0.0
}

impl FleetInstance {
    /// How many units of capacity it has.
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
    /// Whether Spot instances were wanted.
    pub spot: bool,
    /// The template.
    pub template: FleetTemplate,
    /// What was otherwise.
    pub other: Option<FleetOverride>,
}

/// A fleet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fleet {
    /// `fleet-…`
    pub id: String,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Since when.
    pub created: Time,
    /// What it does about its capacity.
    pub kind: FleetKind,
    /// What it launches.
    pub configs: Vec<FleetConfig>,
    /// How much.
    pub target: FleetTarget,
    /// How Spot capacity is spread over pools, in words.
    pub spot_strategy: String,
    /// How On-Demand capacity is, in words.
    pub on_demand_strategy: String,
    /// What becomes of instances above a lowered target, in words.
    pub excess: String,
    /// What was sent, of which some is only shown.
    #[serde(default)]
    pub form: LaunchForm,
    /// When it begins.
    pub from: Option<Time>,
    /// When it ends.
    pub until: Option<Time>,
    /// Its instances.
    pub instances: Vec<FleetInstance>,
    /// The launches that failed.
    pub errors: Vec<FleetError>,
    /// Once it is deleted, whether its instances were terminated.
    pub deleted: Option<bool>,
}

resource!(Fleet, IdKind::Fleet, |fleet| fleet.instances.iter().map(|instance| instance.id.clone()).collect());

impl Model {
    /// Keeps a fleet whose instances are launched.
    pub fn insert_fleet(&mut self, fleet: Fleet) -> Result<()> {
        tags::check(&fleet.tags)?;
        self.fleets.insert(fleet);
        Ok(())
    }

    /// The id of a fleet to be made.
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

    /// Whether nobody is told of a fleet any more: it is deleted, and so long over that its instances are forgotten.
    fn is_fleet_forgotten(&self, fleet: &Fleet, now: Time) -> bool {
        let is_known = |own: &FleetInstance| self.instances.get(&own.id).is_some();
        fleet.deleted.is_some() && now.since(fleet.created) >= LINGER && !fleet.instances.iter().any(is_known)
    }

    /// The fleets that nobody is told of any more.
    pub(crate) fn forgotten_fleets(&self, now: Time) -> impl Iterator<Item = &Fleet> {
        self.fleets.iter().filter(move |fleet| self.is_fleet_forgotten(fleet, now))
    }

    /// The instances of a fleet that are there yet.
    pub fn instances_of_fleet<'m>(
        &'m self,
        fleet: &'m Fleet,
    ) -> impl Iterator<Item = (&'m FleetInstance, &'m Instance)> {
        let living =
            move |own: &'m FleetInstance| Some((own, self.instances.get(&own.id).filter(|found| !found.is_gone())?));
        fleet.instances.iter().filter_map(living)
    }

    /// How many units of capacity a fleet has of a kind.
    pub fn capacity_of_fleet(&self, fleet: &Fleet, spot: bool) -> f64 {
        units(self.instances_of_fleet(fleet).filter(|(own, _)| own.spot == spot).map(|(own, _)| own.weight()).sum())
    }

    /// Terminates the instances that a fleet has above its target, those launched last first.
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

    /// DeleteFleets, of one. Answers with the states that it had and has. What is being terminated stays so.
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
