//! Security groups.

use super::ip_permission::permissions;
use super::listing::{Attributes, by_age};
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use crate::api::arn;
use model::{Caller, Error, GroupRule, Model, Result, RulePeer, SecurityGroup, Time};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(delete)
}

static ATTRIBUTES: Attributes<SecurityGroup> = Attributes(&[
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
    ("egress.ip-permission.from-port", |_, group| rules(group, true).filter_map(|rule| port(rule, false)).collect()),
    ("egress.ip-permission.to-port", |_, group| rules(group, true).filter_map(|rule| port(rule, true)).collect()),
    ("egress.ip-permission.group-id", |_, group| rules(group, true).filter_map(peer_group).collect()),
    ("egress.ip-permission.group-name", |model, group| {
        rules(group, true).filter_map(|rule| peer_name(model, rule)).collect()
    }),
    ("egress.ip-permission.user-id", |_, group| rules(group, true).filter_map(peer_account).collect()),
]);

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

/// Rules of VPCs name groups by their ids alone.
fn peer_name(model: &Model, rule: &GroupRule) -> Option<String> {
    let group = model.security_groups.get(&peer_group(rule)?).filter(|group| group.vpc.is_none());
    group.map(|group| group.name.clone())
}

fn shown(model: &Model, now: Time, group: &SecurityGroup) -> ec2::SecurityGroup {
    ec2::SecurityGroup {
        owner_id: text(&group.scope.account),
        group_id: text(&group.id),
        group_name: text(&group.name),
        description: text(&group.description),
        vpc_id: group.vpc.clone(),
        ip_permissions: permissions(model, now, group, rules(group, false)),
        ip_permissions_egress: permissions(model, now, group, rules(group, true)),
        security_group_arn: text(arn(&group.scope, "security-group", &group.id)),
        tags: tags::shown(&group.tags),
    }
}

/// The id of the group that an id or, for a Classic group or one of the default VPC, a name means.
pub fn meant(model: &Model, caller: &Caller, id: Option<String>, name: Option<String>) -> Result<String> {
    match (id, name) {
        (Some(id), _) => Ok(model.security_groups.find(&caller.scope, &id)?.id.clone()),
        (None, Some(name)) => Ok(model.group_meant(&caller.scope, &name)?.id.clone()),
        (None, None) => Err(Error::missing("GroupId")),
    }
}

/// Ids and names of groups, as instances and interfaces have them.
pub fn identifiers(model: &Model, ids: &[String]) -> List<ec2::GroupIdentifier> {
    let name = |id: &String| model.security_groups.get(id).map(|group| group.name.clone()).unwrap_or_default();
    ids.iter().map(|id| ec2::GroupIdentifier { group_id: text(id), group_name: Some(name(id)) }).collect()
}

fn create(cx: Change, input: ec2::CreateSecurityGroupRequest) -> Result<ec2::CreateSecurityGroupResult> {
    let ec2::CreateSecurityGroupRequest { group_name, description, vpc_id, tag_specifications } = input;
    let tags = tags::of(tag_specifications, "security-group")?;
    let id = cx.model.create_group(cx.caller, vpc_id.as_deref(), &group_name, &description, tags)?;
    let group = cx.model.security_groups.find(&cx.caller.scope, &id)?;
    Ok(ec2::CreateSecurityGroupResult {
        group_id: text(&id),
        tags: tags::shown(&group.tags),
        security_group_arn: text(arn(&group.scope, "security-group", &id)),
    })
}

fn describe(cx: View, input: ec2::DescribeSecurityGroupsRequest) -> Result<ec2::DescribeSecurityGroupsResult> {
    let ec2::DescribeSecurityGroupsRequest { group_ids, group_names, filters, page } = input;
    let mut groups =
        ATTRIBUTES.choose(cx.model, cx.model.security_groups.of(&cx.caller.scope), &group_ids, &filters)?;
    let named = group_names.iter().map(|name| Ok(&cx.model.group_meant(&cx.caller.scope, name)?.id));
    let named = named.collect::<Result<Vec<&String>>>()?;
    groups.retain(|group| named.is_empty() || named.contains(&&group.id));
    let (groups, next_token) = by_age(cx.model, &page, groups, |group| &group.id)?;
    let security_groups = groups.into_iter().map(|group| shown(cx.model, cx.caller.now, group)).collect();
    Ok(ec2::DescribeSecurityGroupsResult { security_groups, next_token })
}

fn delete(cx: Change, input: ec2::DeleteSecurityGroupRequest) -> Result<ec2::DeleteSecurityGroupResult> {
    let ec2::DeleteSecurityGroupRequest { group_id, group_name } = input;
    let id = meant(cx.model, cx.caller, group_id, group_name)?;
    cx.model.delete_group(cx.caller, &id)?;
    Ok(ec2::DeleteSecurityGroupResult { r#return: Some(true), group_id: Some(id) })
}
