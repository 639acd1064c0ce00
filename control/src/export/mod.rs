//! Exports a cloud as the files that `classiclink import` reads: the API's own answers, as `aws --output json` prints
//! them.

mod accounts;
mod scenario;

pub use scenario::{LEFT_OUT, scenario, scenario_with};
pub(crate) use scenario::{is_default_acl, names};

use crate::api::{Reply, Request};
use model::services::Thing;
use model::{Model, Scope, Time};
use percent_encoding::NON_ALPHANUMERIC;
use serde_json::Value as Json;
use shapes::{Shape, autoscaling, ec2, elasticache, elb, json_of_xml, rds, redshift};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[cfg(test)]
pub(crate) mod tests;

/// Why a cloud cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The API refused one of the requests, which is a bug in this program.
    #[error("{action} of {account} in {region} is not answered: {reply}")]
    Refused {
        /// The action.
        action: &'static str,
        /// The account that asked.
        account: String,
        /// The Region that it asked in.
        region: String,
        /// The reply.
        reply: String,
    },
}

/// A describing action, and the conversion of its reply to JSON.
type Question = (&'static str, fn(&str) -> Option<Json>);

fn json<S: Shape + Default>(xml: &str) -> Option<Json> {
    json_of_xml::<S>(xml).ok()
}

/// The actions that are called in every Region.
const QUESTIONS: &[Question] = &[
    ("DescribeVpcs", json::<ec2::DescribeVpcsResult>),
    ("DescribeSubnets", json::<ec2::DescribeSubnetsResult>),
    ("DescribeRouteTables", json::<ec2::DescribeRouteTablesResult>),
    ("DescribeSecurityGroups", json::<ec2::DescribeSecurityGroupsResult>),
    ("DescribeSecurityGroupRules", json::<ec2::DescribeSecurityGroupRulesResult>),
    ("DescribeSecurityGroupVpcAssociations", json::<ec2::DescribeSecurityGroupVpcAssociationsResult>),
    ("DescribeNetworkAcls", json::<ec2::DescribeNetworkAclsResult>),
    ("DescribeNetworkInterfaces", json::<ec2::DescribeNetworkInterfacesResult>),
    ("DescribeInstances", json::<ec2::DescribeInstancesResult>),
    ("DescribeAddresses", json::<ec2::DescribeAddressesResult>),
    ("DescribeInternetGateways", json::<ec2::DescribeInternetGatewaysResult>),
    ("DescribeEgressOnlyInternetGateways", json::<ec2::DescribeEgressOnlyInternetGatewaysResult>),
    ("DescribeCarrierGateways", json::<ec2::DescribeCarrierGatewaysResult>),
    ("DescribeNatGateways", json::<ec2::DescribeNatGatewaysResult>),
    ("DescribeVpnGateways", json::<ec2::DescribeVpnGatewaysResult>),
    ("DescribeCustomerGateways", json::<ec2::DescribeCustomerGatewaysResult>),
    ("DescribeVpnConnections", json::<ec2::DescribeVpnConnectionsResult>),
    ("DescribeVpcEndpoints", json::<ec2::DescribeVpcEndpointsResult>),
    ("DescribeVpcPeeringConnections", json::<ec2::DescribeVpcPeeringConnectionsResult>),
    ("DescribeDhcpOptions", json::<ec2::DescribeDhcpOptionsResult>),
    ("DescribeTransitGateways", json::<ec2::DescribeTransitGatewaysResult>),
    ("DescribeTransitGatewayRouteTables", json::<ec2::DescribeTransitGatewayRouteTablesResult>),
    ("DescribeTransitGatewayVpcAttachments", json::<ec2::DescribeTransitGatewayVpcAttachmentsResult>),
    ("DescribeTransitGatewayPeeringAttachments", json::<ec2::DescribeTransitGatewayPeeringAttachmentsResult>),
    ("DescribeTransitGatewayAttachments", json::<ec2::DescribeTransitGatewayAttachmentsResult>),
    ("DescribeVpcBlockPublicAccessOptions", json::<ec2::DescribeVpcBlockPublicAccessOptionsResult>),
    ("DescribeVpcBlockPublicAccessExclusions", json::<ec2::DescribeVpcBlockPublicAccessExclusionsResult>),
    ("DescribeInstanceConnectEndpoints", json::<ec2::DescribeInstanceConnectEndpointsResult>),
    ("DescribeVpcEndpointServiceConfigurations", json::<ec2::DescribeVpcEndpointServiceConfigurationsResult>),
    ("DescribeClientVpnEndpoints", json::<ec2::DescribeClientVpnEndpointsResult>),
    ("DescribeTrafficMirrorFilters", json::<ec2::DescribeTrafficMirrorFiltersResult>),
    ("DescribeTrafficMirrorTargets", json::<ec2::DescribeTrafficMirrorTargetsResult>),
    ("DescribeTrafficMirrorSessions", json::<ec2::DescribeTrafficMirrorSessionsResult>),
    ("DescribeNetworkInsightsPaths", json::<ec2::DescribeNetworkInsightsPathsResult>),
    ("DescribeKeyPairs", json::<ec2::DescribeKeyPairsResult>),
    ("DescribeVolumes", json::<ec2::DescribeVolumesResult>),
    ("DescribeSnapshots", json::<ec2::DescribeSnapshotsResult>),
    ("DescribeImages", json::<ec2::DescribeImagesResult>),
    ("DescribeHosts", json::<ec2::DescribeHostsResult>),
    ("DescribeCapacityReservations", json::<ec2::DescribeCapacityReservationsResult>),
    ("DescribePlacementGroups", json::<ec2::DescribePlacementGroupsResult>),
    ("DescribeManagedPrefixLists", json::<ec2::DescribeManagedPrefixListsResult>),
    ("DescribeIpams", json::<ec2::DescribeIpamsResult>),
    ("DescribeIpamScopes", json::<ec2::DescribeIpamScopesResult>),
    ("DescribeIpamPools", json::<ec2::DescribeIpamPoolsResult>),
    ("DescribeFlowLogs", json::<ec2::DescribeFlowLogsResult>),
    ("DescribeLaunchTemplates", json::<ec2::DescribeLaunchTemplatesResult>),
];

/// Further parameters of these actions.
const PARAMETERS: &[(&str, &str)] = &[
    ("DescribeKeyPairs", "&IncludePublicKey=true"),
    ("DescribeSnapshots", "&Owner.1=self"),
    ("DescribeImages", "&Owner.1=self&IncludeDisabled=true"),
];

/// The actions that are called where EC2-Classic exists.
const OF_CLASSIC: &[Question] = &[
    ("DescribeVpcClassicLink", json::<ec2::DescribeVpcClassicLinkResult>),
    ("DescribeVpcClassicLinkDnsSupport", json::<ec2::DescribeVpcClassicLinkDnsSupportResult>),
    ("DescribeClassicLinkInstances", json::<ec2::DescribeClassicLinkInstancesResult>),
];

/// The actions of services with hosts in the network: the service, the file and the action. Empty lists are not
/// written.
const OF_SERVICES: &[(&str, &str, Question)] = &[
    ("rds", "rds-describe-db-subnet-groups", ("DescribeDBSubnetGroups", json::<rds::DBSubnetGroupMessage>)),
    ("rds", "rds-describe-db-security-groups", ("DescribeDBSecurityGroups", json::<rds::DBSecurityGroupMessage>)),
    ("rds", "rds-describe-db-parameter-groups", ("DescribeDBParameterGroups", json::<rds::DBParameterGroupsMessage>)),
    (
        "rds",
        "rds-describe-db-cluster-parameter-groups",
        ("DescribeDBClusterParameterGroups", json::<rds::DBClusterParameterGroupsMessage>),
    ),
    ("rds", "rds-describe-db-clusters", ("DescribeDBClusters", json::<rds::DBClusterMessage>)),
    ("rds", "rds-describe-db-instances", ("DescribeDBInstances", json::<rds::DBInstanceMessage>)),
    (
        "elasticache",
        "elasticache-describe-cache-subnet-groups",
        ("DescribeCacheSubnetGroups", json::<elasticache::CacheSubnetGroupMessage>),
    ),
    (
        "elasticache",
        "elasticache-describe-cache-parameter-groups",
        ("DescribeCacheParameterGroups", json::<elasticache::CacheParameterGroupsMessage>),
    ),
    (
        "elasticache",
        "elasticache-describe-cache-security-groups",
        ("DescribeCacheSecurityGroups", json::<elasticache::CacheSecurityGroupMessage>),
    ),
    (
        "elasticache",
        "elasticache-describe-cache-clusters",
        ("DescribeCacheClusters", json::<elasticache::CacheClusterMessage>),
    ),
    (
        "elasticache",
        "elasticache-describe-replication-groups",
        ("DescribeReplicationGroups", json::<elasticache::ReplicationGroupMessage>),
    ),
    (
        "redshift",
        "redshift-describe-cluster-subnet-groups",
        ("DescribeClusterSubnetGroups", json::<redshift::ClusterSubnetGroupMessage>),
    ),
    (
        "redshift",
        "redshift-describe-cluster-parameter-groups",
        ("DescribeClusterParameterGroups", json::<redshift::ClusterParameterGroupsMessage>),
    ),
    (
        "redshift",
        "redshift-describe-cluster-security-groups",
        ("DescribeClusterSecurityGroups", json::<redshift::ClusterSecurityGroupMessage>),
    ),
    ("redshift", "redshift-describe-clusters", ("DescribeClusters", json::<redshift::ClustersMessage>)),
    (
        "elasticloadbalancing",
        "elb-describe-load-balancers",
        ("DescribeLoadBalancers", json::<elb::DescribeAccessPointsOutput>),
    ),
    (
        "autoscaling",
        "autoscaling-describe-launch-configurations",
        ("DescribeLaunchConfigurations", json::<autoscaling::LaunchConfigurationsType>),
    ),
    (
        "autoscaling",
        "autoscaling-describe-auto-scaling-groups",
        ("DescribeAutoScalingGroups", json::<autoscaling::AutoScalingGroupsType>),
    ),
    ("autoscaling", "autoscaling-describe-policies", ("DescribePolicies", json::<autoscaling::PoliciesType>)),
    (
        "autoscaling",
        "autoscaling-describe-scheduled-actions",
        ("DescribeScheduledActions", json::<autoscaling::ScheduledActionsType>),
    ),
];

/// The attributes of a VPC that its description lacks.
const VPC_ATTRIBUTES: [&str; 2] = ["enableDnsSupport", "enableDnsHostnames"];

/// The files of a cloud, by path: `ACCOUNT/REGION/describe-vpcs.json` and so on.
///
/// # Errors
/// [`ExportError`].
pub fn files(model: &Model, now: Time) -> Result<Vec<(PathBuf, Json)>, ExportError> {
    // The order is that of the ids, because an import makes everything at once.
    let model = &model.without_id_order();
    let mut files = Vec::new();
    let scopes = scopes(model);
    for scope in &scopes {
        let directory = PathBuf::from(&scope.account).join(&scope.region);
        let classic = if model.has_classic(scope) { OF_CLASSIC } else { &[] };
        for question in QUESTIONS.iter().chain(classic) {
            let more = PARAMETERS.iter().find(|(action, _)| *action == question.0).map_or("", |(_, more)| more);
            let answer = ask(model, ("ec2", scope), now, question, more)?;
            files.push((directory.join(format!("{}.json", kebab(question.0))), answer));
        }
        for vpc in model.vpcs.of(scope) {
            for attribute in VPC_ATTRIBUTES {
                let question = ("DescribeVpcAttribute", json::<ec2::DescribeVpcAttributeResult> as fn(&str) -> _);
                let more = format!("&VpcId={}&Attribute={attribute}", vpc.id);
                let answer = ask(model, ("ec2", scope), now, &question, &more)?;
                files.push((directory.join(format!("{}-{attribute}.json", vpc.id)), answer));
            }
        }
        for (service, file, question) in OF_SERVICES {
            let answer = pages(model, (service, scope), now, question, "")?;
            if has_items(&answer) {
                files.push((directory.join(format!("{file}.json")), answer));
            }
        }
        for (file, answer) in parameters(model, scope, now)? {
            files.push((directory.join(file), answer));
        }
        for part in parts(model, scope) {
            let Part { question, parameter, id, file } = part;
            // The routes of a table are only returned for a filter.
            let filter = if file == ROUTES {
                "&Filter.1.Name=type&Filter.1.Value.1=static&Filter.1.Value.2=propagated"
            } else {
                ""
            };
            let more = format!("&{parameter}={id}{filter}");
            let mut answer = ask(model, ("ec2", scope), now, &question, &more)?;
            if let Some(members) = answer.as_object_mut() {
                members.insert(parameter.to_owned(), id.into());
            }
            files.push((directory.join(format!("{id}-{file}.json")), answer));
        }
    }
    // Resources without a Region are asked for in the account's first one.
    let homes: BTreeMap<&String, &Scope> = scopes.iter().rev().map(|scope| (&scope.account, scope)).collect();
    for scope in homes.into_values() {
        files.extend(accounts::files(model, scope, now)?);
    }
    Ok(files)
}

/// The parameters that owners of parameter groups have set. The answers do not name the group, so its name is put beside them.
fn parameters(model: &Model, scope: &Scope, now: Time) -> Result<Vec<(String, Json)>, ExportError> {
    let mut files = Vec::new();
    for group in model.parameter_groups.iter().filter(|group| group.scope == *scope && !group.values.is_empty()) {
        let (service, file, parameter, question): (_, _, _, Question) = match group.thing {
            Thing::DbParameterGroup => (
                "rds",
                "rds-db-parameters",
                "DBParameterGroupName",
                ("DescribeDBParameters", json::<rds::DBParameterGroupDetails>),
            ),
            Thing::DbClusterParameterGroup => (
                "rds",
                "rds-db-cluster-parameters",
                "DBClusterParameterGroupName",
                ("DescribeDBClusterParameters", json::<rds::DBClusterParameterGroupDetails>),
            ),
            Thing::CacheParameterGroup => (
                "elasticache",
                "elasticache-cache-parameters",
                "CacheParameterGroupName",
                ("DescribeCacheParameters", json::<elasticache::CacheParameterGroupDetails>),
            ),
            _ => (
                "redshift",
                "redshift-cluster-parameters",
                "ParameterGroupName",
                ("DescribeClusterParameters", json::<redshift::ClusterParameterGroupDetails>),
            ),
        };
        let of = (service, scope);
        let mut answer = pages(model, of, now, &question, &format!("&{parameter}={}&Source=user", group.name))?;
        if let Some(members) = answer.as_object_mut() {
            members.insert(parameter.to_owned(), group.name.as_str().into());
        }
        files.push((format!("{file}-{}.json", group.name), answer));
    }
    Ok(files)
}

/// Whether a list in an answer has any items.
fn has_items(answer: &Json) -> bool {
    let mut lists = answer.as_object().into_iter().flat_map(|lists| lists.values());
    lists.any(|list| list.as_array().is_some_and(|list| !list.is_empty()))
}

/// The parts of a cloud that the files do not have.
pub fn left_out(model: &Model) -> Vec<String> {
    let mut left_out = counted(&[(model.hosts.len(), "hosts outside the cloud")]);
    left_out.extend(without_format(model));
    left_out
}

/// The parts of a cloud for which there is no file format.
fn without_format(model: &Model) -> Vec<String> {
    let hooks = model.auto_scaling_groups.iter().map(|group| group.hooks.len());
    let of_transit = [model.transit_connects.len(), model.multicast_domains.len(), model.policy_tables.len()];
    let discoveries = model.ipam_discoveries.iter().filter(|discovery| !discovery.is_default);
    let of_zones = [
        model.traffic_policies.len(),
        model.delegation_sets.len(),
        model.cidr_collections.len(),
        model.query_logging_configs.len(),
    ];
    counted(&[
        (model.service_snapshots.len(), "snapshots of databases, caches and warehouses"),
        (model.fleets.len() + model.spot_fleets.len(), "fleets"),
        (model.option_groups.len(), "option groups"),
        (hooks.sum(), "lifecycle hooks of Auto Scaling groups"),
        (of_transit.iter().sum(), "Connect attachments, multicast domains and policy tables of transit gateways"),
        (model.route_servers.len(), "route servers"),
        (discoveries.count(), "resource discoveries of IPAM"),
        (model.interface_permissions.len(), "permissions for network interfaces"),
        (model.endpoint_notifications.len(), "notifications of endpoints"),
        (model.event_windows.len(), "event windows of instances"),
        (of_zones.iter().sum(), "traffic policies, delegation sets, CIDR collections and query logging configurations"),
        (model.parameters.len(), "parameters of Systems Manager"),
        (model.access_keys.len() + model.mfa_devices.len(), "access keys and MFA devices"),
        (
            model.identity_providers.len() + model.server_certificates.len(),
            "identity providers and server certificates",
        ),
    ])
}

/// The kinds of which there are any, with their numbers.
fn counted(kinds: &[(usize, &str)]) -> Vec<String> {
    kinds.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect()
}

/// A reply about one resource that does not name it. Its id is written beside it.
struct Part<'m> {
    question: Question,
    parameter: &'static str,
    id: &'m str,
    file: &'static str,
}

