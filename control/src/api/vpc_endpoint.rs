//! Gateway endpoints, their services and prefix lists on the wire.

use super::describe::{Filters, Listing, Page, Values};
use super::params::Params;
use super::xml::Node;
use super::{Actions, Handler};
use crate::model::{
    Caller, Error, IdKind, Model, Region, Result, Tags, VpcEndpoint, endpoint_services, prefix_list_id,
};

pub const ACTIONS: Actions = &[
    ("CreateVpcEndpoint", Handler::Write(create)),
    ("DescribeVpcEndpoints", Handler::Read(describe)),
    ("ModifyVpcEndpoint", Handler::Write(modify)),
    ("DeleteVpcEndpoints", Handler::Write(delete)),
    ("DescribeVpcEndpointServices", Handler::Read(describe_services)),
    ("DescribePrefixLists", Handler::Read(describe_prefix_lists)),
];

static LISTING: Listing<VpcEndpoint> = Listing {
    ids: "VpcEndpointId",
    set: "vpcEndpointSet",
    filters: &[
        ("vpc-endpoint-id", |_, endpoint| vec![endpoint.id.clone()]),
        ("vpc-id", |_, endpoint| vec![endpoint.vpc.clone()]),
        ("service-name", |_, endpoint| vec![endpoint.service.clone()]),
        ("vpc-endpoint-state", |_, _| vec!["available".into()]),
        ("vpc-endpoint-type", |_, _| vec!["Gateway".into()]),
    ],
    item,
};

fn item(model: &Model, endpoint: &VpcEndpoint) -> Node {
    Node::new()
        .text("vpcEndpointId", &endpoint.id)
        .text("vpcEndpointType", "Gateway")
        .text("vpcId", &endpoint.vpc)
        .text("serviceName", &endpoint.service)
        .text("state", "available")
        .text("policyDocument", &endpoint.policy)
        .texts("routeTableIdSet", model.tables_of_endpoint(&endpoint.id).map(|table| &table.id))
        .set("subnetIdSet", [])
        .set("groupSet", [])
        .text("privateDnsEnabled", false)
        .text("requesterManaged", false)
        .set("networkInterfaceIdSet", [])
        .set("dnsEntrySet", [])
        .text("creationTimestamp", endpoint.created)
        .text("ownerId", &endpoint.scope.account)
        .tags(&endpoint.tags)
}

fn create(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let vpc = params.id("VpcId", IdKind::Vpc)?;
    let service = params.required("ServiceName")?;
    if !matches!(params.text("VpcEndpointType").as_deref(), None | Some("Gateway")) {
        return Err(Error::Unsupported { what: "Only gateway endpoints are supported.".into() });
    }
    let tables = params.ids("RouteTableId", IdKind::RouteTable)?;
    let policy = params.text("PolicyDocument");
    let tags = params.tags("vpc-endpoint")?;
    let token = params.text("ClientToken");
    params.ignore(&["IpAddressType", "PrivateDnsEnabled"]);
    params.finish()?;
    let id = model.create_vpc_endpoint(caller, &vpc, &service, &tables, policy, tags)?;
    let endpoint = model.vpc_endpoints.find(&caller.scope, &id)?;
    Ok(Node::new().node("vpcEndpoint", item(model, endpoint)).opt("clientToken", token))
}

fn describe(model: &Model, caller: &Caller, params: Params) -> Result<Node> {
    let all: Vec<&VpcEndpoint> = model.vpc_endpoints.of(&caller.scope).collect();
    LISTING.answer(model, params, &all)
}

fn modify(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let id = params.id("VpcEndpointId", IdKind::VpcEndpoint)?;
    let add = params.ids("AddRouteTableId", IdKind::RouteTable)?;
    let remove = params.ids("RemoveRouteTableId", IdKind::RouteTable)?;
    let policy = match params.flag("ResetPolicy")? {
        Some(true) => Some(VpcEndpoint::OPEN.to_owned()),
        _ => params.text("PolicyDocument"),
    };
    params.finish()?;
    model.modify_vpc_endpoint(caller, &id, &add, &remove, policy)?;
    Ok(Node::done())
}

