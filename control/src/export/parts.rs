//! Replies about one resource each. Not all of them name it, so its id is written beside them.

use super::questions::{Question, json};
use super::{ExportError, ask, put_beside};
use model::{Model, Resource, Scope, Time};
use serde_json::Value as Json;
use shapes::ec2;

/// What is asked about each resource of a kind.
struct Part {
    /// The parameter that has the resource's id.
    parameter: &'static str,
    ids: fn(&Model, &Scope) -> Vec<String>,
    questions: &'static [PartQuestion],
}

/// An action, the suffix of its file, and further parameters.
type PartQuestion = (Question, &'static str, &'static str);

/// The routes of a table are only returned for a filter.
const ALL_ROUTES: &str = "&Filter.1.Name=type&Filter.1.Value.1=static&Filter.1.Value.2=propagated";

/// An attribute of a VPC. One request asks for one attribute.
const VPC_ATTRIBUTE: Question = ("DescribeVpcAttribute", json::<ec2::DescribeVpcAttributeResult>);

const PARTS: &[Part] = &[
    Part {
        parameter: "VpcId",
        ids: |model, scope| ids(model.vpcs.of(scope)),
        questions: &[
            (VPC_ATTRIBUTE, "enableDnsSupport", "&Attribute=enableDnsSupport"),
            (VPC_ATTRIBUTE, "enableDnsHostnames", "&Attribute=enableDnsHostnames"),
        ],
    },
    Part {
        parameter: "VpcId",
        ids: |model, scope| ids(model.vpcs.of(scope).filter(|vpc| vpc.usage_metrics)),
        questions: &[(
            VPC_ATTRIBUTE,
            "enableNetworkAddressUsageMetrics",
            "&Attribute=enableNetworkAddressUsageMetrics",
        )],
    },
    Part {
        parameter: "AllocationId.1",
        ids: |model, scope| ids(model.elastic_addresses.of(scope).filter(|address| address.name.is_some())),
        questions: &[(
            ("DescribeAddressesAttribute", json::<ec2::DescribeAddressesAttributeResult>),
            "domain-name",
            "&Attribute=domain-name",
        )],
    },
    Part {
        parameter: "ImageId",
        ids: |model, scope| ids(model.images.of(scope).filter(|image| image.is_shared())),
        questions: &[(
            ("DescribeImageAttribute", json::<ec2::ImageAttribute>),
            "launchPermission",
            "&Attribute=launchPermission",
        )],
    },
    Part {
        parameter: "SnapshotId",
        ids: |model, scope| ids(model.snapshots.of(scope).filter(|snapshot| !snapshot.shared_with.is_empty())),
        questions: &[(
            ("DescribeSnapshotAttribute", json::<ec2::DescribeSnapshotAttributeResult>),
            "createVolumePermission",
            "&Attribute=createVolumePermission",
        )],
    },
    Part {
        parameter: "TransitGatewayRouteTableId",
        ids: |model, scope| ids(model.transit_route_tables.of(scope)),
        questions: &[
            (("SearchTransitGatewayRoutes", json::<ec2::SearchTransitGatewayRoutesResult>), "routes", ALL_ROUTES),
            (
                ("GetTransitGatewayRouteTablePropagations", json::<ec2::GetTransitGatewayRouteTablePropagationsResult>),
                "propagations",
                "",
            ),
        ],
    },
    Part {
        parameter: "TransitGatewayMulticastDomainId",
        ids: |model, scope| ids(model.multicast_domains.of(scope)),
        questions: &[
            (
                (
                    "GetTransitGatewayMulticastDomainAssociations",
                    json::<ec2::GetTransitGatewayMulticastDomainAssociationsResult>,
                ),
                "associations",
                "",
            ),
            (
                ("SearchTransitGatewayMulticastGroups", json::<ec2::SearchTransitGatewayMulticastGroupsResult>),
                "groups",
                "",
            ),
        ],
    },
    Part {
        parameter: "TransitGatewayPolicyTableId",
        ids: |model, scope| ids(model.policy_tables.of(scope)),
        questions: &[
            (
                (
                    "GetTransitGatewayPolicyTableAssociations",
                    json::<ec2::GetTransitGatewayPolicyTableAssociationsResult>,
                ),
                "associations",
                "",
            ),
            (
                ("GetTransitGatewayPolicyTableEntries", json::<ec2::GetTransitGatewayPolicyTableEntriesResult>),
                "entries",
                "",
            ),
        ],
    },
    Part {
        parameter: "RouteServerId",
        ids: |model, scope| ids(model.route_servers.of(scope)),
        questions: &[
            (("GetRouteServerAssociations", json::<ec2::GetRouteServerAssociationsResult>), "associations", ""),
            (("GetRouteServerPropagations", json::<ec2::GetRouteServerPropagationsResult>), "propagations", ""),
        ],
    },
    Part {
        parameter: "SubnetId",
        ids: |model, scope| {
            let has = |id: &String| model.subnet_cidr_reservations.by(id).next().is_some();
            ids(model.subnets.of(scope)).into_iter().filter(has).collect()
        },
        questions: &[(("GetSubnetCidrReservations", json::<ec2::GetSubnetCidrReservationsResult>), "reservations", "")],
    },
    Part {
        parameter: "PrefixListId",
        ids: |model, scope| ids(model.prefix_lists.of(scope)),
        questions: &[(("GetManagedPrefixListEntries", json::<ec2::GetManagedPrefixListEntriesResult>), "entries", "")],
    },
    Part {
        parameter: "IpamPoolId",
        ids: |model, scope| ids(model.ipam_pools.of(scope)),
        questions: &[
            (("GetIpamPoolCidrs", json::<ec2::GetIpamPoolCidrsResult>), "cidrs", ""),
            (("GetIpamPoolAllocations", json::<ec2::GetIpamPoolAllocationsResult>), "allocations", ""),
        ],
    },
    Part {
        parameter: "ClientVpnEndpointId",
        ids: |model, scope| ids(model.client_vpn_endpoints.of(scope)),
        questions: &[
            (("DescribeClientVpnTargetNetworks", json::<ec2::DescribeClientVpnTargetNetworksResult>), "networks", ""),
            (("DescribeClientVpnRoutes", json::<ec2::DescribeClientVpnRoutesResult>), "client-routes", ""),
            (
                ("DescribeClientVpnAuthorizationRules", json::<ec2::DescribeClientVpnAuthorizationRulesResult>),
                "rules",
                "",
            ),
        ],
    },
    Part {
        parameter: "ServiceId",
        ids: |model, scope| ids(model.endpoint_services.of(scope).filter(|service| !service.principals.is_empty())),
        questions: &[(
            ("DescribeVpcEndpointServicePermissions", json::<ec2::DescribeVpcEndpointServicePermissionsResult>),
            "permissions",
            "",
        )],
    },
    Part {
        parameter: "LaunchTemplateId",
        ids: |model, scope| ids(model.launch_templates.of(scope)),
        questions: &[(
            ("DescribeLaunchTemplateVersions", json::<ec2::DescribeLaunchTemplateVersionsResult>),
            "versions",
            "",
        )],
    },
];

fn ids<'m, R: Resource + 'm>(rows: impl Iterator<Item = &'m R>) -> Vec<String> {
    rows.map(|row| row.id().to_owned()).collect()
}

/// The files about single resources of a scope: `tgw-rtb-…-routes.json`.
pub(super) fn files(model: &Model, scope: &Scope, now: Time) -> Result<Vec<(String, Json)>, ExportError> {
    let mut files = Vec::new();
    for Part { parameter, ids, questions } in PARTS {
        for id in ids(model, scope) {
            for (question, file, more) in *questions {
                let mut answer = ask(model, ("ec2", scope), now, question, &format!("&{parameter}={id}{more}"))?;
                put_beside(&mut answer, parameter, &id);
                files.push((format!("{id}-{file}.json"), answer));
            }
        }
    }
    Ok(files)
}
