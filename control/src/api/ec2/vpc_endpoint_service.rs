//! The services that have endpoints, and the prefix lists of the addresses of those that have gateways.

use super::endpoint_service::{base_names, kind, verification};
use super::listing::{Attributes, one, paged};
use super::{tags, text};
use crate::api::action::{Actions, View};
use model::{
    Caller, Error, IdKind, Model, OfferedName, Region, Result, Tags, VpcEndpointService, endpoint_services,
    interface_services, prefix_list_id, private_name, service_name, zone_id,
};
use shapes::ec2;
use std::collections::BTreeSet;

pub fn actions(all: Actions) -> Actions {
    all.read(describe).read(describe_prefix_lists)
}

/// A service of a Region. Those that have gateways have interfaces, too, and are two.
struct Service {
    name: String,
    region: String,
    /// Whether its endpoints are gateways, or else interfaces.
    gateway: bool,
    /// The endpoint service of an account, if it is not Amazon's.
    offered: Option<VpcEndpointService>,
    /// Its sort key. One name may have endpoints of both types.
    place: String,
}

impl Service {
    fn kind(&self) -> &'static str {
        match &self.offered {
            Some(offered) => kind(offered),
            None if self.gateway => "Gateway",
            None => "Interface",
        }
    }

    fn owner(&self) -> &str {
        self.offered.as_ref().map_or("amazon", |offered| &offered.scope.account)
    }

    fn address_types(&self) -> Vec<String> {
        self.offered.as_ref().map_or_else(|| one("ipv4"), |offered| offered.offer.address_types.clone())
    }

    fn tags(&self) -> Tags {
        self.offered.as_ref().map(|offered| offered.tags.clone()).unwrap_or_default()
    }
}

static ATTRIBUTES: Attributes<Service> = Attributes(&[
    ("owner", |_, service| one(service.owner())),
    ("prefix-list-id", |_, service| one(prefix_list_id(&service.name))),
    ("prefix-list-name", |_, service| one(&service.name)),
    ("service-name", |_, service| one(&service.name)),
    ("service-region", |_, service| one(&service.region)),
    ("service-type", |_, service| one(service.kind())),
    ("supported-ip-address-types", |_, service| service.address_types()),
]);

fn service(region: &str, name: String, gateway: bool, offered: Option<VpcEndpointService>) -> Service {
    Service { place: format!("{name} {gateway}"), name, region: region.to_owned(), gateway, offered }
}

fn gateway_services(caller: &Caller) -> Vec<Service> {
    let region = &caller.scope.region;
    endpoint_services(region).map(|name| service(region, name, true, None)).collect()
}

fn services(model: &Model, caller: &Caller) -> Vec<Service> {
    let region = &caller.scope.region;
    let others = interface_services(region).map(|name| service(region, name, false, None));
    let offered = model.endpoint_services.iter().filter(|offered| offered.scope.region == *region);
    let offered = offered.filter(|offered| offered.is_for(&caller.scope.account));
    let offered = offered.map(|offered| service(region, offered.service_name(), false, Some(offered.clone())));
    gateway_services(caller).into_iter().chain(others).chain(offered).collect()
}

/// A service as it is shown to those who may have endpoints for it.
fn detail(service: &Service) -> ec2::ServiceDetail {
    match &service.offered {
        Some(offered) => detail_of(service, offered),
        None => amazons(service),
    }
}

fn detail_of(service: &Service, offered: &VpcEndpointService) -> ec2::ServiceDetail {
    let names = || offered.name.iter();
    let private = |name: &OfferedName| ec2::PrivateDnsDetails { private_dns_name: text(&name.name) };
    ec2::ServiceDetail {
        service_id: text(&offered.id),
        owner: text(&offered.scope.account),
        base_endpoint_dns_names: base_names(offered),
        private_dns_name: names().next().map(|name| name.name.clone()),
        private_dns_names: names().map(private).collect::<shapes::List<_>>().unless_empty(),
        private_dns_name_verification_state: names().next().map(|name| verification(name).to_owned()),
        vpc_endpoint_policy_supported: Some(false),
        acceptance_required: Some(offered.offer.acceptance),
        payer_responsibility: offered.owner_pays.then(|| "ServiceOwner".to_owned()),
        tags: tags::shown(&offered.tags),
        supported_ip_address_types: service.address_types().into(),
        ..usual(service)
    }
}

