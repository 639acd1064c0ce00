//! Security groups and their rules, with the rules' ids if the files have them.

use super::{Importer, tags, v4, v6};
use model::{GroupRule, IdKind, RulePeer, Scope, SecurityGroup, Tags, Traffic};
use shapes::ec2;
use std::collections::{BTreeMap, HashMap};

impl Importer<'_> {
    pub(super) fn groups(
        &mut self,
        groups: Vec<(Scope, ec2::SecurityGroup)>,
        rules: Vec<(Scope, ec2::SecurityGroupRule)>,
    ) {
        let mut by_group: BTreeMap<String, Vec<ec2::SecurityGroupRule>> = BTreeMap::new();
        for (_, rule) in rules {
            by_group.entry(rule.group_id.clone().unwrap_or_default()).or_default().push(rule);
        }
        for (scope, group) in groups {
            let with_ids = group.group_id.as_ref().and_then(|id| by_group.remove(id));
            self.group(&scope, group, with_ids);
        }
        for group in by_group.into_keys() {
            self.leave_out(format!("the rules of {group}: the group is not in the files"));
        }
    }

    fn group(&mut self, scope: &Scope, group: ec2::SecurityGroup, with_ids: Option<Vec<ec2::SecurityGroupRule>>) {
        let Some(id) = self.id(IdKind::SecurityGroup, group.group_id) else { return };
        let vpc = match group.vpc_id {
            None => None,
            named => match self.vpc_of(&id, named) {
                None => return,
                found => found,
            },
        };
        let mut rules = self.permissions(&id, false, group.ip_permissions.into_iter());
        rules.extend(self.permissions(&id, true, group.ip_permissions_egress.into_iter()));
        if let Some(with_ids) = with_ids {
            // The order of the group's description, so that an export of the import is the same.
            let place = |rule: &GroupRule| (rule.egress, rule.traffic, rule.peer.clone());
            let places: HashMap<_, usize> = rules.iter().map(place).zip(0..).collect();
            rules = with_ids.into_iter().filter_map(|rule| self.rule(&id, rule)).collect();
            rules.sort_by_cached_key(|rule| places.get(&place(rule)).copied().unwrap_or(usize::MAX));
        }
        let (scope, tags, number) = (scope.clone(), tags(group.tags), self.model.number());
        let (name, description) = (group.group_name.unwrap_or_default(), group.description.unwrap_or_default());
        self.model.security_groups.adopt(SecurityGroup {
            id,
            scope,
            tags,
            number,
            name,
            description,
            vpc,
            rules,
            also_in: Default::default(),
        });
    }

    /// Lets a group be used in another VPC than its own.
    pub(super) fn group_association(&mut self, association: ec2::SecurityGroupVpcAssociation) {
        let id = association.group_id.unwrap_or_default();
        if association.state.is_some_and(|state| state.starts_with("disassociat") || state.ends_with("failed")) {
            return;
        }
        let what = format!("{id} in another VPC");
        let Some(vpc) = self.vpc_of(&what, association.vpc_id) else { return };
        let Some(mut group) = self.model.security_groups.get(&id).cloned() else {
            return self.leave_out(format!("{what}: the group is not in the files"));
        };
        group.also_in.insert(vpc);
        self.model.security_groups.adopt(group);
    }

    fn rule(&mut self, group: &str, rule: ec2::SecurityGroupRule) -> Option<GroupRule> {
        let traffic = Traffic::new(&rule.ip_protocol.unwrap_or_default(), rule.from_port, rule.to_port);
        let v4 = v4(rule.cidr_ipv4.as_ref()).map(RulePeer::V4);
        let peer = v4.or(v6(rule.cidr_ipv6.as_ref()).map(RulePeer::V6));
        let peer = peer.or(rule.prefix_list_id.map(|id| RulePeer::PrefixList(self.list_id(id)))).or(rule
            .referenced_group_info
            .and_then(|other| {
                Some(RulePeer::Group { account: other.user_id.unwrap_or_default(), id: other.group_id? })
            }));
        let (Ok(traffic), Some(peer)) = (traffic, peer) else {
            self.leave_out(format!("{group}: a rule of it is not understood"));
            return None;
        };
        let id = rule.security_group_rule_id.unwrap_or_else(|| self.model.new_id(IdKind::SecurityGroupRule));
        let egress = rule.is_egress == Some(true);
        Some(GroupRule { id, egress, traffic, peer, description: rule.description, tags: tags(rule.tags) })
    }

    /// Rules as DescribeSecurityGroups has them: with several peers each, and without ids.
    fn permissions(
        &mut self,
        group: &str,
        egress: bool,
        permissions: impl Iterator<Item = ec2::IpPermission>,
    ) -> Vec<GroupRule> {
        let mut rules = Vec::new();
        for permission in permissions {
            let protocol = permission.ip_protocol.unwrap_or_default();
            let Ok(traffic) = Traffic::new(&protocol, permission.from_port, permission.to_port) else {
                self.leave_out(format!("{group}: a rule of it is not understood"));
                continue;
            };
            let v4 = permission.ip_ranges.into_iter();
            let v4 = v4.map(|range| (v4_peer(range.cidr_ip.as_ref()), range.description));
            let v6 = permission.ipv6_ranges.into_iter();
            let v6 = v6.map(|range| (v6_peer(range.cidr_ipv6.as_ref()), range.description));
            let lists = permission.prefix_list_ids.into_iter();
            let lists = lists.map(|list| (list.prefix_list_id, list.description)).collect::<Vec<_>>();
            let lists = lists
                .into_iter()
                .map(|(id, description)| (id.map(|id| RulePeer::PrefixList(self.list_id(id))), description));
            let lists: Vec<_> = lists.collect();
            let groups = permission.user_id_group_pairs.into_iter().map(|pair| {
                let account = pair.user_id.unwrap_or_default();
                (pair.group_id.map(|id| RulePeer::Group { account, id }), pair.description)
            });
            for (peer, description) in v4.chain(v6).chain(lists).chain(groups) {
                let Some(peer) = peer else {
                    self.leave_out(format!("{group}: a rule of it is not understood"));
                    continue;
                };
                let id = self.model.new_id(IdKind::SecurityGroupRule);
                rules.push(GroupRule { id, egress, traffic, peer, description, tags: Tags::new() });
            }
        }
        rules
    }
}

fn v4_peer(text: Option<&String>) -> Option<RulePeer> {
    v4(text).map(RulePeer::V4)
}

fn v6_peer(text: Option<&String>) -> Option<RulePeer> {
    v6(text).map(RulePeer::V6)
}
