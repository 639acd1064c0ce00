//! Resources that one call of their API creates from their description. Each keeps its id and its tags, and the call is made at
//! the time at which the resource was created.

use super::Importer;
use super::form::{Form, flatten, tags, text};
use model::{IdKind, Kind, Scope, Time};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// How a resource is created from its description.
pub struct Creation {
    /// The list that describes it.
    pub list: &'static str,
    action: &'static str,
    /// The kind of its id, and the member that has it. What has no id belongs to an earlier resource.
    id: Option<(IdKind, &'static str)>,
    /// Members that become parameters: their pointers and the parameters' names.
    parameters: &'static [(&'static str, &'static str)],
    /// The member that has to be true or have members itself, if one has to.
    only_if: Option<&'static str>,
}

/// A resource of EC2 with an id.
const fn resource(
    list: &'static str,
    id: (IdKind, &'static str),
    action: &'static str,
    parameters: &'static [(&'static str, &'static str)],
) -> Creation {
    Creation { list, action, id: Some(id), parameters, only_if: None }
}

/// A part of a resource of EC2.
const fn part(
    list: &'static str,
    action: &'static str,
    parameters: &'static [(&'static str, &'static str)],
) -> Creation {
    Creation { list, action, id: None, parameters, only_if: None }
}

/// The attachments of transit gateways. Route tables refer to them.
pub const ATTACHMENTS: &[Creation] = &[resource(
    "TransitGatewayConnects",
    (IdKind::TransitGatewayAttachment, "/TransitGatewayAttachmentId"),
    "CreateTransitGatewayConnect",
    &[("/TransportTransitGatewayAttachmentId", "TransportTransitGatewayAttachmentId"), ("/Options", "Options")],
)];

/// Route servers and what they are associated with. Their endpoints refer to them.
pub const ROUTE_SERVERS: &[Creation] = &[
    resource(
        "RouteServers",
        (IdKind::RouteServer, "/RouteServerId"),
        "CreateRouteServer",
        &[
            ("/AmazonSideAsn", "AmazonSideAsn"),
            ("/PersistRoutesState", "PersistRoutes"),
            ("/PersistRoutesDuration", "PersistRoutesDuration"),
            ("/SnsNotificationsEnabled", "SnsNotificationsEnabled"),
        ],
    ),
    part(
        "RouteServerAssociations",
        "AssociateRouteServer",
        &[("/RouteServerId", "RouteServerId"), ("/VpcId", "VpcId")],
    ),
    part(
        "RouteServerPropagations",
        "EnableRouteServerPropagation",
        &[("/RouteServerId", "RouteServerId"), ("/RouteTableId", "RouteTableId")],
    ),
];

/// What refers to the rest of a network, in an order in which each refers only to earlier ones.
pub const OTHERS: &[Creation] = &[
    resource(
        "TransitGatewayConnectPeers",
        (IdKind::TransitGatewayConnectPeer, "/TransitGatewayConnectPeerId"),
        "CreateTransitGatewayConnectPeer",
        &[
            ("/TransitGatewayAttachmentId", "TransitGatewayAttachmentId"),
            ("/ConnectPeerConfiguration/TransitGatewayAddress", "TransitGatewayAddress"),
            ("/ConnectPeerConfiguration/PeerAddress", "PeerAddress"),
            ("/ConnectPeerConfiguration/InsideCidrBlocks", "InsideCidrBlocks"),
            ("/ConnectPeerConfiguration/BgpConfigurations/0/PeerAsn", "BgpOptions.PeerAsn"),
        ],
    ),
    resource(
        "TransitGatewayMulticastDomains",
        (IdKind::TransitGatewayMulticastDomain, DOMAIN),
        "CreateTransitGatewayMulticastDomain",
        &[("/TransitGatewayId", "TransitGatewayId"), ("/Options", "Options")],
    ),
    part(
        "MulticastDomainAssociations",
        "AssociateTransitGatewayMulticastDomain",
        &[
            (DOMAIN, "TransitGatewayMulticastDomainId"),
            ("/TransitGatewayAttachmentId", "TransitGatewayAttachmentId"),
            ("/Subnet/SubnetId", "SubnetIds.1"),
        ],
    ),
    Creation {
        only_if: Some("/GroupMember"),
        ..part("MulticastGroups", "RegisterTransitGatewayMulticastGroupMembers", OF_GROUP)
    },
    Creation {
        only_if: Some("/GroupSource"),
        ..part("MulticastGroups", "RegisterTransitGatewayMulticastGroupSources", OF_GROUP)
    },
    resource(
        "TransitGatewayPolicyTables",
        (IdKind::TransitGatewayPolicyTable, POLICY_TABLE),
        "CreateTransitGatewayPolicyTable",
        &[("/TransitGatewayId", "TransitGatewayId")],
    ),
    part(
        POLICY_ASSOCIATIONS,
        "AssociateTransitGatewayPolicyTable",
        &[(POLICY_TABLE, "TransitGatewayPolicyTableId"), ("/TransitGatewayAttachmentId", "TransitGatewayAttachmentId")],
    ),
    part(
        "TransitGatewayPolicyTableEntries",
        "CreateTransitGatewayPolicyTableEntry",
        &[
            (POLICY_TABLE, "TransitGatewayPolicyTableId"),
            ("/PolicyRuleNumber", "PolicyRuleNumber"),
            ("/PolicyRule", "PolicyRule"),
            ("/TargetRouteTableId", "TargetRouteTableId"),
        ],
    ),
    resource(
        "RouteServerPeers",
        (IdKind::RouteServerPeer, "/RouteServerPeerId"),
        "CreateRouteServerPeer",
        &[
            ("/RouteServerEndpointId", "RouteServerEndpointId"),
            ("/PeerAddress", "PeerAddress"),
            ("/BgpOptions", "BgpOptions"),
        ],
    ),
    resource(
        "IpamResourceDiscoveries",
        (IdKind::IpamResourceDiscovery, "/IpamResourceDiscoveryId"),
        "CreateIpamResourceDiscovery",
        &[("/Description", "Description"), ("/OperatingRegions", "OperatingRegion")],
    ),
    resource(
        "IpamResourceDiscoveryAssociations",
        (IdKind::IpamResourceDiscoveryAssociation, "/IpamResourceDiscoveryAssociationId"),
        "AssociateIpamResourceDiscovery",
        &[("/IpamId", "IpamId"), ("/IpamResourceDiscoveryId", "IpamResourceDiscoveryId")],
    ),
    resource(
        "NetworkInterfacePermissions",
        (IdKind::NetworkInterfacePermission, "/NetworkInterfacePermissionId"),
        "CreateNetworkInterfacePermission",
        &[
            ("/NetworkInterfaceId", "NetworkInterfaceId"),
            ("/AwsAccountId", "AwsAccountId"),
            ("/AwsService", "AwsService"),
            ("/Permission", "Permission"),
        ],
    ),
    resource(
        "ConnectionNotificationSet",
        (IdKind::ConnectionNotification, "/ConnectionNotificationId"),
        "CreateVpcEndpointConnectionNotification",
        &[
            ("/ServiceId", "ServiceId"),
            ("/VpcEndpointId", "VpcEndpointId"),
            ("/ConnectionNotificationArn", "ConnectionNotificationArn"),
            ("/ConnectionEvents", "ConnectionEvents"),
        ],
    ),
    resource(
        EVENT_WINDOWS,
        (IdKind::InstanceEventWindow, "/InstanceEventWindowId"),
        "CreateInstanceEventWindow",
        &[("/Name", "Name"), ("/TimeRanges", "TimeRange"), ("/CronExpression", "CronExpression")],
    ),
    Creation {
        only_if: Some("/AssociationTarget"),
        ..part(
            EVENT_WINDOWS,
            "AssociateInstanceEventWindow",
            &[
                ("/InstanceEventWindowId", "InstanceEventWindowId"),
                ("/AssociationTarget/InstanceIds", "AssociationTarget.InstanceId"),
                ("/AssociationTarget/Tags", "AssociationTarget.InstanceTag"),
                ("/AssociationTarget/DedicatedHostIds", "AssociationTarget.DedicatedHostId"),
            ],
        )
    },
    part(
        "LaunchPermissions",
        "ModifyImageAttribute",
        &[
            ("/ImageId", "ImageId"),
            ("/UserId", "LaunchPermission.Add.1.UserId"),
            ("/Group", "LaunchPermission.Add.1.Group"),
            ("/OrganizationArn", "LaunchPermission.Add.1.OrganizationArn"),
            ("/OrganizationalUnitArn", "LaunchPermission.Add.1.OrganizationalUnitArn"),
        ],
    ),
    part(
        "CreateVolumePermissions",
        "ModifySnapshotAttribute",
        &[
            ("/SnapshotId", "SnapshotId"),
            ("/UserId", "CreateVolumePermission.Add.1.UserId"),
            ("/Group", "CreateVolumePermission.Add.1.Group"),
        ],
    ),
    part(ADDRESS_NAMES, "ModifyAddressAttribute", &[("/AllocationId", "AllocationId"), ("/PtrRecord", "DomainName")]),
    part(
        "FastSnapshotRestores",
        "EnableFastSnapshotRestores",
        &[("/SnapshotId", "SourceSnapshotId.1"), ("/AvailabilityZone", "AvailabilityZone.1")],
    ),
];

const DOMAIN: &str = "/TransitGatewayMulticastDomainId";
const POLICY_TABLE: &str = "/TransitGatewayPolicyTableId";
/// The list of a policy table's associations. Those of route tables have the same name.
pub const POLICY_ASSOCIATIONS: &str = "Associations";
/// The names of Elastic IP addresses. The list has the same name as that of addresses.
pub const ADDRESS_NAMES: &str = "AddressNames";
const EVENT_WINDOWS: &str = "InstanceEventWindows";

/// The members of a multicast group's member or source.
const OF_GROUP: &[(&str, &str)] = &[
    (DOMAIN, "TransitGatewayMulticastDomainId"),
    ("/GroupIpAddress", "GroupIpAddress"),
    ("/NetworkInterfaceId", "NetworkInterfaceIds.1"),
];

/// The places of states.
const STATES: [&str; 4] = ["/State", "/Subnet/State", "/PermissionState/State", "/ConnectionNotificationState"];
/// How the states begin in which something is not there, or not yet.
const GONE: [&str; 8] =
    ["create-failed", "delet", "disabl", "disassociat", "fail", "pendingAcceptance", "reject", "revok"];
/// The places of creation times.
const CREATED: [&str; 2] = ["/CreationTime", "/EnablingTime"];
/// Words that descriptions have in another form than actions.
const WORDS: [(&str, &str, &str); 2] =
    [("PersistRoutes", "enabled", "enable"), ("PersistRoutes", "disabled", "disable")];

/// All creations.
pub fn all() -> impl Iterator<Item = &'static Creation> {
    ATTACHMENTS.iter().chain(ROUTE_SERVERS).chain(OTHERS)
}

/// The id of what a list describes, if this module creates it.
pub fn id_in(list: &str, item: &Json) -> Option<String> {
    all().filter(|creation| creation.list == list).find_map(|creation| text(item, creation.id?.1))
}

impl Creation {
    /// Whether it creates something of an item.
    fn concerns(&self, item: &Json) -> bool {
        // The platform makes what is there by default.
        let is_default = item.get("IsDefault") == Some(&Json::Bool(true));
        let is_empty_list = |value: &Json| value.as_array().is_some_and(Vec::is_empty);
        let has_no_items = |value: &Json| value.as_object().is_some_and(|lists| lists.values().all(is_empty_list));
        let is_empty = |value: &Json| has_no_items(value) || *value == Json::Bool(false);
        let is_there = |pointer| item.pointer(pointer).is_some_and(|value| !is_empty(value));
        !is_default && self.only_if.is_none_or(is_there)
    }

