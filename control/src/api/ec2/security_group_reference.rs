//! References to groups across peering connections, and stale ones.

use super::listing::by_age;
use super::text;
use crate::api::action::{Actions, View};
use model::{GroupRule, Model, Result, RulePeer, SecurityGroup, Time};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.read(describe_references).read(describe_stale)
}

fn describe_references(
    View { model, caller }: View,
    input: ec2::DescribeSecurityGroupReferencesRequest,
) -> Result<List<ec2::SecurityGroupReference>> {
    let mut references = List::from(Vec::new());
    for id in &input.group_id {
        let group = model.security_groups.find(&caller.scope, id)?;
        let mut vpcs: Vec<&str> = model.security_groups.iter().filter_map(|other| names(model, other, group)).collect();
        vpcs.sort_unstable();
        vpcs.dedup();
        for vpc in vpcs {
            let peering = group.vpc.as_deref().and_then(|own| model.peering_between(own, vpc));
            references.push(ec2::SecurityGroupReference {
                group_id: text(id),
                referencing_vpc_id: text(vpc),
                vpc_peering_connection_id: peering.map(|peering| peering.id.clone()),
                transit_gateway_id: None,
            });
        }
    }
    Ok(references)
}

/// The VPC of a group with a rule that names another VPC's group and is in force.
fn names<'m>(model: &'m Model, other: &'m SecurityGroup, group: &SecurityGroup) -> Option<&'m str> {
    let vpc = other.vpc.as_deref().filter(|vpc| group.vpc.is_some() && group.vpc.as_deref() != Some(vpc))?;
    let named = |rule: &GroupRule| model.referenced_group(other, &rule.peer).is_some_and(|named| named.id == group.id);
    other.rules.iter().any(named).then_some(vpc)
}

fn describe_stale(
    View { model, caller }: View,
    input: ec2::DescribeStaleSecurityGroupsRequest,
) -> Result<ec2::DescribeStaleSecurityGroupsResult> {
    let ec2::DescribeStaleSecurityGroupsRequest { vpc_id: vpc, page } = input;
    model.vpcs.find(&caller.scope, &vpc)?;
    let groups = model.security_groups.of(&caller.scope).filter(|group| group.vpc.as_ref() == Some(&vpc));
    let stale: Vec<&SecurityGroup> = groups.filter(|group| model.stale_rules(group).next().is_some()).collect();
    let (stale, next_token) = by_age(model, &page, stale, |group| &group.id)?;
    let stale_security_group_set = stale.into_iter().map(|group| stale_group(model, caller.now, group, &vpc)).collect();
    Ok(ec2::DescribeStaleSecurityGroupsResult { stale_security_group_set, next_token })
}

fn stale_group(model: &Model, now: Time, group: &SecurityGroup, vpc: &str) -> ec2::StaleSecurityGroup {
    let rules = |egress: bool| {
        let rules = model.stale_rules(group).filter(move |rule| rule.egress == egress);
        rules.map(|rule| stale_rule(model, now, rule, vpc)).collect()
    };
    ec2::StaleSecurityGroup {
        group_id: text(&group.id),
        group_name: text(&group.name),
        description: text(&group.description),
        vpc_id: text(vpc),
        stale_ip_permissions: rules(false),
        stale_ip_permissions_egress: rules(true),
    }
}

fn stale_rule(model: &Model, now: Time, rule: &GroupRule, vpc: &str) -> ec2::StaleIpPermission {
    let (from_port, to_port) = rule.traffic.range().unzip();
    let told =
        ec2::StaleIpPermission { ip_protocol: text(rule.traffic.protocol()), from_port, to_port, ..Default::default() };
    let RulePeer::Group { account, id } = &rule.peer else { return told };
    let description = rule.description.clone();
    let group = ec2::UserIdGroupPair { user_id: text(account), group_id: text(id), description, ..Default::default() };
    let user_id_group_pairs = [across(model, now, group, vpc, account, id)].into_iter().collect();
    ec2::StaleIpPermission {
        user_id_group_pairs,
        ip_ranges: Vec::new().into(),
        prefix_list_ids: Vec::new().into(),
        ..told
    }
}

/// Adds to a rule's group its VPC and the peering connection with it, if the group is of another VPC.
pub fn across(
    model: &Model,
    now: Time,
    told: ec2::UserIdGroupPair,
    vpc: &str,
    account: &str,
    id: &str,
) -> ec2::UserIdGroupPair {
    let other = model.security_groups.get(id).and_then(|group| group.vpc.as_deref());
    if other == Some(vpc) {
        return told;
    }
    let peering = model.peering_with(vpc, account, other);
    let other = other.or_else(|| peering.and_then(|peering| Some(peering.peer_of(vpc)?.vpc.as_str())));
    ec2::UserIdGroupPair {
        vpc_id: other.map(str::to_owned),
        vpc_peering_connection_id: peering.map(|peering| peering.id.clone()),
        peering_status: peering.map(|peering| peering.status(now).code().to_owned()),
        ..told
    }
}