/// The suffix of files of a table's routes.
const ROUTES: &str = "routes";
/// The suffix of files of a Client VPN endpoint's routes.
const CLIENT_VPN_ROUTES: &str = "client-routes";

fn parts<'m>(model: &'m Model, scope: &'m Scope) -> Vec<Part<'m>> {
    let mut parts = Vec::new();
    for table in model.transit_route_tables.of(scope) {
        let (parameter, id) = ("TransitGatewayRouteTableId", table.id.as_str());
        let routes: Question = ("SearchTransitGatewayRoutes", json::<ec2::SearchTransitGatewayRoutesResult>);
        parts.push(Part { question: routes, parameter, id, file: ROUTES });
        let action = "GetTransitGatewayRouteTablePropagations";
        let propagations: Question = (action, json::<ec2::GetTransitGatewayRouteTablePropagationsResult>);
        parts.push(Part { question: propagations, parameter, id, file: "propagations" });
    }
    for subnet in
        model.subnets.of(scope).filter(|subnet| model.subnet_cidr_reservations.by(&subnet.id).next().is_some())
    {
        let question: Question = ("GetSubnetCidrReservations", json::<ec2::GetSubnetCidrReservationsResult>);
        parts.push(Part { question, parameter: "SubnetId", id: &subnet.id, file: "reservations" });
    }
    for list in model.prefix_lists.of(scope) {
        let question: Question = ("GetManagedPrefixListEntries", json::<ec2::GetManagedPrefixListEntriesResult>);
        parts.push(Part { question, parameter: "PrefixListId", id: &list.id, file: "entries" });
    }
    for pool in model.ipam_pools.of(scope) {
        let cidrs: Question = ("GetIpamPoolCidrs", json::<ec2::GetIpamPoolCidrsResult>);
        parts.push(Part { question: cidrs, parameter: "IpamPoolId", id: &pool.id, file: "cidrs" });
        let allocations: Question = ("GetIpamPoolAllocations", json::<ec2::GetIpamPoolAllocationsResult>);
        parts.push(Part { question: allocations, parameter: "IpamPoolId", id: &pool.id, file: "allocations" });
    }
    for endpoint in model.client_vpn_endpoints.of(scope) {
        let networks: Question =
            ("DescribeClientVpnTargetNetworks", json::<ec2::DescribeClientVpnTargetNetworksResult>);
        let routes: Question = ("DescribeClientVpnRoutes", json::<ec2::DescribeClientVpnRoutesResult>);
        let action = "DescribeClientVpnAuthorizationRules";
        let rules: Question = (action, json::<ec2::DescribeClientVpnAuthorizationRulesResult>);
        for (question, file) in [(networks, "networks"), (routes, CLIENT_VPN_ROUTES), (rules, "rules")] {
            parts.push(Part { question, parameter: "ClientVpnEndpointId", id: &endpoint.id, file });
        }
    }
    for service in model.endpoint_services.of(scope).filter(|service| !service.principals.is_empty()) {
        let action = "DescribeVpcEndpointServicePermissions";
        let question: Question = (action, json::<ec2::DescribeVpcEndpointServicePermissionsResult>);
        parts.push(Part { question, parameter: "ServiceId", id: &service.id, file: "permissions" });
    }
    for template in model.launch_templates.of(scope) {
        let action = "DescribeLaunchTemplateVersions";
        let question: Question = (action, json::<ec2::DescribeLaunchTemplateVersionsResult>);
        parts.push(Part { question, parameter: "LaunchTemplateId", id: &template.id, file: "versions" });
    }
    parts
}

