//! The rules of security groups on the wire: as permissions, in the flat form of old clients, and one by one.

use super::describe::{Filters, Page, Values};
use super::params::Params;
use super::security_group::{GroupRef, named, take_group};
use super::security_group_reference::across;
use super::xml::Node;
use super::{Actions, Handler, arn};
use crate::model::{
    Caller, Error, GroupRule, IdKind, Model, PeerSpec, Result, RulePeer, RuleSpec, SecurityGroup, Traffic,
};
use std::str::FromStr;

pub const ACTIONS: Actions = &[
    ("AuthorizeSecurityGroupIngress", Handler::Write(|model, caller, params| authorize(model, caller, params, false))),
    ("AuthorizeSecurityGroupEgress", Handler::Write(|model, caller, params| authorize(model, caller, params, true))),
    ("RevokeSecurityGroupIngress", Handler::Write(|model, caller, params| revoke(model, caller, params, false))),
    ("RevokeSecurityGroupEgress", Handler::Write(|model, caller, params| revoke(model, caller, params, true))),
    (
        "UpdateSecurityGroupRuleDescriptionsIngress",
        Handler::Write(|model, caller, params| update_descriptions(model, caller, params, false)),
    ),
    (
        "UpdateSecurityGroupRuleDescriptionsEgress",
        Handler::Write(|model, caller, params| update_descriptions(model, caller, params, true)),
    ),
    ("ModifySecurityGroupRules", Handler::Write(modify)),
    ("DescribeSecurityGroupRules", Handler::Read(describe)),
];

/// A CIDR block; a bare address is none.
fn net<T: FromStr>(name: &str, text: String) -> Result<T> {
    text.parse().map_err(|_| Error::BadCidr { name: name.to_owned(), value: text })
}

/// `IpPermissions.N`: protocol and ports, and any number of other ends.
fn take_permissions(params: &mut Params) -> Result<Vec<RuleSpec>> {
    let permissions = params.structs("IpPermissions", |permission| {
        let protocol = permission.text("IpProtocol");
        let (from, to) = (permission.get("FromPort")?, permission.get("ToPort")?);
        let mut ends: Vec<(PeerSpec, Option<String>)> = Vec::new();
        ends.extend(permission.structs("IpRanges", |range| {
            let cidr = range.required("CidrIp")?;
            Ok((PeerSpec::V4(net("cidrIp", cidr)?), range.text("Description")))
        })?);
        ends.extend(permission.structs("Ipv6Ranges", |range| {
            let cidr = range.required("CidrIpv6")?;
            Ok((PeerSpec::V6(net("cidrIpv6", cidr)?), range.text("Description")))
        })?);
        ends.extend(permission.structs("PrefixListIds", |list| {
            Ok((PeerSpec::PrefixList(list.id("PrefixListId", IdKind::PrefixList)?), list.text("Description")))
        })?);
        ends.extend(permission.structs("Groups", |group| {
            group.ignore(&["VpcId", "VpcPeeringConnectionId", "PeeringStatus"]);
            Ok((take_peer_group(group)?, group.text("Description")))
        })?);
        match protocol {
            Some(protocol) => specs(&protocol, from, to, ends),
            None if ends.iter().all(|(end, _)| end.is_group()) && !ends.is_empty() => {
                Ok(ends.into_iter().flat_map(|(end, description)| without_protocol(&end, description)).collect())
            }
            None => Err(permission.missing("IpProtocol")),
        }
    })?;
    Ok(permissions.into_iter().flatten().collect())
}

fn take_peer_group(group: &mut Params) -> Result<PeerSpec> {
    let account = group.text("UserId");
    // Old clients write a Classic group of another account as `account/sg-…`.
    let id = group.text("GroupId").map(|id| match id.split_once('/') {
        Some((owner, id)) => (Some(owner.to_owned()), id.to_owned()),
        None => (None, id),
    });
    match (id, group.text("GroupName")) {
        (Some((owner, id)), _) if IdKind::SecurityGroup.fits(&id) => {
            Ok(PeerSpec::Group { account: account.or(owner), id })
        }
        (Some((_, id)), _) => Err(Error::Malformed { kind: IdKind::SecurityGroup, id }),
        (None, Some(name)) => Ok(PeerSpec::GroupNamed { account, name }),
        (None, None) => Err(group.missing("GroupId")),
    }
}

