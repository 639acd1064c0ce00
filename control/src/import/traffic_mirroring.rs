//! Traffic mirroring: filters with their rules, targets and sessions.

use super::{Importer, tags, unsigned};
use ipnet::IpNet;
use model::{
    IdKind, MirrorAction, MirrorDirection, MirrorRule, MirrorSession, MirrorTarget, Scope, TrafficMirrorFilter,
    TrafficMirrorFilterRule, TrafficMirrorSession, TrafficMirrorTarget,
};
use shapes::ec2;

impl Importer<'_> {
    pub(super) fn mirror_filter(&mut self, scope: &Scope, told: ec2::TrafficMirrorFilter) {
        let Some(id) = self.id(IdKind::TrafficMirrorFilter, told.traffic_mirror_filter_id) else { return };
        self.model.mirror_filters.adopt(TrafficMirrorFilter {
            id: id.clone(),
            scope: scope.clone(),
            tags: tags(told.tags),
            description: told.description,
            dns: told.network_services.iter().any(|service| service == "amazon-dns"),
        });
        for rule in told.ingress_filter_rules.into_iter().chain(told.egress_filter_rules) {
            self.mirror_rule(scope, &id, rule);
        }
    }

    fn mirror_rule(&mut self, scope: &Scope, filter: &str, mut told: ec2::TrafficMirrorFilterRule) {
        let Some(id) = self.id(IdKind::TrafficMirrorFilterRule, told.traffic_mirror_filter_rule_id.take()) else {
            return;
        };
        let tags = tags(std::mem::take(&mut told.tags));
        match mirror_rule(told) {
            Some(rule) => self.model.mirror_rules.adopt(TrafficMirrorFilterRule {
                id,
                scope: scope.clone(),
                tags,
                filter: filter.to_owned(),
                rule,
            }),
            None => self.leave_out(format!("{filter}: its rule {id} is not understood")),
        }
    }

    pub(super) fn mirror_target(&mut self, scope: &Scope, told: ec2::TrafficMirrorTarget) {
        let Some(id) = self.id(IdKind::TrafficMirrorTarget, told.traffic_mirror_target_id) else { return };
        let target = match (told.network_interface_id, told.network_load_balancer_arn) {
            (Some(interface), _) if self.model.network_interfaces.get(&interface).is_none() => {
                return self.leave_out(format!("{id}: its network interface {interface} is not in the files"));
            }
            (Some(interface), _) => MirrorTarget::NetworkInterface(interface),
            (None, Some(arn)) => MirrorTarget::NetworkLoadBalancer(arn),
            (None, None) => return self.leave_out(format!("{id}: such targets are not known here")),
        };
        let (scope, tags) = (scope.clone(), tags(told.tags));
        let row = TrafficMirrorTarget { id, scope, tags, target, description: told.description };
        self.model.mirror_targets.adopt(row);
    }

    pub(super) fn mirror_session(&mut self, scope: &Scope, told: ec2::TrafficMirrorSession) {
        let Some(id) = self.id(IdKind::TrafficMirrorSession, told.traffic_mirror_session_id) else { return };
        let [interface, target, filter] =
            [told.network_interface_id, told.traffic_mirror_target_id, told.traffic_mirror_filter_id]
                .map(Option::unwrap_or_default);
        let is_missing = [
            (&interface, self.model.network_interfaces.get(&interface).is_none()),
            (&target, self.model.mirror_targets.get(&target).is_none()),
            (&filter, self.model.mirror_filters.get(&filter).is_none()),
        ];
        if let Some((missing, _)) = is_missing.into_iter().find(|(_, is_missing)| *is_missing) {
            return self.leave_out(format!("{id}: its {missing} is not in the files"));
        }
        self.model.mirror_sessions.adopt(TrafficMirrorSession {
            id,
            scope: scope.clone(),
            tags: tags(told.tags),
            interface,
            session: MirrorSession {
                target,
                filter,
                length: unsigned(told.packet_length),
                number: unsigned(told.session_number).unwrap_or(1),
                network: unsigned(told.virtual_network_id).unwrap_or_default(),
                description: told.description,
            },
        });
    }
}

/// A rule, if it is understood.
fn mirror_rule(told: ec2::TrafficMirrorFilterRule) -> Option<MirrorRule> {
    let net = |block: Option<String>| block?.parse::<IpNet>().ok();
    let ports = |range: ec2::TrafficMirrorPortRange| {
        Some((u16::try_from(range.from_port?).ok()?, u16::try_from(range.to_port?).ok()?))
    };
    Some(MirrorRule {
        direction: MirrorDirection::read("TrafficDirection", &told.traffic_direction?).ok()?,
        number: told.rule_number?,
        action: MirrorAction::read("RuleAction", &told.rule_action?).ok()?,
        protocol: told.protocol.and_then(|number| u8::try_from(number).ok()),
        source: net(told.source_cidr_block)?,
        destination: net(told.destination_cidr_block)?,
        source_ports: told.source_port_range.and_then(ports),
        destination_ports: told.destination_port_range.and_then(ports),
        description: told.description,
    })
}
