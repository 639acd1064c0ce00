//! Placement groups. All instances share this machine, so they have no effect.

use crate::collection::resource;
use crate::words::words;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, tags};
use serde::{Deserialize, Serialize};

words! {
    /// The strategy of a placement group.
    PlacementStrategy { Cluster "cluster", Spread "spread", Partition "partition" }
}
words! {
    /// The spread level of a placement group: the hardware that its instances do not share.
    SpreadLevel { Rack "rack", Host "host" }
}

/// The default number of partitions, and the greatest.
const PARTITIONS: (u32, u32) = (2, 7);

/// A placement group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacementGroup {
    /// `pg-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its name, unique for its owner in the Region.
    pub name: String,
    /// Its strategy.
    pub strategy: PlacementStrategy,
    /// The number of its partitions, if it has any.
    pub partitions: Option<u32>,
    /// Its spread level, if its instances are spread.
    pub spread: Option<SpreadLevel>,
}

resource!(PlacementGroup, IdKind::PlacementGroup, |group| vec![group.scope.named(&group.name)]);

impl Model {
    /// CreatePlacementGroup. Returns the id.
    pub fn create_placement_group(
        &mut self,
        caller: &Caller,
        name: &str,
        strategy: PlacementStrategy,
        (partitions, spread): (Option<u32>, Option<SpreadLevel>),
        tags: Tags,
    ) -> Result<String> {
        tags::check(&tags)?;
        if self.placement_group(&caller.scope, name).is_ok() {
            return Err(Error::PlacementGroupExists { name: name.to_owned() });
        }
        let (usual, most) = PARTITIONS;
        let partitions = match (strategy, partitions) {
            (PlacementStrategy::Partition, count) => Some(count.unwrap_or(usual)),
            (_, Some(_)) => return Err(Error::PartitionsOfOtherStrategy {}),
            (_, None) => None,
        };
        if let Some(count) = partitions.filter(|count| !(1..=most).contains(count)) {
            return Err(Error::invalid("PartitionCount", count));
        }
        let spread = (strategy == PlacementStrategy::Spread).then(|| spread.unwrap_or_default());
        let id = self.new_id(IdKind::PlacementGroup);
        let (scope, name) = (caller.scope.clone(), name.to_owned());
        self.placement_groups.insert(PlacementGroup {
            id: id.clone(),
            scope,
            tags,
            name,
            strategy,
            partitions,
            spread,
        });
        Ok(id)
    }

    /// The placement group with that name.
    pub fn placement_group(&self, scope: &Scope, name: &str) -> Result<&PlacementGroup> {
        let missing = || Error::PlacementGroupUnknown { name: name.to_owned() };
        self.placement_groups.by(&scope.named(name)).next().ok_or_else(missing)
    }

    /// The name of the placement group with a name or an id.
    pub fn placement_group_name(&self, scope: &Scope, word: Option<String>) -> Result<Option<String>> {
        let found = |word: String| match IdKind::PlacementGroup.fits(&word) {
            true => self.placement_groups.find(scope, &word),
            false => self.placement_group(scope, &word),
        };
        word.map(|word| Ok(found(word)?.name.clone())).transpose()
    }

    /// DeletePlacementGroup. A group with instances is refused.
    pub fn delete_placement_group(&mut self, caller: &Caller, name: &str) -> Result<()> {
        let id = self.placement_group(&caller.scope, name)?.id.clone();
        let mut living = self.instances.of(&caller.scope).filter(|instance| !instance.is_gone());
        if living.any(|instance| instance.options.placement_group.as_deref() == Some(name)) {
            return Err(Error::PlacementGroupInUse { name: name.to_owned() });
        }
        self.placement_groups.remove(&id);
        Ok(())
    }
}
