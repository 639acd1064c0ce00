//! The rules of security groups: authorized and revoked as permissions or in the flat form of old clients, and one by one.

use super::cidr::cidr;
use super::listing::{Attributes, by_age};
use super::security_group::meant;
use super::security_group_reference::across;
use super::{tags, text};
use crate::api::action::{Actions, Change, View};
use crate::api::arn;
use model::{
    Caller, Error, GroupRule, IdKind, Model, PeerSpec, Result, RulePeer, RuleSpec, SecurityGroup, Time, Traffic,
};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(authorize_ingress)
        .write(authorize_egress)
        .write(revoke_ingress)
        .write(revoke_egress)
        .write(update_ingress_descriptions)
        .write(update_egress_descriptions)
        .write(modify)
        .read(describe)
}

/// The other end of a rule, and a user's words on it.
type End = (PeerSpec, Option<String>);

/// The rules that a request names: as permissions, or in the flat form, which is one rule without lists.
fn specs(sent: &ec2::GroupRules) -> Result<Vec<RuleSpec>> {
    let mut specs = of_permissions(sent.ip_permissions.clone())?;
    let end = match (&sent.cidr_ip, sent.source_security_group_name.clone()) {
        (Some(_), Some(_)) => return Err(Error::BlockOrGroup {}),
        (Some(block), None) => PeerSpec::V4(cidr("cidrIp", block)?),
        (None, Some(name)) => PeerSpec::GroupNamed { account: sent.source_security_group_owner_id.clone(), name },
        (None, None) if sent.ip_protocol.is_none() => return Ok(specs),
        (None, None) => return Err(Error::NoPeers {}),
    };
    match (&sent.ip_protocol, &end) {
        (Some(protocol), _) => {
            specs.extend(with_protocol(protocol, sent.from_port, sent.to_port, vec![(end, None)])?);
        }
        (None, PeerSpec::GroupNamed { .. }) => specs.extend(without_protocol(&end, None)),
        (None, _) => return Err(Error::missing("IpProtocol")),
    }
    Ok(specs)
}

/// A permission is a protocol and ports, and any number of other ends.
fn of_permissions(permissions: List<ec2::IpPermission>) -> Result<Vec<RuleSpec>> {
    let mut all = Vec::new();
    for permission in permissions {
        let ec2::IpPermission { ip_protocol, from_port, to_port, .. } = permission;
        let ends = ends(
            permission.ip_ranges,
            permission.ipv6_ranges,
            permission.prefix_list_ids,
            permission.user_id_group_pairs,
        )?;
        all.extend(match ip_protocol {
            Some(protocol) => with_protocol(&protocol, from_port, to_port, ends)?,
            None if ends.iter().all(|(end, _)| end.is_group()) && !ends.is_empty() => {
                ends.into_iter().flat_map(|(end, description)| without_protocol(&end, description)).collect()
            }
            None => return Err(Error::missing("IpPermissions.IpProtocol")),
        });
    }
    Ok(all)
}

fn ends(
    v4: List<ec2::IpRange>,
    v6: List<ec2::Ipv6Range>,
    lists: List<ec2::PrefixListId>,
    groups: List<ec2::UserIdGroupPair>,
) -> Result<Vec<End>> {
    let need = |value: Option<String>, name: &str| value.ok_or_else(|| Error::missing(name));
    let mut ends = Vec::new();
    for range in v4 {
        ends.push((PeerSpec::V4(cidr("cidrIp", &need(range.cidr_ip, "CidrIp")?)?), range.description));
    }
    for range in v6 {
        ends.push((PeerSpec::V6(cidr("cidrIpv6", &need(range.cidr_ipv6, "CidrIpv6")?)?), range.description));
    }
    for list in lists {
        let id = need(list.prefix_list_id, "PrefixListId")?;
        IdKind::PrefixList.check(&id)?;
        ends.push((PeerSpec::PrefixList(id), list.description));
    }
    for group in groups {
        let description = group.description.clone();
        ends.push((peer_group(group)?, description));
    }
    Ok(ends)
}

