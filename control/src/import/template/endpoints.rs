//! Client VPN endpoints, endpoint services, traffic mirroring, paths of Reachability Analyzer and key pairs.

use super::functions::Unknown;
use super::properties::{Parameters, Properties, numbered};
use super::resources::pair;
use super::{Builder, Make};
use crate::import::form::flatten;
use model::{Caller, Key, KeyType};

/// The maker of a type of EC2, by its name without the prefix.
pub fn maker(of_ec2: &str) -> Option<Make> {
    Some(match of_ec2 {
        "ClientVpnEndpoint" => client_vpn,
        "ClientVpnTargetNetworkAssociation" => |b, p| {
            let parameters = p.named(&["ClientVpnEndpointId", "SubnetId"]);
            b.call("AssociateClientVpnTargetNetwork", &parameters, "associationId").map(Some)
        },
        "ClientVpnRoute" => |b, p| {
            let names = ["ClientVpnEndpointId", "DestinationCidrBlock", "TargetVpcSubnetId", "Description"];
            b.call("CreateClientVpnRoute", &p.named(&names), "status").map(|_| None)
        },
        "ClientVpnAuthorizationRule" => |b, p| {
            let names =
                ["ClientVpnEndpointId", "TargetNetworkCidr", "AccessGroupId", "AuthorizeAllGroups", "Description"];
            b.call("AuthorizeClientVpnIngress", &p.named(&names), "status").map(|_| None)
        },
        "VPCEndpointService" => endpoint_service,
        "VPCEndpointServicePermissions" => |b, p| {
            let mut parameters = p.named(&["ServiceId"]);
            parameters.extend(p.list("AllowedPrincipals", "AddAllowedPrincipals"));
            b.call("ModifyVpcEndpointServicePermissions", &parameters, "return").map(|_| None)
        },
        "TrafficMirrorFilter" => mirror_filter,
        "TrafficMirrorFilterRule" => mirror_rule,
        "TrafficMirrorTarget" => |b, p| {
            let parameters = p.named(&["NetworkInterfaceId", "NetworkLoadBalancerArn", "Description"]);
            b.call("CreateTrafficMirrorTarget", &parameters, "trafficMirrorTargetId").map(Some)
        },
        "TrafficMirrorSession" => |b, p| {
            let parameters = p.named(SESSION);
            b.call("CreateTrafficMirrorSession", &parameters, "trafficMirrorSessionId").map(Some)
        },
        "NetworkInsightsPath" => |b, p| {
            let mut parameters = p.named(PATH);
            parameters.push(("ClientToken".to_owned(), b.made_up_name()));
            b.call("CreateNetworkInsightsPath", &parameters, "networkInsightsPathId").map(Some)
        },
        "KeyPair" => key_pair,
        _ => return None,
    })
}

const SESSION: &[&str] = &[
    "NetworkInterfaceId",
    "TrafficMirrorTargetId",
    "TrafficMirrorFilterId",
    "PacketLength",
    "SessionNumber",
    "VirtualNetworkId",
    "Description",
];
const PATH: &[&str] = &["Source", "Destination", "SourceIp", "DestinationIp", "Protocol", "DestinationPort"];
const CLIENT_VPN: &[&str] = &[
    "ClientCidrBlock",
    "Description",
    "DisconnectOnSessionTimeout",
    "SelfServicePortal",
    "SessionTimeoutHours",
    "SplitTunnel",
    "TransportProtocol",
    "VpcId",
    "VpnPort",
];
/// Parts of a Client VPN endpoint, and the API's parameters for them.
const CLIENT_VPN_PARTS: [(&str, &str); 6] = [
    ("AuthenticationOptions", "Authentication"),
    ("ClientConnectOptions", "ClientConnectOptions"),
    ("ClientLoginBannerOptions", "ClientLoginBannerOptions"),
    ("ClientRouteEnforcementOptions", "ClientRouteEnforcementOptions"),
    ("ConnectionLogOptions", "ConnectionLogOptions"),
    ("TagSpecifications", "TagSpecification"),
];
/// The server's certificate where it is not known. It has no effect here.
const CERTIFICATE: &str = "imported";

