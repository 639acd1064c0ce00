//! Cache subnet groups.

use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{Paged, paged, text};
use model::services::{Result, SubnetGroup, Thing};
use model::{Caller, Model, Subnet};
use shapes::elasticache;

const THING: Thing = Thing::CacheSubnetGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::CreateCacheSubnetGroupMessage,
) -> Result<elasticache::CacheSubnetGroup> {
    let named = (input.cache_subnet_group_name.as_str(), input.cache_subnet_group_description.as_str());
    let group = model.create_subnet_group(caller, THING, named, &input.subnet_ids, tags::of(input.tags)?)?.clone();
    Ok(shown(model, &group))
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: elasticache::DescribeCacheSubnetGroupsMessage,
) -> Result<Paged<elasticache::CacheSubnetGroup>> {
    let elasticache::DescribeCacheSubnetGroupsMessage { cache_subnet_group_name, page } = input;
    let rows = model.subnet_groups_called(&caller.scope, THING, cache_subnet_group_name.as_deref())?;
    Ok(paged(page, rows, |row: &&SubnetGroup| &row.name)?.map(|row| shown(model, row)))
}

fn modify(
    model: &mut Model,
    caller: &Caller,
    input: elasticache::ModifyCacheSubnetGroupMessage,
) -> Result<elasticache::CacheSubnetGroup> {
    let elasticache::ModifyCacheSubnetGroupMessage {
        cache_subnet_group_name: name,
        cache_subnet_group_description: description,
        subnet_ids,
    } = input;
    let before = model.subnet_group(&caller.scope, THING, &name)?.subnets.clone();
    // Without subnets those that it has stay.
    let subnets = if subnet_ids.is_empty() { before } else { subnet_ids.to_vec() };
    let group = model.modify_subnet_group(caller, THING, (&name, description), &subnets)?.clone();
    Ok(shown(model, &group))
}

fn delete(model: &mut Model, caller: &Caller, input: elasticache::DeleteCacheSubnetGroupMessage) -> Result<()> {
    model.delete_subnet_group(caller, THING, &input.cache_subnet_group_name)
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