fn specs(
    protocol: &str,
    from: Option<i32>,
    to: Option<i32>,
    ends: Vec<(PeerSpec, Option<String>)>,
) -> Result<Vec<RuleSpec>> {
    if ends.is_empty() {
        return Err(Error::NoPeers {});
    }
    let traffic = Traffic::new(protocol, from, to)?;
    let one = |(peer, description)| RuleSpec { traffic, peer, description, names_protocol: true };
    Ok(ends.into_iter().map(one).collect())
}

/// A source group that comes without a protocol: all of TCP, UDP and ICMP is meant, in EC2-Classic.
fn without_protocol(end: &PeerSpec, description: Option<String>) -> [RuleSpec; 3] {
    let all = [Traffic::Tcp(0, 65535), Traffic::Udp(0, 65535), Traffic::Icmp(None, None)];
    all.map(|traffic| {
        let (peer, description) = (end.clone(), description.clone());
        RuleSpec { traffic, peer, description, names_protocol: false }
    })
}

/// The flat form: one rule, without lists.
fn take_flat(params: &mut Params) -> Result<Vec<RuleSpec>> {
    let protocol = params.text("IpProtocol");
    let (from, to) = (params.get("FromPort")?, params.get("ToPort")?);
    let cidr = params.text("CidrIp");
    let name = params.text("SourceSecurityGroupName");
    let account = params.text("SourceSecurityGroupOwnerId");
    let end = match (cidr, name) {
        (Some(_), Some(_)) => {
            return Err(Error::Combination {
                why: "Specify a CIDR block or a source security group, not both.".into(),
            });
        }
        (Some(cidr), None) => PeerSpec::V4(net("cidrIp", cidr)?),
        (None, Some(name)) => PeerSpec::GroupNamed { account, name },
        (None, None) if protocol.is_none() => return Ok(Vec::new()),
        (None, None) => return Err(Error::NoPeers {}),
    };
    match (protocol, &end) {
        (Some(protocol), _) => specs(&protocol, from, to, vec![(end, None)]),
        (None, PeerSpec::GroupNamed { .. }) => Ok(without_protocol(&end, None).into()),
        (None, _) => Err(params.missing("IpProtocol")),
    }
}

fn take_specs(params: &mut Params) -> Result<Vec<RuleSpec>> {
    let mut specs = take_permissions(params)?;
    specs.extend(take_flat(params)?);
    Ok(specs)
}

fn authorize(model: &mut Model, caller: &Caller, mut params: Params, egress: bool) -> Result<Node> {
    let group = take_group(&mut params)?;
    let specs = take_specs(&mut params)?;
    let tags = params.tags("security-group-rule")?;
    params.finish()?;
    let id = named(model, &caller.scope, &group)?;
    let new = model.authorize(caller, &id, egress, &specs, &tags)?;
    let group = model.security_groups.find(&caller.scope, &id)?;
    Ok(Node::done().set("securityGroupRuleSet", new.iter().map(|rule| item(model, group, rule))))
}

fn revoke(model: &mut Model, caller: &Caller, mut params: Params, egress: bool) -> Result<Node> {
    let group = take_group(&mut params)?;
    let ids = params.ids("SecurityGroupRuleId", IdKind::SecurityGroupRule)?;
    let specs = take_specs(&mut params)?;
    params.finish()?;
    let id = named(model, &caller.scope, &group)?;
    let gone = match ids.is_empty() {
        true => model.revoke(caller, &id, egress, &specs)?,
        false => model.revoke_ids(caller, &id, egress, &ids)?,
    };
    let revoked = |rule: &GroupRule| {
        let node = Node::new().text("securityGroupRuleId", &rule.id).text("groupId", &id);
        let node = content(node, rule);
        match &rule.peer {
            RulePeer::Group { id, .. } => node.text("referencedGroupId", id),
            _ => node,
        }
    };
    Ok(Node::done().set("revokedSecurityGroupRuleSet", gone.iter().map(revoked)))
}