fn peer_group(group: ec2::UserIdGroupPair) -> Result<PeerSpec> {
    let ec2::UserIdGroupPair { group_id, group_name, user_id: account, .. } = group;
    // Old clients write a Classic group of another account as `account/sg-…`.
    let id = group_id.map(|id| match id.split_once('/') {
        Some((owner, id)) => (Some(owner.to_owned()), id.to_owned()),
        None => (None, id),
    });
    match (id, group_name) {
        (Some((owner, id)), _) => {
            IdKind::SecurityGroup.check(&id)?;
            Ok(PeerSpec::Group { account: account.or(owner), id })
        }
        (None, Some(name)) => Ok(PeerSpec::GroupNamed { account, name }),
        (None, None) => Err(Error::missing("GroupId")),
    }
}

fn with_protocol(protocol: &str, from: Option<i32>, to: Option<i32>, ends: Vec<End>) -> Result<Vec<RuleSpec>> {
    if ends.is_empty() {
        return Err(Error::NoPeers {});
    }
    let traffic = Traffic::new(protocol, from, to)?;
    let one = |(peer, description)| RuleSpec { traffic, peer, description, names_protocol: true };
    Ok(ends.into_iter().map(one).collect())
}

/// In EC2-Classic a source group without a protocol stands for all of TCP, UDP and ICMP.
fn without_protocol(end: &PeerSpec, description: Option<String>) -> [RuleSpec; 3] {
    let all = [Traffic::Tcp(0, 65535), Traffic::Udp(0, 65535), Traffic::Icmp(None, None)];
    all.map(|traffic| {
        let (peer, description) = (end.clone(), description.clone());
        RuleSpec { traffic, peer, description, names_protocol: false }
    })
}

