//! Filters of traffic mirroring with their rules, and its targets.

use super::cidr::cidr;
use super::listing::{Attributes, each, one};
use super::{tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{
    Error, MirrorAction, MirrorDirection, MirrorRule, MirrorTarget, Model, Result, TrafficMirrorFilter,
    TrafficMirrorFilterRule, TrafficMirrorTarget,
};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .read(describe)
        .write(modify_services)
        .write(delete)
        .write(create_rule)
        .read(describe_rules)
        .write(modify_rule)
        .write(delete_rule)
        .write(create_target)
        .read(describe_targets)
        .write(delete_target)
}

static FILTERS: Attributes<TrafficMirrorFilter> = Attributes(&[
    ("description", |_, filter| each(&filter.description)),
    ("traffic-mirror-filter-id", |_, filter| one(&filter.id)),
]);

static RULES: Attributes<TrafficMirrorFilterRule> = Attributes(&[
    ("description", |_, rule| each(&rule.rule.description)),
    ("destination-cidr-block", |_, rule| one(rule.rule.destination)),
    ("protocol", |_, rule| each(rule.rule.protocol)),
    ("rule-action", |_, rule| one(rule.rule.action.word())),
    ("rule-number", |_, rule| one(rule.rule.number)),
    ("source-cidr-block", |_, rule| one(rule.rule.source)),
    ("traffic-direction", |_, rule| one(rule.rule.direction.word())),
    ("traffic-mirror-filter-id", |_, rule| one(&rule.filter)),
    ("traffic-mirror-filter-rule-id", |_, rule| one(&rule.id)),
]);

static TARGETS: Attributes<TrafficMirrorTarget> = Attributes(&[
    ("description", |_, target| each(&target.description)),
    ("network-interface-id", |_, target| each(interface(target))),
    ("network-load-balancer-arn", |_, target| each(balancer(target))),
    ("owner-id", |_, target| one(&target.scope.account)),
    ("traffic-mirror-target-id", |_, target| one(&target.id)),
]);

/// The one network service that can be mirrored, too.
const DNS: &str = "amazon-dns";

fn interface(target: &TrafficMirrorTarget) -> Option<String> {
    match &target.target {
        MirrorTarget::NetworkInterface(id) => text(id),
        MirrorTarget::NetworkLoadBalancer(_) => None,
    }
}

fn balancer(target: &TrafficMirrorTarget) -> Option<String> {
    match &target.target {
        MirrorTarget::NetworkInterface(_) => None,
        MirrorTarget::NetworkLoadBalancer(arn) => text(arn),
    }
}

fn shown(model: &Model, filter: &TrafficMirrorFilter) -> ec2::TrafficMirrorFilter {
    let rules = |direction| model.rules_of_mirror_filter(&filter.id, direction).into_iter().map(shown_rule).collect();
    ec2::TrafficMirrorFilter {
        traffic_mirror_filter_id: text(&filter.id),
        ingress_filter_rules: rules(MirrorDirection::Ingress),
        egress_filter_rules: rules(MirrorDirection::Egress),
        network_services: filter.dns.then(|| DNS.to_owned()).into_iter().collect(),
        description: filter.description.clone(),
        tags: tags::shown(&filter.tags),
    }
}

fn shown_rule(row: &TrafficMirrorFilterRule) -> ec2::TrafficMirrorFilterRule {
    let MirrorRule {
        direction,
        number,
        action,
        protocol,
        source,
        destination,
        source_ports,
        destination_ports,
        description,
    } = &row.rule;
    let ports =
        |(from, to): (u16, u16)| ec2::TrafficMirrorPortRange { from_port: Some(from.into()), to_port: Some(to.into()) };
    ec2::TrafficMirrorFilterRule {
        traffic_mirror_filter_rule_id: text(&row.id),
        traffic_mirror_filter_id: text(&row.filter),
        traffic_direction: text(direction.word()),
        rule_number: Some(*number),
        rule_action: text(action.word()),
        protocol: protocol.map(i32::from),
        destination_port_range: destination_ports.map(ports),
        source_port_range: source_ports.map(ports),
        destination_cidr_block: text(destination),
        source_cidr_block: text(source),
        description: description.clone(),
        tags: tags::shown(&row.tags),
    }
}