/// Every account and Region with a visit.
fn scopes(model: &Model) -> Vec<Scope> {
    let scope = |id: &str| {
        let (account, region) = id.split_once('/')?;
        Some(Scope { account: account.to_owned(), region: region.to_owned() })
    };
    model.visits.iter().filter_map(|visit| scope(&visit.id)).collect()
}

/// The reply of a service with pages, asked with further parameters.
fn pages(
    model: &Model,
    of: (&str, &Scope),
    now: Time,
    question: &Question,
    parameters: &str,
) -> Result<Json, ExportError> {
    let mut all = serde_json::Map::new();
    let mut more = parameters.to_owned();
    loop {
        let page = ask(model, of, now, question, &more)?;
        for (name, value) in page.as_object().into_iter().flatten() {
            if let Json::Array(items) = value {
                let known = all.entry(name.clone()).or_insert_with(|| Json::Array(Vec::new()));
                known.as_array_mut().into_iter().for_each(|known| known.extend(items.iter().cloned()));
            }
        }
        let marker = |name: &'static str| page[name].as_str().map(|marker| (name, marker));
        match ["Marker", "NextMarker", "NextToken"].into_iter().find_map(marker) {
            Some((name, marker)) => {
                let parameter = if name == "NextToken" { name } else { "Marker" };
                let marker = percent_encoding::utf8_percent_encode(marker, NON_ALPHANUMERIC);
                more = format!("{parameters}&{parameter}={marker}");
            }
            None => return Ok(Json::Object(all)),
        }
    }
}