/// The two directions' requests differ in name only, but for the group's name, which rules for leaving never had.
fn authorize_ingress(
    cx: Change,
    input: ec2::AuthorizeSecurityGroupIngressRequest,
) -> Result<ec2::AuthorizeSecurityGroupIngressResult> {
    let security_group_rules = authorize(cx.model, cx.caller, false, input.settings)?;
    Ok(ec2::AuthorizeSecurityGroupIngressResult { r#return: Some(true), security_group_rules })
}

fn authorize_egress(
    cx: Change,
    input: ec2::AuthorizeSecurityGroupEgressRequest,
) -> Result<ec2::AuthorizeSecurityGroupEgressResult> {
    let sent = ec2::GroupRules { group_id: Some(input.group_id), ..input.settings };
    let security_group_rules = authorize(cx.model, cx.caller, true, sent)?;
    Ok(ec2::AuthorizeSecurityGroupEgressResult { r#return: Some(true), security_group_rules })
}

fn authorize(
    model: &mut Model,
    caller: &Caller,
    egress: bool,
    sent: ec2::GroupRules,
) -> Result<List<ec2::SecurityGroupRule>> {
    let specs = specs(&sent)?;
    let id = meant(model, caller, sent.group_id, sent.group_name)?;
    let tags = tags::of(sent.tag_specifications, "security-group-rule")?;
    let new = model.authorize(caller, &id, egress, &specs, &tags)?;
    let group = model.security_groups.find(&caller.scope, &id)?;
    Ok(new.iter().map(|rule| shown(model, caller.now, group, rule)).collect())
}

fn revoke_ingress(
    cx: Change,
    input: ec2::RevokeSecurityGroupIngressRequest,
) -> Result<ec2::RevokeSecurityGroupIngressResult> {
    Ok(ec2::RevokeSecurityGroupIngressResult {
        r#return: Some(true),
        revoked_security_group_rules: revoke(cx.model, cx.caller, false, input.settings)?,
        ..Default::default()
    })
}

fn revoke_egress(
    cx: Change,
    input: ec2::RevokeSecurityGroupEgressRequest,
) -> Result<ec2::RevokeSecurityGroupEgressResult> {
    let sent = ec2::GroupRules { group_id: Some(input.group_id), ..input.settings };
    Ok(ec2::RevokeSecurityGroupEgressResult {
        r#return: Some(true),
        revoked_security_group_rules: revoke(cx.model, cx.caller, true, sent)?,
        ..Default::default()
    })
}

fn revoke(
    model: &mut Model,
    caller: &Caller,
    egress: bool,
    sent: ec2::GroupRules,
) -> Result<List<ec2::RevokedSecurityGroupRule>> {
    let specs = specs(&sent)?;
    let id = meant(model, caller, sent.group_id, sent.group_name)?;
    let rules = sent.security_group_rule_ids;
    rules.iter().try_for_each(|rule| IdKind::SecurityGroupRule.check(rule))?;
    let gone = match rules.is_empty() {
        true => model.revoke(caller, &id, egress, &specs)?,
        false => model.revoke_ids(caller, &id, egress, &rules)?,
    };
    Ok(gone.iter().map(|rule| revoked(&id, rule)).collect())
}

fn update_ingress_descriptions(
    cx: Change,
    input: ec2::UpdateSecurityGroupRuleDescriptionsIngressRequest,
) -> Result<()> {
    update_descriptions(cx.model, cx.caller, false, input.settings)
}

fn update_egress_descriptions(cx: Change, input: ec2::UpdateSecurityGroupRuleDescriptionsEgressRequest) -> Result<()> {
    update_descriptions(cx.model, cx.caller, true, input.settings)
}

fn update_descriptions(model: &mut Model, caller: &Caller, egress: bool, sent: ec2::RuleDescriptions) -> Result<()> {
    let id = meant(model, caller, sent.group_id, sent.group_name)?;
    let specs = of_permissions(sent.ip_permissions)?;
    if specs.is_empty() && sent.security_group_rule_descriptions.is_empty() {
        return Err(Error::NoRules {});
    }
    model.describe_rules(caller, &id, egress, &specs)?;
    for ec2::SecurityGroupRuleDescription { security_group_rule_id, description } in
        sent.security_group_rule_descriptions
    {
        let rule = security_group_rule_id.ok_or_else(|| Error::missing("SecurityGroupRuleId"))?;
        IdKind::SecurityGroupRule.check(&rule)?;
        model.describe_rule(caller, &id, egress, &rule, description)?;
    }
    Ok(())
}

fn modify(cx: Change, input: ec2::ModifySecurityGroupRulesRequest) -> Result<()> {
    let ec2::ModifySecurityGroupRulesRequest { group_id, security_group_rules } = input;
    for ec2::SecurityGroupRuleUpdate { security_group_rule_id, security_group_rule } in security_group_rules {
        let rule = security_group_rule.ok_or_else(|| Error::missing("SecurityGroupRule"))?;
        cx.model.modify_rule(cx.caller, &group_id, &security_group_rule_id, &single(rule)?)?;
    }
    Ok(())
}

/// A rule with exactly one other end, as ModifySecurityGroupRules has it.
fn single(rule: ec2::SecurityGroupRuleRequest) -> Result<RuleSpec> {
    let protocol = rule.ip_protocol.ok_or(Error::NoProtocol {})?;
    let traffic = Traffic::new(&protocol, rule.from_port, rule.to_port)?;
    let mut ends = Vec::new();
    if let Some(block) = rule.cidr_ipv4 {
        ends.push(PeerSpec::V4(cidr("cidrIpv4", &block)?));
    }
    if let Some(block) = rule.cidr_ipv6 {
        ends.push(PeerSpec::V6(cidr("cidrIpv6", &block)?));
    }
    ends.extend(rule.prefix_list_id.map(PeerSpec::PrefixList));
    ends.extend(rule.referenced_group_id.map(|id| PeerSpec::Group { account: None, id }));
    match (ends.pop(), ends.is_empty()) {
        (Some(peer), true) => Ok(RuleSpec { traffic, peer, description: rule.description, names_protocol: true }),
        (Some(_), false) => Err(Error::OneEndOfRule {}),
        (None, _) => Err(Error::NoPeer {}),
    }
}

/// A rule's id and its group's.
type Ids = [String; 2];

static ATTRIBUTES: Attributes<Ids> = Attributes(&[
    ("security-group-rule-id", |_, [rule, _]| vec![rule.clone()]),
    ("group-id", |_, [_, group]| vec![group.clone()]),
]);

fn describe(cx: View, input: ec2::DescribeSecurityGroupRulesRequest) -> Result<ec2::DescribeSecurityGroupRulesResult> {
    let ec2::DescribeSecurityGroupRulesRequest { filters, security_group_rule_ids: ids, page } = input;
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let of_groups = filters.iter().filter(|filter| filter.name.as_deref() == Some("group-id"));
    let malformed = |id: &&String| !id.contains(['*', '?']) && !IdKind::SecurityGroup.fits(id);
    if let Some(id) = of_groups.flat_map(|filter| filter.values.iter()).find(malformed) {
        return Err(Error::GroupIdMalformed { id: id.clone() });
    }
    let groups = cx.model.security_groups.of(&cx.caller.scope);
    let mut rows: Vec<(&SecurityGroup, &GroupRule)> =
        groups.flat_map(|group| group.rules.iter().map(move |rule| (group, rule))).collect();
    for id in &ids {
        IdKind::SecurityGroupRule.check(id)?;
        if !rows.iter().any(|(_, rule)| rule.id == *id) {
            return Err(Error::NotFound { kind: IdKind::SecurityGroupRule, id: id.clone() });
        }
    }
    rows.retain(|(group, rule)| {
        (ids.is_empty() || ids.contains(&rule.id))
            && wanted.pass(cx.model, &[rule.id.clone(), group.id.clone()], &rule.tags)
    });
    let (rows, next_token) = by_age(cx.model, &page, rows, |(_, rule)| &rule.id)?;
    let security_group_rules =
        rows.into_iter().map(|(group, rule)| shown(cx.model, cx.caller.now, group, rule)).collect();
    Ok(ec2::DescribeSecurityGroupRulesResult { security_group_rules, next_token })
}

fn shown(model: &Model, now: Time, group: &SecurityGroup, rule: &GroupRule) -> ec2::SecurityGroupRule {
    let (from, to) = rule.traffic.range().unwrap_or((-1, -1));
    let told = ec2::SecurityGroupRule {
        security_group_rule_id: text(&rule.id),
        group_id: text(&group.id),
        group_owner_id: text(&group.scope.account),
        security_group_rule_arn: text(arn(&group.scope, "security-group-rule", &rule.id)),
        is_egress: Some(rule.egress),
        ip_protocol: text(rule.traffic.protocol()),
        from_port: Some(from),
        to_port: Some(to),
        description: rule.description.clone(),
        tags: tags::shown(&rule.tags),
        ..Default::default()
    };
    match &rule.peer {
        RulePeer::V4(net) => ec2::SecurityGroupRule { cidr_ipv4: text(net), ..told },
        RulePeer::V6(net) => ec2::SecurityGroupRule { cidr_ipv6: text(net), ..told },
        RulePeer::PrefixList(id) => ec2::SecurityGroupRule { prefix_list_id: text(id), ..told },
        RulePeer::Group { account, id } => {
            let nothing = ec2::UserIdGroupPair::default();
            let far = group.vpc.as_ref().map(|vpc| across(model, now, nothing, vpc, account, id)).unwrap_or_default();
            let referenced = ec2::ReferencedSecurityGroup {
                group_id: text(id),
                user_id: text(account),
                vpc_id: far.vpc_id,
                vpc_peering_connection_id: far.vpc_peering_connection_id,
                peering_status: far.peering_status,
            };
            ec2::SecurityGroupRule { referenced_group_info: Some(referenced), ..told }
        }
    }
}

fn revoked(group: &str, rule: &GroupRule) -> ec2::RevokedSecurityGroupRule {
    let (from, to) = rule.traffic.range().unwrap_or((-1, -1));
    let told = ec2::RevokedSecurityGroupRule {
        security_group_rule_id: text(&rule.id),
        group_id: text(group),
        is_egress: Some(rule.egress),
        ip_protocol: text(rule.traffic.protocol()),
        from_port: Some(from),
        to_port: Some(to),
        description: rule.description.clone(),
        ..Default::default()
    };
    match &rule.peer {
        RulePeer::V4(net) => ec2::RevokedSecurityGroupRule { cidr_ipv4: text(net), ..told },
        RulePeer::V6(net) => ec2::RevokedSecurityGroupRule { cidr_ipv6: text(net), ..told },
        RulePeer::PrefixList(id) => ec2::RevokedSecurityGroupRule { prefix_list_id: text(id), ..told },
        RulePeer::Group { id, .. } => ec2::RevokedSecurityGroupRule { referenced_group_id: text(id), ..told },
    }
}
