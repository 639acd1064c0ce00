//! Traffic mirror filters with their rules, and targets. Nothing is mirrored.

use crate::collection::resource;
use crate::ec2::endpoint_service::is_balancer;
use crate::words::words;
use crate::{Caller, Error, IdKind, Model, Result, Scope, Tags, tags};
use ipnet::IpNet;
use serde::{Deserialize, Serialize};

words! {
    /// The direction of traffic, as its source sees it.
    MirrorDirection { Ingress "ingress", Egress "egress" }
}

words! {
    /// The action of a rule.
    MirrorAction { Accept "accept", Reject "reject" }
}

/// A filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficMirrorFilter {
    /// `tmf-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its description.
    pub description: Option<String>,
    /// Whether traffic to Amazon's DNS is mirrored.
    pub dns: bool,
}

resource!(TrafficMirrorFilter, IdKind::TrafficMirrorFilter);

/// The content of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorRule {
    /// The direction.
    pub direction: MirrorDirection,
    /// Its number. Of several matching rules the lowest decides.
    pub number: i32,
    /// The action.
    pub action: MirrorAction,
    /// The protocol's number. `None` is any.
    pub protocol: Option<u8>,
    /// The source block.
    pub source: IpNet,
    /// The destination block.
    pub destination: IpNet,
    /// The range of source ports.
    pub source_ports: Option<(u16, u16)>,
    /// The range of destination ports.
    pub destination_ports: Option<(u16, u16)>,
    /// Its description.
    pub description: Option<String>,
}

/// A rule of a filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficMirrorFilterRule {
    /// `tmfr-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its filter.
    pub filter: String,
    /// Its content.
    pub rule: MirrorRule,
}

resource!(TrafficMirrorFilterRule, IdKind::TrafficMirrorFilterRule, |rule| vec![rule.filter.clone()]);

/// The destination of a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MirrorTarget {
    /// A network interface, by its id.
    NetworkInterface(String),
    /// A Network Load Balancer, by its ARN.
    NetworkLoadBalancer(String),
}

/// A target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficMirrorTarget {
    /// `tmt-…`
    pub id: String,
    /// Its account and Region.
    pub scope: Scope,
    /// Its tags.
    pub tags: Tags,
    /// Its destination.
    pub target: MirrorTarget,
    /// Its description.
    pub description: Option<String>,
}

resource!(TrafficMirrorTarget, IdKind::TrafficMirrorTarget);

impl Model {
    /// CreateTrafficMirrorFilter. Returns the id.
    pub fn create_mirror_filter(&mut self, caller: &Caller, description: Option<String>, tags: Tags) -> Result<String> {
        tags::check(&tags)?;
        let id = self.new_id(IdKind::TrafficMirrorFilter);
        let scope = caller.scope.clone();
        self.mirror_filters.insert(TrafficMirrorFilter { id: id.clone(), scope, tags, description, dns: false });
        Ok(id)
    }

    /// ModifyTrafficMirrorFilterNetworkServices.
    pub fn mirror_dns(&mut self, caller: &Caller, id: &str, dns: bool) -> Result<()> {
        self.mirror_filters.find_mut(&caller.scope, id)?.dns = dns;
        Ok(())
    }

    /// DeleteTrafficMirrorFilter: deletes a filter and its rules.
    pub fn delete_mirror_filter(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.mirror_filters.find(&caller.scope, id)?;
        if self.mirror_sessions.by(id).next().is_some() {
            return Err(Error::MirrorFilterInUse { id: id.to_owned() });
        }
        self.mirror_rules.remove_where(|rule| rule.filter == id);
        self.mirror_filters.remove(id);
        Ok(())
    }

    /// The rules of a filter in one direction, by their numbers.
    pub fn rules_of_mirror_filter(&self, id: &str, direction: MirrorDirection) -> Vec<&TrafficMirrorFilterRule> {
        let mut rules: Vec<_> = self.mirror_rules.by(id).filter(|rule| rule.rule.direction == direction).collect();
        rules.sort_by_key(|rule| rule.rule.number);
        rules
    }

    /// CreateTrafficMirrorFilterRule. Returns the id.
    pub fn create_mirror_rule(
        &mut self,
        caller: &Caller,
        filter: &str,
        rule: MirrorRule,
        tags: Tags,
    ) -> Result<String> {
        self.mirror_filters.find(&caller.scope, filter)?;
        self.check_mirror_number(filter, &rule, None)?;
        tags::check(&tags)?;
        let id = self.new_id(IdKind::TrafficMirrorFilterRule);
        let (scope, filter) = (caller.scope.clone(), filter.to_owned());
        self.mirror_rules.insert(TrafficMirrorFilterRule { id: id.clone(), scope, tags, filter, rule });
        Ok(id)
    }

    /// Checks that no other rule of the direction has the number.
    fn check_mirror_number(&self, filter: &str, rule: &MirrorRule, own: Option<&str>) -> Result<()> {
        let place = |rule: &MirrorRule| (rule.direction, rule.number);
        let is_same =
            |other: &TrafficMirrorFilterRule| place(&other.rule) == place(rule) && own != Some(other.id.as_str());
        match self.mirror_rules.by(filter).any(is_same) {
            true => Err(Error::MirrorRuleNumber { number: rule.number }),
            false => Ok(()),
        }
    }

    /// ModifyTrafficMirrorFilterRule.
    pub fn modify_mirror_rule(&mut self, caller: &Caller, id: &str, rule: MirrorRule) -> Result<()> {
        let filter = self.mirror_rules.find(&caller.scope, id)?.filter.clone();
        self.check_mirror_number(&filter, &rule, Some(id))?;
        self.mirror_rules.find_mut(&caller.scope, id)?.rule = rule;
        Ok(())
    }

    /// DeleteTrafficMirrorFilterRule.
    pub fn delete_mirror_rule(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.mirror_rules.find(&caller.scope, id)?;
        self.mirror_rules.remove(id);
        Ok(())
    }

    /// CreateTrafficMirrorTarget. Returns the id.
    pub fn create_mirror_target(
        &mut self,
        caller: &Caller,
        target: MirrorTarget,
        description: Option<String>,
        tags: Tags,
    ) -> Result<String> {
        match &target {
            MirrorTarget::NetworkInterface(interface) => drop(self.network_interfaces.find(&caller.scope, interface)?),
            MirrorTarget::NetworkLoadBalancer(arn) if is_balancer(arn, "net") => {}
            MirrorTarget::NetworkLoadBalancer(arn) => return Err(Error::invalid("NetworkLoadBalancerArn", arn)),
        }
        tags::check(&tags)?;
        let id = self.new_id(IdKind::TrafficMirrorTarget);
        let scope = caller.scope.clone();
        self.mirror_targets.insert(TrafficMirrorTarget { id: id.clone(), scope, tags, target, description });
        Ok(id)
    }

    /// DeleteTrafficMirrorTarget.
    pub fn delete_mirror_target(&mut self, caller: &Caller, id: &str) -> Result<()> {
        self.mirror_targets.find(&caller.scope, id)?;
        if self.mirror_sessions.by(id).next().is_some() {
            return Err(Error::MirrorTargetInUse { id: id.to_owned() });
        }
        self.mirror_targets.remove(id);
        Ok(())
    }
}
