//! Cluster subnet groups.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, paged, text};
use model::services::{Result, SubnetGroup, Thing};
use model::{Model, Subnet};
use shapes::redshift;

const THING: Thing = Thing::ClusterSubnetGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

fn create(cx: Change, input: redshift::CreateClusterSubnetGroupMessage) -> Result<redshift::ClusterSubnetGroup> {
    let named = (input.cluster_subnet_group_name.as_str(), input.description.as_str());
    let group =
        cx.model.create_subnet_group(cx.caller, THING, named, &input.subnet_ids, tags::of(input.tags)?)?.clone();
    Ok(shown(cx.model, &group))
}

fn describe(
    cx: View,
    input: redshift::DescribeClusterSubnetGroupsMessage,
) -> Result<Paged<redshift::ClusterSubnetGroup>> {
    let redshift::DescribeClusterSubnetGroupsMessage { cluster_subnet_group_name, tag_keys, tag_values, page } = input;
    let mut rows = cx.model.subnet_groups_called(&cx.caller.scope, THING, cluster_subnet_group_name.as_deref())?;
    rows.retain(|row| tags::pass(&row.tags, &tag_keys, &tag_values));
    Ok(paged(page, rows, |row: &&SubnetGroup| &row.name)?.map(|row| shown(cx.model, row)))
}

fn modify(cx: Change, input: redshift::ModifyClusterSubnetGroupMessage) -> Result<redshift::ClusterSubnetGroup> {
    let named = (input.cluster_subnet_group_name.as_str(), input.description);
    let group = cx.model.modify_subnet_group(cx.caller, THING, named, &input.subnet_ids)?.clone();
    Ok(shown(cx.model, &group))
}

fn delete(cx: Change, input: redshift::DeleteClusterSubnetGroupMessage) -> Result<()> {
    cx.model.delete_subnet_group(cx.caller, THING, &input.cluster_subnet_group_name)
}

fn shown(model: &Model, group: &SubnetGroup) -> redshift::ClusterSubnetGroup {
    let zone = |subnet: &Subnet| redshift::AvailabilityZone { name: text(&subnet.zone), ..Default::default() };
    let subnet = |subnet: &Subnet| redshift::Subnet {
        subnet_identifier: text(&subnet.id),
        subnet_availability_zone: Some(zone(subnet)),
        subnet_status: text("Active"),
    };
    redshift::ClusterSubnetGroup {
        cluster_subnet_group_name: text(&group.name),
        description: text(&group.description),
        vpc_id: text(&group.vpc),
        subnet_group_status: text("Complete"),
        subnets: model.subnets_in(group).map(subnet).collect(),
        tags: tags::shown(&group.tags),
        supported_cluster_ip_address_types: vec!["ipv4".to_owned()].into(),
    }
}