/// What cannot be deleted is told, the rest goes.
fn delete(model: &mut Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let ids = params.ids("VpcEndpointId", IdKind::VpcEndpoint)?;
    if ids.is_empty() {
        return Err(params.missing("VpcEndpointId"));
    }
    params.finish()?;
    let mut failed = Vec::new();
    for id in &ids {
        if let Err(error) = model.delete_vpc_endpoint(caller, id) {
            let error = Node::new().text("code", error.code()).text("message", error.to_string());
            failed.push(Node::new().text("resourceId", id).node("error", error));
        }
    }
    Ok(Node::new().set("unsuccessful", failed))
}

/// A service of a Region, as filters see it.
struct Service {
    name: String,
    region: String,
}

static SERVICE_FILTERS: &[(&str, Values<Service>)] = &[
    ("service-name", |_, service| vec![service.name.clone()]),
    ("service-type", |_, _| vec!["Gateway".into()]),
    ("service-region", |_, service| vec![service.region.clone()]),
    ("owner", |_, _| vec!["amazon".into()]),
    ("prefix-list-id", |_, service| vec![prefix_list_id(&service.name)]),
    ("prefix-list-name", |_, service| vec![service.name.clone()]),
];

fn services(caller: &Caller) -> Vec<Service> {
    let region = &caller.scope.region;
    let mut all: Vec<Service> =
        endpoint_services(region).map(|name| Service { name, region: region.clone() }).collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    all
}

fn describe_services(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let asked = params.list("ServiceName")?;
    let filters = Filters::take(&mut params, SERVICE_FILTERS)?;
    let page = Page::take(&mut params)?;
    params.ignore(&["ServiceRegion"]);
    params.finish()?;
    let mut all = services(caller);
    if let Some(unknown) = asked.iter().find(|asked| !all.iter().any(|service| service.name == **asked)) {
        return Err(Error::NoSuchService { service: unknown.clone() });
    }
    all.retain(|service| {
        (asked.is_empty() || asked.contains(&service.name)) && filters.pass(model, service, &Tags::new())
    });
    let names: Vec<String> = all.iter().map(|service| service.name.clone()).collect();
    let details = page.cut(all, |service| &service.name).render("serviceDetailSet", service_detail);
    Ok(details.texts("serviceNameSet", names))
}

fn service_detail(service: Service) -> Node {
    let short = service.name.rsplit('.').next().unwrap_or_default();
    let zones = Region::named(&service.region).into_iter().flat_map(Region::zones).map(|(zone, _)| zone);
    Node::new()
        .text("serviceName", &service.name)
        .set("serviceType", [Node::new().text("serviceType", "Gateway")])
        .text("serviceRegion", &service.region)
        .texts("availabilityZoneSet", zones)
        .text("owner", "amazon")
        .texts("baseEndpointDnsNameSet", [format!("{short}.{}.amazonaws.com", service.region)])
        .text("vpcEndpointPolicySupported", true)
        .text("acceptanceRequired", false)
        .text("managesVpcEndpoints", false)
        .set("tagSet", [])
}

fn describe_prefix_lists(model: &Model, caller: &Caller, mut params: Params) -> Result<Node> {
    let asked = params.ids("PrefixListId", IdKind::PrefixList)?;
    let filters = Filters::take(&mut params, SERVICE_FILTERS)?;
    let page = Page::take(&mut params)?;
    params.finish()?;
    let all = services(caller);
    let is = |service: &Service, id: &String| prefix_list_id(&service.name) == *id;
    if let Some(unknown) = asked.iter().find(|id| !all.iter().any(|service| is(service, id))) {
        return Err(Error::NotFound { kind: IdKind::PrefixList, id: unknown.clone() });
    }
    let wanted = |service: &Service| asked.is_empty() || asked.iter().any(|id| is(service, id));
    let rows = all.into_iter().filter(|service| wanted(service) && filters.pass(model, service, &Tags::new()));
    Ok(page.cut(rows.collect(), |service: &Service| &service.name).render("prefixListSet", |service| {
        Node::new()
            .text("prefixListId", prefix_list_id(&service.name))
            .text("prefixListName", &service.name)
            .texts("cidrSet", model.service_addresses(&service.name))
    }))
}
