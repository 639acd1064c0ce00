//! Endpoint services: what an account offers to endpoints of others.

use super::listing::{Attributes, by_age, each, one};
use super::{each_id, tags, text, token};
use crate::api::action::{Actions, Change, View};
use model::{
    AllowedPrincipal, Error, ListChange, OfferedName, Region, Result, ServiceOffer, ServiceOfferChange, Tags,
    VpcEndpointService, zone_id,
};
use shapes::{List, ec2};

pub fn actions(all: Actions) -> Actions {
    all.write(create)
        .read(describe)
        .write(modify)
        .write(delete)
        .write(pay)
        .write(verify)
        .read(describe_permissions)
        .write(modify_permissions)
}

static ATTRIBUTES: Attributes<VpcEndpointService> = Attributes(&[
    ("service-id", |_, service| one(&service.id)),
    ("service-name", |_, service| one(service.service_name())),
    ("service-state", |_, _| one("Available")),
    ("supported-ip-address-types", |_, service| each(&service.offer.address_types)),
]);

static PERMISSIONS: Attributes<AllowedPrincipal> = Attributes(&[
    ("permission-type", |_, _| one(PERMISSION)),
    ("principal", |_, principal| one(&principal.arn)),
    ("principal-type", |_, principal| one(principal_type(&principal.arn))),
]);

/// The type of resource in permissions.
const PERMISSION: &str = "vpc-endpoint";

fn principal_type(arn: &str) -> &'static str {
    let resource = arn.splitn(6, ':').nth(5);
    match resource.and_then(|resource| resource.split(['/', ':']).next()) {
        _ if arn == "*" => "All",
        Some("user") => "User",
        Some("role") => "Role",
        Some("ou") => "OrganizationUnit",
        Some("root") => "Account",
        _ => "Service",
    }
}

/// The type of a service's endpoints.
pub fn kind(service: &VpcEndpointService) -> &'static str {
    if service.offer.gateway.is_empty() { "Interface" } else { "GatewayLoadBalancer" }
}

/// The names that lead to all endpoints of a service.
pub fn base_names(service: &VpcEndpointService) -> List<String> {
    let region = &service.scope.region;
    let domain = Region::named(region).map_or("amazonaws.com", Region::domain);
    std::iter::once(format!("{}.{region}.vpce.{domain}", service.id)).collect()
}

/// The proof that a name is the owner's, as it is to be in DNS, and whether it was found there.
fn proof(name: &OfferedName) -> ec2::PrivateDnsNameConfiguration {
    ec2::PrivateDnsNameConfiguration {
        state: text(verification(name)),
        r#type: text("TXT"),
        value: text(format!("vpce:{}", name.proof)),
        name: text(format!("_{}", name.proof)),
    }
}

/// How far the verification of a name is.
pub fn verification(name: &OfferedName) -> &'static str {
    if name.verified { "verified" } else { "pendingVerification" }
}

fn shown(service: &VpcEndpointService) -> ec2::ServiceConfiguration {
    let VpcEndpointService { id, scope, tags, offer, name, principals: _, owner_pays } = service;
    let zones = || Region::named(&scope.region).into_iter().flat_map(Region::zones).map(|(zone, _)| zone);
    let elsewhere =
        |region: &String| ec2::SupportedRegionDetail { region: text(region), service_state: text("Available") };
    let arns = |arns: &[String]| arns.iter().cloned().collect::<List<String>>().unless_empty();
    ec2::ServiceConfiguration {
        service_type: vec![ec2::ServiceTypeDetail { service_type: text(kind(service)) }].into(),
        service_id: text(id),
        service_name: text(service.service_name()),
        service_state: text("Available"),
        availability_zone_ids: zones().map(|zone| zone_id(&zone)).collect(),
        availability_zones: zones().collect(),
        acceptance_required: Some(offer.acceptance),
        manages_vpc_endpoints: Some(false),
        network_load_balancer_arns: arns(&offer.network),
        gateway_load_balancer_arns: arns(&offer.gateway),
        supported_ip_address_types: offer.address_types.iter().cloned().collect(),
        base_endpoint_dns_names: base_names(service),
        private_dns_name: name.as_ref().map(|name| name.name.clone()),
        private_dns_name_configuration: name.as_ref().map(proof),
        payer_responsibility: owner_pays.then(|| "ServiceOwner".to_owned()),
        tags: tags::shown(tags),
        supported_regions: offer.regions.iter().map(elsewhere).collect::<List<_>>().unless_empty(),
        remote_access_enabled: Some(!offer.regions.is_empty()),
    }
}

fn create(
    Change { model, caller }: Change,
    input: ec2::CreateVpcEndpointServiceConfigurationRequest,
) -> Result<ec2::CreateVpcEndpointServiceConfigurationResult> {
    let ec2::CreateVpcEndpointServiceConfigurationRequest {
        acceptance_required,
        private_dns_name,
        network_load_balancer_arns,
        gateway_load_balancer_arns,
        supported_ip_address_types,
        supported_regions,
        client_token,
        tag_specifications,
    } = input;
    let tags = tags::of(tag_specifications, "vpc-endpoint-service")?;
    let mut offer = ServiceOffer {
        network: network_load_balancer_arns.to_vec(),
        gateway: gateway_load_balancer_arns.to_vec(),
        acceptance: acceptance_required.unwrap_or(true),
        address_types: supported_ip_address_types.to_vec(),
        regions: supported_regions.to_vec(),
    };
    if offer.address_types.is_empty() {
        offer.address_types.push("ipv4".into());
    }
    let id = model.once(caller, "CreateVpcEndpointServiceConfiguration", token(&client_token), |model| {
        model.create_endpoint_service(caller, offer, private_dns_name, tags)
    })?;
    let service_configuration = Some(shown(model.endpoint_services.find(&caller.scope, &id)?));
    Ok(ec2::CreateVpcEndpointServiceConfigurationResult { service_configuration, client_token: client_token.text })
}

