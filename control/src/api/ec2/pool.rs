//! Launches out of several pools, as fleets of all kinds do.

use super::launch::{of_chosen_type, run_for_fleet};
use model::{Caller, Error, Model, Result, units};
use shapes::ec2;

/// Something that instances can be launched of.
pub struct Pool<O> {
    /// The launch, without the number of instances.
    pub launch: ec2::RunInstancesRequest,
    /// The instance requirements, if no type is named.
    pub required: Option<ec2::InstanceRequirementsRequest>,
    /// The weight of an instance, in units of capacity.
    pub weight: f64,
    /// The part of the fleet's configuration that it is made from.
    pub origin: O,
}

/// The greatest number of a fleet's pools, and of those with instance requirements.
const MOST_POOLS: usize = 300;
const MOST_REQUIREMENTS: usize = 4;

/// Refuses more pools than EC2 accepts. An instant fleet may have any number.
pub fn check_limits<O>(pools: &[Pool<O>], is_instant: bool) -> Result<()> {
    if !is_instant && pools.len() > MOST_POOLS {
        return Err(Error::FleetLimit { what: "Overrides", most: MOST_POOLS });
    }
    match pools.iter().filter(|pool| pool.required.is_some()).count() {
        0..=MOST_REQUIREMENTS => Ok(()),
        _ => Err(Error::FleetLimit { what: "InstanceRequirements", most: MOST_REQUIREMENTS }),
    }
}

/// The result of a pool: instances, or an error.
pub struct Outcome<'p, O> {
    pub pool: &'p Pool<O>,
    pub instances: Result<Vec<String>>,
}

/// The most instances that are launched at once.
const BATCH: i32 = 1000;

/// The number of instances with a weight that reach the wanted capacity, up to what one launch may have.
fn enough(wanted: f64, weight: f64) -> i32 {
    (1..BATCH).find(|count| units(f64::from(*count) * weight) >= wanted).unwrap_or(BATCH)
}

/// How often all pools can launch one instance before there is too much; at least once.
fn rounds<O>(wanted: f64, pools: &[&Pool<O>]) -> i32 {
    let all: f64 = pools.iter().map(|pool| pool.weight).sum();
    (2..=BATCH).take_while(|count| f64::from(*count) * all <= wanted).last().unwrap_or(1)
}

/// Launches this many instances of a pool. If that fails, launches half as many, and so on.
fn launch_most<O>(model: &mut Model, caller: &Caller, pool: &Pool<O>, mut count: i32) -> Result<Vec<String>> {
    let launch = of_chosen_type(model, caller, pool.launch.clone(), pool.required.as_ref())?;
    loop {
        let mut trial = model.clone();
        let launch = ec2::RunInstancesRequest { min_count: 1, max_count: count, ..launch.clone() };
        match run_for_fleet(&mut trial, caller, launch) {
            Ok(reservation) => {
                *model = trial;
                return Ok(model.instances.by(&reservation).map(|instance| instance.id.clone()).collect());
            }
            Err(_) if count > 1 => count /= 2,
            Err(error) => return Err(error),
        }
    }
}

/// Launches out of the pools, in turn or always out of the first that can, until there is as much as is wanted.
pub fn fill<'p, O>(
    model: &mut Model,
    caller: &Caller,
    pools: &'p [Pool<O>],
    wanted: f64,
    in_turn: bool,
) -> Vec<Outcome<'p, O>> {
    let mut open: Vec<&Pool<O>> = pools.iter().collect();
    let (mut there, mut turn, mut share) = (0.0, 0, BATCH);
    let mut outcomes = Vec::new();
    while units(there) < wanted && !open.is_empty() {
        let place = if in_turn { turn % open.len() } else { 0 };
        let pool = open[place];
        if in_turn && place == 0 {
            share = rounds(wanted - there, &open);
        }
        let count = enough(units(wanted - there), pool.weight).min(share);
        let instances = launch_most(model, caller, pool, count);
        match &instances {
            Ok(ids) => {
                turn += 1;
                there += ids.iter().map(|_| pool.weight).sum::<f64>();
            }
            Err(_) => drop(open.remove(place)),
        }
        outcomes.push(Outcome { pool, instances });
    }
    outcomes
}
