//! Security groups on the wire.

use super::describe::{Listing, Page};
use super::params::Params;
use super::security_group_rule::permissions;
use super::xml::Node;
use super::{Actions, Handler, arn};
use crate::model::{Caller, GroupRule, IdKind, Model, Result, RulePeer, Scope, SecurityGroup};

pub const ACTIONS: Actions = &[
    ("CreateSecurityGroup", Handler::Write(create)),
    ("DescribeSecurityGroups", Handler::Read(describe)),
    ("DeleteSecurityGroup", Handler::Write(delete)),
];

static LISTING: Listing<SecurityGroup> = Listing {
    ids: "GroupId",
    set: "securityGroupInfo",
    filters: &[
        ("group-id", |_, group| vec![group.id.clone()]),
        ("group-name", |_, group| vec![group.name.clone()]),
        ("description", |_, group| vec![group.description.clone()]),
        ("owner-id", |_, group| vec![group.scope.account.clone()]),
        ("vpc-id", |_, group| group.vpc.iter().cloned().collect()),
        ("ip-permission.cidr", |_, group| rules(group, false).filter_map(cidr).collect()),
        ("ip-permission.ipv6-cidr", |_, group| rules(group, false).filter_map(cidr6).collect()),
        ("ip-permission.prefix-list-id", |_, group| rules(group, false).filter_map(prefix_list).collect()),
        ("ip-permission.protocol", |_, group| rules(group, false).map(protocol).collect()),
        ("ip-permission.from-port", |_, group| rules(group, false).filter_map(|rule| port(rule, false)).collect()),
        ("ip-permission.to-port", |_, group| rules(group, false).filter_map(|rule| port(rule, true)).collect()),
        ("ip-permission.group-id", |_, group| rules(group, false).filter_map(peer_group).collect()),
        ("ip-permission.group-name", |model, group| {
            rules(group, false).filter_map(|rule| peer_name(model, rule)).collect()
        }),
        ("ip-permission.user-id", |_, group| rules(group, false).filter_map(peer_account).collect()),
        ("egress.ip-permission.cidr", |_, group| rules(group, true).filter_map(cidr).collect()),
        ("egress.ip-permission.ipv6-cidr", |_, group| rules(group, true).filter_map(cidr6).collect()),
        ("egress.ip-permission.prefix-list-id", |_, group| rules(group, true).filter_map(prefix_list).collect()),
        ("egress.ip-permission.protocol", |_, group| rules(group, true).map(protocol).collect()),
        ("egress.ip-permission.from-port", |_, group| {
            rules(group, true).filter_map(|rule| port(rule, false)).collect()
        }),
        ("egress.ip-permission.to-port", |_, group| rules(group, true).filter_map(|rule| port(rule, true)).collect()),
        ("egress.ip-permission.group-id", |_, group| rules(group, true).filter_map(peer_group).collect()),
        ("egress.ip-permission.group-name", |model, group| {
            rules(group, true).filter_map(|rule| peer_name(model, rule)).collect()
        }),
        ("egress.ip-permission.user-id", |_, group| rules(group, true).filter_map(peer_account).collect()),
    ],
    item,
};

fn rules(group: &SecurityGroup, egress: bool) -> impl Iterator<Item = &GroupRule> {
    group.rules.iter().filter(move |rule| rule.egress == egress)
}

fn protocol(rule: &GroupRule) -> String {
    rule.traffic.protocol()
}

fn port(rule: &GroupRule, last: bool) -> Option<String> {
    let (from, to) = rule.traffic.range()?;
    Some(if last { to } else { from }.to_string())
}

fn cidr(rule: &GroupRule) -> Option<String> {
    match &rule.peer {
        RulePeer::V4(net) => Some(net.to_string()),
        _ => None,
    }
}

fn cidr6(rule: &GroupRule) -> Option<String> {
    match &rule.peer {
        RulePeer::V6(net) => Some(net.to_string()),
        _ => None,
    }
}

