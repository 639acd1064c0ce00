//! Endpoints of VPCs: gateways, and those with interfaces.

use super::cidr::address;
use super::instance_connect_endpoint::ipv4_only;
use super::listing::{Attributes, one};
use super::{each_id, tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{
    Acceptance, Caller, Error, InterfaceEndpointChange, Model, NewInterfaceEndpoint, Result, VpcEndpoint,
    endpoint_services, is_offered, private_name,
};
use shapes::{List, ec2};
use std::net::Ipv4Addr;

pub fn actions(all: Actions) -> Actions {
    all.write(create).read(describe).write(modify).write(delete)
}

static ATTRIBUTES: Attributes<VpcEndpoint> = Attributes(&[
    ("ip-address-type", |_, _| one("ipv4")),
    ("service-name", |_, endpoint| one(&endpoint.service)),
    ("service-region", |_, endpoint| one(&endpoint.scope.region)),
    ("vpc-endpoint-id", |_, endpoint| one(&endpoint.id)),
    ("vpc-endpoint-state", |model, endpoint| one(state(model, endpoint))),
    ("vpc-endpoint-type", |_, endpoint| one(kind(endpoint))),
    ("vpc-id", |_, endpoint| one(&endpoint.vpc)),
]);

/// An endpoint is there when its service's owner has accepted it and all of its hosts answer.
pub fn state(model: &Model, endpoint: &VpcEndpoint) -> &'static str {
    match model.vpc_endpoints.get(&endpoint.id) {
        Some(_) if endpoint.acceptance() != Acceptance::Accepted => endpoint.acceptance().word(),
        Some(_) if model.endpoint_hosts(&endpoint.id).all(|(host, _)| host.is_up()) => "available",
        Some(_) => "pending",
        None => "deleted",
    }
}

fn kind(endpoint: &VpcEndpoint) -> &'static str {
    if endpoint.interface.is_some() { "Interface" } else { "Gateway" }
}

/// The hosted zone of the names of endpoints, which is Amazon's.
const ZONE_OF_NAMES: &str = "Z7HUB22UULQXV";

/// The names that lead to an endpoint with interfaces, that of all zones first.
pub fn names(model: &Model, endpoint: &VpcEndpoint) -> Vec<ec2::DnsEntry> {
    if endpoint.interface.is_none() {
        return Vec::new();
    }
    let zones = model.endpoint_hosts(&endpoint.id).map(|(host, _)| endpoint.dns_name(Some(&host.zone)));
    let names = std::iter::once(endpoint.dns_name(None)).chain(zones).chain(endpoint.private_dns_name());
    names.map(|name| ec2::DnsEntry { dns_name: text(name), hosted_zone_id: text(ZONE_OF_NAMES) }).collect()
}

fn groups(model: &Model, endpoint: &VpcEndpoint) -> List<ec2::SecurityGroupIdentifier> {
    let ids = endpoint.interface.iter().flat_map(|interface| &interface.groups);
    let identifier = |id: &String| ec2::SecurityGroupIdentifier {
        group_id: text(id),
        group_name: model.security_groups.get(id).map(|group| group.name.clone()),
    };
    ids.map(identifier).collect()
}

/// A gateway has no names, so that its service has a say.
fn dns_options(endpoint: &VpcEndpoint) -> ec2::DnsOptions {
    let said = endpoint.interface.as_ref().map(|interface| interface.record_type.as_deref().unwrap_or("ipv4"));
    let is_private = has_gateways(&endpoint.scope.region, &endpoint.service) && endpoint.private_dns_name().is_some();
    ec2::DnsOptions {
        dns_record_ip_type: text(said.unwrap_or("service-defined")),
        private_dns_only_for_inbound_resolver_endpoint: is_private.then_some(false),
        ..Default::default()
    }
}

/// Whether a service has gateway endpoints.
fn has_gateways(region: &str, service: &str) -> bool {
    endpoint_services(region).any(|known| known == service)
}