fn amazons(service: &Service) -> ec2::ServiceDetail {
    let name = service_name(&service.region, &service.name);
    let private = private_name(&service.region, &service.name).filter(|_| !service.gateway);
    let private_dns_names = private.iter().map(|name| ec2::PrivateDnsDetails { private_dns_name: text(name) });
    ec2::ServiceDetail {
        service_id: text(format!("vpce-svc-{}", prefix_list_id(&service.place).trim_start_matches("pl-"))),
        private_dns_names: private_dns_names.collect::<shapes::List<_>>().unless_empty(),
        private_dns_name_verification_state: private.as_ref().map(|_| "verified".to_owned()),
        private_dns_name: private,
        owner: text("amazon"),
        base_endpoint_dns_names: std::iter::once(name).collect(),
        vpc_endpoint_policy_supported: Some(true),
        acceptance_required: Some(false),
        tags: Vec::new().into(),
        supported_ip_address_types: service.address_types().into(),
        ..usual(service)
    }
}

/// The members that all services have in common.
fn usual(service: &Service) -> ec2::ServiceDetail {
    let zones = || Region::named(&service.region).into_iter().flat_map(Region::zones).map(|(zone, _)| zone);
    ec2::ServiceDetail {
        service_name: text(&service.name),
        service_type: vec![ec2::ServiceTypeDetail { service_type: text(service.kind()) }].into(),
        service_region: text(&service.region),
        availability_zone_ids: zones().map(|zone| zone_id(&zone)).collect(),
        availability_zones: zones().collect(),
        manages_vpc_endpoints: Some(false),
        ..Default::default()
    }
}

fn describe(
    cx: View,
    input: ec2::DescribeVpcEndpointServicesRequest,
) -> Result<ec2::DescribeVpcEndpointServicesResult> {
    let ec2::DescribeVpcEndpointServicesRequest { service_names, filters, page } = input;
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let mut all = services(cx.model, cx.caller);
    if let Some(unknown) = service_names.iter().find(|asked| !all.iter().any(|service| service.name == **asked)) {
        return Err(Error::NoSuchService { service: unknown.clone() });
    }
    all.retain(|service| service_names.is_empty() || service_names.contains(&service.name));
    all.retain(|service| wanted.pass(cx.model, service, &service.tags()));
    let (services, next_token) = paged(&page, all, |service| &service.place)?;
    let names: BTreeSet<&String> = services.iter().map(|service| &service.name).collect();
    Ok(ec2::DescribeVpcEndpointServicesResult {
        service_names: names.into_iter().cloned().collect(),
        service_details: services.iter().map(detail).collect(),
        next_token,
    })
}

fn describe_prefix_lists(cx: View, input: ec2::DescribePrefixListsRequest) -> Result<ec2::DescribePrefixListsResult> {
    let ec2::DescribePrefixListsRequest { filters, page, prefix_list_ids } = input;
    let wanted = ATTRIBUTES.wanted(&filters)?;
    let mut all = gateway_services(cx.caller);
    let is = |service: &Service, id: &String| prefix_list_id(&service.name) == *id;
    if let Some(unknown) = prefix_list_ids.iter().find(|id| !all.iter().any(|service| is(service, id))) {
        return Err(Error::NotFound { kind: IdKind::PrefixList, id: unknown.clone() });
    }
    all.retain(|service| prefix_list_ids.is_empty() || prefix_list_ids.iter().any(|id| is(service, id)));
    all.retain(|service| wanted.pass(cx.model, service, &Tags::new()));
    let (lists, next_token) = paged(&page, all, |service| &service.name)?;
    let list = |service: Service| ec2::PrefixList {
        cidrs: cx.model.service_addresses(&service.name).map(|block| block.to_string()).collect(),
        prefix_list_id: text(prefix_list_id(&service.name)),
        prefix_list_name: text(&service.name),
    };
    Ok(ec2::DescribePrefixListsResult { next_token, prefix_lists: lists.into_iter().map(list).collect() })
}