fn ask(
    model: &Model,
    (service, scope): (&str, &Scope),
    now: Time,
    question: &Question,
    more: &str,
) -> Result<Json, ExportError> {
    let form = format!("Action={}{more}", question.0);
    answer(model, scope, question, Request::of_process_for(service, scope, &form, now))
}

/// Asks a service whose actions have paths, with a query.
fn ask_at(
    model: &Model,
    (service, scope): (&str, &Scope),
    now: Time,
    question: &Question,
    url: (&str, &str),
) -> Result<Json, ExportError> {
    answer(model, scope, question, Request::of_process_at(service, scope, url, now))
}

fn answer(
    model: &Model,
    scope: &Scope,
    question: &Question,
    request: Result<Request, Reply>,
) -> Result<Json, ExportError> {
    let (action, json) = *question;
    let Scope { account, region } = scope;
    let reply = request.and_then(|request| request.read(model)).unwrap_or_else(|refusal| refusal);
    let answer = (reply.status == 200).then(|| json(&members(action, &reply.body))).flatten();
    let refused =
        || ExportError::Refused { action, account: account.clone(), region: region.clone(), reply: reply.body };
    answer.ok_or_else(refused)
}

/// A reply whose members are in it directly, rather than in a result.
fn members<'x>(action: &str, xml: &'x str) -> Cow<'x, str> {
    let inner = xml.split_once(&format!("<{action}Result>"));
    match inner.and_then(|(_, rest)| rest.rsplit_once(&format!("</{action}Result>"))) {
        Some((members, _)) => format!("<Response>{members}</Response>").into(),
        None => xml.into(),
    }
}

/// `DescribeVpcs` → `describe-vpcs`.
fn kebab(action: &str) -> String {
    let mut name = String::new();
    for letter in action.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('-');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}
