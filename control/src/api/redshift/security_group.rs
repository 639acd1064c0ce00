//! Cluster security groups, which are of EC2-Classic.

use super::tags;
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, admitted, paged, text};
use model::services::{AccessGroup, Admitted, Result, Thing};
use shapes::redshift;

const THING: Thing = Thing::ClusterSecurityGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete).write(authorize).write(revoke)
}

fn create(cx: Change, input: redshift::CreateClusterSecurityGroupMessage) -> Result<redshift::ClusterSecurityGroup> {
    let named = (input.cluster_security_group_name.as_str(), input.description.as_str());
    Ok(shown(cx.model.create_access_group(cx.caller, THING, named, tags::of(input.tags)?)?))
}

fn describe(
    cx: View,
    input: redshift::DescribeClusterSecurityGroupsMessage,
) -> Result<Paged<redshift::ClusterSecurityGroup>> {
    let redshift::DescribeClusterSecurityGroupsMessage { cluster_security_group_name, tag_keys, tag_values, page } =
        input;
    let mut rows = cx.model.access_groups_called(&cx.caller.scope, THING, cluster_security_group_name.as_deref())?;
    rows.retain(|row| tags::pass(&row.tags, &tag_keys, &tag_values));
    Ok(paged(page, rows, |row: &AccessGroup| &row.name)?.map(|row| shown(&row)))
}

fn delete(cx: Change, input: redshift::DeleteClusterSecurityGroupMessage) -> Result<()> {
    cx.model.delete_access_group(cx.caller, THING, &input.cluster_security_group_name)
}

fn authorize(
    cx: Change,
    input: redshift::AuthorizeClusterSecurityGroupIngressMessage,
) -> Result<redshift::ClusterSecurityGroup> {
    let of_ec2 = (None, input.ec2_security_group_name, input.ec2_security_group_owner_id);
    let peer = admitted(cx.model, cx.caller, input.cidrip, of_ec2)?;
    Ok(shown(cx.model.admit(cx.caller, THING, &input.cluster_security_group_name, peer)?))
}

fn revoke(
    cx: Change,
    input: redshift::RevokeClusterSecurityGroupIngressMessage,
) -> Result<redshift::ClusterSecurityGroup> {
    let of_ec2 = (None, input.ec2_security_group_name, input.ec2_security_group_owner_id);
    let peer = admitted(cx.model, cx.caller, input.cidrip, of_ec2)?;
    Ok(shown(cx.model.revoke_source(cx.caller, THING, &input.cluster_security_group_name, &peer)?))
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