/// Refuses private DNS names of a service that has gateway endpoints if only inbound Resolver endpoints are to use them. AWS has that
/// as the default, and there are no Resolver endpoints here.
fn check_private_dns(
    caller: &Caller,
    service: &str,
    wanted: Option<bool>,
    options: Option<&ec2::DnsOptionsSpecification>,
) -> Result<()> {
    let inbound_only = options.and_then(|sent| sent.private_dns_only_for_inbound_resolver_endpoint).unwrap_or(true);
    match wanted == Some(true) && inbound_only && has_gateways(&caller.scope.region, service) {
        true => Err(Error::NoPrivateDns { service: service.to_owned() }),
        false => Ok(()),
    }
}

/// Which addresses a request wants names to lead to; there are only those of IPv4.
fn record_type(sent: Option<ec2::DnsOptionsSpecification>) -> Result<Option<String>> {
    let said = sent.and_then(|sent| sent.dns_record_ip_type);
    match said.as_deref() {
        None | Some("ipv4" | "service-defined") => Ok(said),
        Some(other) => Err(Error::invalid("DnsOptions.DnsRecordIpType", other)),
    }
}

fn shown(model: &Model, endpoint: &VpcEndpoint) -> ec2::VpcEndpoint {
    let interfaces = || model.endpoint_hosts(&endpoint.id).map(|(_, interface)| interface);
    ec2::VpcEndpoint {
        vpc_endpoint_id: text(&endpoint.id),
        vpc_endpoint_type: text(kind(endpoint)),
        vpc_id: text(&endpoint.vpc),
        service_name: text(&endpoint.service),
        state: text(state(model, endpoint)),
        policy_document: text(&endpoint.policy),
        route_table_ids: model.tables_of_endpoint(&endpoint.id).map(|table| table.id.clone()).collect(),
        subnet_ids: interfaces().map(|interface| interface.subnet.clone()).collect(),
        groups: groups(model, endpoint),
        ip_address_type: text("ipv4"),
        dns_options: Some(dns_options(endpoint)),
        private_dns_enabled: Some(endpoint.private_dns_name().is_some()),
        requester_managed: Some(false),
        network_interface_ids: interfaces().map(|interface| interface.id.clone()).collect(),
        dns_entries: names(model, endpoint).into(),
        creation_timestamp: Some(endpoint.created),
        tags: tags::shown(&endpoint.tags),
        owner_id: text(&endpoint.scope.account),
        service_region: text(&endpoint.scope.region),
        ..Default::default()
    }
}

fn has_private_name(caller: &Caller, service: &str) -> bool {
    private_name(&caller.scope.region, service).is_some()
}

/// The addresses that a request gives interfaces, by their subnets.
fn placed(sent: List<ec2::SubnetConfiguration>) -> Result<Vec<(String, Ipv4Addr)>> {
    let one = |ec2::SubnetConfiguration { subnet_id, ipv4 }: ec2::SubnetConfiguration| {
        let subnet = subnet_id.ok_or_else(|| Error::missing("SubnetConfiguration.SubnetId"))?;
        let ipv4 = ipv4.ok_or_else(|| Error::missing("SubnetConfiguration.Ipv4"))?;
        Ok((subnet, address("SubnetConfiguration.Ipv4", &ipv4)?))
    };
    sent.into_iter().map(one).collect()
}