fn update_descriptions(model: &mut Model, caller: &Caller, mut params: Params, egress: bool) -> Result<Node> {
    let group = take_group(&mut params)?;
    let specs = take_permissions(&mut params)?;
    let by_id = params.structs("SecurityGroupRuleDescription", |rule| {
        Ok((rule.id("SecurityGroupRuleId", IdKind::SecurityGroupRule)?, rule.text("Description")))
    })?;
    params.finish()?;
    let id = named(model, &caller.scope, &group)?;
    if specs.is_empty() && by_id.is_empty() {
        return Err(Error::NoRules {});
    }
    model.describe_rules(caller, &id, egress, &specs)?;
    for (rule, description) in by_id {
        model.describe_rule(caller, &id, egress, &rule, description)?;
    }
    Ok(Node::done())
}

fn modify(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let group = GroupRef::Id(params.id("GroupId", IdKind::SecurityGroup)?);
    let changes = params.structs("SecurityGroupRule", |change| {
        let id = change.id("SecurityGroupRuleId", IdKind::SecurityGroupRule)?;
        let spec = change.nested("SecurityGroupRule", take_single)?;
        Ok((id, spec.ok_or_else(|| change.missing("SecurityGroupRule"))?))
    })?;
    params.finish()?;
    let id = named(model, &caller.scope, &group)?;
    if changes.is_empty() {
        return Err(Error::MissingParameter { name: "SecurityGroupRules".into() });
    }
    for (rule, spec) in changes {
        model.modify_rule(caller, &id, &rule, &spec)?;
    }
    Ok(Node::done())
}

/// A rule with exactly one other end, as ModifySecurityGroupRules has it.
fn take_single(rule: &mut Params) -> Result<RuleSpec> {
    let protocol = rule.text("IpProtocol").ok_or(Error::NoProtocol {})?;
    let traffic = Traffic::new(&protocol, rule.get("FromPort")?, rule.get("ToPort")?)?;
    let mut ends = Vec::new();
    if let Some(cidr) = rule.text("CidrIpv4") {
        ends.push(PeerSpec::V4(net("cidrIpv4", cidr)?));
    }
    if let Some(cidr) = rule.text("CidrIpv6") {
        ends.push(PeerSpec::V6(net("cidrIpv6", cidr)?));
    }
    if let Some(id) = rule.opt_id("PrefixListId", IdKind::PrefixList)? {
        ends.push(PeerSpec::PrefixList(id));
    }
    if let Some(id) = rule.opt_id("ReferencedGroupId", IdKind::SecurityGroup)? {
        ends.push(PeerSpec::Group { account: None, id });
    }
    let description = rule.text("Description");
    match (ends.pop(), ends.is_empty()) {
        (Some(peer), true) => Ok(RuleSpec { traffic, peer, description, names_protocol: true }),
        (Some(_), false) => Err(Error::Combination { why: "A rule has exactly one source or destination.".into() }),
        (None, _) => Err(Error::NoPeers {}),
    }
}

static FILTERS: &[(&str, Values<GroupRule>)] = &[
    ("security-group-rule-id", |_, rule| vec![rule.id.clone()]),
    ("group-id", |model, rule| {
        let of_rule = |group: &&SecurityGroup| group.rules.iter().any(|other| other.id == rule.id);
        model.security_groups.iter().find(of_rule).map(|group| group.id.clone()).into_iter().collect()
    }),
];

