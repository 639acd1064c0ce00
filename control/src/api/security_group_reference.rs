//! References to groups across peering connections, and stale ones, on the wire.

use super::describe::Page;
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{Caller, GroupRule, IdKind, Model, Result, RulePeer, SecurityGroup};

pub const ACTIONS: Actions = &[
    ("DescribeSecurityGroupReferences", Handler::Read(describe_references)),
    ("DescribeStaleSecurityGroups", Handler::Read(describe_stale)),
];

fn describe_references(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let ids = params.ids("GroupId", IdKind::SecurityGroup)?;
    if ids.is_empty() {
        return Err(params.missing("GroupId"));
    }
    params.finish()?;
    let mut items: Vec<Node> = Vec::new();
    for id in &ids {
        let group = model.security_groups.find(&caller.scope, id)?;
        let mut vpcs: Vec<&str> = model.security_groups.iter().filter_map(|other| names(model, other, group)).collect();
        vpcs.sort_unstable();
        vpcs.dedup();
        items.extend(vpcs.into_iter().map(|vpc| {
            let peering = group.vpc.as_deref().and_then(|own| model.peering_between(own, vpc));
            Node::new()
                .text("groupId", id)
                .text("referencingVpcId", vpc)
                .opt("vpcPeeringConnectionId", peering.map(|peering| &peering.id))
        }));
    }
    Ok(Node::new().set("securityGroupReferenceSet", items))
}

/// The VPC of a group with a rule that names another VPC's group and is in force.
fn names<'m>(model: &'m Model, other: &'m SecurityGroup, group: &SecurityGroup) -> Option<&'m str> {
    let vpc = other.vpc.as_deref().filter(|vpc| group.vpc.is_some() && group.vpc.as_deref() != Some(vpc))?;
    let named = |rule: &GroupRule| model.referenced_group(other, &rule.peer).is_some_and(|named| named.id == group.id);
    other.rules.iter().any(named).then_some(vpc)
}

fn describe_stale(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let vpc = params.id("VpcId", IdKind::Vpc)?;
    let page = Page::take(&mut params)?;
    params.finish()?;
    model.vpcs.find(&caller.scope, &vpc)?;
    let groups = model.security_groups.of(&caller.scope).filter(|group| group.vpc.as_ref() == Some(&vpc));
    let stale: Vec<&SecurityGroup> = groups.filter(|group| model.stale_rules(group).next().is_some()).collect();
    let cut = page.cut(stale, |group| &group.id);
    Ok(cut.render("staleSecurityGroupSet", |group| stale_group(model, group, &vpc)))
}

fn stale_group(model: &Model, group: &SecurityGroup, vpc: &str) -> Node {
    let rules = |egress: bool| {
        let rules = model.stale_rules(group).filter(move |rule| rule.egress == egress);
        rules.map(|rule| stale_rule(model, rule, vpc)).collect::<Vec<_>>()
    };
    Node::new()
        .text("groupId", &group.id)
        .text("groupName", &group.name)
        .text("description", &group.description)
        .text("vpcId", vpc)
        .set("staleIpPermissions", rules(false))
        .set("staleIpPermissionsEgress", rules(true))
}

fn stale_rule(model: &Model, rule: &GroupRule, vpc: &str) -> Node {
    let range = rule.traffic.range();
    let node = Node::new()
        .text("ipProtocol", rule.traffic.protocol())
        .opt("fromPort", range.map(|(from, _)| from))
        .opt("toPort", range.map(|(_, to)| to));
    let RulePeer::Group { account, id } = &rule.peer else { return node };
    let group = Node::new().text("userId", account).text("groupId", id);
    let group = across(model, group, vpc, account, id).opt("description", rule.description.as_ref());
    node.set("groups", [group]).set("ipRanges", []).set("prefixListIds", [])
}

/// Says of a group that a rule of a VPC names in which other VPC it is, or was, and how that is connected.
pub fn across(model: &Model, node: Node, vpc: &str, account: &str, id: &str) -> Node {
    let other = model.security_groups.get(id).and_then(|group| group.vpc.as_deref());
    if other == Some(vpc) {
        return node;
    }
    let peering = model.peering_with(vpc, account, other);
    let other = other.or_else(|| peering.and_then(|peering| Some(peering.peer_of(vpc)?.vpc.as_str())));
    node.opt("vpcId", other)
        .opt("vpcPeeringConnectionId", peering.map(|peering| &peering.id))
        .opt("peeringStatus", peering.map(|peering| peering.noted.code()))
}
