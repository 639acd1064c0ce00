//! Rules of security groups as permissions, in which replies show them.

use super::security_group_reference::across;
use super::text;
use model::{GroupRule, Model, RulePeer, SecurityGroup, Time, Traffic};
use shapes::{List, ec2};

/// Rules as permissions: those with the same protocol and ports in one.
pub fn permissions<'a>(
    model: &Model,
    now: Time,
    group: &SecurityGroup,
    rules: impl Iterator<Item = &'a GroupRule>,
) -> List<ec2::IpPermission> {
    let mut gathered: Vec<(Traffic, Vec<&GroupRule>)> = Vec::new();
    for rule in rules {
        match gathered.iter_mut().find(|(traffic, _)| *traffic == rule.traffic) {
            Some((_, rules)) => rules.push(rule),
            None => gathered.push((rule.traffic, vec![rule])),
        }
    }
    gathered.into_iter().map(|(traffic, rules)| permission(model, now, group, traffic, &rules)).collect()
}

fn permission(
    model: &Model,
    now: Time,
    group: &SecurityGroup,
    traffic: Traffic,
    rules: &[&GroupRule],
) -> ec2::IpPermission {
    let (mut groups, mut v4, mut v6, mut lists) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for rule in rules {
        let description = rule.description.clone();
        match &rule.peer {
            RulePeer::V4(net) => v4.push(ec2::IpRange { cidr_ip: text(net), description }),
            RulePeer::V6(net) => v6.push(ec2::Ipv6Range { cidr_ipv6: text(net), description }),
            RulePeer::PrefixList(id) => lists.push(ec2::PrefixListId { prefix_list_id: text(id), description }),
            RulePeer::Group { account, id } => groups.push(pair(model, now, group, account, id, description)),
        }
    }
    let (from_port, to_port) = traffic.range().unzip();
    ec2::IpPermission {
        ip_protocol: text(traffic.protocol()),
        from_port,
        to_port,
        user_id_group_pairs: groups.into(),
        ip_ranges: v4.into(),
        ipv6_ranges: v6.into(),
        prefix_list_ids: lists.into(),
    }
}

fn pair(
    model: &Model,
    now: Time,
    group: &SecurityGroup,
    account: &str,
    id: &str,
    description: Option<String>,
) -> ec2::UserIdGroupPair {
    let told = ec2::UserIdGroupPair { user_id: text(account), group_id: text(id), description, ..Default::default() };
    match &group.vpc {
        Some(vpc) => across(model, now, told, vpc, account, id),
        // EC2 names Classic groups.
        None => {
            let group_name = model.security_groups.get(id).map(|named| named.name.clone());
            ec2::UserIdGroupPair { group_name, ..told }
        }
    }
}