fn prefix_list(rule: &GroupRule) -> Option<String> {
    match &rule.peer {
        RulePeer::PrefixList(id) => Some(id.clone()),
        _ => None,
    }
}

fn peer_group(rule: &GroupRule) -> Option<String> {
    match &rule.peer {
        RulePeer::Group { id, .. } => Some(id.clone()),
        _ => None,
    }
}

fn peer_account(rule: &GroupRule) -> Option<String> {
    match &rule.peer {
        RulePeer::Group { account, .. } => Some(account.clone()),
        _ => None,
    }
}

fn peer_name(model: &Model, rule: &GroupRule) -> Option<String> {
    model.security_groups.get(&peer_group(rule)?).map(|group| group.name.clone())
}

fn item(model: &Model, group: &SecurityGroup) -> Node {
    Node::new()
        .text("ownerId", &group.scope.account)
        .text("groupId", &group.id)
        .text("groupName", &group.name)
        .text("groupDescription", &group.description)
        .opt("vpcId", group.vpc.as_ref())
        .set("ipPermissions", permissions(model, group, rules(group, false)))
        .set("ipPermissionsEgress", permissions(model, group, rules(group, true)))
        .text("securityGroupArn", arn(&group.scope, "security-group", &group.id))
        .tags(&group.tags)
}

/// The group that `GroupId` or, for a Classic group or one of the default VPC, `GroupName` means.
pub fn named(model: &Model, scope: &Scope, group: &GroupRef) -> Result<String> {
    match group {
        GroupRef::Id(id) => Ok(model.security_groups.find(scope, id)?.id.clone()),
        GroupRef::Name(name) => Ok(model.group_meant(scope, name)?.id.clone()),
    }
}

/// A group as a request names it.
pub enum GroupRef {
    Id(String),
    Name(String),
}

/// Takes `GroupId` or `GroupName`.
pub fn take_group(params: &mut Params) -> Result<GroupRef> {
    let id = params.opt_id("GroupId", IdKind::SecurityGroup)?;
    match (id, params.text("GroupName")) {
        (Some(id), _) => Ok(GroupRef::Id(id)),
        (None, Some(name)) => Ok(GroupRef::Name(name)),
        (None, None) => Err(params.missing("GroupId")),
    }
}

/// Ids and names of groups, as an instance's `groupSet` has them.
pub fn group_set(model: &Model, ids: &[String]) -> Vec<Node> {
    let name = |id: &String| model.security_groups.get(id).map(|group| group.name.as_str()).unwrap_or_default();
    ids.iter().map(|id| Node::new().text("groupId", id).text("groupName", name(id))).collect()
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let name = params.required("GroupName")?;
    let description = params.required("GroupDescription")?;
    let vpc = params.opt_id("VpcId", IdKind::Vpc)?;
    let tags = params.tags("security-group")?;
    params.finish()?;
    let id = model.create_group(caller, vpc.as_deref(), &name, &description, tags)?;
    let group = model.security_groups.find(&caller.scope, &id)?;
    Ok(Node::done()
        .text("groupId", &id)
        .tags(&group.tags)
        .text("securityGroupArn", arn(&group.scope, "security-group", &id)))
}

fn describe(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let names = params.list("GroupName")?;
    let page = Page::take(&mut params)?;
    let all: Vec<&SecurityGroup> = model.security_groups.of(&caller.scope).collect();
    let mut chosen = LISTING.choose(model, params, &all)?;
    let meant = names.iter().map(|name| Ok(&model.group_meant(&caller.scope, name)?.id));
    let meant = meant.collect::<Result<Vec<&String>>>()?;
    chosen.retain(|group| names.is_empty() || meant.contains(&&group.id));
    Ok(LISTING.render(model, chosen, page))
}

fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let group = take_group(&mut params)?;
    params.finish()?;
    let id = named(model, &caller.scope, &group)?;
    model.delete_group(caller, &id)?;
    Ok(Node::done().text("groupId", id))
}