fn place(model: &mut Model, caller: &Caller, id: &str, placed: Vec<(String, Ipv4Addr)>) -> Result<()> {
    placed.into_iter().try_for_each(|(subnet, address)| model.place_endpoint(caller, id, &subnet, address))
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateVpcEndpointRequest,
) -> Result<ec2::CreateVpcEndpointResult> {
    let ec2::CreateVpcEndpointRequest {
        vpc_endpoint_type,
        vpc_id,
        service_name,
        policy_document,
        route_table_ids,
        client_token,
        tag_specifications,
        subnet_ids,
        security_group_ids,
        private_dns_enabled,
        dns_options,
        service_region,
        subnet_configurations,
        ip_address_type,
    } = input;
    ipv4_only(ip_address_type)?;
    if let Some(other) = service_region.filter(|region| *region != caller.scope.region) {
        return Err(Error::UnsupportedParameter { name: format!("ServiceRegion={other}") });
    }
    let service = service_name.ok_or_else(|| Error::missing("ServiceName"))?;
    check_private_dns(caller, &service, private_dns_enabled, dns_options.as_ref())?;
    let record_type = record_type(dns_options)?;
    let placed = placed(subnet_configurations)?;
    let tags = tags::of(tag_specifications, "vpc-endpoint")?;
    // The usual name of a service that has gateways leads to those.
    let private_dns_enabled = private_dns_enabled.or(has_gateways(&caller.scope.region, &service).then_some(false));
    let id = model.once(caller, "CreateVpcEndpoint", token(&client_token), |model| {
        let id = match vpc_endpoint_type.as_deref() {
            None | Some("Gateway") if !subnet_ids.is_empty() || !security_group_ids.is_empty() => {
                Err(Error::NoInterfaceEndpoint {})
            }
            None | Some("Gateway") => {
                model.create_vpc_endpoint(caller, &vpc_id, &service, &route_table_ids, policy_document, tags)
            }
            Some("Interface") if !route_table_ids.is_empty() => Err(Error::NoGatewayEndpoint {}),
            Some("Interface") => model.create_interface_endpoint(
                caller,
                NewInterfaceEndpoint {
                    vpc: vpc_id,
                    private_dns: private_dns_enabled
                        .unwrap_or(!is_offered(&service) && has_private_name(caller, &service)),
                    record_type,
                    service,
                    subnets: subnet_ids.into_iter().collect(),
                    groups: security_group_ids.into_iter().collect(),
                    policy: policy_document,
                    tags,
                },
            ),
            Some(other) => Err(Error::EndpointType { kind: other.to_owned() }),
        }?;
        place(model, caller, &id, placed)?;
        Ok(id)
    })?;
    let vpc_endpoint = Some(shown(model, model.vpc_endpoints.find(&caller.scope, &id)?));
    Ok(ec2::CreateVpcEndpointResult { vpc_endpoint, client_token: client_token.text })
}

fn describe(cx: View, input: ec2::DescribeVpcEndpointsRequest) -> Result<ec2::DescribeVpcEndpointsResult> {
    let all = cx.model.vpc_endpoints.of(&cx.caller.scope).chain(cx.model.departed(cx.caller));
    ATTRIBUTES.list(cx.model, all, input, |endpoint| shown(cx.model, endpoint))
}

fn modify(cx: Change, input: ec2::ModifyVpcEndpointRequest) -> Result<()> {
    let ec2::ModifyVpcEndpointRequest {
        vpc_endpoint_id,
        reset_policy,
        policy_document,
        add_route_table_ids,
        remove_route_table_ids,
        add_subnet_ids,
        remove_subnet_ids,
        add_security_group_ids,
        remove_security_group_ids,
        private_dns_enabled,
        dns_options,
        subnet_configurations,
        ip_address_type,
    } = input;
    ipv4_only(ip_address_type)?;
    let endpoint = cx.model.vpc_endpoints.find(&cx.caller.scope, &vpc_endpoint_id)?;
    check_private_dns(cx.caller, &endpoint.service, private_dns_enabled, dns_options.as_ref())?;
    let has_interfaces = endpoint.interface.is_some();
    let placed = placed(subnet_configurations)?;
    let change = InterfaceEndpointChange {
        add_subnets: add_subnet_ids.into_iter().collect(),
        remove_subnets: remove_subnet_ids.into_iter().collect(),
        add_groups: add_security_group_ids.into_iter().collect(),
        remove_groups: remove_security_group_ids.into_iter().collect(),
        private_dns: private_dns_enabled,
        record_type: record_type(dns_options)?,
    };
    if has_interfaces && !(add_route_table_ids.is_empty() && remove_route_table_ids.is_empty()) {
        return Err(Error::NoGatewayEndpoint {});
    }
    if !change.is_empty() {
        cx.model.modify_interface_endpoint(cx.caller, &vpc_endpoint_id, change)?;
    }
    place(cx.model, cx.caller, &vpc_endpoint_id, placed)?;
    let policy = if reset_policy == Some(true) { text(VpcEndpoint::OPEN) } else { policy_document };
    cx.model.modify_vpc_endpoint(cx.caller, &vpc_endpoint_id, &add_route_table_ids, &remove_route_table_ids, policy)
}

fn delete(
    Change { model, caller }: Change,
    input: ec2::DeleteVpcEndpointsRequest,
) -> Result<List<ec2::UnsuccessfulItem>> {
    let (_, unsuccessful) = each_id(input.vpc_endpoint_ids, |id| model.delete_vpc_endpoint(caller, id));
    Ok(unsuccessful)
}
