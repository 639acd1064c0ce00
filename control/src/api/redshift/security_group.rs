//! Cluster security groups, which are of EC2-Classic.

use super::tags;
use crate::api::action::Actions;
use crate::api::deployment::{Paged, admitted, paged, text};
use model::services::{AccessGroup, Admitted, Result, Thing};
use model::{Caller, Model};
use shapes::redshift;

const THING: Thing = Thing::ClusterSecurityGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete).write(authorize).write(revoke)
}

fn create(
    model: &mut Model,
    caller: &Caller,
    input: redshift::CreateClusterSecurityGroupMessage,
) -> Result<redshift::ClusterSecurityGroup> {
    let named = (input.cluster_security_group_name.as_str(), input.description.as_str());
    Ok(shown(model.create_access_group(caller, THING, named, tags::of(input.tags)?)?))
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: redshift::DescribeClusterSecurityGroupsMessage,
) -> Result<Paged<redshift::ClusterSecurityGroup>> {
    let redshift::DescribeClusterSecurityGroupsMessage { cluster_security_group_name, tag_keys, tag_values, page } =
        input;
    let mut rows = model.access_groups_called(&caller.scope, THING, cluster_security_group_name.as_deref())?;
    rows.retain(|row| tags::pass(&row.tags, &tag_keys, &tag_values));
    Ok(paged(page, rows, |row: &AccessGroup| &row.name)?.map(|row| shown(&row)))
}

fn delete(model: &mut Model, caller: &Caller, input: redshift::DeleteClusterSecurityGroupMessage) -> Result<()> {
    model.delete_access_group(caller, THING, &input.cluster_security_group_name)
}

fn authorize(
    model: &mut Model,
    caller: &Caller,
    input: redshift::AuthorizeClusterSecurityGroupIngressMessage,
) -> Result<redshift::ClusterSecurityGroup> {
    let of_ec2 = (None, input.ec2_security_group_name, input.ec2_security_group_owner_id);
    let peer = admitted(model, caller, input.cidrip, of_ec2)?;
    Ok(shown(model.admit(caller, THING, &input.cluster_security_group_name, peer)?))
}

fn revoke(
    model: &mut Model,
    caller: &Caller,
    input: redshift::RevokeClusterSecurityGroupIngressMessage,
) -> Result<redshift::ClusterSecurityGroup> {
    let of_ec2 = (None, input.ec2_security_group_name, input.ec2_security_group_owner_id);
    let peer = admitted(model, caller, input.cidrip, of_ec2)?;
    Ok(shown(model.turn_away(caller, THING, &input.cluster_security_group_name, &peer)?))
}

fn shown(group: &AccessGroup) -> redshift::ClusterSecurityGroup {
    let of_ec2 = |peer: &Admitted| match peer {
        Admitted::Range(_) => None,
        Admitted::Group { name, account, .. } => Some(redshift::EC2SecurityGroup {
            status: text("authorized"),
            ec2_security_group_name: text(name),
            ec2_security_group_owner_id: text(account),
            ..Default::default()
        }),
    };
    let range = |range| redshift::IPRange { status: text("authorized"), cidrip: text(range), ..Default::default() };
    redshift::ClusterSecurityGroup {
        cluster_security_group_name: text(&group.name),
        description: text(&group.description),
        ec2_security_groups: group.admitted.iter().filter_map(of_ec2).collect(),
        ip_ranges: group.ranges().map(range).collect(),
        tags: tags::shown(&group.tags),
    }
}
