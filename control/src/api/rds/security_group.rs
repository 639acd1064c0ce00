//! DB security groups, which are of EC2-Classic.

use super::{filter, tags};
use crate::api::action::{Actions, Change, View};
use crate::api::deployment::{Paged, admitted, paged, text};
use model::services::{AccessGroup, Admitted, Result, Thing};
use shapes::rds::{self, DBSecurityGroup};

const THING: Thing = Thing::DbSecurityGroup;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete).write(authorize).write(revoke)
}

fn create(cx: Change, input: rds::CreateDBSecurityGroupMessage) -> Result<DBSecurityGroup> {
    let named = (input.db_security_group_name.as_str(), input.db_security_group_description.as_str());
    Ok(shown(cx.model.create_access_group(cx.caller, THING, named, tags::of(input.tags)?)?))
}

fn describe(cx: View, input: rds::DescribeDBSecurityGroupsMessage) -> Result<Paged<DBSecurityGroup>> {
    let rds::DescribeDBSecurityGroupsMessage { db_security_group_name, filters, page } = input;
    filter::check(&filters)?;
    let rows = cx.model.access_groups_called(&cx.caller.scope, THING, db_security_group_name.as_deref())?;
    Ok(paged(page, rows, |row: &AccessGroup| &row.name)?.map(|row| shown(&row)))
}

fn delete(cx: Change, input: rds::DeleteDBSecurityGroupMessage) -> Result<()> {
    cx.model.delete_access_group(cx.caller, THING, &input.db_security_group_name)
}

fn authorize(cx: Change, input: rds::AuthorizeDBSecurityGroupIngressMessage) -> Result<DBSecurityGroup> {
    let of_ec2 = (input.ec2_security_group_id, input.ec2_security_group_name, input.ec2_security_group_owner_id);
    let peer = admitted(cx.model, cx.caller, input.cidrip, of_ec2)?;
    Ok(shown(cx.model.admit(cx.caller, THING, &input.db_security_group_name, peer)?))
}

fn revoke(cx: Change, input: rds::RevokeDBSecurityGroupIngressMessage) -> Result<DBSecurityGroup> {
    let of_ec2 = (input.ec2_security_group_id, input.ec2_security_group_name, input.ec2_security_group_owner_id);
    let peer = admitted(cx.model, cx.caller, input.cidrip, of_ec2)?;
    Ok(shown(cx.model.revoke_source(cx.caller, THING, &input.db_security_group_name, &peer)?))
}

fn shown(group: &AccessGroup) -> DBSecurityGroup {
    let of_ec2 = |peer: &Admitted| match peer {
        Admitted::Range(_) => None,
        Admitted::Group { id, name, account } => Some(rds::EC2SecurityGroup {
            status: text("authorized"),
            ec2_security_group_name: text(name),
            ec2_security_group_id: text(id),
            ec2_security_group_owner_id: text(account),
        }),
    };
    let range = |range| rds::IPRange { status: text("authorized"), cidrip: text(range) };
    DBSecurityGroup {
        owner_id: text(&group.scope.account),
        db_security_group_name: text(&group.name),
        db_security_group_description: text(&group.description),
        vpc_id: None,
        ec2_security_groups: group.admitted.iter().filter_map(of_ec2).collect(),
        ip_ranges: group.ranges().map(range).collect(),
        db_security_group_arn: text(&group.id),
    }
}
