//! The rules of security groups: adding and removing them, and their references to other groups (semantics.md §4).

use crate::BALANCERS;
use crate::{Caller, Error, GroupRule, IdKind, Model, Result, RulePeer, SecurityGroup, Tags, Traffic, tags};
use ipnet::{Ipv4Net, Ipv6Net};

/// The most rules of a VPC's group for each direction and each version of IP.
const RULES_OF_VPC_GROUP: usize = 50;
/// The most rules of a group of EC2-Classic.
const RULES_OF_CLASSIC_GROUP: usize = 100;

/// The peer of a rule, as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerSpec {
    /// IPv4 addresses.
    V4(Ipv4Net),
    /// IPv6 addresses.
    V6(Ipv6Net),
    /// A prefix list.
    PrefixList(String),
    /// A group by its id. The default owner is the caller.
    Group {
        /// The group's owner.
        account: Option<String>,
        /// `sg-…`
        id: String,
    },
    /// A group of EC2-Classic by its name.
    GroupNamed {
        /// The group's owner.
        account: Option<String>,
        /// Its name.
        name: String,
    },
}

/// A rule, as a request names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSpec {
    /// The traffic.
    pub traffic: Traffic,
    /// The source of ingress, or the destination of egress.
    pub peer: PeerSpec,
    /// Its description.
    pub description: Option<String>,
    /// Whether the protocol was given. EC2-Classic has a default if the peer is a group.
    pub names_protocol: bool,
}

impl PeerSpec {
    /// Whether it is a group.
    pub fn is_group(&self) -> bool {
        matches!(self, PeerSpec::Group { .. } | PeerSpec::GroupNamed { .. })
    }

    /// Whether it is a group of the load balancers in EC2-Classic.
    fn is_balancers(&self) -> bool {
        let (PeerSpec::Group { account, .. } | PeerSpec::GroupNamed { account, .. }) = self else { return false };
        account.as_deref() == Some(BALANCERS)
    }
}

impl Model {
    /// AuthorizeSecurityGroup(In|E)gress. Returns the new rules.
    pub fn authorize(
        &mut self,
        caller: &Caller,
        id: &str,
        egress: bool,
        specs: &[RuleSpec],
        tags: &Tags,
    ) -> Result<Vec<GroupRule>> {
        if specs.iter().any(|spec| spec.peer.is_balancers()) {
            self.group_of_classic_balancers(&caller.scope.region);
        }
        let group = self.rules_of(caller, id, egress)?.clone();
        tags::check(tags)?;
        if specs.is_empty() {
            return Err(Error::NoRules {});
        }
        let mut new: Vec<GroupRule> = Vec::new();
        for spec in specs {
            check_platform(&group, spec)?;
            let peer = self.resolve(caller, &group, &spec.peer, true)?;
            let same = |rule: &GroupRule| (rule.egress, rule.traffic) == (egress, spec.traffic) && rule.peer == peer;
            if group.rules.iter().chain(&new).any(same) {
                return Err(Error::RuleDuplicate { rule: describe(spec.traffic, &peer) });
            }
            let rule = self.new_rule(egress, spec.traffic, peer);
            new.push(GroupRule { description: spec.description.clone(), tags: tags.clone(), ..rule });
        }
        self.check_limit(&group, group.rules.iter().chain(&new))?;
        self.security_groups.find_mut(&caller.scope, id)?.rules.extend(new.iter().cloned());
        Ok(new)
    }

    /// RevokeSecurityGroup(In|E)gress, by the rules' content. A rule that does not exist is an error only in a VPC. Returns the removed
    /// rules.
    pub fn revoke(&mut self, caller: &Caller, id: &str, egress: bool, specs: &[RuleSpec]) -> Result<Vec<GroupRule>> {
        let group = self.rules_of(caller, id, egress)?.clone();
        if specs.is_empty() {
            return Err(Error::NoRules {});
        }
        let mut ids = Vec::new();
        for spec in specs {
            match self.matching(caller, &group, egress, spec) {
                Some(rule) => ids.push(rule.id.clone()),
                None if group.vpc.is_none() => {}
                None => return Err(Error::RuleNotFound {}),
            }
        }
        self.remove_rules(caller, id, &ids)
    }

