//! Security groups in other VPCs than their own.

use super::listing::{Attributes, paged};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use model::{Result, SecurityGroup, Tags};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(associate).write(disassociate).read(describe).read(for_vpc)
}

/// A group in a VPC that is not its own.
struct Association {
    /// Sorts and pages.
    place: String,
    group: SecurityGroup,
    vpc: String,
}

static ASSOCIATIONS: Attributes<Association> = Attributes(&[
    ("group-id", |_, row| vec![row.group.id.clone()]),
    ("group-owner-id", |_, row| vec![row.group.scope.account.clone()]),
    ("state", |_, _| vec!["associated".into()]),
    ("vpc-id", |_, row| vec![row.vpc.clone()]),
    ("vpc-owner-id", |_, row| vec![row.group.scope.account.clone()]),
]);

static GROUPS: Attributes<SecurityGroup> = Attributes(&[
    ("description", |_, group| vec![group.description.clone()]),
    ("group-id", |_, group| vec![group.id.clone()]),
    ("group-name", |_, group| vec![group.name.clone()]),
    ("owner-id", |_, group| vec![group.scope.account.clone()]),
    ("primary-vpc-id", |_, group| group.vpc.iter().cloned().collect()),
]);

fn associate(cx: Change, input: ec2::AssociateSecurityGroupVpcRequest) -> Result<String> {
    cx.model.associate_group(cx.caller, &input.group_id, &input.vpc_id)?;
    Ok("associating".to_owned())
}

fn disassociate(cx: Change, input: ec2::DisassociateSecurityGroupVpcRequest) -> Result<String> {
    cx.model.disassociate_group(cx.caller, &input.group_id, &input.vpc_id)?;
    Ok("disassociating".to_owned())
}

fn describe(
    cx: View,
    input: ec2::DescribeSecurityGroupVpcAssociationsRequest,
) -> Result<ec2::DescribeSecurityGroupVpcAssociationsResult> {
    let ec2::DescribeSecurityGroupVpcAssociationsRequest { filters, page } = input;
    let wanted = ASSOCIATIONS.wanted(&filters)?;
    let of_group = |group: &SecurityGroup| -> Vec<Association> {
        let row =
            |vpc: &String| Association { place: format!("{} {vpc}", group.id), group: group.clone(), vpc: vpc.clone() };
        group.also_in.iter().map(row).collect()
    };
    let mut rows: Vec<Association> = cx.model.security_groups.of(&cx.caller.scope).flat_map(of_group).collect();
    rows.retain(|row| wanted.pass(cx.model, row, &Tags::new()));
    let (rows, next_token) = paged(&page, rows, |row| &row.place)?;
    let shown = |row: Association| ec2::SecurityGroupVpcAssociation {
        group_id: text(&row.group.id),
        vpc_id: Some(row.vpc),
        vpc_owner_id: text(&row.group.scope.account),
        group_owner_id: text(&row.group.scope.account),
        state: text("associated"),
        ..Default::default()
    };
    Ok(ec2::DescribeSecurityGroupVpcAssociationsResult {
        security_group_vpc_associations: rows.into_iter().map(shown).collect(),
        next_token,
    })
}

fn for_vpc(cx: View, input: ec2::GetSecurityGroupsForVpcRequest) -> Result<ec2::GetSecurityGroupsForVpcResult> {
    let ec2::GetSecurityGroupsForVpcRequest { vpc_id, page, filters } = input;
    cx.model.vpcs.find(&cx.caller.scope, &vpc_id)?;
    let here = cx.model.security_groups.of(&cx.caller.scope).filter(|group| group.can_be_in(&vpc_id));
    let (groups, next_token) = GROUPS.page(cx.model, here, &[], &filters, &page)?;
    let shown = |group: &SecurityGroup| ec2::SecurityGroupForVpc {
        description: text(&group.description),
        group_name: text(&group.name),
        owner_id: text(&group.scope.account),
        group_id: text(&group.id),
        tags: tags::shown(&group.tags),
        primary_vpc_id: group.vpc.clone(),
    };
    Ok(ec2::GetSecurityGroupsForVpcResult {
        security_group_for_vpcs: groups.into_iter().map(shown).collect(),
        next_token,
    })
}
