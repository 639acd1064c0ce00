//! Databases and caches (semantics.md §7.3 and §9): deployments on [managed hosts](super::ManagedHost) in a VPC's subnets or in
//! EC2-Classic, with their groups, snapshots and events. RDS, ElastiCache and Redshift differ in words, not in what their networks
//! do. So each kind of resource is here once, for all three.

mod access_group;
mod adoption;
mod cluster;
mod deployment;
mod engine;
mod entry;
mod error;
mod event;
mod failover;
mod formation;
mod making;
mod names;
mod node_names;
mod option_group;
mod parameter_group;
mod phase;
mod reason;
mod resizing;
mod snapshot;
mod standing;
mod subnet_group;
mod tags;
mod thing;
mod version;

pub use access_group::{AccessGroup, Admitted};
pub use cluster::NewMember;
pub use deployment::{Deployment, DeploymentChange, Layout, Settings};
pub use engine::{Engine, is_engine};
pub use entry::ServiceEntry;
pub use error::Error;
pub use event::ServiceEvent;
pub use formation::{Formation, slot_ranges};
pub use making::NewDeployment;
pub use option_group::{ChosenOption, KnownOption, OptionGroup, known_options};
pub use parameter_group::{KnownParameter, ParameterGroup, SetParameter, known_parameters};
pub use phase::{Phase, Status};
pub use reason::{Clash, Obstacle, SubnetFault, UserFault, VpcLack, Wanted, WindowFault};
pub use snapshot::ServiceSnapshot;
pub use subnet_group::SubnetGroup;
pub use thing::Thing;
pub use version::{EngineVersion, family as version_family, versions};

use super::{ManagedService, Model, Owner, Time};

/// The result of a transition.
pub type Result<T> = std::result::Result<T, Error>;

/// Refuses a name that is not an identifier: letters, digits and hyphens, the first a letter, no hyphen at the end and no two together; as
/// long as its service allows.
///
/// # Errors
/// [`Error::Identifier`], [`Error::SnapshotName`]
pub fn check_name(thing: Thing, name: &str) -> Result<()> {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_name = name.len() <= thing.longest_name()
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(fits)
        && !name.ends_with('-')
        && !name.contains("--");
    if matches!(thing, Thing::DbSnapshot | Thing::DbClusterSnapshot)
        && !name.starts_with(|c: char| c.is_ascii_alphabetic())
    {
        return Err(Error::SnapshotName { name: name.to_owned() });
    }
    if is_name { Ok(()) } else { Err(Error::Identifier { name: thing.identifier() }) }
}

impl Model {
    /// Updates the owner of a managed host by the host's state.
    pub(super) fn owner_follows(&mut self, owner: &Owner, now: Time) {
        match owner.service {
            ManagedService::Rds | ManagedService::ElastiCache | ManagedService::Redshift => {
                self.deployment_follows(&owner.resource, now);
            }
            ManagedService::LoadBalancing => self.point_name_to_hosts(&owner.resource),
            // Its state is its hosts' state.
            ManagedService::PrivateLink => {}
        }
    }
}

#[cfg(test)]
mod tests;