    /// RevokeSecurityGroup(In|E)gress, by the rules' ids.
    pub fn revoke_ids(&mut self, caller: &Caller, id: &str, egress: bool, ids: &[String]) -> Result<Vec<GroupRule>> {
        let group = self.rules_of(caller, id, egress)?;
        for id in ids {
            if !group.rules.iter().any(|rule| rule.id == *id && rule.egress == egress) {
                return Err(Error::NotFound { kind: IdKind::SecurityGroupRule, id: id.clone() });
            }
        }
        self.remove_rules(caller, id, ids)
    }

    fn remove_rules(&mut self, caller: &Caller, id: &str, ids: &[String]) -> Result<Vec<GroupRule>> {
        let gone = |rule: &GroupRule| ids.contains(&rule.id);
        if !self.security_groups.find(&caller.scope, id)?.rules.iter().any(gone) {
            return Ok(Vec::new());
        }
        let group = self.security_groups.find_mut(&caller.scope, id)?;
        let (removed, kept) = std::mem::take(&mut group.rules).into_iter().partition(gone);
        group.rules = kept;
        Ok(removed)
    }

    /// UpdateSecurityGroupRuleDescriptions(In|E)gress, by the rules' content.
    pub fn describe_rules(&mut self, caller: &Caller, id: &str, egress: bool, specs: &[RuleSpec]) -> Result<()> {
        let group = self.rules_of(caller, id, egress)?.clone();
        for spec in specs {
            let rule = self.matching(caller, &group, egress, spec).ok_or(Error::RuleNotFound {})?;
            self.describe_rule(caller, id, egress, &rule.id, spec.description.clone())?;
        }
        Ok(())
    }

    /// UpdateSecurityGroupRuleDescriptions(In|E)gress, for one rule by its id.
    pub fn describe_rule(
        &mut self,
        caller: &Caller,
        id: &str,
        egress: bool,
        rule: &str,
        description: Option<String>,
    ) -> Result<()> {
        let group = self.security_groups.find_mut(&caller.scope, id)?;
        let found = group.rules.iter_mut().find(|r| r.id == rule && r.egress == egress);
        let found = found.ok_or_else(|| Error::NotFound { kind: IdKind::SecurityGroupRule, id: rule.to_owned() })?;
        found.description = description.filter(|text| !text.is_empty());
        Ok(())
    }

    /// ModifySecurityGroupRules: replaces the content of a rule. Its id and direction stay.
    pub fn modify_rule(&mut self, caller: &Caller, id: &str, rule: &str, spec: &RuleSpec) -> Result<()> {
        let group = self.security_groups.find(&caller.scope, id)?.clone();
        let missing = || Error::NotFound { kind: IdKind::SecurityGroupRule, id: rule.to_owned() };
        let egress = group.rules.iter().find(|r| r.id == rule).ok_or_else(missing)?.egress;
        check_platform(&group, spec)?;
        let peer = self.resolve(caller, &group, &spec.peer, true)?;
        let same = |r: &GroupRule| r.id != rule && (r.egress, r.traffic) == (egress, spec.traffic) && r.peer == peer;
        if group.rules.iter().any(same) {
            return Err(Error::RuleDuplicate { rule: describe(spec.traffic, &peer) });
        }
        let group = self.security_groups.find_mut(&caller.scope, id)?;
        let found = group.rules.iter_mut().find(|r| r.id == rule).ok_or_else(missing)?;
        (found.traffic, found.peer, found.description) = (spec.traffic, peer, spec.description.clone());
        Ok(())
    }

    /// The group, if it may have rules of that direction. Groups of EC2-Classic have no egress rules.
    fn rules_of(&self, caller: &Caller, id: &str, egress: bool) -> Result<&SecurityGroup> {
        let group = self.security_groups.find(&caller.scope, id)?;
        if egress && group.vpc.is_none() { Err(Error::OnlyVpcGroups {}) } else { Ok(group) }
    }