fn describe(
    cx: View,
    input: ec2::DescribeVpcEndpointServiceConfigurationsRequest,
) -> Result<ec2::DescribeVpcEndpointServiceConfigurationsResult> {
    let all = cx.model.endpoint_services.of(&cx.caller.scope);
    ATTRIBUTES.list(cx.model, all, input, shown)
}

fn modify(cx: Change, input: ec2::ModifyVpcEndpointServiceConfigurationRequest) -> Result<()> {
    let ec2::ModifyVpcEndpointServiceConfigurationRequest {
        service_id,
        private_dns_name,
        remove_private_dns_name,
        acceptance_required,
        add_network_load_balancer_arns,
        remove_network_load_balancer_arns,
        add_gateway_load_balancer_arns,
        remove_gateway_load_balancer_arns,
        add_supported_ip_address_types,
        remove_supported_ip_address_types,
        add_supported_regions,
        remove_supported_regions,
    } = input;
    let name = match (private_dns_name, remove_private_dns_name) {
        (Some(_), Some(true)) => return Err(Error::NameOrNone {}),
        (None, Some(true)) => Some(None),
        (name, _) => name.map(Some),
    };
    let change = ServiceOfferChange {
        network: lists(add_network_load_balancer_arns, remove_network_load_balancer_arns),
        gateway: lists(add_gateway_load_balancer_arns, remove_gateway_load_balancer_arns),
        address_types: lists(add_supported_ip_address_types, remove_supported_ip_address_types),
        regions: lists(add_supported_regions, remove_supported_regions),
        acceptance: acceptance_required,
        name,
    };
    cx.model.modify_endpoint_service(cx.caller, &service_id, change)
}

fn lists(add: List<String>, remove: List<String>) -> ListChange {
    ListChange { add: add.to_vec(), remove: remove.to_vec() }
}

fn delete(
    Change { model, caller }: Change,
    input: ec2::DeleteVpcEndpointServiceConfigurationsRequest,
) -> Result<List<ec2::UnsuccessfulItem>> {
    let (_, unsuccessful) = each_id(input.service_ids, |id| model.delete_endpoint_service(caller, id));
    Ok(unsuccessful)
}

fn pay(cx: Change, input: ec2::ModifyVpcEndpointServicePayerResponsibilityRequest) -> Result<()> {
    let ec2::ModifyVpcEndpointServicePayerResponsibilityRequest { service_id, payer_responsibility } = input;
    match payer_responsibility.as_str() {
        "ServiceOwner" => cx.model.pay_for_endpoints(cx.caller, &service_id),
        other => Err(Error::invalid("PayerResponsibility", other)),
    }
}

fn verify(cx: Change, input: ec2::StartVpcEndpointServicePrivateDnsVerificationRequest) -> Result<()> {
    cx.model.verify_offered_name(cx.caller, &input.service_id)
}

fn describe_permissions(
    cx: View,
    input: ec2::DescribeVpcEndpointServicePermissionsRequest,
) -> Result<ec2::DescribeVpcEndpointServicePermissionsResult> {
    let ec2::DescribeVpcEndpointServicePermissionsRequest { service_id, filters, page } = input;
    let service = cx.model.endpoint_services.find(&cx.caller.scope, &service_id)?;
    let wanted = PERMISSIONS.wanted(&filters)?;
    let mut all: Vec<&AllowedPrincipal> = service.principals.iter().collect();
    all.retain(|principal| wanted.pass(cx.model, principal, &Tags::new()));
    let (principals, next_token) = by_age(cx.model, &page, all, |principal| &principal.id)?;
    let allowed = |principal: &AllowedPrincipal| ec2::AllowedPrincipal {
        principal_type: text(principal_type(&principal.arn)),
        principal: text(&principal.arn),
        service_permission_id: text(&principal.id),
        tags: Vec::new().into(),
        service_id: text(&service_id),
        permission_type: text(PERMISSION),
    };
    let allowed_principals = principals.into_iter().map(allowed).collect();
    Ok(ec2::DescribeVpcEndpointServicePermissionsResult { allowed_principals, next_token })
}

fn modify_permissions(
    cx: Change,
    input: ec2::ModifyVpcEndpointServicePermissionsRequest,
) -> Result<ec2::ModifyVpcEndpointServicePermissionsResult> {
    let ec2::ModifyVpcEndpointServicePermissionsRequest {
        service_id,
        add_allowed_principals,
        remove_allowed_principals,
        permission_type,
    } = input;
    if let Some(other) = permission_type.filter(|word| word != PERMISSION) {
        return Err(Error::invalid("PermissionType", other));
    }
    let change = lists(add_allowed_principals, remove_allowed_principals);
    let permitted = cx.model.permit_endpoints(cx.caller, &service_id, change)?;
    let added = |principal: &AllowedPrincipal| ec2::AddedPrincipal {
        principal_type: text(principal_type(&principal.arn)),
        principal: text(&principal.arn),
        service_permission_id: text(&principal.id),
        service_id: text(&service_id),
        permission_type: text(PERMISSION),
    };
    Ok(ec2::ModifyVpcEndpointServicePermissionsResult {
        added_principals: permitted.iter().map(added).collect(),
        return_value: Some(true),
    })
}