fn client_vpn(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(CLIENT_VPN);
    let certificate = p.known(&["ServerCertificateArn"]);
    match certificate.is_empty() {
        true => parameters.push(pair("ServerCertificateArn", CERTIFICATE)),
        false => parameters.extend(certificate),
    }
    parameters.extend(p.list("DnsServers", "DnsServers"));
    parameters.extend(p.list("SecurityGroupIds", "SecurityGroupId"));
    for (property, parameter) in CLIENT_VPN_PARTS {
        parameters.extend(p.known_parts(property).map(|part| flatten(parameter, part)).unwrap_or_default());
    }
    b.call("CreateClientVpnEndpoint", &parameters, "clientVpnEndpointId").map(Some)
}

fn endpoint_service(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    p.pass_over(&["ContributorInsightsEnabled"]);
    let mut parameters = p.named(&["AcceptanceRequired"]);
    for (property, parameter) in [
        ("NetworkLoadBalancerArns", "NetworkLoadBalancerArn"),
        ("GatewayLoadBalancerArns", "GatewayLoadBalancerArn"),
        ("SupportedIpAddressTypes", "SupportedIpAddressType"),
        ("SupportedRegions", "SupportedRegion"),
    ] {
        parameters.extend(p.list(property, parameter));
    }
    let id = b.call("CreateVpcEndpointServiceConfiguration", &parameters, "serviceId")?;
    if p.text("PayerResponsibility").is_some_and(|payer| payer == "ServiceOwner") {
        let parameters = [pair("ServiceId", &*id), pair("PayerResponsibility", "ServiceOwner")];
        b.call("ModifyVpcEndpointServicePayerResponsibility", &parameters, "return")?;
    }
    Ok(Some(id))
}

fn mirror_filter(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let id = b.call("CreateTrafficMirrorFilter", &p.named(&["Description"]), "trafficMirrorFilterId")?;
    let services = p.texts("NetworkServices");
    if !services.is_empty() {
        let mut parameters = numbered("AddNetworkService", services);
        parameters.push(pair("TrafficMirrorFilterId", &*id));
        b.call("ModifyTrafficMirrorFilterNetworkServices", &parameters, "return")?;
    }
    Ok(Some(id))
}

fn mirror_rule(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    let mut parameters = p.named(&[
        "TrafficMirrorFilterId",
        "TrafficDirection",
        "RuleNumber",
        "RuleAction",
        "Protocol",
        "DestinationCidrBlock",
        "SourceCidrBlock",
        "Description",
    ]);
    for range in ["DestinationPortRange", "SourcePortRange"] {
        let ports = p.inner(range).map(|ports| ports.named(&["FromPort", "ToPort"]));
        let ports: Parameters = ports.unwrap_or_default();
        parameters.extend(ports.into_iter().map(|(name, value)| (format!("{range}.{name}"), value)));
    }
    b.call("CreateTrafficMirrorFilterRule", &parameters, "trafficMirrorFilterRuleId").map(Some)
}

/// A key pair, whose name is the value of Ref. Nobody would get the private key, so none is made.
fn key_pair(b: &mut Builder<'_, '_, '_>, p: &Properties<'_>) -> Result<Option<String>, Unknown> {
    p.pass_over(&["KeyFormat"]);
    let name = p.text("KeyName").unwrap_or_else(|| b.made_up_name());
    let kind = p.text("KeyType").map(|word| KeyType::read("KeyType", &word)).transpose();
    let kind = kind.map_err(|why| why.to_string())?.unwrap_or_default();
    let public = p.text("PublicKeyMaterial").unwrap_or_default();
    let public = public.lines().next().unwrap_or_default().to_owned();
    let caller = Caller::of_account(b.template.scope.clone(), b.importer.now);
    let key = Key { kind, fingerprint: String::new(), public };
    let value = |tag: &Properties<'_>| tag.known(&["Value"]).pop().map(|(_, value)| value).unwrap_or_default();
    let tags = p.each("Tags").iter().filter_map(|tag| Some((tag.text("Key")?, value(tag)))).collect();
    b.importer.model.create_key_pair(&caller, &name, key, tags).map_err(|why| why.to_string())?;
    Ok(Some(name))
}
