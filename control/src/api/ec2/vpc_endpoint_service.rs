//! The services that have endpoints, and the prefix lists of the addresses of those that have gateways.

use super::listing::{Attributes, one, paged};
use super::text;
use crate::api::action::Actions;
use model::{
    Caller, Error, IdKind, Model, Region, Result, Tags, endpoint_services, interface_services, prefix_list_id,
    service_name, zone_id,
};
use shapes::ec2;

pub fn actions(all: Actions) -> Actions {
    all.read(describe).read(describe_prefix_lists)
}

/// A service of a Region.
struct Service {
    name: String,
    region: String,
    /// Whether its endpoints are gateways, or else interfaces.
    gateway: bool,
}

impl Service {
    fn kind(&self) -> &'static str {
        if self.gateway { "Gateway" } else { "Interface" }
    }
}

static ATTRIBUTES: Attributes<Service> = Attributes(&[
    ("owner", |_, _| one("amazon")),
    ("prefix-list-id", |_, service| one(prefix_list_id(&service.name))),
    ("prefix-list-name", |_, service| one(&service.name)),
    ("service-name", |_, service| one(&service.name)),
    ("service-region", |_, service| one(&service.region)),
    ("service-type", |_, service| one(service.kind())),
    ("supported-ip-address-types", |_, _| one("ipv4")),
]);

fn gateway_services(caller: &Caller) -> Vec<Service> {
    let region = &caller.scope.region;
    endpoint_services(region).map(|name| Service { name, region: region.clone(), gateway: true }).collect()
}

fn services(caller: &Caller) -> Vec<Service> {
    let region = &caller.scope.region;
    let others = interface_services(region).map(|name| Service { name, region: region.clone(), gateway: false });
    gateway_services(caller).into_iter().chain(others).collect()
}

fn detail(service: Service) -> ec2::ServiceDetail {
    let kind = ec2::ServiceTypeDetail { service_type: text(service.kind()) };
    let usual = service_name(&service.region, &service.name);
    let private = (!service.gateway).then(|| usual.clone());
    let private_dns_names = private.iter().map(|name| ec2::PrivateDnsDetails { private_dns_name: text(name) });
    let region = || Region::named(&service.region).into_iter();
    let zones = || region().flat_map(Region::zones).map(|(zone, _)| zone);
    ec2::ServiceDetail {
        service_name: text(&service.name),
        service_id: text(format!("vpce-svc-{}", prefix_list_id(&service.name).trim_start_matches("pl-"))),
        service_type: vec![kind].into(),
        private_dns_names: private_dns_names.collect::<shapes::List<_>>().unless_empty(),
        private_dns_name: private,
        service_region: text(&service.region),
        availability_zone_ids: zones().map(|zone| zone_id(&zone)).collect(),
        availability_zones: zones().collect(),
        owner: text("amazon"),
        base_endpoint_dns_names: std::iter::once(usual).collect(),
        vpc_endpoint_policy_supported: Some(true),
        acceptance_required: Some(false),
        manages_vpc_endpoints: Some(false),
        tags: Vec::new().into(),
        supported_ip_address_types: vec!["ipv4".to_owned()].into(),
        ..Default::default()
    }
}

fn describe(
    model: &Model,
    caller: &Caller,
    input: ec2::DescribeVpcEndpointServicesRequest,
) -> Result<ec2::DescribeVpcEndpointServicesResult> {
    let ec2::DescribeVpcEndpointServicesRequest { service_names, filters, page } = input;
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let mut all = services(caller);
    if let Some(unknown) = service_names.iter().find(|asked| !all.iter().any(|service| service.name == **asked)) {
        return Err(Error::NoSuchService { service: unknown.clone() });
    }
    all.retain(|service| service_names.is_empty() || service_names.contains(&service.name));
    all.retain(|service| wanted.pass(model, service, &Tags::new()));
    let (services, next_token) = paged(&page, all, |service| &service.name)?;
    Ok(ec2::DescribeVpcEndpointServicesResult {
        service_names: services.iter().map(|service| service.name.clone()).collect(),
        service_details: services.into_iter().map(detail).collect(),
        next_token,
    })
}

fn describe_prefix_lists(
    model: &Model,
    caller: &Caller,
    input: ec2::DescribePrefixListsRequest,
) -> Result<ec2::DescribePrefixListsResult> {
    let ec2::DescribePrefixListsRequest { filters, page, prefix_list_ids } = input;
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let mut all = gateway_services(caller);
    let is = |service: &Service, id: &String| prefix_list_id(&service.name) == *id;
    if let Some(unknown) = prefix_list_ids.iter().find(|id| !all.iter().any(|service| is(service, id))) {
        return Err(Error::NotFound { kind: IdKind::PrefixList, id: unknown.clone() });
    }
    all.retain(|service| prefix_list_ids.is_empty() || prefix_list_ids.iter().any(|id| is(service, id)));
    all.retain(|service| wanted.pass(model, service, &Tags::new()));
    let (lists, next_token) = paged(&page, all, |service| &service.name)?;
    let list = |service: Service| ec2::PrefixList {
        cidrs: model.service_addresses(&service.name).map(|block| block.to_string()).collect(),
        prefix_list_id: text(prefix_list_id(&service.name)),
        prefix_list_name: text(&service.name),
    };
    Ok(ec2::DescribePrefixListsResult { next_token, prefix_lists: lists.into_iter().map(list).collect() })
}
