//! Routes of Client VPN endpoints, and who may use them.

use super::cidr::cidr;
use super::listing::{Attributes, each, one};
use super::{text, token};
use crate::api::action::{Actions, Change, View};
use ipnet::Ipv4Net;
use model::{AuthorizationRule, CLIENT_VPN_LOCAL, ClientVpnRoute, Error, Result};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.write(authorize)
        .write(revoke)
        .read(describe_rules)
        .write(create_route)
        .write(delete_route)
        .read(describe_routes)
}

static RULES: Attributes<AuthorizationRule> = Attributes(&[
    ("description", |_, rule| each(&rule.description)),
    ("destination-cidr", |_, rule| one(rule.destination)),
    ("group-id", |_, rule| each(&rule.group)),
]);

static ROUTES: Attributes<ClientVpnRoute> = Attributes(&[
    ("destination-cidr", |_, route| one(route.destination)),
    ("origin", |_, route| one(origin(route))),
    ("target-subnet", |_, route| one(&route.subnet)),
]);

fn origin(route: &ClientVpnRoute) -> &'static str {
    if route.of_network { "associate" } else { "add-route" }
}

fn destination(parameter: &str, block: &str) -> Result<Ipv4Net> {
    cidr(parameter, block).map(|block: Ipv4Net| block.trunc())
}

/// The group that a request names; none stands for everyone.
fn group(group: Option<String>, everyone: Option<bool>) -> Result<Option<String>> {
    match (group, everyone.unwrap_or(false)) {
        (Some(group), false) => Ok(Some(group)),
        (None, true) => Ok(None),
        _ => Err(Error::GroupOrEveryone {}),
    }
}

fn rule_status(code: &str) -> ec2::ClientVpnAuthorizationRuleStatus {
    ec2::ClientVpnAuthorizationRuleStatus { code: text(code), message: None }
}

fn authorize(
    Change { model, caller }: Change,
    input: ec2::AuthorizeClientVpnIngressRequest,
) -> Result<ec2::ClientVpnAuthorizationRuleStatus> {
    let ec2::AuthorizeClientVpnIngressRequest {
        client_vpn_endpoint_id: id,
        target_network_cidr,
        access_group_id,
        authorize_all_groups,
        description,
        client_token,
    } = input;
    let rule = AuthorizationRule {
        destination: destination("TargetNetworkCidr", &target_network_cidr)?,
        group: group(access_group_id, authorize_all_groups)?,
        description,
    };
    model.once(caller, "AuthorizeClientVpnIngress", token(&client_token), |model| {
        model.authorize_clients(caller, &id, rule).map(|()| id)
    })?;
    Ok(rule_status("authorizing"))
}

fn revoke(cx: Change, input: ec2::RevokeClientVpnIngressRequest) -> Result<ec2::ClientVpnAuthorizationRuleStatus> {
    let network = destination("TargetNetworkCidr", &input.target_network_cidr)?;
    let group = group(input.access_group_id, input.revoke_all_groups)?;
    cx.model.revoke_clients(cx.caller, &input.client_vpn_endpoint_id, network, group.as_deref())?;
    Ok(rule_status("revoking"))
}

fn describe_rules(
    cx: View,
    input: ec2::DescribeClientVpnAuthorizationRulesRequest,
) -> Result<ec2::DescribeClientVpnAuthorizationRulesResult> {
    let ec2::DescribeClientVpnAuthorizationRulesRequest { client_vpn_endpoint_id: id, filters, page } = input;
    let rules = &cx.model.client_vpn_endpoints.find(&cx.caller.scope, &id)?.rules;
    let place = |rule: &AuthorizationRule| format!("{} {}", rule.destination, rule.group.as_deref().unwrap_or(""));
    let (rules, next_token) = RULES.page_of_parts(cx.model, rules, &filters, &page, place)?;
    let shown = |rule: &AuthorizationRule| ec2::AuthorizationRule {
        client_vpn_endpoint_id: text(&id),
        description: rule.description.clone(),
        group_id: Some(rule.group.clone().unwrap_or_default()),
        access_all: Some(rule.group.is_none()),
        destination_cidr: text(rule.destination),
        status: Some(rule_status("active")),
    };
    let authorization_rules = rules.into_iter().map(shown).collect();
    Ok(ec2::DescribeClientVpnAuthorizationRulesResult { authorization_rules, next_token })
}

fn route_status(code: &str) -> ec2::ClientVpnRouteStatus {
    ec2::ClientVpnRouteStatus { code: text(code), message: None }
}

fn create_route(
    Change { model, caller }: Change,
    input: ec2::CreateClientVpnRouteRequest,
) -> Result<ec2::ClientVpnRouteStatus> {
    let ec2::CreateClientVpnRouteRequest {
        client_vpn_endpoint_id: id,
        destination_cidr_block,
        target_vpc_subnet_id,
        description,
        client_token,
    } = input;
    let route = ClientVpnRoute {
        destination: destination("DestinationCidrBlock", &destination_cidr_block)?,
        subnet: target_vpc_subnet_id.ok_or_else(|| Error::missing("TargetVpcSubnetId"))?,
        description,
        of_network: false,
    };
    model.once(caller, "CreateClientVpnRoute", token(&client_token), |model| {
        model.create_client_vpn_route(caller, &id, route).map(|()| id)
    })?;
    Ok(route_status("creating"))
}

fn delete_route(cx: Change, input: ec2::DeleteClientVpnRouteRequest) -> Result<ec2::ClientVpnRouteStatus> {
    let (block, subnet) = (&input.destination_cidr_block, input.target_vpc_subnet_id.as_deref());
    let network = destination("DestinationCidrBlock", block)?;
    cx.model.delete_client_vpn_route(cx.caller, &input.client_vpn_endpoint_id, network, subnet)?;
    Ok(route_status("deleting"))
}

fn describe_routes(cx: View, input: ec2::DescribeClientVpnRoutesRequest) -> Result<ec2::DescribeClientVpnRoutesResult> {
    let ec2::DescribeClientVpnRoutesRequest { client_vpn_endpoint_id: id, filters, page } = input;
    let routes = &cx.model.client_vpn_endpoints.find(&cx.caller.scope, &id)?.routes;
    let place = |route: &ClientVpnRoute| format!("{} {}", route.destination, route.subnet);
    let (routes, next_token) = ROUTES.page_of_parts(cx.model, routes, &filters, &page, place)?;
    let shown = |route: &ClientVpnRoute| ec2::ClientVpnRoute {
        client_vpn_endpoint_id: text(&id),
        destination_cidr: text(route.destination),
        target_subnet: text(&route.subnet),
        r#type: text(if route.subnet == CLIENT_VPN_LOCAL { "Local" } else { "Nat" }),
        origin: text(origin(route)),
        status: Some(route_status("active")),
        description: route.description.clone(),
        ..Default::default()
    };
    Ok(ec2::DescribeClientVpnRoutesResult { routes: routes.into_iter().map(shown).collect(), next_token })
}