    /// The parameters of the call.
    fn form(&self, item: &Json) -> Form {
        let told = self.parameters.iter().filter_map(|(from, to)| Some((*to, item.pointer(from)?)));
        let mut form: Form = told.flat_map(|(to, value)| flatten(to, value)).collect();
        for (name, value) in &mut form {
            if let Some((.., word)) = WORDS.iter().find(|(of, said, _)| of == name && said == value) {
                (*word).clone_into(value);
            }
        }
        form
    }

    /// What names an item: its id, or those of what it belongs to.
    fn name(&self, item: &Json) -> String {
        let id = self.id.and_then(|(_, pointer)| text(item, pointer));
        let ids = self.parameters.iter().filter_map(|(pointer, _)| text(item, pointer)).take(3);
        let name = id.unwrap_or_else(|| ids.collect::<Vec<_>>().join(" "));
        if name.is_empty() { format!("one of {}", self.list) } else { name }
    }
}

impl Importer<'_> {
    /// Creates what is described.
    pub(super) fn create(&mut self, creations: &[Creation], items: &[(Scope, &'static str, Json)]) {
        for creation in creations {
            let mut seen = BTreeSet::new();
            // Several files may describe the same.
            let own = items.iter().filter(|(scope, list, item)| {
                *list == creation.list && creation.concerns(item) && seen.insert((scope.clone(), item.to_string()))
            });
            for (scope, _, item) in own {
                if let Err(why) = self.create_one(creation, scope, item) {
                    self.leave_out(format!("{}: {}: {why}", creation.name(item), creation.action));
                }
            }
        }
    }

    fn create_one(&mut self, creation: &Creation, scope: &Scope, item: &Json) -> Result<(), String> {
        let state = STATES.iter().find_map(|pointer| text(item, pointer)).unwrap_or_default();
        if GONE.iter().any(|beginning| state.starts_with(beginning)) {
            return Err(format!("it is {state}"));
        }
        let created = CREATED.iter().find_map(|pointer| text(item, pointer)?.parse::<Time>().ok());
        let id = match creation.id {
            Some((kind, pointer)) => {
                let id = text(item, pointer).filter(|id| kind.fits(id));
                Some((kind, id.ok_or_else(|| format!("it has no valid {kind}"))?))
            }
            None => None,
        };
        if id.as_ref().is_some_and(|(_, id)| Kind::ALL.iter().any(|kind| self.model.has(*kind, id))) {
            return Ok(());
        }
        self.call_at(created.unwrap_or(self.now), id.clone(), scope, ("ec2", creation.action), &creation.form(item))?;
        if let Some((_, id)) = id {
            self.model.adopt_tags(scope, &id, tags(&item["Tags"]));
        }
        Ok(())
    }
}