fn shown_target(target: &TrafficMirrorTarget) -> ec2::TrafficMirrorTarget {
    let kind = match target.target {
        MirrorTarget::NetworkInterface(_) => "network-interface",
        MirrorTarget::NetworkLoadBalancer(_) => "network-load-balancer",
    };
    ec2::TrafficMirrorTarget {
        traffic_mirror_target_id: text(&target.id),
        network_interface_id: interface(target),
        network_load_balancer_arn: balancer(target),
        r#type: text(kind),
        description: target.description.clone(),
        owner_id: text(&target.scope.account),
        tags: tags::shown(&target.tags),
        ..Default::default()
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateTrafficMirrorFilterRequest,
) -> Result<ec2::CreateTrafficMirrorFilterResult> {
    let ec2::CreateTrafficMirrorFilterRequest { description, tag_specifications, client_token } = input;
    let tags = tags::of(tag_specifications, "traffic-mirror-filter")?;
    let id = model.once(caller, "CreateTrafficMirrorFilter", token(&client_token), |model| {
        model.create_mirror_filter(caller, description, tags)
    })?;
    let traffic_mirror_filter = Some(shown(model, model.mirror_filters.find(&caller.scope, &id)?));
    Ok(ec2::CreateTrafficMirrorFilterResult { traffic_mirror_filter, client_token: client_token.text })
}

fn describe(
    cx: View,
    input: ec2::DescribeTrafficMirrorFiltersRequest,
) -> Result<ec2::DescribeTrafficMirrorFiltersResult> {
    let all = cx.model.mirror_filters.of(&cx.caller.scope);
    FILTERS.list(cx.model, all, input, |filter| shown(cx.model, filter))
}

fn modify_services(
    cx: Change,
    input: ec2::ModifyTrafficMirrorFilterNetworkServicesRequest,
) -> Result<ec2::TrafficMirrorFilter> {
    let ec2::ModifyTrafficMirrorFilterNetworkServicesRequest {
        traffic_mirror_filter_id: id,
        add_network_services,
        remove_network_services,
    } = input;
    let mut services = add_network_services.iter().chain(&remove_network_services);
    if let Some(other) = services.find(|service| *service != DNS) {
        return Err(Error::invalid("NetworkServices", other));
    }
    let was = cx.model.mirror_filters.find(&cx.caller.scope, &id)?.dns;
    let dns = !add_network_services.is_empty() || was && remove_network_services.is_empty();
    cx.model.mirror_dns(cx.caller, &id, dns)?;
    Ok(shown(cx.model, cx.model.mirror_filters.find(&cx.caller.scope, &id)?))
}

fn delete(cx: Change, input: ec2::DeleteTrafficMirrorFilterRequest) -> Result<String> {
    cx.model.delete_mirror_filter(cx.caller, &input.traffic_mirror_filter_id)?;
    Ok(input.traffic_mirror_filter_id)
}

fn number(number: i32) -> Result<i32> {
    if (1..=32_766).contains(&number) { Ok(number) } else { Err(Error::invalid("RuleNumber", number)) }
}

fn protocol(number: i32) -> Result<u8> {
    u8::try_from(number).map_err(|_| Error::invalid("Protocol", number))
}

fn ports(range: ec2::TrafficMirrorPortRangeRequest) -> Result<(u16, u16)> {
    let ec2::TrafficMirrorPortRangeRequest { from_port, to_port } = range;
    let port = |port: Option<i32>| u16::try_from(port?).ok();
    match (port(from_port), port(to_port)) {
        (Some(from), Some(to)) if from <= to => Ok((from, to)),
        _ => Err(Error::invalid("PortRange", format!("{from_port:?}-{to_port:?}"))),
    }
}

fn create_rule(
    Change { model, caller }: Change,
    input: ec2::CreateTrafficMirrorFilterRuleRequest,
) -> Result<ec2::CreateTrafficMirrorFilterRuleResult> {
    let ec2::CreateTrafficMirrorFilterRuleRequest {
        traffic_mirror_filter_id,
        traffic_direction,
        rule_number,
        rule_action,
        destination_port_range,
        source_port_range,
        protocol: sent_protocol,
        destination_cidr_block,
        source_cidr_block,
        description,
        client_token,
        tag_specifications,
    } = input;
    let rule = MirrorRule {
        direction: MirrorDirection::read("TrafficDirection", &traffic_direction)?,
        number: number(rule_number)?,
        action: MirrorAction::read("RuleAction", &rule_action)?,
        protocol: sent_protocol.map(protocol).transpose()?,
        source: cidr("SourceCidrBlock", &source_cidr_block)?,
        destination: cidr("DestinationCidrBlock", &destination_cidr_block)?,
        source_ports: source_port_range.map(ports).transpose()?,
        destination_ports: destination_port_range.map(ports).transpose()?,
        description,
    };
    let tags = tags::of(tag_specifications, "traffic-mirror-filter-rule")?;
    let id = model.once(caller, "CreateTrafficMirrorFilterRule", token(&client_token), |model| {
        model.create_mirror_rule(caller, &traffic_mirror_filter_id, rule, tags)
    })?;
    let traffic_mirror_filter_rule = Some(shown_rule(model.mirror_rules.find(&caller.scope, &id)?));
    Ok(ec2::CreateTrafficMirrorFilterRuleResult { traffic_mirror_filter_rule, client_token: client_token.text })
}

fn describe_rules(
    cx: View,
    input: ec2::DescribeTrafficMirrorFilterRulesRequest,
) -> Result<ec2::DescribeTrafficMirrorFilterRulesResult> {
    let ec2::DescribeTrafficMirrorFilterRulesRequest {
        traffic_mirror_filter_rule_ids,
        traffic_mirror_filter_id,
        filters,
        page,
    } = input;
    if let Some(filter) = &traffic_mirror_filter_id {
        cx.model.mirror_filters.find(&cx.caller.scope, filter)?;
    }
    let of_filter =
        |rule: &&TrafficMirrorFilterRule| traffic_mirror_filter_id.as_ref().is_none_or(|filter| *filter == rule.filter);
    let all = cx.model.mirror_rules.of(&cx.caller.scope).filter(of_filter);
    let (found, next_token) = RULES.page(cx.model, all, &traffic_mirror_filter_rule_ids, &filters, &page)?;
    let traffic_mirror_filter_rules = found.into_iter().map(shown_rule).collect();
    Ok(ec2::DescribeTrafficMirrorFilterRulesResult { traffic_mirror_filter_rules, next_token })
}

fn modify_rule(cx: Change, input: ec2::ModifyTrafficMirrorFilterRuleRequest) -> Result<ec2::TrafficMirrorFilterRule> {
    let ec2::ModifyTrafficMirrorFilterRuleRequest {
        traffic_mirror_filter_rule_id: id,
        traffic_direction,
        rule_number,
        rule_action,
        destination_port_range,
        source_port_range,
        protocol: sent_protocol,
        destination_cidr_block,
        source_cidr_block,
        description,
        remove_fields,
    } = input;
    let mut rule = cx.model.mirror_rules.find(&cx.caller.scope, &id)?.rule.clone();
    for field in &remove_fields {
        match field.as_str() {
            "destination-port-range" => rule.destination_ports = None,
            "source-port-range" => rule.source_ports = None,
            "protocol" => rule.protocol = None,
            "description" => rule.description = None,
            other => return Err(Error::invalid("RemoveField", other)),
        }
    }
    let rule = MirrorRule {
        direction: match traffic_direction {
            Some(word) => MirrorDirection::read("TrafficDirection", &word)?,
            None => rule.direction,
        },
        number: rule_number.map_or(Ok(rule.number), number)?,
        action: match rule_action {
            Some(word) => MirrorAction::read("RuleAction", &word)?,
            None => rule.action,
        },
        protocol: sent_protocol.map(protocol).transpose()?.or(rule.protocol),
        source: source_cidr_block.map_or(Ok(rule.source), |block| cidr("SourceCidrBlock", &block))?,
        destination: destination_cidr_block
            .map_or(Ok(rule.destination), |block| cidr("DestinationCidrBlock", &block))?,
        source_ports: source_port_range.map(ports).transpose()?.or(rule.source_ports),
        destination_ports: destination_port_range.map(ports).transpose()?.or(rule.destination_ports),
        description: description.or(rule.description),
    };
    cx.model.modify_mirror_rule(cx.caller, &id, rule)?;
    Ok(shown_rule(cx.model.mirror_rules.find(&cx.caller.scope, &id)?))
}

fn delete_rule(cx: Change, input: ec2::DeleteTrafficMirrorFilterRuleRequest) -> Result<String> {
    cx.model.delete_mirror_rule(cx.caller, &input.traffic_mirror_filter_rule_id)?;
    Ok(input.traffic_mirror_filter_rule_id)
}

fn create_target(
    Change { model, caller }: Change,
    input: ec2::CreateTrafficMirrorTargetRequest,
) -> Result<ec2::CreateTrafficMirrorTargetResult> {
    let ec2::CreateTrafficMirrorTargetRequest {
        network_interface_id,
        network_load_balancer_arn,
        description,
        tag_specifications,
        client_token,
        gateway_load_balancer_endpoint_id,
    } = input;
    let target = match (network_interface_id, network_load_balancer_arn, gateway_load_balancer_endpoint_id) {
        (Some(interface), None, None) => MirrorTarget::NetworkInterface(interface),
        (None, Some(arn), None) => MirrorTarget::NetworkLoadBalancer(arn),
        // No endpoint here is of that kind.
        (None, None, Some(endpoint)) => return Err(Error::invalid("GatewayLoadBalancerEndpointId", endpoint)),
        _ => return Err(Error::MirrorTargets {}),
    };
    let tags = tags::of(tag_specifications, "traffic-mirror-target")?;
    let id = model.once(caller, "CreateTrafficMirrorTarget", token(&client_token), |model| {
        model.create_mirror_target(caller, target, description, tags)
    })?;
    let traffic_mirror_target = Some(shown_target(model.mirror_targets.find(&caller.scope, &id)?));
    Ok(ec2::CreateTrafficMirrorTargetResult { traffic_mirror_target, client_token: client_token.text })
}

fn describe_targets(
    cx: View,
    input: ec2::DescribeTrafficMirrorTargetsRequest,
) -> Result<ec2::DescribeTrafficMirrorTargetsResult> {
    let all = cx.model.mirror_targets.of(&cx.caller.scope);
    TARGETS.list(cx.model, all, input, shown_target)
}

fn delete_target(cx: Change, input: ec2::DeleteTrafficMirrorTargetRequest) -> Result<String> {
    cx.model.delete_mirror_target(cx.caller, &input.traffic_mirror_target_id)?;
    Ok(input.traffic_mirror_target_id)
}
