//! Placement groups.

use super::listing::Attributes;
use super::{int, maybe_count, tags, text};
use crate::api::action::{Actions, Change, View};
use crate::api::arn;
use model::{Error, PlacementGroup, PlacementStrategy, Result, SpreadLevel};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

static ATTRIBUTES: Attributes<PlacementGroup> = Attributes(&[
    ("group-arn", |_, group| vec![arn(&group.scope, "placement-group", &group.name)]),
    ("group-name", |_, group| vec![group.name.clone()]),
    ("spread-level", |_, group| group.spread.iter().map(|level| level.word().to_owned()).collect()),
    ("state", |_, _| vec!["available".into()]),
    ("strategy", |_, group| vec![group.strategy.word().to_owned()]),
]);

fn shown(group: &PlacementGroup) -> ec2::PlacementGroup {
    ec2::PlacementGroup {
        group_name: text(&group.name),
        state: text("available"),
        strategy: text(group.strategy.word()),
        partition_count: group.partitions.and_then(int),
        group_id: text(&group.id),
        tags: tags::shown(&group.tags),
        group_arn: text(arn(&group.scope, "placement-group", &group.name)),
        spread_level: group.spread.map(|level| level.word().to_owned()),
        ..Default::default()
    }
}

fn create(cx: Change, input: ec2::CreatePlacementGroupRequest) -> Result<ec2::PlacementGroup> {
    let ec2::CreatePlacementGroupRequest { partition_count, tag_specifications, spread_level, group_name, strategy } =
        input;
    let name = group_name.ok_or_else(|| Error::missing("GroupName"))?;
    let strategy = strategy.map(|word| PlacementStrategy::read("Strategy", &word)).transpose()?.unwrap_or_default();
    let spread = spread_level.map(|word| SpreadLevel::read("SpreadLevel", &word)).transpose()?;
    let partitions = maybe_count("PartitionCount", partition_count)?;
    let tags = tags::of(tag_specifications, "placement-group")?;
    let id = cx.model.create_placement_group(cx.caller, &name, strategy, (partitions, spread), tags)?;
    Ok(shown(cx.model.placement_groups.find(&cx.caller.scope, &id)?))
}

fn describe(cx: View, input: ec2::DescribePlacementGroupsRequest) -> Result<List<ec2::PlacementGroup>> {
    let ec2::DescribePlacementGroupsRequest { group_ids, group_names, filters } = input;
    for name in &group_names {
        cx.model.placement_group(&cx.caller.scope, name)?;
    }
    let mut groups = ATTRIBUTES.all(cx.model, cx.model.placement_groups.of(&cx.caller.scope), &group_ids, &filters)?;
    groups.retain(|group| group_names.is_empty() || group_names.contains(&group.name));
    Ok(groups.into_iter().map(shown).collect())
}

fn delete(cx: Change, input: ec2::DeletePlacementGroupRequest) -> Result<()> {
    cx.model.delete_placement_group(cx.caller, &input.group_name)
}
