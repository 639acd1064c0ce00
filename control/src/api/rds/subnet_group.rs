//! DB subnet groups.

use super::{filter, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, text};
use model::services::{Result, SubnetGroup, Thing};
use model::{Model, Subnet};
use shapes::rds::{self, DBSubnetGroup};

const THING: Thing = Thing::DbSubnetGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(cx: Change, input: rds::CreateDBSubnetGroupMessage) -> Result<DBSubnetGroup> {
    let named = (input.db_subnet_group_name.as_str(), input.db_subnet_group_description.as_str());
    let group =
        cx.model.create_subnet_group(cx.caller, THING, named, &input.subnet_ids, tags::of(input.tags)?)?.clone();
    Ok(shown(cx.model, &group))
}

fn describe(cx: View, input: rds::DescribeDBSubnetGroupsMessage) -> Result<Paged<DBSubnetGroup>> {
    let rds::DescribeDBSubnetGroupsMessage { db_subnet_group_name, filters, page } = input;
    filter::check(&filters)?;
    let rows = cx.model.subnet_groups_called(&cx.caller.scope, THING, db_subnet_group_name.as_deref())?;
    Ok(paged(page, rows, |row: &&SubnetGroup| &row.name)?.map(|row| shown(cx.model, row)))
}

fn modify(cx: Change, input: rds::ModifyDBSubnetGroupMessage) -> Result<DBSubnetGroup> {
    let named = (input.db_subnet_group_name.as_str(), input.db_subnet_group_description);
    let group = cx.model.modify_subnet_group(cx.caller, THING, named, &input.subnet_ids)?.clone();
    Ok(shown(cx.model, &group))
}

fn delete(cx: Change, input: rds::DeleteDBSubnetGroupMessage) -> Result<()> {
    cx.model.delete_subnet_group(cx.caller, THING, &input.db_subnet_group_name)
}

pub fn shown(model: &Model, group: &SubnetGroup) -> DBSubnetGroup {
    let subnet = |subnet: &Subnet| rds::Subnet {
        subnet_identifier: text(&subnet.id),
        subnet_availability_zone: Some(rds::AvailabilityZone { name: text(&subnet.zone) }),
        subnet_status: text("Active"),
        ..Default::default()
    };
    DBSubnetGroup {
        db_subnet_group_name: text(&group.name),
        db_subnet_group_description: text(&group.description),
        vpc_id: text(&group.vpc),
        subnet_group_status: text("Complete"),
        subnets: model.subnets_in(group).map(subnet).collect(),
        db_subnet_group_arn: text(&group.id),
        supported_network_types: vec!["IPV4".to_owned()].into(),
    }
}