    /// The rule of a group with the content of a request. It may name a deleted group, whose rules are stale.
    fn matching<'a>(
        &self,
        caller: &Caller,
        group: &'a SecurityGroup,
        egress: bool,
        spec: &RuleSpec,
    ) -> Option<&'a GroupRule> {
        let named = self.resolve(caller, group, &spec.peer, false).ok()?;
        let same_peer = |peer: &RulePeer| match (peer, &named, &spec.peer) {
            (RulePeer::Group { id, .. }, RulePeer::Group { id: wanted, .. }, PeerSpec::Group { account: None, .. }) => {
                id == wanted
            }
            _ => *peer == named,
        };
        group.rules.iter().find(|rule| (rule.egress, rule.traffic) == (egress, spec.traffic) && same_peer(&rule.peer))
    }

    /// The peer of a request. With `strict`, a named group must exist in a network to which this group may refer.
    fn resolve(&self, caller: &Caller, group: &SecurityGroup, peer: &PeerSpec, strict: bool) -> Result<RulePeer> {
        let account = |account: &Option<String>| account.clone().unwrap_or_else(|| caller.scope.account.clone());
        match peer {
            PeerSpec::V4(net) => Ok(RulePeer::V4(net.trunc())),
            PeerSpec::V6(net) => Ok(RulePeer::V6(net.trunc())),
            PeerSpec::PrefixList(id) if strict && !self.knows_prefix_list(&group.scope, id) => {
                Err(Error::NotFound { kind: IdKind::PrefixList, id: id.clone() })
            }
            PeerSpec::PrefixList(id) => Ok(RulePeer::PrefixList(id.clone())),
            PeerSpec::Group { account: owner, id } => {
                let owner = account(owner);
                let peer = RulePeer::Group { account: owner.clone(), id: id.clone() };
                if strict {
                    self.check_reference(group, &owner, id)?;
                }
                Ok(peer)
            }
            PeerSpec::GroupNamed { account: owner, name } => {
                // Names are those of groups in EC2-Classic or the default VPC. Other groups are named by their ids.
                let scope = crate::Scope { account: account(owner), region: caller.scope.region.clone() };
                let id = self.group_meant(&scope, name)?.id.clone();
                if strict {
                    self.check_reference(group, &scope.account, &id)?;
                }
                Ok(RulePeer::Group { account: scope.account, id })
            }
        }
    }

    /// Checks a reference to a group. In EC2-Classic it may be a group of any account there. In a VPC it must be of the same VPC, of
    /// one with which either group is associated, or of a peer.
    fn check_reference(&self, group: &SecurityGroup, account: &str, id: &str) -> Result<()> {
        let found = self.security_groups.get(id);
        let found = found.filter(|named| named.scope.account == account && named.scope.region == group.scope.region);
        let found = found.ok_or_else(|| Error::NotFound { kind: IdKind::SecurityGroup, id: id.to_owned() })?;
        match (&group.vpc, &found.vpc) {
            (None, None) => Ok(()),
            (Some(own), Some(other))
                if found.can_be_in(own) || group.can_be_in(other) || self.are_peers(own, other) =>
            {
                Ok(())
            }
            _ => Err(Error::OtherNetworkGroup {}),
        }
    }

    /// Checks the number of rules, by direction and version of IP. A rule with a prefix list counts for the list's maximum size.
    fn check_limit<'a>(&self, group: &SecurityGroup, rules: impl Iterator<Item = &'a GroupRule>) -> Result<()> {
        let mut counts = [0usize; 4];
        for rule in rules {
            let (is_ipv6, count) = match &rule.peer {
                RulePeer::PrefixList(list) => (self.is_ipv6_list(list), self.size_of_prefix_list(list)),
                peer => (matches!(peer, RulePeer::V6(_)), 1),
            };
            counts[usize::from(rule.egress) * 2 + usize::from(is_ipv6)] += count;
        }
        let most = if group.vpc.is_some() { RULES_OF_VPC_GROUP } else { RULES_OF_CLASSIC_GROUP };
        if counts.iter().any(|count| *count > most) { Err(Error::RuleLimit {}) } else { Ok(()) }
    }
}

/// Checks what EC2-Classic and VPCs allow differently.
fn check_platform(group: &SecurityGroup, spec: &RuleSpec) -> Result<()> {
    if group.vpc.is_some() {
        return if spec.names_protocol { Ok(()) } else { Err(Error::NoProtocol {}) };
    }
    let what = match (&spec.peer, spec.traffic) {
        (PeerSpec::V6(net), _) => net.to_string(),
        (PeerSpec::PrefixList(id), _) => id.clone(),
        (_, traffic) if !traffic.is_classic() => format!("protocol {}", traffic.protocol()),
        _ => return Ok(()),
    };
    Err(Error::NotInClassic { what })
}

fn describe(traffic: Traffic, peer: &RulePeer) -> String {
    let peer = match peer {
        RulePeer::V4(net) => net.to_string(),
        RulePeer::V6(net) => net.to_string(),
        RulePeer::Group { id, .. } | RulePeer::PrefixList(id) => id.clone(),
    };
    format!("peer: {peer}, {traffic}, ALLOW")
}
