//! Transit gateways, their attachments and their route tables.

use super::functions::Unknown;
use super::properties::{Parameters, Properties};
use super::{Builder, Make};

/// The maker of a type.
pub fn maker(kind: &str) -> Option<Make> {
    Some(match kind.strip_prefix("AWS::EC2::TransitGateway")? {
        "" => gateway,
        "Attachment" | "VpcAttachment" => attachment,
        "PeeringAttachment" => |b, p| {
            let names = ["TransitGatewayId", "PeerTransitGatewayId", "PeerAccountId", "PeerRegion"];
            let mut parameters = p.named(&names);
            if let Some(of) = p.inner("Options") {
                parameters.extend(options(&of, &["DynamicRouting"]));
            }
            b.call("CreateTransitGatewayPeeringAttachment", &parameters, "transitGatewayAttachmentId").map(Some)
        },
        "RouteTable" => |b, p| {
            let parameters = p.named(&["TransitGatewayId"]);
            b.call("CreateTransitGatewayRouteTable", &parameters, "transitGatewayRouteTableId").map(Some)
        },
        "Route" => |b, p| {
            let names =
                ["TransitGatewayRouteTableId", "DestinationCidrBlock", "TransitGatewayAttachmentId", "Blackhole"];
            b.call("CreateTransitGatewayRoute", &p.named(&names), "state").map(|_| None)
        },
        "RouteTableAssociation" => |b, p| of_table(b, p, "AssociateTransitGatewayRouteTable"),
        "RouteTablePropagation" => |b, p| of_table(b, p, "EnableTransitGatewayRouteTablePropagation"),
        _ => return None,
    })
}

/// Properties that are options in the API.
const OPTIONS: &[&str] = &[
    "AmazonSideAsn",
    "AutoAcceptSharedAttachments",
    "DefaultRouteTableAssociation",
    "DefaultRouteTablePropagation",
    "DnsSupport",
    "MulticastSupport",
    "SecurityGroupReferencingSupport",
    "VpnEcmpSupport",
];

fn options(p: &Properties<'_>, names: &[&str]) -> Parameters {
    p.named(names).into_iter().map(|(name, value)| (format!("Options.{name}"), value)).collect()
}

fn gateway(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&["Description"]);
    parameters.extend(options(p, OPTIONS));
    parameters.extend(p.list("TransitGatewayCidrBlocks", "Options.TransitGatewayCidrBlocks"));
    b.call("CreateTransitGateway", &parameters, "transitGatewayId").map(Some)
}

fn attachment(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&["TransitGatewayId", "VpcId"]);
    parameters.extend(p.list("SubnetIds", "SubnetIds"));
    if let Some(of) = p.inner("Options") {
        parameters.extend(options(&of, &["ApplianceModeSupport", "DnsSupport", "Ipv6Support"]));
    }
    b.call("CreateTransitGatewayVpcAttachment", &parameters, "transitGatewayAttachmentId").map(Some)
}

/// An attachment's association with a table, or its propagation.
fn of_table(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>, action: &str) -> Result<Option<String>, Unknown> {
    b.call(action, &p.named(&["TransitGatewayRouteTableId", "TransitGatewayAttachmentId"]), "state").map(|_| None)
}
