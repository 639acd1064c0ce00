//! Placement groups.

use super::{Importer, tags, unsigned};
use model::{IdKind, PlacementGroup, PlacementStrategy, Scope, SpreadLevel};
use shapes::ec2;

impl Importer<'_> {
    pub(super) fn placement_group(&mut self, scope: &Scope, group: ec2::PlacementGroup) {
        let Some(id) = self.id(IdKind::PlacementGroup, group.group_id) else { return };
        let Some(name) = group.group_name else { return self.leave_out(format!("{id}: it has no name")) };
        let word = group.strategy.unwrap_or_default();
        let Ok(strategy) = PlacementStrategy::read("Strategy", &word) else {
            return self.leave_out(format!("{id}: its strategy {word} is not understood"));
        };
        self.model.placement_groups.adopt(PlacementGroup {
            id,
            scope: scope.clone(),
            tags: tags(group.tags),
            name,
            strategy,
            partitions: unsigned(group.partition_count),
            spread: group.spread_level.and_then(|word| SpreadLevel::read("SpreadLevel", &word).ok()),
        });
    }
}