fn describe(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let ids = params.ids("SecurityGroupRuleId", IdKind::SecurityGroupRule)?;
    let filters = Filters::take(&mut params, FILTERS)?;
    let page = Page::take(&mut params)?;
    params.finish()?;
    let groups = model.security_groups.of(&caller.scope);
    let mut rows: Vec<_> = groups.flat_map(|group| group.rules.iter().map(move |rule| (group, rule))).collect();
    for id in &ids {
        if !rows.iter().any(|(_, rule)| rule.id == *id) {
            return Err(Error::NotFound { kind: IdKind::SecurityGroupRule, id: id.clone() });
        }
    }
    rows.retain(|(_, rule)| (ids.is_empty() || ids.contains(&rule.id)) && filters.pass(model, *rule, &rule.tags));
    rows.sort_by(|a, b| a.1.id.cmp(&b.1.id));
    let cut = page.cut(rows, |(_, rule)| &rule.id);
    Ok(cut.render("securityGroupRuleSet", |(group, rule)| item(model, group, rule)))
}

fn content(node: Node, rule: &GroupRule) -> Node {
    let (from, to) = rule.traffic.range().unwrap_or((-1, -1));
    let node = node
        .text("isEgress", rule.egress)
        .text("ipProtocol", rule.traffic.protocol())
        .text("fromPort", from)
        .text("toPort", to)
        .opt("description", rule.description.as_ref());
    match &rule.peer {
        RulePeer::V4(net) => node.text("cidrIpv4", net),
        RulePeer::V6(net) => node.text("cidrIpv6", net),
        RulePeer::PrefixList(id) => node.text("prefixListId", id),
        RulePeer::Group { .. } => node,
    }
}

fn item(model: &Model, group: &SecurityGroup, rule: &GroupRule) -> Node {
    let node = Node::new()
        .text("securityGroupRuleId", &rule.id)
        .text("groupId", &group.id)
        .text("groupOwnerId", &group.scope.account)
        .text("securityGroupRuleArn", arn(&group.scope, "security-group-rule", &rule.id));
    let node = content(node, rule);
    let node = match &rule.peer {
        RulePeer::Group { account, id } => {
            let vpc = model.security_groups.get(id).and_then(|group| group.vpc.clone());
            node.node("referencedGroupInfo", Node::new().text("groupId", id).text("userId", account).opt("vpcId", vpc))
        }
        _ => node,
    };
    node.tags(&rule.tags)
}

/// Rules as permissions: those with the same protocol and ports in one.
pub fn permissions<'a>(model: &Model, group: &SecurityGroup, rules: impl Iterator<Item = &'a GroupRule>) -> Vec<Node> {
    let mut gathered: Vec<(Traffic, Vec<&GroupRule>)> = Vec::new();
    for rule in rules {
        match gathered.iter_mut().find(|(traffic, _)| *traffic == rule.traffic) {
            Some((_, rules)) => rules.push(rule),
            None => gathered.push((rule.traffic, vec![rule])),
        }
    }
    gathered.into_iter().map(|(traffic, rules)| permission(model, group, traffic, &rules)).collect()
}

fn permission(model: &Model, group: &SecurityGroup, traffic: Traffic, rules: &[&GroupRule]) -> Node {
    let (mut groups, mut v4, mut v6, mut lists) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for rule in rules {
        let node = Node::new().opt("description", rule.description.as_ref());
        match &rule.peer {
            RulePeer::V4(net) => v4.push(node.text("cidrIp", net)),
            RulePeer::V6(net) => v6.push(node.text("cidrIpv6", net)),
            RulePeer::PrefixList(id) => lists.push(node.text("prefixListId", id)),
            RulePeer::Group { account, id } => groups.push(peer(model, group, node, account, id)),
        }
    }
    let (from, to) = traffic.range().unzip();
    Node::new()
        .text("ipProtocol", traffic.protocol())
        .opt("fromPort", from)
        .opt("toPort", to)
        .set("groups", groups)
        .set("ipRanges", v4)
        .set("ipv6Ranges", v6)
        .set("prefixListIds", lists)
}

fn peer(model: &Model, group: &SecurityGroup, node: Node, account: &str, id: &str) -> Node {
    let node = node.text("userId", account).text("groupId", id);
    match &group.vpc {
        Some(vpc) => across(model, node, vpc, account, id),
        // EC2 names Classic groups.
        None => node.opt("groupName", model.security_groups.get(id).map(|named| &named.name)),
    }
}
