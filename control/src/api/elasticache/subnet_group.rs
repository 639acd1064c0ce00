//! Cache subnet groups.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, text};
use model::services::{Result, SubnetGroup, Thing};
use model::{Model, Subnet};
use shapes::elasticache;

const THING: Thing = Thing::CacheSubnetGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(cx: Change, input: elasticache::CreateCacheSubnetGroupMessage) -> Result<elasticache::CacheSubnetGroup> {
    let named = (input.cache_subnet_group_name.as_str(), input.cache_subnet_group_description.as_str());
    let group =
        cx.model.create_subnet_group(cx.caller, THING, named, &input.subnet_ids, tags::of(input.tags)?)?.clone();
    Ok(shown(cx.model, &group))
}

fn describe(
    cx: View,
    input: elasticache::DescribeCacheSubnetGroupsMessage,
) -> Result<Paged<elasticache::CacheSubnetGroup>> {
    let elasticache::DescribeCacheSubnetGroupsMessage { cache_subnet_group_name, page } = input;
    let rows = cx.model.subnet_groups_called(&cx.caller.scope, THING, cache_subnet_group_name.as_deref())?;
    Ok(paged(page, rows, |row: &&SubnetGroup| &row.name)?.map(|row| shown(cx.model, row)))
}

fn modify(cx: Change, input: elasticache::ModifyCacheSubnetGroupMessage) -> Result<elasticache::CacheSubnetGroup> {
    let elasticache::ModifyCacheSubnetGroupMessage {
        cache_subnet_group_name: name,
        cache_subnet_group_description: description,
        subnet_ids,
    } = input;
    let before = cx.model.subnet_group(&cx.caller.scope, THING, &name)?.subnets.clone();
    // Without subnets those that it has stay.
    let subnets = if subnet_ids.is_empty() { before } else { subnet_ids.to_vec() };
    let group = cx.model.modify_subnet_group(cx.caller, THING, (&name, description), &subnets)?.clone();
    Ok(shown(cx.model, &group))
}

fn delete(cx: Change, input: elasticache::DeleteCacheSubnetGroupMessage) -> Result<()> {
    cx.model.delete_subnet_group(cx.caller, THING, &input.cache_subnet_group_name)
}

fn shown(model: &Model, group: &SubnetGroup) -> elasticache::CacheSubnetGroup {
    let subnet = |subnet: &Subnet| elasticache::Subnet {
        subnet_identifier: text(&subnet.id),
        subnet_availability_zone: Some(elasticache::AvailabilityZone { name: text(&subnet.zone) }),
        supported_network_types: vec!["ipv4".to_owned()].into(),
        ..Default::default()
    };
    elasticache::CacheSubnetGroup {
        cache_subnet_group_name: text(&group.name),
        cache_subnet_group_description: text(&group.description),
        vpc_id: text(&group.vpc),
        subnets: model.subnets_in(group).map(subnet).collect(),
        arn: text(&group.id),
        supported_network_types: vec!["ipv4".to_owned()].into(),
    }
}
